"""The arithmetic of marks: numbers in, numbers out, no database.

Marks run from 0 to 5 in half steps; weights are percentages. A criterion nobody could judge takes
no part, and the weights of the others stand in its place, so that "cannot judge" is never a zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

BEST = Decimal(5)
HALF_MARKS = tuple(Decimal(n) / 2 for n in range(11))
# From here on reviewers disagree enough to talk about it. Source: section 4 of the call's rules.
TOTALS_APART = 20
MARKS_APART = 2
# A mark this low, or the best one, must be explained. Source: section 4 of the call's rules.
LOW_MARK = 2
# Chances of being among the best, from which on the panel need not or need talk about a letter.
CLEAR, UNLIKELY = 0.9, 0.1
# With fewer reviews that judged something a letter has no place: one opinion has nothing beside it.
FEWEST_REVIEWS = 2
_CENT = Decimal("0.01")


def weighted_total(
    marks: Mapping[str, Decimal | None], weights: Mapping[str, int]
) -> Decimal | None:
    """One review's total from 0 to 100, or None if it judged nothing.

    Raises KeyError for a mark without a weight.
    """
    weight, points = 0, Decimal(0)
    for code, mark in marks.items():
        if mark is not None:
            weight += weights[code]
            points += weights[code] * mark
    return _rounded(points / weight / BEST * 100) if weight else None


def must_explain(mark: Decimal | None) -> bool:
    """Whether a mark is low or high enough to need a comment."""
    return mark is not None and (mark <= LOW_MARK or mark == BEST)


def mean(values: Sequence[Decimal | None]) -> Decimal | None:
    """The mean of those values that are numbers, to two places; None if there are none."""
    numbers = [value for value in values if value is not None]
    return _rounded(sum(numbers) / len(numbers)) if numbers else None


def spread(values: Sequence[Decimal | None]) -> Decimal | None:
    """Highest minus lowest of those values that are numbers; None if there are fewer than two."""
    numbers = [value for value in values if value is not None]
    return max(numbers) - min(numbers) if len(numbers) > 1 else None


def is_placed(totals: Iterable[Decimal | None]) -> bool:
    """Whether a letter with these reviews' totals has a place in the order."""
    return sum(total is not None for total in totals) >= FEWEST_REVIEWS


def positions(totals: Mapping[object, Decimal]) -> dict:
    """Place of each key, best total first; equal totals share a place, the next is skipped."""
    first: dict = {}
    for place, total in enumerate(sorted(totals.values(), reverse=True), 1):
        first.setdefault(total, place)
    return {key: first[total] for key, total in totals.items()}


def percent(chance: float) -> str:
    """A chance of 0 to 1 in whole per cent; what is not certain is never 0 or 100."""
    whole = round(100 * chance)
    if whole == 100 and chance < 1:
        return ">99"
    if whole == 0 and chance > 0:
        return "<1"
    return str(whole)


def anchor_of(mark: Decimal) -> int:
    """The whole mark whose word describes a mean mark: 3.5 reads "very good", 3.49 "good"."""
    return int((mark + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR"))


def _rounded(value) -> Decimal:
    return Decimal(value).quantize(_CENT, rounding=ROUND_HALF_EVEN)
