"""What the people of an agency, their partners and the panel say to each other about a letter."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.states import Language
from proposals.models.letter import LetterOfIntent
from proposals.querysets import ClarificationQuerySet, CommentQuerySet, PresenceQuerySet
from proposals.states import Answer


class Comment(models.Model):
    """A remark of a colleague beside one section of the working copy. Never filed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="comments")
    section = models.CharField(_("section"), max_length=1)
    text = models.TextField(_("comment"), max_length=2000)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self):
        return f"{self.letter.reference} {self.section}"


class CommentsRead(models.Model):
    """Up to when a person has read the comments beside one section: what is younger is new."""

    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    section = models.CharField(_("section"), max_length=1)
    at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("comments read")
        verbose_name_plural = _("comments read")
        constraints = (
            models.UniqueConstraint(
                fields=["letter", "user", "section"], name="proposals_comments_read_once"
            ),
        )

    def __str__(self):
        return f"{self.user} {self.section}"


class Presence(models.Model):
    """Who has which section open: a hint for colleagues. Saving never asks for it."""

    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    section = models.CharField(_("section"), max_length=1)
    seen_at = models.DateTimeField(_("last seen"))

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = (
            models.UniqueConstraint(
                fields=["letter", "user"], name="proposals_one_presence_a_person"
            ),
        )

    def __str__(self):
        return f"{self.user} {self.section}"


class Participation(models.Model):
    """A partner organisation that was asked by mail to confirm that it takes part.

    `row` is the id of its row in the letter's `partners`. The link in the mail carries a secret of
    which only the hash is kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="participations")
    row = models.CharField(max_length=32)
    organisation = models.CharField(_("organisation"), max_length=150)
    email = models.EmailField(_("e-mail"))
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    secret_sha256 = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.AWAITED)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_name = models.CharField(_("answered by"), max_length=150, blank=True)
    # What the answer was given to: whoever agreed to a tenth of the work did not agree to half.
    answered_share = models.CharField(_("share answered for"), max_length=200, blank=True)
    note = models.TextField(_("note"), max_length=600, blank=True)

    class Meta:
        ordering = ("asked_at", "pk")
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = (
            models.UniqueConstraint(
                fields=["letter", "row"],
                condition=models.Q(answer=Answer.AWAITED),
                name="proposals_one_open_question_a_partner",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} {self.organisation}"


class Clarification(models.Model):
    """A question of the panel to an agency about its filed letter, with a day to answer by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="clarifications")
    question = models.TextField(_("question"), max_length=3000)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("answer due"))
    answer = models.TextField(_("answer"), max_length=6000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = ClarificationQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at", "pk")
        verbose_name = _("clarification")
        verbose_name_plural = _("clarifications")

    def __str__(self):
        return f"{self.letter.reference} {self.asked_at:%Y-%m-%d}"


class ReminderMute(models.Model):
    """A person wants no more reminders about this draft, save the last one."""

    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("reminder muted")
        verbose_name_plural = _("reminders muted")
        constraints = (
            models.UniqueConstraint(fields=["letter", "user"], name="proposals_muted_once"),
        )

    def __str__(self):
        return f"{self.user}"
