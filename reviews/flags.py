"""Which letters of a round are worth talking about, and why."""

from collections import defaultdict
from dataclasses import replace

from reviews import apart
from reviews.models import Review, Score


def flags_of(sheets, letters, weights, *, passes) -> dict:
    """Letter id to its reviews' differences (`apart.Apart`), from `sheets_of` the same letters.

    Whoever is in conflict with a letter sees none of its marks, nor what they do to the flags of
    others: leave such letters out of both. `passes`: as the chair's aim says, see `apart.of`.
    """
    beyond = apart.beyond_chance(sheets, weights)
    found = {letter.pk: apart.of(sheets.get(letter.pk, []), weights, passes) for letter in letters}
    return {
        pk: replace(one, beyond_chance=True) if pk in beyond else one for pk, one in found.items()
    }


def sheets_of(call_round, letters) -> dict:
    """Letter id to its filed reviews, each as criterion code to mark."""
    filed = Review.objects.submitted().filter(
        assignment__round=call_round, assignment__letter__in=[letter.pk for letter in letters]
    )
    found: dict = defaultdict(lambda: defaultdict(dict))
    marks = Score.objects.filter(review__in=filed.values("pk")).order_by()
    for letter, review, code, mark in marks.values_list(
        "review__assignment__letter", "review", "criterion__code", "mark"
    ):
        found[letter][review][code] = mark
    return {letter: list(sheets.values()) for letter, sheets in found.items()}
