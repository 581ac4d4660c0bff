"""What was filed, when, and what became known of it. None of these rows ever changes."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models.letter import LetterOfIntent
from proposals.querysets import (
    AttachmentQuerySet,
    AttemptQuerySet,
    EventQuerySet,
    PresentAttachments,
    ReceiptQuerySet,
)
from proposals.states import (
    ATTEMPT_OUTCOMES,
    HANDED_OUT,
    UNSCANNED,
    AttachmentKind,
    Eligibility,
    LetterState,
    ScanState,
)


class Attachment(models.Model):
    """A file sent for a letter. Its bytes lie in private storage under their own SHA-256.

    `objects` are the files of the working copy. A file that was removed or replaced is out of sight
    and stays in `every`: for a day, so that it can be put back, and for good if a filed version
    names it. What the scanner said is kept with each letter's own row and never looked up by hash
    alone: a quick answer would tell one agency that another has sent the same file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="attachments")
    kind = models.CharField(
        _("kind"), max_length=12, choices=AttachmentKind, default=AttachmentKind.LETTER
    )
    name = models.CharField(_("file name"), max_length=150)
    size = models.PositiveIntegerField(_("size, bytes"))
    # 0 for a picture.
    pages = models.PositiveSmallIntegerField(_("pages"))
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(
        _("malware scan"), max_length=10, choices=ScanState, default=ScanState.NOT_ASKED
    )
    # The scanner is not asked before: a worker has the file in hand, or the scanner was away.
    scan_after = models.DateTimeField(null=True, blank=True)
    scanned_at = models.DateTimeField(_("scanned"), null=True, blank=True)
    found = models.CharField(_("what the scanner found"), max_length=100, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded"))
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = PresentAttachments.from_queryset(AttachmentQuerySet)()
    every = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("kind",)
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = (
            models.UniqueConstraint(
                fields=["letter", "kind"],
                condition=models.Q(removed_at__isnull=True),
                name="proposals_one_attachment_of_a_kind",
            ),
        )
        indexes = (
            # The scanner's sweep asks every few seconds, and almost always for nothing.
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(scan__in=UNSCANNED),
                name="proposals_attachment_to_scan",
            ),
        )

    def __str__(self):
        return self.name

    @property
    def is_ready(self) -> bool:
        """Whether it may be handed out: nothing was found in it, or there is no scanner."""
        return self.scan in HANDED_OUT


class FiledVersion(models.Model):
    """What was filed, word for word: the canonical content and the hashes of its files."""

    # What the receipt says it is about; a receipt that does not say is about a letter of intent.
    ABOUT = ""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    accepted_at = models.DateTimeField(_("accepted"))
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=80)

    class Meta:
        abstract = True
        ordering = ("number",)


class FiledReceipt(models.Model):
    """The portal's word that a version was accepted, anchored in the audit chain."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("verification code"), max_length=24, unique=True)
    audit_seq = models.BigIntegerField(_("audit entry"))
    audit_head = models.CharField(_("head of the audit chain"), max_length=64)
    # Exactly what is signed; see `proposals.receipts`.
    document = models.JSONField(_("signed text"), default=dict)
    signature = models.CharField(_("Ed25519 signature, base64"), max_length=88, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.version}"


class LetterVersion(FiledVersion):
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="versions")

    class Meta(FiledVersion.Meta):
        verbose_name = _("filed version")
        verbose_name_plural = _("filed versions")
        constraints = (
            models.UniqueConstraint(fields=["letter", "number"], name="proposals_version_number"),
            models.UniqueConstraint(
                fields=["letter", "idempotency_key"], name="proposals_version_filed_once"
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} v{self.number}"


class Receipt(FiledReceipt):
    version = models.OneToOneField(LetterVersion, models.PROTECT, related_name="receipt")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")


class SubmitAttempt(models.Model):
    """One request to submit, whatever became of it: the proof of who tried what, and when.

    An acceptance is written with its version; anything else after the action, in a transaction of
    its own, so that a refusal is on record too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="attempts")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"))
    # "accepted", "repeated" (the same key again), or the stable code of the refusal.
    outcome = models.CharField(_("outcome"), max_length=40)
    idempotency_key = models.CharField(max_length=80, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "pk")
        verbose_name = _("attempt to submit")
        verbose_name_plural = _("attempts to submit")

    def __str__(self):
        return f"{self.at:%Y-%m-%dT%H:%M:%S.%f} {self.outcome}"

    @property
    def outcome_words(self) -> str:
        """The outcome for people; a refusal that has no words here keeps its code."""
        return str(ATTEMPT_OUTCOMES.get(self.outcome, _("Not accepted")))


class UnfiledText(models.Model):
    """A rewritten text that was not filed in time: kept to be read, while the version counts."""

    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="unfiled_texts")
    content = models.JSONField(_("content"))
    kept_at = models.DateTimeField(_("kept"))

    class Meta:
        ordering = ("-kept_at",)
        verbose_name = _("unfiled text")
        verbose_name_plural = _("unfiled texts")

    def __str__(self):
        return f"{self.letter.reference} {self.kept_at:%Y-%m-%d}"


class LetterEvent(models.Model):
    """One change of state: history, statistics and the agency's time line at once."""

    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="events")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    from_state = models.CharField(max_length=16, choices=LetterState)
    to_state = models.CharField(max_length=16, choices=LetterState)
    at = models.DateTimeField()

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self):
        return f"{self.from_state} -> {self.to_state}"


class Screening(models.Model):
    """Whether a filed letter may be assessed, with the rule it breaks if not.

    `related_name` names it for the panel's rooms; no page of the agency reads it before release.
    """

    letter = models.OneToOneField(LetterOfIntent, models.PROTECT, related_name="screening")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Eligibility)
    rule = models.CharField(_("rule"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), max_length=1500, blank=True)
    screened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    screened_at = models.DateTimeField(_("screened"))

    class Meta:
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(outcome=Eligibility.ELIGIBLE)
                | (~models.Q(rule="") & ~models.Q(reason="")),
                name="proposals_ineligible_with_rule_and_reason",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference}: {self.outcome}"
