"""A review laid out for reading."""

from reviews import scoring


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
