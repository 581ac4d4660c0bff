from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import LetterOfIntent
from reviews.querysets import ConflictCheckQuerySet
from reviews.states import ConflictKind, ConflictSource, ConflictStrength


class ConflictCheck(models.Model):
    """The one row that says whether a reviewer may read a letter.

    It stands before the letter's text opens: unanswered (`answered_at` empty), answered without a
    conflict, or in conflict - declared, or found by rule. An active assignment is tied to this row,
    with `conflicted` false, by a composite foreign key: a conflicted pair cannot exist, and a
    conflict cannot be written while the assignment is active.
    """

    reviewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    conflicted = models.BooleanField(_("in conflict"), default=False)
    source = models.CharField(_("source"), max_length=10, choices=ConflictSource, blank=True)
    kind = models.CharField(_("reason"), max_length=12, choices=ConflictKind, blank=True)
    # Soft: the reviewer may read the letter, and the plan prefers somebody else.
    strength = models.CharField(
        _("strength"), max_length=10, choices=ConflictStrength, default=ConflictStrength.HARD
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    # What in the records shows it, for the register: "employer: Atlantis Institute = partner 2".
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    # Why the chair removed a conflict that stood here; the question is then open again.
    lifted_because = models.CharField(_("why it was removed"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = ConflictCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict check")
        verbose_name_plural = _("conflict checks")
        constraints = (
            models.UniqueConstraint(
                fields=["reviewer", "letter"], name="reviews_conflict_check_of_a_pair"
            ),
            # What the assignment's composite foreign key points at.
            models.UniqueConstraint(
                fields=["reviewer", "letter", "conflicted"], name="reviews_conflict_check_standing"
            ),
            models.CheckConstraint(
                condition=Q(conflicted=False) | ~Q(source=""), name="reviews_conflict_has_a_source"
            ),
        )

    def __str__(self):
        return f"{self.reviewer} / {self.letter.reference}"

    @property
    def is_clear(self) -> bool:
        """Answered, and no conflict: the text may open."""
        return self.answered_at is not None and not self.conflicted
