from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent
from reviews.models.rubric import RubricVersion
from reviews.models.scoring import ScoringRun


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
    rubric_version = models.ForeignKey(
        RubricVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")

    def __str__(self):
        return f"{self.round}"


class RankedLetter(models.Model):
    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="letters")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    # None with fewer than two reviews that judged something.
    position = models.PositiveSmallIntegerField(_("position"), null=True)
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
        return f"{self.position or '–'}. {self.letter.reference}"
