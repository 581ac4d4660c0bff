from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent
from reviews.states import Wish as Choice


class Wish(models.Model):
    """Whether a reviewer would like to read a letter, said before letters are given out.

    No row is no wish. It is one part of how well a pair fits (`reviews.affinity`), never a promise.
    """

    round = models.ForeignKey(CallRound, models.CASCADE, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    choice = models.CharField(_("wish"), max_length=10, choices=Choice)
    said_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter", "reviewer"], name="reviews_one_wish_a_letter"
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} / {self.reviewer}: {self.get_choice_display()}"
