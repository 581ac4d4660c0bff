"""The best sets of a problem: most value first, then least mass, then the earliest receipts.

HiGHS works in floating point and to tolerances. Each set it returns is therefore checked with exact
decimals; one that only passed by a tolerance is shut out by a cut and the search goes on.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from decisions.portfolio.problem import Choice, Problem
from decisions.portfolio.program import Program, in_whole_numbers
from decisions.portfolio.rules import Row


@dataclass(frozen=True)
class Worth:
    """Sets worth at least so many points."""

    problem: Problem
    least: Decimal

    def holds_for(self, chosen: frozenset[int]) -> bool:
        return self.problem.value(chosen) >= self.least

    @property
    def scaled(self) -> tuple[dict[int, float], float | None, float | None]:
        """As of a row, over the columns of candidates and bonuses."""
        return Row(dict(enumerate(self.problem.gains)), low=self.least).scaled


Condition = Row | Worth


def best(
    problem: Problem, *, without: Collection[str] = (), also: Iterable[Condition] = ()
) -> Choice | None:
    """The best set, or None if no set keeps the rules.

    `without` leaves out rules by their paths, `also` adds conditions, as `fixed(place, ...)`.
    """
    return next(ranked(problem, without=without, also=also), None)


def best_sets(problem: Problem, count: int) -> list[Choice]:
    """The `count` best sets, best first; fewer if there are no more."""
    return list(islice(ranked(problem), count))


def ranked(
    problem: Problem, *, without: Collection[str] = (), also: Iterable[Condition] = ()
) -> Iterator[Choice]:
    """All sets that keep the rules, best first, each found when it is asked for."""
    conditions = [*problem.rows(without=without), *also]
    ahead = most_valuable(problem, conditions)
    while ahead is not None:
        following = most_valuable(problem, [*conditions, other_than(problem, ahead)])
        tied = following is not None and problem.value(following) == problem.value(ahead)
        if tied:
            # Asked only where it matters, for it takes longer than the search for the value.
            ahead = _settle_tie(problem, conditions, ahead)
        yield problem.choice(ahead)
        conditions.append(other_than(problem, ahead))
        ahead = most_valuable(problem, conditions) if tied else following


def most_valuable(problem: Problem, conditions: Sequence[Condition]) -> frozenset[int] | None:
    """One of the sets of most value that keep the conditions; any one, where they tie."""
    gains, _ = in_whole_numbers(problem.gains)
    return _least(problem, conditions, [-gain for gain in gains])


def lightest(
    problem: Problem, conditions: Sequence[Condition], masses: Sequence[Decimal]
) -> frozenset[int] | None:
    """One of the sets of least mass that keep the conditions."""
    return _least(
        problem, conditions, [*in_whole_numbers(masses)[0], *(0.0 for _ in problem.bonuses)]
    )


def fixed(place: int, *, chosen: bool) -> Row:
    """Sets with this candidate, or without it."""
    return Row({place: Decimal(1)}, low=1) if chosen else Row({place: Decimal(1)}, high=0)


def other_than(problem: Problem, chosen: frozenset[int]) -> Row:
    """Every set but this one: at least one candidate leaves or enters (a "no-good cut")."""
    places = range(len(problem.candidates))
    return Row({i: Decimal(-1 if i in chosen else 1) for i in places}, low=1 - len(chosen))


def _settle_tie(problem, conditions, chosen):
    conditions = [*conditions, Worth(problem, problem.value(chosen))]
    chosen = lightest(problem, conditions, problem.masses)
    conditions.append(Row(dict(enumerate(problem.masses)), high=problem.mass(chosen)))
    while (earlier := _earlier(problem, conditions, chosen)) is not None:
        chosen = earlier
    return chosen


def _earlier(problem, conditions, chosen):
    """A set that has the candidate of the earlier receipt where it first differs from `chosen`.

    Column `agree[i]` says whether the two agree on all places before `i`. They part at a candidate
    that is not in `chosen`, and as early as can be.
    """
    places = range(len(problem.candidates))

    def part_early(program):
        agree = program.columns([1.0] * (len(places) + 1))
        program.row({agree[0]: 1.0}, low=1)
        program.row({agree[-1]: 1.0}, high=0)
        for i in places:
            still = {agree[i]: -1.0, agree[i + 1]: 1.0}
            if i in chosen:
                program.row(still, low=0, high=0)
                program.row({i: 1.0, agree[i + 1]: -1.0}, low=0)
            else:
                program.row(still, high=0)
                program.row({i: 1.0, agree[i + 1]: 1.0}, high=1)
                program.row({i: 1.0} | still, low=0)

    no_costs = [0.0] * len(problem.gains)
    return _least(problem, conditions, no_costs, extend=part_early)


def _least(problem, conditions, costs, extend=None):
    """The set of least costs, which stand for candidates and then for bonuses."""
    conditions, count = list(conditions), len(problem.candidates)
    while True:
        program = Program()
        program.columns(costs[:count])
        _enter_bonuses(problem, program, costs[count:])
        for condition in conditions:
            program.row(*condition.scaled)
        if extend:
            extend(program)
        found = program.optimum()
        if found is None:
            return None
        chosen = frozenset(i for i in range(count) if found[i] > 0.5)
        if all(condition.holds_for(chosen) for condition in conditions):
            return chosen
        conditions.append(other_than(problem, chosen))


def _enter_bonuses(problem, program, costs):
    columns = program.columns(costs, whole=False)
    for column, bonus in zip(columns, problem.bonuses, strict=True):
        members = dict.fromkeys(bonus.members, 1.0)
        if not bonus.needs_all:
            program.row({column: -1.0} | members, low=0)
            continue
        for i in bonus.members:
            program.row({column: -1.0, i: 1.0}, low=0)
        # A penalty has to be paid as soon as all are in.
        program.row({column: -1.0} | members, high=len(members) - 1)
