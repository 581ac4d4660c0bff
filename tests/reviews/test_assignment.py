"""Who reads which letter: against all assignments of tiny pools, and by what must never be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviews import assignment
from reviews.assignment import Change, Kind, Lack, Plan, Pool, Rules, Shortfall, columns
from reviews.assignment.model import Model
from reviews.assignment.program import Program
from reviews.assignment.wording import sentence_about, sentence_for
from tests.reviews import every_assignment

# Few different values, so that there are ties.
VALUES = [0, 0.1, 0.25, 0.3, 0.5, 0.65, 0.8, 1]
PLAIN = Rules(one_per_country=False, an_engineer=False, a_scientist=False, lift_worst=False)


@st.composite
def tiny_pools(draw):
    """Up to four letters and five reviewers, with a bit of everything."""
    letters, reviewers = draw(st.integers(1, 4)), draw(st.integers(2, 5))
    cells = letters * reviewers

    def table(values):
        cell = st.sampled_from(values)
        found = draw(st.lists(cell, min_size=cells, max_size=cells))
        return np.array(found).reshape(letters, reviewers)

    def each(values, count):
        return draw(st.lists(st.sampled_from(values), min_size=count, max_size=count))

    wanted = np.array(each([1, 2, 2, 3], letters))
    conflicts = table([False] * draw(st.sampled_from([3, 9])) + [True])
    locked = table([False] * draw(st.sampled_from([5, 15])) + [True]) & ~conflicts
    for row, most in enumerate(wanted):
        locked[row, np.flatnonzero(locked[row])[most:]] = False
    most = np.array(each(range(letters + 2), reviewers))
    if draw(st.booleans()):
        most = np.full(reviewers, letters)
    return Pool.of(
        [f"L{at}" for at in range(letters)],
        [f"R{at}" for at in range(reviewers)],
        table(VALUES),
        wanted=wanted,
        least=np.minimum(each([0, 0, 0, 1, min(2, letters)], reviewers), most),
        most=most,
        conflicts=conflicts,
        locked=locked,
        penalty=table([0, 0, 0, 0.3]),
        country=draw(st.none() | st.just(each(["", "AA", "BB", "CC", "DD"], reviewers))),
        expertise=draw(st.none() | st.just(each(["ENGINEER", "SCIENTIST", ""], reviewers))),
    )


RULES = st.builds(
    Rules,
    one_per_country=st.booleans(),
    an_engineer=st.booleans(),
    a_scientist=st.booleans(),
    lift_worst=st.booleans(),
    load_cost=st.sampled_from([0.0, 0.005, 0.3]),
)
TINY = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(params=["all pairs at once", "a few pairs at a time"])
def pairs_at_once(request, monkeypatch):
    """Tiny pools, solved the way of tiny ones and the way of huge ones."""
    if request.param == "a few pairs at a time":
        monkeypatch.setattr(columns, "_AT_ONCE", 0)
        for name in ("_OF_LETTER", "_OF_EXPERTISE", "_OF_REVIEWER"):
            monkeypatch.setattr(columns, name, 1)
        monkeypatch.setattr(columns, "_NEARLY", 0.0)


@TINY
@given(pool=tiny_pools(), rules=RULES)
def test_no_assignment_is_better_and_no_fewer_changes_help(pairs_at_once, pool, rules):
    found, best = assignment.plan(pool, rules), every_assignment.best(pool, rules)
    if best is not None:
        assert isinstance(found, Plan)
        assert (found.worst_pair, found.objective) == (best[0], pytest.approx(best[1], abs=1e-7))
        assert found.proven
        assert found.bound == pytest.approx(found.objective, abs=1e-5)
        return
    assert isinstance(found, Shortfall)
    assert found.shortages
    assert sum(change.by for change in found.changes) == every_assignment.fewest_changes(
        pool, rules
    )
    assert found.proven
    helped = pool.changed(found.changes)
    assert every_assignment.best(helped, rules) is not None
    assert isinstance(assignment.plan(helped, rules), Plan)


def knotted(seed):
    """Countries and fields that cross each other, in pools found by trying thousands."""
    dice = np.random.default_rng(seed)
    letters, reviewers, wanted = (int(dice.integers(*ends)) for ends in ((2, 5), (5, 8), (2, 4)))
    conflicts = dice.random((letters, reviewers)) < dice.choice([0.2, 0.4])
    countries = dice.choice(list("ABCD")[: int(dice.integers(2, 5))], reviewers)
    return Pool.of(
        [f"L{at}" for at in range(letters)],
        [f"R{at}" for at in range(reviewers)],
        dice.integers(0, 5, (letters, reviewers)) / 5,
        wanted=wanted,
        most=int(dice.integers(1, 3)),
        conflicts=conflicts,
        country=countries.tolist(),
        expertise=dice.choice(["ENGINEER", "SCIENTIST"], reviewers).tolist(),
    )


@pytest.mark.parametrize("seed", [937, 6622, 21616])
def test_letters_are_not_split_where_that_would_be_better(pairs_at_once, seed):
    pool, rules = knotted(seed), Rules(load_cost=0, lift_worst=False)
    model = Model(pool, rules)
    split = Program(model, pool.admissible, pool.admissible).relaxed()
    _none, best = every_assignment.best(pool, rules)
    assert split.objective > best + 0.05
    found = assignment.plan(pool, rules)
    assert found.objective == pytest.approx(best)
    assert found.proven
    lifted = assignment.plan(pool, Rules())
    assert (lifted.worst_pair, lifted.objective) == pytest.approx(
        every_assignment.best(pool, Rules())
    )


@pytest.mark.parametrize("seed", [4733, 8375, 10387, 12884, 5717, 18777])
def test_changes_are_not_split_either(pairs_at_once, seed):
    pool = knotted(seed)
    found = assignment.plan(pool)
    fewest = every_assignment.fewest_changes(pool, Rules())
    assert sum(change.by for change in found.changes) == fewest > 0
    assert isinstance(assignment.plan(pool.changed(found.changes)), Plan)


def crowd(letters=60, reviewers=20, *, seed=1, **more):
    """A pool of random numbers that can be solved."""
    dice = np.random.default_rng(seed)
    shape = letters, reviewers
    engineers = dice.random(reviewers) < 0.4
    asked = {
        "most": int(np.ceil(3.9 * letters / reviewers)),
        "conflicts": dice.random(shape) < 0.1,
        "penalty": 0.3 * (dice.random(shape) < 0.05),
        "country": [f"C{number}" for number in dice.integers(0, 8, reviewers)],
        "expertise": ["ENGINEER" if is_one else "SCIENTIST" for is_one in engineers],
    }
    return Pool.of(
        [f"L{at}" for at in range(letters)],
        [f"R{at}" for at in range(reviewers)],
        dice.random(shape) ** 2,
        **asked | more,
    )


def faults(pool, plan):
    """What the plan does that no plan may do; computed from the pool alone."""
    row = {name: at for at, name in enumerate(pool.letters)}
    column = {name: at for at, name in enumerate(pool.reviewers)}
    given_out = [(row[pair.letter], column[pair.reviewer]) for pair in plan.pairs]
    loads = np.bincount([at for _, at in given_out], minlength=len(column))
    if len(given_out) != len(set(given_out)):
        yield "a reviewer twice on a letter"
    if not all(pool.admissible[pair] for pair in given_out):
        yield "a pair in conflict"
    if not set(map(tuple, np.argwhere(pool.locked))) <= set(given_out):
        yield "a lock lost"
    if (loads > pool.most).any() or (loads < pool.least).any():
        yield "a load out of bounds"
    if loads.tolist() != list(plan.loads.values()):
        yield "loads that are not true"
    for letter, at in row.items():
        readers = [reviewer for number, reviewer in given_out if number == at]
        countries = [pool.country[reviewer] for reviewer in readers]
        if len(readers) != pool.wanted[at]:
            yield f"{letter} has {len(readers)} readers"
        if len(set(countries)) < len(countries):
            yield f"{letter} has two readers of a country"
        if {pool.expertise[reviewer] for reviewer in readers} != {"ENGINEER", "SCIENTIST"}:
            yield f"{letter} lacks an expertise"


@pytest.mark.parametrize("seed", range(6))
def test_a_plan_keeps_every_rule(seed):
    pool = crowd(seed=seed, least=2)
    locked = [(pair.letter, pair.reviewer) for pair in assignment.plan(pool).pairs[::17]]
    withdrawn = [(pair.letter, pair.reviewer) for pair in assignment.plan(pool).pairs[5::19]]
    pool = crowd(seed=seed, least=2, locked=locked, withdrawn=set(withdrawn) - set(locked))
    plan = assignment.plan(pool)
    assert list(faults(pool, plan)) == []
    assert plan.proven
    # A plan that breaks rules would be found out.
    twice = replace(plan, pairs=(*plan.pairs, plan.pairs[0]))
    assert "a reviewer twice on a letter" in faults(pool, twice)
    assert "a lock lost" in faults(pool, replace(plan, pairs=plan.pairs[1:]))


def test_a_plan_says_how_each_letter_and_reviewer_fares():
    pool = crowd(parts={"text": np.full((60, 20), np.nan), "bids": np.full((60, 20), 0.5)})
    plan = assignment.plan(pool)
    for letter in plan.letters:
        pairs = [pair for pair in plan.pairs if pair.letter == letter.letter]
        fits = [pair.affinity for pair in pairs]
        assert letter.reviewers == tuple(pair.reviewer for pair in pairs)
        assert (letter.minimum, letter.mean) == pytest.approx((min(fits), sum(fits) / 3))
        assert all(pair.parts == {"text": None, "bids": 0.5} for pair in pairs)
    assert plan.worst_pair == min(letter.minimum for letter in plan.letters)
    loads = list(plan.loads.values())
    worth = sum(pair.affinity - pair.penalty for pair in plan.pairs)
    worth -= Rules().load_cost * sum(load * (load + 1) / 2 for load in loads)
    assert plan.objective == pytest.approx(worth)


@pytest.mark.parametrize("lift_worst", [True, False])
def test_thousands_of_pairs_are_solved_as_well_as_all_at_once(monkeypatch, lift_worst):
    pool, rules = crowd(300, 80, seed=3), Rules(lift_worst=lift_worst)
    assert pool.admissible.sum() > columns._AT_ONCE
    found = assignment.plan(pool, rules)
    monkeypatch.setattr(columns, "_AT_ONCE", pool.admissible.size)
    dense = assignment.plan(pool, rules)
    assert found.worst_pair == dense.worst_pair
    assert found.objective == pytest.approx(dense.objective, abs=1e-6)
    assert found.proven
    assert list(faults(pool, found)) == []


def test_the_same_pool_gives_the_same_answer():
    assert assignment.plan(crowd()) == assignment.plan(crowd())
    short = assignment.plan(crowd(most=5))
    assert isinstance(short, Shortfall)
    assert short == assignment.plan(crowd(most=5))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_letters_and_reviewers_changes_no_figure(seed):
    pool, dice = crowd(seed=seed), np.random.default_rng(seed)
    rows, columns_ = dice.permutation(60), dice.permutation(20)
    turned = Pool.of(
        [pool.letters[at] for at in rows],
        [pool.reviewers[at] for at in columns_],
        pool.affinity[np.ix_(rows, columns_)],
        penalty=pool.penalty[np.ix_(rows, columns_)],
        conflicts=~pool.admissible[np.ix_(rows, columns_)],
        most=pool.most[columns_],
        country=[pool.country[at] for at in columns_],
        expertise=[pool.expertise[at] for at in columns_],
    )
    one, other = assignment.plan(pool), assignment.plan(turned)
    assert one.worst_pair == other.worst_pair
    assert one.objective == pytest.approx(other.objective, abs=1e-6)


def test_lifting_the_worst_pair_comes_before_the_sum():
    fits = [[0.9, 0.5], [0.6, 0.1]]
    pool = Pool.of(["A", "B"], ["X", "Y"], fits, wanted=1, most=1)
    greedy = Pool.of(["A", "B"], ["X", "Y"], [[1.0, 0.5], [0.6, 0.2]], wanted=1, most=1)
    assert assignment.plan(pool, replace(PLAIN, lift_worst=True)).worst_pair == 0.5
    assert assignment.plan(greedy, replace(PLAIN, load_cost=0)).objective == pytest.approx(1.2)
    lifted = assignment.plan(greedy, replace(PLAIN, load_cost=0, lift_worst=True))
    assert (lifted.worst_pair, lifted.objective) == (0.5, pytest.approx(1.1))


def test_a_lock_may_lie_below_the_worst_pair():
    fits = [[0.9, 0.8, 0.7], [0.9, 0.8, 0.1]]
    pool = Pool.of(["A", "B"], ["X", "Y", "Z"], fits, wanted=2, most=2, locked=[("B", "Z")])
    plan = assignment.plan(pool, replace(PLAIN, lift_worst=True))
    assert plan.worst_pair == 0.8
    assert {pair.reviewer for pair in plan.pairs if pair.locked} == {"Z"}
    everything = Pool.of(["A"], ["X"], [[0.3]], wanted=1, most=1, locked=[("A", "X")])
    assert assignment.plan(everything, replace(PLAIN, lift_worst=True)).worst_pair is None


def test_a_load_cost_evens_loads_that_affinity_does_not():
    fits = np.full((6, 3), 0.5)
    fits[:, 0] = 0.51
    pool = Pool.of(list("ABCDEF"), list("XYZ"), fits, wanted=1, most=6)
    assert list(assignment.plan(pool, replace(PLAIN, load_cost=0)).loads.values()) == [6, 0, 0]
    assert sorted(assignment.plan(pool, PLAIN).loads.values()) == [1, 2, 3]
    assert list(assignment.plan(pool, replace(PLAIN, load_cost=0.1)).loads.values()) == [2, 2, 2]


def test_a_penalty_turns_the_choice_but_not_the_affinity_shown():
    pool = Pool.of(["A"], ["X", "Y"], [[0.6, 0.5]], wanted=1, most=1, penalty=[[0.3, 0]])
    [pair] = assignment.plan(pool, PLAIN).pairs
    assert (pair.reviewer, pair.affinity, pair.penalty) == ("Y", 0.5, 0)


def test_every_rule_has_its_price():
    pool = crowd(least=6, locked=[("L0", "R0")], conflicts=None)
    plan = assignment.plan(pool)
    prices = assignment.price_of_rules(pool, Rules(), plan)
    assert set(prices) == {
        *("one_per_country", "an_engineer", "a_scientist"),
        *("lift_worst", "least_loads", "locks"),
    }
    assert all(price >= 0 for price in prices.values())
    without = assignment.plan(pool, Rules(lift_worst=False))
    assert prices["lift_worst"] == pytest.approx(without.objective - plan.objective, abs=1e-6)
    assert assignment.price_of_rules(pool, PLAIN, assignment.plan(pool, PLAIN)).keys() == {
        *("least_loads", "locks")
    }


# --- who is lacking ---


def small(**more):
    asked = {
        "wanted": 2,
        "most": 3,
        "country": ["IT", "IT", "TR", "PK"],
        "expertise": ["ENGINEER", "SCIENTIST", "SCIENTIST", ""],
    }
    return Pool.of(["A", "B", "C"], ["X", "Y", "Z", "W"], np.full((3, 4), 0.5), **asked | more)


SHORT = {
    "too few may read it": (
        small(conflicts=[("A", "Y"), ("A", "Z"), ("A", "W")]),
        "A wants 2 reviewers, and 1 may read it.",
        {"give A one reviewer fewer", "let A be read without a lunar scientist"},
    ),
    "no engineer": (
        small(conflicts=[("B", "X")]),
        "No engineer may read B.",
        {"let B be read without an engineer"},
    ),
    "no scientist": (
        small(withdrawn=[("C", "Y"), ("C", "Z")]),
        "No scientist may read C.",
        {"let C be read without a lunar scientist"},
    ),
    "countries": (
        small(wanted=[3, 2, 2], conflicts=[("A", "W")]),
        "A wants 3 reviewers, and those who may read it come from too few countries: there is room "
        "for 2.",
        {"allow one reviewer more from IT on A"},
    ),
    "places": (
        small(wanted=[1, 2, 2]),
        "A lacks 2 kinds of expertise; its places that are not locked: 1.",
        {"let A be read without an engineer"},
    ),
    "locks of a country": (
        small(locked=[("A", "X"), ("A", "Y")]),
        "X and Y are locked to A and come from IT: there is room for 1.",
        {"allow one reviewer more from IT on A"},
    ),
    "locks of a reviewer": (
        small(most=[3, 3, 1, 3], country=None, locked=[("A", "Z"), ("B", "Z")]),
        "Z is locked to 2 letters and may read 1.",
        {"raise the load of Z by 1"},
    ),
    "capacity": (
        small(wanted=2, most=[3, 0, 2, 0], country=None),
        "All letters want 6 reviews, and all reviewers can write 5.",
        {"raise the load of Z by 1"},
    ),
    "engineers together": (
        small(most=[2, 3, 3, 3]),
        "3 letters need one engineer each, and the engineers (X) have 2 places.",
        {"raise the load of X by 1"},
    ),
    "least loads": (
        small(least=[3, 2, 2, 0], country=None),
        "The least loads add up to 7, and there are 6 reviews.",
        {"lower the least load of Y by 1"},
    ),
    "letters": (
        small(least=[0, 0, 0, 2], conflicts=[("A", "W"), ("B", "W")], expertise=None),
        "W must read at least 2 letters and may read 1.",
        {"lower the least load of W by 1"},
    ),
    "a crowd": (
        small(
            wanted=[2, 2, 1],
            conflicts=[(letter, reviewer) for letter in "AB" for reviewer in "XZ"],
            most=[2, 2, 2, 1],
            expertise=None,
        ),
        "A and B want the same people, who have too few places: W.",
        {"raise the load of W by 1"},
    ),
}


@pytest.mark.parametrize("case", SHORT)
def test_who_is_lacking_is_said_by_name_and_the_change_helps(case):
    pool, says, changes = SHORT[case]
    found = assignment.plan(pool)
    assert isinstance(found, Shortfall)
    assert says in [sentence_about(shortage) for shortage in found.shortages]
    assert {sentence_for(change) for change in found.changes} == changes
    assert sum(change.by for change in found.changes) == every_assignment.fewest_changes(
        pool, Rules()
    )
    assert isinstance(assignment.plan(pool.changed(found.changes)), Plan)


def test_what_many_lack_is_spread_over_them():
    found = assignment.plan(crowd(most=8, conflicts=None))
    assert {change.kind for change in found.changes} == {Kind.RAISE_LOAD}
    assert sorted(change.by for change in found.changes) == [1] * 20
    assert [shortage.lack for shortage in found.shortages] == [Lack.CAPACITY]


def test_a_change_of_a_name_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        small().changed([Change(Kind.RAISE_LOAD, reviewer="nobody")])


def test_changes_add_up():
    more = Change(Kind.MORE_OF_COUNTRY, letter="A", country="IT")
    pool = small(country=["IT"] * 4, wanted=3).changed([more]).changed([more])
    found = assignment.plan(pool)
    assert {(change.letter, change.by) for change in found.changes} == {("B", 2), ("C", 2)}


# --- what cannot be meant, and what is nearly nothing ---


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"affinity": [[0.5, np.nan]]}, "affinity of A and Y is nan"),
        ({"affinity": [[0.5, np.inf]]}, "between 0 and 1"),
        ({"affinity": [[0.5, -0.1]]}, "between 0 and 1"),
        ({"affinity": [[50, 60]]}, "between 0 and 1"),
        ({"affinity": [0.5, 0.5]}, "shape"),
        ({"penalty": [[0.5]]}, "shape"),
        ({"penalty": [[0.5, -1]]}, "penalty of A and Y"),
        ({"parts": {"text": [[1]]}}, "text has the shape"),
        ({"reviewers": ["X", "X"]}, "reviewer X is there 2 times"),
        ({"wanted": 0}, "reviewers wanted of A"),
        ({"wanted": 1.5}, "whole numbers"),
        ({"wanted": [1, 1]}, "2 numbers for 1 names"),
        ({"most": -1}, "most letters of X"),
        ({"most": np.nan}, "whole numbers"),
        ({"most": 10**9}, "most letters of X"),
        ({"least": 1, "most": [1, 0]}, "Y has a least load of 1 and a most load of 0"),
        ({"least": [0, 2], "most": 2}, "Y has a least load of 2, and the number of letters is 1"),
        ({"country": ["IT"]}, "country: 1 for 2 reviewers"),
        ({"country": []}, "country: 0 for 2 reviewers"),
        ({"country": np.array(["IT"])}, "country: 1 for 2 reviewers"),
        ({"expertise": ["ENGINEER", "PILOT"]}, "Y is 'PILOT'"),
        ({"conflicts": [("A", "Q")]}, "no pair of A and Q"),
        ({"conflicts": np.zeros((2, 2))}, "conflicts has the shape"),
        ({"locked": [("A", "X")], "conflicts": [("A", "X")]}, "X is locked to A, but"),
        ({"locked": [("A", "X"), ("A", "Y")]}, "A has 2 locked reviewers and wants 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(more, says):
    asked = {"affinity": [[0.5, 0.5]], "reviewers": ["X", "Y"], "wanted": 1, "most": 1} | more
    reviewers, fits = asked.pop("reviewers"), asked.pop("affinity")
    with pytest.raises(ValueError, match=says):
        Pool.of(["A"], reviewers, fits, **asked)


@pytest.mark.parametrize("cost", [-0.1, np.nan, np.inf, 2])
def test_a_load_cost_out_of_bounds_is_refused(cost):
    with pytest.raises(ValueError, match="load cost"):
        Rules(load_cost=cost)


@pytest.mark.parametrize("rules", [Rules(), PLAIN])
def test_nothing_to_assign_is_no_trouble(rules):
    empty = Pool.of([], ["X"], np.zeros((0, 1)), most=1)
    assert assignment.plan(empty, rules).pairs == ()
    assert assignment.plan(Pool.of([], [], np.zeros((0, 0)), most=1), rules).pairs == ()
    nobody = assignment.plan(Pool.of(["A"], [], np.zeros((1, 0)), most=1), rules)
    assert [sentence_for(change) for change in nobody.changes] == ["give A 3 reviewers fewer"]
    barred = Pool.of(["A"], ["X"], [[0.5]], wanted=1, least=1, most=1, conflicts=[("A", "X")])
    changes = [sentence_for(change) for change in assignment.plan(barred, rules).changes]
    assert changes == ["lower the least load of X by 1", "give A one reviewer fewer"]
    alone = Pool.of(["A"], ["X"], [[0.0]], wanted=1, most=1)
    assert assignment.plan(alone, rules).letters[0].minimum == 0


def test_equal_affinities_everywhere_are_solved():
    pool = Pool.of(
        [f"L{at}" for at in range(41)], [f"R{at}" for at in range(24)], np.zeros((41, 24)), most=6
    )
    plan = assignment.plan(pool, Rules(load_cost=0))
    assert (plan.worst_pair, plan.objective, len(plan.pairs)) == (0, 0, 123)
