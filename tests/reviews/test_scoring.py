from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import scoring

marks = st.sampled_from([*scoring.HALF_MARKS, None])
WEIGHTS = {"science": 25, "feasibility": 20, "innovation": 15, "rest": 40}
sheets = st.fixed_dictionaries({code: marks for code in WEIGHTS})


def test_a_total_is_the_weighted_mean_of_the_marks_as_a_percentage():
    given_marks = {"science": Decimal("4.5"), "feasibility": Decimal(3)}

    total = scoring.weighted_total(given_marks, {"science": 60, "feasibility": 40})

    assert total == Decimal("78.00")


def test_cannot_judge_gives_its_weight_to_the_others():
    given_marks = {"science": Decimal("4.5"), "feasibility": None}

    total = scoring.weighted_total(given_marks, {"science": 60, "feasibility": 40})

    assert total == Decimal("90.00")


def test_halves_of_a_cent_go_to_the_even_side():
    assert scoring.mean([Decimal("80.00"), Decimal("80.01")]) == Decimal("80.00")
    assert scoring.mean([Decimal("80.01"), Decimal("80.02")]) == Decimal("80.02")


def test_nobody_could_judge_is_no_number():
    assert scoring.weighted_total({"science": None}, {"science": 60}) is None
    assert scoring.mean([None, None]) is None
    assert scoring.spread([None, Decimal(3)]) is None


def test_a_mark_without_a_weight_is_a_mistake():
    with pytest.raises(KeyError):
        scoring.weighted_total({"beauty": Decimal(5)}, {"science": 60})


@given(sheet=sheets, order=st.permutations(list(WEIGHTS)))
def test_the_order_of_the_criteria_does_not_matter(sheet, order):
    shuffled = {code: sheet[code] for code in order}
    weights = {code: WEIGHTS[code] for code in reversed(order)}
    assert scoring.weighted_total(shuffled, weights) == scoring.weighted_total(sheet, WEIGHTS)


@given(sheet=sheets)
def test_a_total_lies_between_the_worst_and_the_best_mark(sheet):
    total = scoring.weighted_total(sheet, WEIGHTS)
    judged = [mark for mark in sheet.values() if mark is not None]
    if not judged:
        assert total is None
    else:
        assert 20 * min(judged) <= total <= 20 * max(judged)


@given(sheet=sheets, better=st.sampled_from(list(WEIGHTS)))
def test_a_better_mark_never_lowers_a_total(sheet, better):
    if sheet[better] is None or sheet[better] == 5:
        return
    raised = {**sheet, better: sheet[better] + Decimal("0.5")}
    assert scoring.weighted_total(raised, WEIGHTS) > scoring.weighted_total(sheet, WEIGHTS)


@given(sheet=sheets)
def test_cannot_judge_counts_like_a_criterion_that_is_not_there(sheet):
    without = {code: mark for code, mark in sheet.items() if mark is not None}
    assert scoring.weighted_total(sheet, WEIGHTS) == scoring.weighted_total(without, WEIGHTS)


@given(values=st.lists(marks, max_size=9), data=st.data())
def test_the_order_of_the_reviewers_does_not_matter(values, data):
    shuffled = data.draw(st.permutations(values))
    assert scoring.mean(shuffled) == scoring.mean(values)
    assert scoring.spread(shuffled) == scoring.spread(values)


@given(totals=st.dictionaries(st.integers(), st.integers(0, 10000), min_size=1))
def test_places_follow_the_totals(totals):
    totals = {key: Decimal(cents) / 100 for key, cents in totals.items()}
    places = scoring.positions(totals)
    for key, total in totals.items():
        assert places[key] == 1 + sum(1 for other in totals.values() if other > total)


@pytest.mark.parametrize(
    ("mean", "anchor"), [("0", 0), ("0.49", 0), ("0.5", 1), ("3.49", 3), ("3.5", 4), ("5", 5)]
)
def test_the_word_of_a_mean_is_that_of_the_nearest_mark(mean, anchor):
    assert scoring.anchor_of(Decimal(mean)) == anchor
