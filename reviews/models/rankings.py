import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent


class ScoringRun(models.Model):
    """One calibration of a round's totals, kept whole: what went in, how, and what came out.

    Never changed; other marks make another run, known by another `input_sha256`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made"))
    input_sha256 = models.CharField(_("hash of the marks"), max_length=64)
    code_version = models.CharField(_("version of the method"), max_length=20)
    parameters = models.JSONField(_("parameters"))
    result = models.JSONField(_("result"))

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("scoring run")
        verbose_name_plural = _("scoring runs")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "input_sha256", "code_version"], name="reviews_scored_once"
            ),
        )

    def __str__(self):
        return f"{self.round} {self.input_sha256[:8]}"


class Ranking(models.Model):
    """The order of a round's letters as it stood when the chair froze it: a copy, not a view."""

    round = models.OneToOneField(CallRound, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(_("frozen"))
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # The calibration that lay beside the totals when the chair froze them.
    scoring_run = models.ForeignKey(
        ScoringRun, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # [{code, name, short_name, anchors, weight, threshold}] as it was; later edits do not reach it.
    rubric = models.JSONField(_("rubric"))

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")

    def __str__(self):
        return f"{self.round}"


class RankedLetter(models.Model):
    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="letters")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"))
    total = models.DecimalField(_("weighted total, 0 to 100"), max_digits=5, decimal_places=2)
    reviews = models.PositiveSmallIntegerField(_("reviews"))
    # Criterion code to mean mark as text, or null where nobody could judge.
    means = models.JSONField(_("mean marks"))

    class Meta:
        ordering = ("position", "letter__reference")
        verbose_name = _("ranked letter")
        verbose_name_plural = _("ranked letters")
        constraints = (
            models.UniqueConstraint(fields=["ranking", "letter"], name="reviews_ranked_once"),
        )

    def __str__(self):
        return f"{self.position}. {self.letter.reference}"
