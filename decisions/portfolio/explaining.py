"""Why a candidate is in or out, and what each rule costs: exact answers, found by solving again.

"All else equal" is meant everywhere: one number changes, the others stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from decisions.portfolio.conflict import smallest_conflict
from decisions.portfolio.problem import MILLIONTH, Choice, Problem, scope_of
from decisions.portfolio.rules import HUNDRED, Row, margin_of
from decisions.portfolio.solving import Worth, best, fixed, lightest, most_valuable

GRAM = Decimal("0.001")  # of a kilogram


@dataclass(frozen=True)
class Ineligible:
    """Out by each of these rules (their paths) alone, whatever the others are."""

    key: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Inside:
    """In the set. Were it not, `entering` and `leaving` would change and `cushion` points be lost.

    `merit_to_lose` is the merit it may lose and stay; with more than that lost it is out. Both are
    None if no set without it keeps the rules: then `held_by` names the fewest that hold it in.
    """

    key: str
    cushion: Decimal | None
    merit_to_lose: Decimal | None
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outside:
    """Not in the set. Were it in, `entering` and `leaving` would change and `gap` points be lost.

    `merit_lacking` is the merit it lacks; with more than that it is in. Both are None if no merit
    would do: then `held_by` names the fewest rules that keep it out. `mass_to_enter` is the
    greatest stated mass, in kg to the gram, at which it would be in; None if no mass would do.
    """

    key: str
    gap: Decimal | None
    merit_lacking: Decimal | None
    mass_to_enter: Decimal | None
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()


Explanation = Ineligible | Inside | Outside


def explain(problem: Problem, choice: Choice, key: str) -> Explanation:
    """Why this candidate is in or out of the best set `choice` of the problem.

    Raises KeyError for a key that no candidate has.
    """
    i = problem.place[key]
    barring = tuple(rule.path for rule in problem.rules if rule.bars(i))
    if barring:
        return Ineligible(key, barring)
    return (_inside if key in choice.keys else _outside)(problem, choice, i)


def price_of(problem: Problem, choice: Choice, path: str) -> Decimal:
    """Points that the best set would gain if the rule of this path did not exist.

    Raises KeyError if there is no such rule.
    """
    if path not in (rule.path for rule in problem.rules):
        raise KeyError(path)
    freed = most_valuable(problem, problem.rows(without={path}))
    return problem.value(freed) - choice.value


def capacity_curve(
    problem: Problem, capacities: Iterable[Decimal]
) -> list[tuple[Decimal, Choice | None]]:
    """The best set for each mass limit in kg, None where no set keeps the rules."""
    return [(kg, best(problem.with_rules(mass=kg))) for kg in capacities]


def _inside(problem, choice, i):
    one, away = problem.candidates[i], fixed(i, chosen=False)
    other = best(problem, also=[away])
    if other is None:
        held_by = tuple(rule.path for rule in smallest_conflict(problem, also=[away]))
        return Inside(one.key, None, None, held_by=held_by)
    change = problem.difference(choice.keys, other.keys)
    cushion = -change.value
    to_lose = (cushion / scope_of(one, problem.scenario.rules)).quantize(MILLIONTH, ROUND_FLOOR)
    least = problem.scenario.rules.threshold
    if least is not None:
        # Below the threshold it would be ineligible.
        to_lose = min(to_lose, one.merit - least)
    return Inside(one.key, cushion, to_lose, change.entering, _but(one.key, change.leaving))


def _outside(problem, choice, i):
    one, inside = problem.candidates[i], fixed(i, chosen=True)
    mass = _mass_to_enter(problem, choice, i)
    other = best(problem, also=[inside])
    if other is None:
        held_by = tuple(rule.path for rule in smallest_conflict(problem, also=[inside]))
        return Outside(one.key, None, None, mass, held_by=held_by)
    change = problem.difference(choice.keys, other.keys)
    gap = -change.value
    lacking = (gap / scope_of(one, problem.scenario.rules)).quantize(MILLIONTH, ROUND_CEILING)
    return Outside(one.key, gap, lacking, mass, _but(one.key, change.entering), change.leaving)


def _mass_to_enter(problem, choice, i) -> Decimal | None:
    """Leave its mass open, force it in, and see how much room the others must leave.

    The set with it has to be worth more than `choice`; or as much, and be lighter in all.
    """
    one = problem.candidates[i]
    if not one.rides_on_the_lander:
        return None
    limit = problem.scenario.rules.mass
    others = [Decimal(0) if j == i else mass for j, mass in enumerate(problem.masses)]
    conditions = [
        *problem.rows(without={"rules.mass"}),
        Row(dict(enumerate(others)), high=limit),
        fixed(i, chosen=True),
    ]

    def stated(room, beside):
        """Kilograms it may state, to the gram, where these and it share the room."""
        free = room - sum(others[j] for j in beside) - one.interface
        mass = free * HUNDRED / (HUNDRED + margin_of(one, problem.scenario.rules))
        return mass.quantize(GRAM, ROUND_FLOOR)

    beside = lightest(problem, [*conditions, Worth(problem, choice.value)], others)
    if beside is None:
        return None
    if problem.value(beside) > choice.value:
        return _if_any(stated(limit, beside))
    tied = stated(choice.mass, beside)
    if tied > 0 and not _enters(problem, one, tied):
        # As heavy in all to the gram, and the other set has the earlier receipts.
        tied -= GRAM
    beside = lightest(problem, [*conditions, Worth(problem, choice.value + MILLIONTH)], others)
    return _if_any(tied if beside is None else max(tied, stated(limit, beside)))


def _enters(problem, one, mass) -> bool:
    return one.key in best(problem.with_candidate(one.key, mass=mass)).keys


def _if_any(mass: Decimal) -> Decimal | None:
    return mass if mass > 0 else None


def _but(key, keys) -> tuple[str, ...]:
    return tuple(other for other in keys if other != key)
