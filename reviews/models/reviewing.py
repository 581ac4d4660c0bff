import uuid
from decimal import Decimal

from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from reviews.models.assignments import Assignment
from reviews.models.conflicts import ConflictCheck
from reviews.models.rubric import Criterion
from reviews.querysets import ReviewQuerySet, ScoreQuerySet
from reviews.states import Degree, Recognised, Recommendation, ReviewState


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
    # Points that decide, apart from those that do not.
    major_strengths = models.TextField(_("major strengths"), max_length=3000, blank=True)
    major_weaknesses = models.TextField(_("major weaknesses"), max_length=3000, blank=True)
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
    # While the review is open once more: the marks as they were filed, criterion code to text or
    # null for "cannot judge", and why they are others now. Both are empty again once it is filed.
    filed_marks = models.JSONField(_("marks as filed"), null=True, blank=True, editable=False)
    change_reason = models.CharField(
        _("why you changed marks you had filed"), max_length=500, blank=True
    )

    # Keys under which a program filed it: the same key again files nothing twice.
    filing_keys = models.JSONField(default=list, blank=True, editable=False)
    # Asked in a double-anonymous round only.
    recognised = models.CharField(
        _("do you recognise the team?"), max_length=3, choices=Recognised, blank=True
    )
    # When the reviewer was shown, after filing, whose letter it is: from then on marks only fall.
    team_opened_at = models.DateTimeField(_("team opened"), null=True, blank=True, editable=False)

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

    @property
    def is_reopened(self) -> bool:
        """Whether it was filed before and taken back to be corrected."""
        return self.filed_marks is not None

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
    # What it was when the team was opened; empty before, and where it could not be judged.
    blind_mark = models.DecimalField(max_digits=2, decimal_places=1, null=True, editable=False)

    objects = ScoreQuerySet.as_manager()

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
            models.CheckConstraint(
                # "Not empty" is said apart: a condition that is unknown passes a check constraint.
                condition=Q(blind_mark__isnull=True)
                | Q(mark__isnull=False, mark__lte=models.F("blind_mark")),
                name="reviews_mark_only_falls_once_the_team_is_open",
            ),
        )

    def __str__(self):
        return f"{self.criterion}: {self.mark}"


class MarkChange(models.Model):
    """A mark changed after its review had been filed: before, after, and why. Never edited."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    # Empty is "cannot judge".
    before = models.DecimalField(_("before"), max_digits=2, decimal_places=1, null=True)
    after = models.DecimalField(_("after"), max_digits=2, decimal_places=1, null=True)
    reason = models.CharField(_("reason"), max_length=500)
    # Made with the team in view: then it can only be lower.
    knowing_team = models.BooleanField(_("with the team in view"), default=False)
    at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("changed mark")
        verbose_name_plural = _("changed marks")
        constraints = (
            models.CheckConstraint(
                condition=~Q(reason=""), name="reviews_mark_changed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(knowing_team=False)
                | Q(before__isnull=False, after__isnull=False, after__lt=models.F("before")),
                name="reviews_mark_only_lowered_knowing_the_team",
            ),
        )

    def __str__(self):
        return f"{self.criterion}: {self.before} > {self.after}"
