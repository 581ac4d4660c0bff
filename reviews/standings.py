"""Where a round's letters stand by the reviews that are in."""

from collections import defaultdict

from reviews import scoring
from reviews.grounds import Grounds
from reviews.models import Score


def standings(ground: Grounds, without=()) -> list[dict]:
    """Every letter of the round with its weighted total, mean marks and number of reviews.

    A letter's total is the mean of its reviews' totals, which `totals` holds by reviewer (None for
    a review that judged nothing); best first, those that have no place last. `spread` is how far
    they lie apart, `totals_apart` and `marks_apart` (codes of criteria) where that is far enough to
    be talked about. Letters with the ids `without` are left out.
    """
    weights = {line["code"]: line["weight"] for line in ground.rubric}
    sheets = _sheets(ground, without)
    lines = []
    for letter in ground.letters.exclude(pk__in=without).select_related("agency"):
        given = sheets[letter.pk]
        totals = {
            reviewer: scoring.weighted_total(sheet, weights) for reviewer, sheet in given.items()
        }
        by_code = {code: [sheet.get(code) for sheet in given.values()] for code in weights}
        spreads = {code: scoring.spread(marks) for code, marks in by_code.items()}
        spread = scoring.spread(list(totals.values()))
        lines.append(
            {
                "letter": letter,
                "reviews": len(given),
                "totals": totals,
                "total": scoring.mean(list(totals.values())),
                "means": {code: scoring.mean(marks) for code, marks in by_code.items()},
                "spread": spread,
                "totals_apart": spread is not None and spread > scoring.TOTALS_APART,
                "marks_apart": [
                    code
                    for code, apart in spreads.items()
                    if apart is not None and apart >= scoring.MARKS_APART
                ],
            }
        )
    lines.sort(
        key=lambda line: (not scoring.is_placed(line["totals"].values()), -(line["total"] or 0))
    )
    return lines


def places(lines) -> dict:
    """Letter id to its place by total; a letter with too few reviews has none."""
    return scoring.positions(
        {
            line["letter"].pk: line["total"]
            for line in lines
            if scoring.is_placed(line["totals"].values())
        }
    )


def _sheets(ground, without):
    """Letter id to reviewer id to criterion code to mark (None: cannot judge).

    As plain values: thirty thousand marks as objects of the model take seconds.
    """
    found: dict = defaultdict(dict)
    reviews = ground.reviews(without)
    owners = {}
    for review, letter, reviewer in reviews.values_list(
        "pk", "assignment__letter", "assignment__reviewer"
    ):
        owners[review] = found[letter][reviewer] = {}
    marks = Score.objects.filter(review__in=reviews.values("pk")).order_by()
    for review, code, mark in marks.values_list("review", "criterion__code", "mark"):
        # A review filed between the two questions counts the next time.
        if review in owners:
            owners[review][code] = mark
    return found
