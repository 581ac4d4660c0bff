from decimal import Decimal

import pytest

from reviews import apart

WEIGHTS = {"science": 60, "feasibility": 40}


def sheets(*marks):
    """Reviews given as pairs of marks; None is "cannot judge"."""
    return [
        {
            code: None if mark is None else Decimal(mark)
            for code, mark in zip(WEIGHTS, pair, strict=True)
        }
        for pair in marks
    ]


@pytest.mark.parametrize(
    ("marks", "spread", "totals", "codes", "crosses"),
    [
        ([], None, False, (), False),
        ([("4", "4")], None, False, (), False),
        ([("4", "4"), ("4", "4")], "0", False, (), False),
        # Exactly 20 points are not more than 20; marks exactly 2 apart are.
        ([("5", "5"), ("4", "4")], "20", False, (), False),
        ([("5", "5"), ("3.5", "4.5")], "22", True, (), False),
        ([("3.5", "4"), ("3", "4")], "6", False, (), False),
        ([("4", "5"), ("4", "3")], "16", False, ("feasibility",), False),
        ([("3.5", "3"), ("3.5", "3.5")], "4", False, (), True),
        # Whoever cannot judge disagrees with nobody.
        ([(None, "4"), ("0", "4")], "48", True, (), True),
        ([(None, None), ("2", "2")], None, False, (), False),
    ],
)
def test_reviews_of_one_letter(marks, spread, totals, codes, crosses):
    found = apart.of(sheets(*marks), WEIGHTS)
    assert found.spread == (None if spread is None else Decimal(spread))
    assert (found.totals, found.codes, found.crosses) == (totals, codes, crosses)
    assert bool(found) == (totals or crosses or bool(codes))


def test_a_letter_whose_totals_differ_more_than_those_of_the_others_is_beyond_chance():
    calm = {n: sheets(("3", "3"), ("3.5", "3"), ("3", "3.5")) for n in range(20)}
    wild = {"wild": sheets(("0", "0"), ("5", "5"), ("3", "3"))}
    assert apart.beyond_chance(calm | wild, WEIGHTS) == {"wild"}
    assert apart.beyond_chance(calm, WEIGHTS) == set()


@pytest.mark.parametrize(
    "letters", [{}, {1: []}, {1: sheets((None, None))}, {1: sheets(("3", "3"))}]
)
def test_where_there_is_nothing_to_compare_nothing_is_beyond_chance(letters):
    assert apart.beyond_chance(letters, WEIGHTS) == set()
