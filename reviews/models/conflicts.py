from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import LetterOfIntent
from reviews.querysets import ConflictCheckQuerySet
from reviews.states import ConflictKind, ConflictSource, ConflictStrength


class ConflictCheck(models.Model):
    """The one row that says whether a reviewer, or a chair, may read a letter.

    It stands before the letter's text opens: unanswered (`answered_at` empty), answered without a
    conflict, or with a conflict on record. A hard one bars (`conflicted`); a soft one does not, the
    question is asked all the same, and the plan prefers somebody else. An active assignment is tied
    to this row, with `conflicted` false, by a composite foreign key: a conflicted pair cannot
    exist, and a hard conflict cannot be written while the assignment is active.
    """

    reviewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    conflicted = models.BooleanField(_("in conflict"), default=False)
    source = models.CharField(_("source"), max_length=10, choices=ConflictSource, blank=True)
    kind = models.CharField(_("reason"), max_length=12, choices=ConflictKind, blank=True)
    # Of a conflict on record; without one it says nothing, and is HARD.
    strength = models.CharField(
        _("strength"), max_length=10, choices=ConflictStrength, default=ConflictStrength.HARD
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    # What in the records shows it: [{"rule", "own", "theirs"}], put into words by `evidence`. For
    # the register alone: it may hold what an agency asked of the panel in confidence.
    evidence = models.JSONField(_("evidence"), default=list, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    # Why the chair removed a conflict that stood here, or changed its strength. Rules leave a pair
    # alone on which a person has ruled.
    ruling = models.CharField(_("the chair's reason"), max_length=300, blank=True)
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
                # Three states and no fourth: nothing on record, soft, hard.
                condition=Q(conflicted=False, source="", kind="", strength=ConflictStrength.HARD)
                | (
                    ~Q(source="")
                    & ~Q(kind="")
                    & (
                        Q(conflicted=True, strength=ConflictStrength.HARD)
                        | Q(conflicted=False, strength=ConflictStrength.SOFT)
                    )
                ),
                name="reviews_conflict_hard_or_soft",
            ),
        )

    def __str__(self):
        return f"{self.reviewer} / {self.letter.reference}"

    @property
    def is_soft(self) -> bool:
        return self.source != "" and not self.conflicted

    @property
    def is_clear(self) -> bool:
        """Answered, and no conflict: the text may open."""
        return self.answered_at is not None and not self.conflicted


class CompetingLetters(models.Model):
    """Two letters of which one is unlikely to be selected if the other is, as the chair named them.

    A reviewer whose conflict with one is hard has a soft one with the other; a chair's reaches both
    (`reviews.actions.competing`).
    """

    first = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    second = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(_("named"))

    class Meta:
        ordering = ("first__reference", "second__reference")
        verbose_name = _("pair of competing letters")
        verbose_name_plural = _("pairs of competing letters")
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="reviews_paired_once"),
            # One pair is one row, whichever letter was named first.
            models.CheckConstraint(
                condition=Q(first__lt=models.F("second")), name="reviews_pair_in_order"
            ),
        )

    def __str__(self):
        return f"{self.first.reference} / {self.second.reference}"
