"""What must always hold in this room."""

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from reviews.models import (
    Assignment,
    ConflictCheck,
    Contribution,
    Criterion,
    MarkChange,
    RankedLetter,
    Review,
    Score,
)
from reviews.states import ReviewState


def findings(*, at):
    """One sentence for each thing that should not be."""
    conflict = ConflictCheck.objects.filter(
        reviewer=OuterRef("reviewer"), letter=OuterRef("letter"), conflicted=True
    )
    for assignment in Assignment.objects.active().filter(Exists(conflict)):
        yield f"reviews: {assignment} is active in spite of a conflict"
    expected = {
        row["call"]: row["n"] for row in Criterion.objects.values("call").annotate(n=Count("pk"))
    }
    submitted = Review.objects.submitted().select_related(
        "assignment__letter", "assignment__reviewer"
    )
    for review in submitted.annotate(n=Count("scores")):
        if review.n != expected[review.assignment.letter.call_id]:
            yield f"reviews: the submitted review {review} lacks scores"
    for review in Review.objects.filter(state=ReviewState.SUBMITTED, filed_marks__isnull=False):
        yield f"reviews: the submitted review {review} still keeps earlier marks aside"
    same = Q(before=F("after")) | Q(before__isnull=True, after__isnull=True)
    for change in MarkChange.objects.filter(same).select_related("review"):
        yield f"reviews: {change} of {change.review} is no change"
    for answer in Contribution.objects.filter(answers__answers__isnull=False):
        yield f"reviews: the contribution {answer.pk} answers an answer"
    for row in Criterion.objects.values("call__code").annotate(total=Sum("weight")):
        if row["total"] != 100:
            yield f"reviews: the weights of {row['call__code']} add up to {row['total']}"
    if Score.objects.filter(mark__isnull=True, cannot_judge=False).filter(
        review__in=Review.objects.submitted()
    ):
        yield "reviews: a submitted review has an empty score"
    for row in RankedLetter.objects.filter(reviews=0).select_related("letter"):
        yield f"reviews: {row.letter.reference} is ranked without a review"
