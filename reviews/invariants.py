"""What must always hold in this room."""

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from reviews import minutes, rubrics
from reviews.grounds import grounds
from reviews.models import (
    AgendaItem,
    Assignment,
    ConflictCheck,
    Contribution,
    Criterion,
    MarkChange,
    Meeting,
    Minutes,
    RankedLetter,
    Ranking,
    Review,
    RubricSeal,
    Score,
)
from reviews.standings import standings
from reviews.states import ItemState, MeetingState, ReviewState


def findings(*, at):
    """One sentence for each thing that should not be."""
    conflict = ConflictCheck.objects.filter(
        reviewer=OuterRef("reviewer"), letter=OuterRef("letter"), conflicted=True
    )
    for assignment in Assignment.objects.active().filter(Exists(conflict), counted=False):
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
    for seal in RubricSeal.objects.select_related("call", "version"):
        now = rubrics.content_of(Criterion.objects.filter(call=seal.call))
        if not seal.version.sha256 == rubrics.digest(seal.version.content) == rubrics.digest(now):
            yield f"reviews: the criteria of {seal.call.code} are not those that were frozen"
    if Score.objects.filter(mark__isnull=True, cannot_judge=False).filter(
        review__in=Review.objects.submitted()
    ):
        yield "reviews: a submitted review has an empty score"
    for row in RankedLetter.objects.filter(reviews=0).select_related("letter"):
        yield f"reviews: {row.letter.reference} is ranked without a review"
    yield from _meetings()
    for ranking in Ranking.objects.filter(scoring_run__isnull=False).select_related(
        "round", "scoring_run"
    ):
        yield from _run_of(ranking)


def _meetings():
    """Minutes as they were kept, and nobody in the room who should have left it."""
    for kept in Minutes.objects.select_related("meeting"):
        if minutes.digest(kept.content) != kept.sha256:
            yield f"reviews: the minutes of {kept.meeting} are not those that were kept"
    if closed := Meeting.objects.filter(state=MeetingState.CLOSED, minutes=None).count():
        yield f"reviews: {closed} closed meetings have no minutes"
    shown = Meeting.objects.filter(current=OuterRef("pk"))
    being_discussed = AgendaItem.objects.filter(state=ItemState.OPEN)
    for item in being_discussed.exclude(Exists(shown)).select_related("meeting"):
        yield f"reviews: an item of {item.meeting} is open and on nobody's screen"


def _run_of(ranking):
    """Whether the run that a frozen ranking refers to is one of the totals it froze."""
    from reviews.calibration import table  # noqa: PLC0415 - it takes a second, and only here

    run, lines = ranking.scoring_run, standings(grounds(ranking.round))
    totals = [
        (str(line["letter"].pk), str(reviewer), total)
        for line in lines
        for reviewer, total in line["totals"].items()
        if total is not None
    ]
    letters = [str(line["letter"].pk) for line in lines]
    if table.table(totals, letters).sha256() != run.input_sha256:
        yield f"reviews: the frozen ranking of {ranking.round} has a scoring run of other marks"
    means = {line["letter"]: line["raw_mean"] for line in run.result["letters"]}
    for row in RankedLetter.objects.filter(ranking=ranking).select_related("letter"):
        mean = means.get(str(row.letter_id))
        # Both are rounded, one at each review and one at the end.
        if mean is None or abs(mean - float(row.total)) > 0.011:
            yield f"reviews: {row.letter.reference} is frozen with another total than it was scored"
