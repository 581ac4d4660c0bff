"""A review laid out for reading."""

from django.contrib.postgres.aggregates import ArrayAgg

from reviews import scoring
from reviews.models import Score
from reviews.querysets import as_text


def total_of(review, criteria):
    """A review's weighted total, 0 to 100, or None."""
    return scoring.weighted_total(marks_of(review, criteria), {c.code: c.weight for c in criteria})


def marks_of(review, criteria) -> dict:
    """Criterion code to mark, None where there is none."""
    codes = {criterion.pk: criterion.code for criterion in criteria}
    return {codes[score.criterion_id]: score.mark for score in review.scores.all()}


def sheet_of(review, criteria) -> list[dict]:
    """Every criterion with what the review says of it."""
    given = {score.criterion_id: score for score in review.scores.all()} if review else {}
    return [{"criterion": c, "score": given.get(c.pk)} for c in criteria]


def given_in(reviews: list) -> dict:
    """Ids of reviews to criterion ids to what was marked: (mark, cannot_judge, comment).

    Plain values, for tables of hundreds of reviews.
    """
    given: dict = {str(pk): {} for pk in reviews}
    fields = ("criterion", "mark", "cannot_judge", "comment")
    rows = Score.objects.filter(review__in=reviews).order_by().values_list(as_text("review"))
    # A row for each review instead of one for each mark: an eighth as many to look at.
    lists = rows.annotate(**{f"each_{name}": ArrayAgg(name) for name in fields})
    for pk, criteria, *marked in lists:
        given[pk] = dict(zip(criteria, zip(*marked, strict=True), strict=True))
    return dict(zip(reviews, given.values(), strict=True))
