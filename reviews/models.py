import uuid
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models import Agency, User
from proposals.models import Call, CallRound, LetterOfIntent
from proposals.models.call import in_language
from reviews.querysets import AssignmentQuerySet, ConflictCheckQuerySet, ReviewQuerySet
from reviews.states import (
    ConflictKind,
    ConflictSource,
    Degree,
    Expertise,
    Recommendation,
    ReviewState,
)

BEST_MARK = Decimal(5)


class Criterion(models.Model):
    """One line of the call's rubric. Weights are percentages and add up to 100."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    code = models.CharField(_("code"), max_length=30)
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.JSONField(_("name"))
    # One or two words, for the head of a narrow column.
    short_name = models.JSONField(_("short name"), default=dict, blank=True)
    question = models.JSONField(_("question"), default=dict)
    # Six texts keyed by language: what each whole mark from 0 to 5 looks like in evidence.
    anchors = models.JSONField(_("anchors"), default=list)
    weight = models.PositiveSmallIntegerField(_("weight, %"))
    threshold = models.DecimalField(
        _("lowest mean that passes"), max_digits=2, decimal_places=1, null=True, blank=True
    )

    class Meta:
        ordering = ("position",)
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = (
            models.UniqueConstraint(fields=["call", "code"], name="reviews_criterion_code"),
        )

    def __str__(self):
        return in_language(self.name)


class ReviewerProfile(models.Model):
    """What the chair needs to know to match a reviewer with a letter."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    expertise = models.CharField(_("expertise"), max_length=10, choices=Expertise)
    country = CountryField(_("country or region"), blank=True)
    agency = models.ForeignKey(
        Agency,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("employing agency"),
    )
    employer = models.CharField(_("employer"), max_length=150, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=40), verbose_name=_("keywords"), default=list, blank=True
    )
    about = models.TextField(_("profile"), max_length=3000, blank=True)

    class Meta:
        verbose_name = _("reviewer profile")
        verbose_name_plural = _("reviewer profiles")

    def __str__(self):
        return str(self.user)


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
    note = models.CharField(_("note"), max_length=300, blank=True)
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


class Assignment(models.Model):
    """One letter given to one reviewer for one round."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    # False while active, empty once ended: the value the composite foreign key compares.
    conflicted = models.BooleanField(default=False, null=True, editable=False)
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(_("assigned"))
    due_at = models.DateTimeField(_("due"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_because = models.CharField(_("reason for ending"), max_length=300, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="reviews_assigned_once",
            ),
            models.CheckConstraint(
                # "Not empty" is said apart: a condition that is unknown passes a check constraint.
                condition=Q(ended_at__isnull=True, conflicted__isnull=False, conflicted=False)
                | Q(ended_at__isnull=False, conflicted__isnull=True),
                name="reviews_active_assignment_is_tied_to_its_check",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} / {self.reviewer}"

    @staticmethod
    def open_question(reviewer_ref, letter_ref):
        """The conflict question that still stands before the letter, for `with_answers`."""
        return ConflictCheck.objects.unanswered().filter(reviewer=reviewer_ref, letter=letter_ref)


class Review(models.Model):
    """What one reviewer thinks of one letter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="review")
    state = models.CharField(
        _("state"), max_length=10, choices=ReviewState, default=ReviewState.DRAFT
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    updated_at = models.DateTimeField(_("last saved"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    strengths = models.TextField(_("strengths"), max_length=3000, blank=True)
    weaknesses = models.TextField(_("weaknesses"), max_length=3000, blank=True)
    comment_to_applicant = models.TextField(
        _("comment to the applicant"), max_length=3000, blank=True
    )
    confidential_comment = models.TextField(
        _("confidential comment to the panel"), max_length=3000, blank=True
    )
    risk = models.CharField(_("risk"), max_length=10, choices=Degree, blank=True)
    recommendation = models.CharField(
        _("recommendation"), max_length=12, choices=Recommendation, blank=True
    )
    confidence = models.CharField(_("your confidence"), max_length=10, choices=Degree, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (
            models.CheckConstraint(
                condition=Q(state=ReviewState.DRAFT) | Q(submitted_at__isnull=False),
                name="reviews_review_submitted_with_a_time",
            ),
        )

    def __str__(self):
        return f"{self.assignment}"

    @staticmethod
    def barred(user):
        """Whether `user` has a conflict with the letter of a review, for `visible_to`."""
        return ConflictCheck.objects.bar(user, letter="assignment__letter")

    @staticmethod
    def conflict_free(reviewer_ref):
        """The check that lets the text open, as a subquery for `visible_to`."""
        return ConflictCheck.objects.filter(
            reviewer=reviewer_ref,
            letter=OuterRef("assignment__letter"),
            conflicted=False,
            answered_at__isnull=False,
        )


class Score(models.Model):
    """One mark: 0 to 5 in half steps, or "cannot judge", which is never a number."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    mark = models.DecimalField(_("mark"), max_digits=2, decimal_places=1, null=True, blank=True)
    cannot_judge = models.BooleanField(_("cannot judge"), default=False)
    comment = models.TextField(_("comment"), max_length=1000, blank=True)

    class Meta:
        ordering = ("criterion__position",)
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = (
            models.UniqueConstraint(
                fields=["review", "criterion"], name="reviews_one_score_a_criterion"
            ),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(mark__in=[Decimal(n) / 2 for n in range(11)]),
                name="reviews_mark_in_half_steps",
            ),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(cannot_judge=False),
                name="reviews_mark_or_cannot_judge",
            ),
        )

    def __str__(self):
        return f"{self.criterion}: {self.mark}"


class Ranking(models.Model):
    """The order of a round's letters as it stood when the chair froze it: a copy, not a view."""

    round = models.OneToOneField(CallRound, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(_("frozen"))
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
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
