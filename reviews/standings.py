"""Where a round's letters stand by the reviews that are in."""

from proposals.models import LetterOfIntent
from reviews import scoring
from reviews.models import Review


def standings(call_round, criteria) -> list[dict]:
    """Every letter of the round with its weighted total, mean marks and number of reviews.

    A letter's total is the mean of its reviews' totals; best first, unrated ones last. `spread` is
    how far its reviews' totals lie apart, `totals_apart` and `marks_apart` (codes of criteria)
    where that is far enough to be talked about.
    """
    weights = {c.code: c.weight for c in criteria}
    codes = {c.pk: c.code for c in criteria}
    marks = {}
    reviews = (
        Review.objects.submitted()
        .filter(assignment__round=call_round)
        .select_related("assignment")
        .prefetch_related("scores")
    )
    for review in reviews:
        given = {codes[s.criterion_id]: s.mark for s in review.scores.all()}
        marks.setdefault(review.assignment.letter_id, []).append(given)
    lines = []
    for letter in LetterOfIntent.objects.in_round(call_round).select_related("agency"):
        sheets = marks.get(letter.pk, [])
        totals = [scoring.weighted_total(sheet, weights) for sheet in sheets]
        by_code = {code: [sheet.get(code) for sheet in sheets] for code in weights}
        spreads = {code: scoring.spread(given) for code, given in by_code.items()}
        spread = scoring.spread(totals)
        lines.append(
            {
                "letter": letter,
                "reviews": len(sheets),
                "total": scoring.mean(totals),
                "means": {code: scoring.mean(given) for code, given in by_code.items()},
                "spread": spread,
                "totals_apart": spread is not None and spread > scoring.TOTALS_APART,
                "marks_apart": [
                    code
                    for code, apart in spreads.items()
                    if apart is not None and apart >= scoring.MARKS_APART
                ],
            }
        )
    lines.sort(key=lambda line: (line["total"] is None, -(line["total"] or 0)))
    return lines
