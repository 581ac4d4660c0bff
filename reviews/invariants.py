"""What must always hold in this room."""

from django.db.models import Count, Exists, OuterRef, Sum

from reviews.models import Assignment, ConflictCheck, Criterion, RankedLetter, Review, Score


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
    for row in Criterion.objects.values("call__code").annotate(total=Sum("weight")):
        if row["total"] != 100:
            yield f"reviews: the weights of {row['call__code']} add up to {row['total']}"
    if Score.objects.filter(mark__isnull=True, cannot_judge=False).filter(
        review__in=Review.objects.submitted()
    ):
        yield "reviews: a submitted review has an empty score"
    for row in RankedLetter.objects.filter(reviews=0).select_related("letter"):
        yield f"reviews: {row.letter.reference} is ranked without a review"
