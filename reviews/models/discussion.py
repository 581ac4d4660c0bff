import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent


class Contribution(models.Model):
    """What somebody who has filed a review, or the chair, said about a letter. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    # One level of threads: an answer to an answer stands under the first contribution.
    answers = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("text"), max_length=3000)
    at = models.DateTimeField(_("said"))

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        indexes = (models.Index(fields=["round", "letter", "at"], name="reviews_talk_about"),)

    def __str__(self):
        return self.text[:60]


class Consensus(models.Model):
    """What the reviewers of a letter agreed on, beside the marks they gave before they talked."""

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    text = models.TextField(_("consensus"), max_length=3000, blank=True)
    minority_view = models.TextField(_("minority view"), max_length=3000, blank=True)
    # Criterion code to mark as text: entered by people, never computed.
    marks = models.JSONField(_("consensus marks"), default=dict, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("consensus")
        verbose_name_plural = _("consensus texts")
        constraints = (
            models.UniqueConstraint(fields=["round", "letter"], name="reviews_one_consensus"),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(minority_view="") | ~Q(marks={}),
                name="reviews_consensus_says_something",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference}"
