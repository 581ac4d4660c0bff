"""How a round is told: proposed, rehearsed, released, and corrected afterwards."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.states import Language
from decisions.models.deciding import Decision
from decisions.querysets import (
    DecisionLetterQuerySet,
    PublicationQuerySet,
    RehearsalQuerySet,
)
from decisions.states import (
    PublicationState,
    RenderState,
)
from proposals.models import CallRound


class Publication(models.Model):
    """One round told to everyone at one instant: proposed by one person, released by another.

    The single row whose state every page asks. `content_hash` binds the approval to all decisions
    and to the facts of all letters; while it is proposed, no decision can be changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="publications")
    state = models.CharField(
        _("state"), max_length=10, choices=PublicationState, default=PublicationState.PROPOSED
    )
    content_hash = models.CharField(_("hash of what is published"), max_length=64)
    positive_count = models.PositiveSmallIntegerField(_("letters that go forward"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True)
    # What the results page will tell and the text for the press is made of, fixed with the letters.
    page = models.JSONField(_("results page"), default=dict)
    # Planned by the second person: a worker releases it at this instant, or soon after.
    release_at = models.DateTimeField(_("to be released at"), null=True)
    scheduled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # The form that released it: the same form sent twice is one release, another one is refused.
    release_key = models.CharField(max_length=64, blank=True)
    void_reason = models.CharField(_("why it is void"), max_length=500, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at",)
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = (
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("proposed_by")),
                name="decisions_publication_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(scheduled_by__isnull=True, release_at__isnull=True)
                | (
                    Q(scheduled_by__isnull=False, release_at__isnull=False)
                    & ~Q(scheduled_by=F("proposed_by"))
                ),
                name="decisions_scheduled_by_the_second",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True)
                | Q(release_at__isnull=True)
                | Q(released_at__gte=F("release_at")),
                name="decisions_never_earlier_than_planned",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=PublicationState.RELEASED,
                    released_by__isnull=False,
                    released_at__isnull=False,
                )
                | (
                    ~Q(state=PublicationState.RELEASED)
                    & Q(released_by__isnull=True, released_at__isnull=True)
                ),
                name="decisions_released_by_somebody_at_some_time",
            ),
            models.UniqueConstraint(
                fields=["round"],
                condition=~Q(state=PublicationState.VOID),
                name="decisions_one_live_publication_a_round",
            ),
        )

    def __str__(self):
        return f"{self.round}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Proposed, and neither released nor void yet."""
        return self.state == PublicationState.PROPOSED

    @property
    def is_released(self) -> bool:
        return self.state == PublicationState.RELEASED

    @property
    def is_scheduled(self) -> bool:
        """Proposed, and to be released by a worker at `release_at`."""
        return self.is_open and self.release_at is not None


class Mailing(models.Model):
    """That the mails of a release are written; until then a worker owes them.

    A row of its own, because a released publication is never changed.
    """

    publication = models.OneToOneField(Publication, models.PROTECT, related_name="mailing")
    written_at = models.DateTimeField(_("mails written"))

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")

    def __str__(self):
        return f"mails of {self.publication}"


class Rehearsal(models.Model):
    """A release that was tried to its last step and not made: what a worker found, and when.

    Owed once it is asked for; `done_at` is when it ended. `faults` are sentences in the language of
    who asked; empty if nothing stands in the way.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="rehearsals")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(_("ended"), null=True)
    letters = models.PositiveIntegerField(_("letters read back"), default=0)
    mails = models.PositiveIntegerField(_("mails that would be owed"), default=0)
    faults = models.JSONField(_("in the way"), default=list)

    objects = RehearsalQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("dress rehearsal")
        verbose_name_plural = _("dress rehearsals")
        constraints = (
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(done_at__isnull=True),
                name="decisions_one_rehearsal_at_a_time",
            ),
        )

    def __str__(self):
        return f"{self.publication}, {self.asked_at}"

    @property
    def is_running(self) -> bool:
        return self.done_at is None


class Correction(models.Model):
    """A new version of one decision that was told already: proposed by one person, released by
    another, like the publication it corrects.

    `content` is the whole decision as it will be (`decisions.history.content_of`). The decision
    itself stays untouched until the release, which a trigger sees to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="corrections")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="corrections")
    version = models.PositiveSmallIntegerField(_("version of the decision"))
    content = models.JSONField(_("content"))
    reason = models.TextField(_("why it is corrected"), max_length=1500)
    # Whether the results page names the letter before it or after it; what it tells from then on.
    is_public = models.BooleanField(_("changes what the world was told"))
    page = models.JSONField(_("results page"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=PublicationState, default=PublicationState.PROPOSED
    )
    content_hash = models.CharField(_("hash of what is told"), max_length=64)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True)
    release_key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-proposed_at",)
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = (
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("proposed_by")),
                name="decisions_correction_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=PublicationState.RELEASED,
                    released_by__isnull=False,
                    released_at__isnull=False,
                )
                | (
                    ~Q(state=PublicationState.RELEASED)
                    & Q(released_by__isnull=True, released_at__isnull=True)
                ),
                name="decisions_corrected_by_somebody",
            ),
            # One at a time: the next one must build on what this one tells.
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(state=PublicationState.PROPOSED),
                name="decisions_one_open_correction",
            ),
            models.UniqueConstraint(
                fields=["decision", "version"],
                condition=Q(state=PublicationState.RELEASED),
                name="decisions_one_correction_a_version",
            ),
        )

    def __str__(self):
        return f"{self.decision.letter.reference}: {self.version}"

    @property
    def is_open(self) -> bool:
        return self.state == PublicationState.PROPOSED

    @property
    def is_released(self) -> bool:
        return self.state == PublicationState.RELEASED


class ResultsPaper(models.Model):
    """The results as a PDF in one language, as they were told until a correction told others.

    `told` is the hash of all that it says (`telling.Telling.digest`). Made when somebody first asks
    for it: before the release there is nothing to ask for.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="papers")
    language = models.CharField(_("language"), max_length=10, choices=Language)
    told = models.CharField(_("hash of what is told"), max_length=64)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    made_at = models.DateTimeField(_("rendered"))

    class Meta:
        ordering = ("made_at",)
        verbose_name = _("printed results")
        verbose_name_plural = _("printed results")
        constraints = (
            models.UniqueConstraint(
                fields=["publication", "language", "told"], name="decisions_one_paper_a_telling"
            ),
        )

    def __str__(self):
        return f"{self.publication}: {self.language}"


class DecisionLetter(models.Model):
    """The PDF that tells one agency one decision, in one language.

    `facts` is everything the page says, copied when the publication was proposed: rendering is a
    function of it and of the template. The file is that page and one signature behind it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="letters")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="letters")
    decision_version = models.PositiveSmallIntegerField()
    language = models.CharField(_("language"), max_length=10, choices=Language)
    number = models.CharField(_("letter number"), max_length=40)
    code = models.CharField(_("verification code"), max_length=24)
    facts = models.JSONField(_("facts"))
    state = models.CharField(
        _("state"), max_length=10, choices=RenderState, default=RenderState.OWED
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    size = models.PositiveIntegerField(_("size, bytes"), default=0)
    # The SHA-256 of the certificate that signed it; empty before letters were signed.
    certificate = models.CharField(_("signed by certificate"), max_length=64, blank=True)
    rendered_at = models.DateTimeField(_("rendered"), null=True, blank=True)
    # Of a correction, or else of the publication itself.
    correction = models.ForeignKey(
        Correction, models.PROTECT, null=True, blank=True, related_name="letters"
    )
    # The instant from which the agency has it, and the one from which another one holds instead.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)

    objects = DecisionLetterQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = _("decision letter")
        verbose_name_plural = _("decision letters")
        constraints = (
            models.UniqueConstraint(
                fields=["publication", "decision", "language"],
                condition=Q(correction__isnull=True),
                name="decisions_one_letter_a_language",
            ),
            models.UniqueConstraint(fields=["code"], name="decisions_letter_code_once"),
            models.UniqueConstraint(
                fields=["correction", "language"], name="decisions_one_corrected_letter"
            ),
            # Whatever goes wrong: an agency never holds two valid letters about one decision.
            models.UniqueConstraint(
                fields=["decision", "language"],
                condition=Q(told_at__isnull=False, superseded_at__isnull=True),
                name="decisions_one_valid_letter",
            ),
            models.CheckConstraint(
                condition=~Q(state=RenderState.READY) | ~Q(sha256=""),
                name="decisions_ready_letter_has_bytes",
            ),
        )
        # The rendering sweep asks every few seconds.
        indexes = (
            models.Index(
                fields=["state"],
                condition=Q(state__in=("OWED", "RENDERING")),
                name="decisions_letter_owed",
            ),
        )

    def __str__(self):
        return self.number
