"""Each explanation is a claim about another problem: that problem is solved, and must agree."""

from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from decisions import portfolio
from decisions.portfolio import Ineligible, Inside, Outside, Standing
from tests.decisions.scenarios import all_sets, candidate, random_scenario, scenario, scenarios

unhurried = settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HUNDREDTH, GRAM = Decimal("0.01"), Decimal("0.001")


def problem_of(data):
    return portfolio.Problem(portfolio.read(data))


def explained(data):
    problem = problem_of(data)
    choice = portfolio.best(problem)
    return {one.key: portfolio.explain(problem, choice, one.key) for one in problem.candidates}


def changed(data, key, **fields):
    data = deepcopy(data)
    next(c for c in data["candidates"] if c["key"] == key).update(fields)
    return data


def chosen(data):
    """Keys of the best set, found by trying all sets where there are few; None if there is none."""
    if len(data["candidates"]) < 10:
        everything = all_sets(data)
        return set(everything[0].keys) if everything else None
    found = portfolio.best(problem_of(data))
    return found and set(found.keys)


def contradictions(data):
    """Explanations that do not come true when the problem is changed as they say."""
    before = chosen(data)
    fields = {c["key"]: c for c in data["candidates"]}
    for key, told in explained(data).items():
        merit = Decimal(str(fields[key]["merit"]))

        def stays_in(key=key, **changes):
            return key in (chosen(changed(data, key, **changes)) or ())

        if isinstance(told, Ineligible):
            if key in before or ("rules.threshold" not in told.rules and stays_in(merit=1000)):
                yield key, "is eligible"
        elif isinstance(told, Inside):
            if key not in before:
                yield key, "is not in"
            if told.merit_to_lose is None:
                # Nobody can do without it, but below the threshold it would be missed.
                lower = data["rules"].get("threshold", -1000)
                if not stays_in(merit=lower):
                    yield key, "is not held"
                continue
            if not stays_in(merit=merit - told.merit_to_lose + HUNDREDTH):
                yield key, "has less to lose"
            if stays_in(merit=merit - told.merit_to_lose - HUNDREDTH):
                yield key, "has more to lose"
        else:
            if key in before:
                yield key, "is in"
            if told.merit_lacking is None:
                if stays_in(merit=1000):
                    yield key, "is not kept out"
            else:
                if not stays_in(merit=merit + told.merit_lacking + HUNDREDTH):
                    yield key, "lacks more"
                if stays_in(merit=merit + told.merit_lacking - HUNDREDTH):
                    yield key, "lacks less"
            if told.mass_to_enter is None:
                if stays_in(mass=GRAM):
                    yield key, "is kept out by its mass"
            else:
                if not stays_in(mass=told.mass_to_enter):
                    yield key, "has to be lighter"
                if stays_in(mass=told.mass_to_enter + GRAM):
                    yield key, "may be heavier"


@unhurried
@given(scenarios(most=6))
def test_every_explanation_comes_true_to_a_hundredth_and_a_gram(data):
    assume(all_sets(data))

    assert list(contradictions(data)) == []


def test_every_explanation_of_many_letters_comes_true():
    assert list(contradictions(random_scenario(3, 20))) == []


@unhurried
@given(scenarios(most=6))
def test_who_would_enter_and_leave_is_the_best_set_without_it_or_with_it(data):
    everything = all_sets(data)
    assume(everything)
    before = everything[0]

    for key, told in explained(data).items():
        if isinstance(told, Ineligible):
            assert not any(key in found.keys for found in everything)
            continue
        inside = isinstance(told, Inside)
        other = next((f for f in everything if (key in f.keys) != inside), None)
        points = told.cushion if inside else told.gap
        assert (points is None) == (other is None) == bool(told.held_by)
        if other:
            assert points * 10**6 == before.value - other.value
            assert set(told.entering) == set(other.keys) - set(before.keys) - {key}
            assert set(told.leaving) == set(before.keys) - set(other.keys) - {key}


# --- told in full ---


def three_for_two_places():
    return scenario(
        candidate("robot", merit=70, mass=90, receipt=1),
        candidate("camera", merit=80, mass=5, receipt=2),
        candidate("radar", merit=66, mass=80, receipt=3),
        candidate("drill", merit=90, mass=101, level="system", receipt=4),
        candidate("laser", merit=85, mass=1, receipt=5, ineligible="no reply"),
        candidate("sail", merit=50, mass=1, receipt=6),
        threshold=60,
        barred=[{"letter": "sail", "reason": "minute 3"}],
    )


def test_three_for_two_places_explained():
    assert explained(three_for_two_places()) == {
        "robot": Inside("robot", 4, 4, entering=("radar",)),
        "camera": Inside("camera", 20, 20),
        # 200 kg - 1.2 * (90 + 5) kg leave 86 kg, with its margin.
        "radar": Outside("radar", 4, 4, Decimal("71.666"), leaving=("robot",)),
        "drill": Ineligible("drill", ("rules.module_mass",)),
        "laser": Ineligible("laser", ("candidates[4].ineligible",)),
        "sail": Ineligible("sail", ("rules.threshold", "rules.barred[0]")),
    }


def test_the_threshold_ends_what_a_letter_may_lose():
    told = explained(scenario(candidate("A", merit=70), zero_point=50, threshold=64.5))

    assert (told["A"].cushion, told["A"].merit_to_lose) == (20, Decimal("5.5"))


def test_a_letter_without_a_way_in_or_out_is_told_which_rules_hold_it():
    told = explained(
        scenario(
            candidate("A", agencies=["X"], merit=61),
            candidate("B", agencies=["X"], merit=99),
            agency_max=1,
            must=[{"letter": "A", "reason": "minute 2"}],
        )
    )

    assert told["A"] == Inside("A", None, None, held_by=("rules.must[0]",))
    assert told["B"].held_by == ("rules.agency_max", "rules.must[0]")
    assert (told["B"].gap, told["B"].mass_to_enter) == (None, None)


def test_a_letter_too_heavy_beside_a_pin_is_told_its_mass():
    told = explained(
        scenario(
            candidate("A", mass=120),
            candidate("B", mass=60),
            must=[{"letter": "A", "reason": "minute 2"}],
        )
    )

    assert told["B"].held_by == ("rules.mass", "rules.must[0]")
    assert told["B"].mass_to_enter == Decimal("46.666")


@pytest.mark.parametrize(("receipt", "kg"), [(1, "10.000"), (3, "9.999")])
def test_an_equal_enters_by_its_mass_or_its_receipt(receipt, kg):
    told = explained(
        scenario(
            candidate("A", receipt=2, mass=10, margin=0),
            candidate("B", receipt=receipt, mass=12, margin=0),
            exclusive=[["A", "B"]],
        )
    )

    assert (told["B"].gap, told["B"].mass_to_enter) == (0, Decimal(kg))


def test_a_stranger_is_not_explained():
    problem = problem_of(scenario(candidate("A")))

    with pytest.raises(KeyError):
        portfolio.explain(problem, portfolio.best(problem), "B")


# --- prices, capacity, differences ---


@pytest.mark.parametrize(
    "rule",
    [
        ("mass",),
        ("agency_max",),
        ("country_max",),
        ("categories", "instruments", "max"),
        ("count", "max"),
        ("limits", "power", "total"),
        ("needs", 0),
        ("exclusive", 0),
    ],
)
def test_the_price_of_a_rule_is_what_the_best_set_gains_without_it(rule):
    data = random_scenario(4, 14) | {}
    data["rules"] |= {"mass": 70, "count": {"max": 4}, "agency_max": 1}
    problem = problem_of(data)
    choice = portfolio.best(problem)
    without = deepcopy(data)
    place = without["rules"]
    for step in rule[:-1]:
        place = place[step]
    if rule == ("mass",):
        place["mass"] = 100_000
    else:
        del place[rule[-1]]
    path = "rules" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in rule)

    price = portfolio.price_of(problem, choice, path)

    assert int((choice.value + price) * 10**6) == all_sets(without)[0].value
    assert price >= 0


def test_the_rules_that_bind_have_a_price():
    data = random_scenario(4, 14)
    data["rules"] |= {"mass": 70, "count": {"max": 4}}
    problem = problem_of(data)
    choice = portfolio.best(problem)

    assert portfolio.price_of(problem, choice, "rules.mass") > 0
    with pytest.raises(KeyError):
        portfolio.price_of(problem, choice, "rules.beauty")


def test_the_capacity_curve_is_the_best_set_of_each_limit():
    data = random_scenario(5, 12)
    limits = [Decimal(kg) for kg in (0, 1, 20, 80, 140, 300)]

    curve = portfolio.capacity_curve(problem_of(data), limits)

    for kg, found in curve:
        data["rules"]["mass"] = kg
        everything = all_sets(data)
        assert (found and found.keys) == (everything[0].keys if everything else None)
    assert curve[0][1] is None
    assert curve[-1][1] is not None


def test_the_difference_of_two_sets():
    problem = problem_of(three_for_two_places())

    change = problem.difference(["robot", "camera"], ["camera", "radar"])

    assert change == portfolio.Difference(("radar",), ("robot",), Decimal(-4), Decimal(-12))
    with pytest.raises(KeyError):
        problem.difference(["robot"], ["stranger"])


def test_there_are_no_more_best_sets_than_sets():
    problem = problem_of(scenario(candidate("A", merit=70), candidate("B", merit=50)))

    assert [c.keys for c in portfolio.best_sets(problem, 9)] == [("A",), (), ("A", "B"), ("B",)]


# --- how firm each pick is ---


def test_the_frequency_is_the_share_of_draws_whose_best_set_holds_it():
    data = random_scenario(6, 10)
    data["rules"]["mass"] = 60
    data["rules"]["threshold"] = 60
    names = [c["key"] for c in data["candidates"]]
    draws = [[60 + (7 * i + 11 * d) % 23 for i in range(10)] for d in range(12)]
    sets = []
    for draw in draws:
        for one, merit in zip(data["candidates"], draw, strict=True):
            one["merit"] = merit
        everything = all_sets(data)
        sets.append(everything[0].keys if everything else None)

    found = portfolio.firmness(problem_of(data), draws)

    assert found.frequencies == {n: sum(n in (s or ()) for s in sets) / 12 for n in names}
    assert (found.draws, found.sets) == (12, len(set(sets) - {None}))
    assert found.without_a_set == sets.count(None)
    assert portfolio.firmness(problem_of(data), draws) == found


def test_draws_that_do_not_differ_say_what_the_best_set_says():
    data = random_scenario(8, 20)
    problem = problem_of(data)
    merits = [c["merit"] for c in data["candidates"]]

    found = portfolio.firmness(problem, [merits] * 3)

    firm = {key for key, share in found.frequencies.items() if share}
    assert firm == set(portfolio.best(problem).keys)
    assert set(found.frequencies.values()) == {0.0, 1.0}


def test_a_draw_without_a_set_counts_for_nobody():
    data = scenario(candidate("A"), threshold=65, must=[{"letter": "A", "reason": "minute 1"}])

    found = portfolio.firmness(problem_of(data), [[70], [60], [66], [64]])

    assert found == portfolio.Firmness(4, 2, 1, {"A": 0.5})


@pytest.mark.parametrize("draws", [[], [[70, 70]], [[]]])
def test_draws_have_to_fit(draws):
    with pytest.raises(ValueError, match=r"draws|argument"):
        portfolio.firmness(problem_of(scenario(candidate("A"))), draws)


@pytest.mark.parametrize(
    ("share", "word"), [(1, "core"), (0.8, "core"), (0.79, "open"), (0.2, "open"), (0.19, "out")]
)
def test_a_frequency_in_a_word(share, word):
    assert Standing.of(share) == word


@unhurried
@given(scenarios(most=6), st.integers(1, 3))
def test_a_full_report_is_plain_data_with_the_same_answers(data, sets):
    problem = problem_of(data | {"best_sets": sets, "capacities": [50]})

    told = portfolio.report(problem)

    everything = all_sets(data)
    assert told["feasible"] == bool(everything)
    if everything:
        assert told["set"]["keys"] == list(everything[0].keys)
        assert [s["keys"] for s in told["best_sets"]] == [list(f.keys) for f in everything[:sets]]
        assert len(told["explanations"]) == len(data["candidates"])
        assert all(rule["price"] >= 0 for rule in told["prices"])
    else:
        assert told["conflict"]
