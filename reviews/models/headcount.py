from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent


class Headcount(models.Model):
    """How many reviewers the chair wants for one letter, in place of the round's usual number.

    No row is the usual number (`reviews.headcount`).
    """

    round = models.ForeignKey(CallRound, models.CASCADE, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField(
        _("reviewers"), validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    said_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("number of reviewers of a letter")
        verbose_name_plural = _("numbers of reviewers of letters")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter"], name="reviews_one_headcount_a_letter"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=20), name="reviews_headcount_is_possible"
            ),
        )

    def __str__(self):
        return f"{self.letter.reference}: {self.number}"
