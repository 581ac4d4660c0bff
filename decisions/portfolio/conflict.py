"""Why no set is possible: the smallest set of rules that cannot all be kept."""

from collections.abc import Collection, Sequence

from decisions.portfolio.problem import Problem
from decisions.portfolio.program import Program
from decisions.portfolio.rules import Row, Rule
from decisions.portfolio.solving import other_than


def smallest_conflict(problem: Problem, *, also: Sequence[Row] = ()) -> tuple[Rule, ...]:
    """The fewest rules that no set keeps together; `also` are conditions that are given.

    Raises ValueError if some set keeps all rules. Source: each set breaks some rules, and a
    conflict holds at least one of these; the smallest collection that hits all found so far is
    therefore either a conflict, and the smallest, or shows a set that breaks others (Ignatiev,
    Previti, Liffiton and Marques-Silva 2015, "Smallest MUS extraction with minimal hitting set
    dualization").
    """
    broken = []
    while True:
        suspects = _smallest_hitting(broken, len(problem.rules))
        found = _broken_beyond(problem, suspects, also)
        if found is None:
            return tuple(problem.rules[k] for k in sorted(suspects))
        if not found:
            raise ValueError("a set keeps all rules")
        broken.append(found)


def _smallest_hitting(groups, count) -> frozenset[int]:
    """The fewest of `count` numbers of which each group holds one."""
    program = Program()
    program.columns([1.0] * count)
    for group in groups:
        program.row(dict.fromkeys(group, 1.0), low=1)
    found = program.optimum()
    return frozenset(k for k in range(count) if found[k] > 0.5)


def _broken_beyond(
    problem: Problem, kept: Collection[int], also: Sequence[Row]
) -> frozenset[int] | None:
    """Rules that a set breaks which keeps these and breaks few; None if no set keeps these."""
    given = [*problem.merges, *also]
    while True:
        program = Program()
        program.columns([0.0] * len(problem.candidates))
        for row in given:
            program.row(*row.scaled)
        for k, rule in enumerate(problem.rules):
            (excused,) = program.columns([1.0])
            if k in kept:
                program.row({excused: 1.0}, high=0)
            for row in rule.rows:
                _enter_unless(program, row, excused)
        found = program.optimum()
        if found is None:
            return None
        chosen = frozenset(i for i in range(len(problem.candidates)) if found[i] > 0.5)
        broken = frozenset(k for k, rule in enumerate(problem.rules) if not rule.holds_for(chosen))
        if all(row.holds_for(chosen) for row in given) and broken.isdisjoint(kept):
            return broken
        # It passed by a tolerance of the solver alone.
        given.append(other_than(problem, chosen))


def _enter_unless(program, row, excused):
    """The row holds unless the column is 1: then its bounds are as wide as its sum can get."""
    amounts, low, high = row.scaled
    if high is not None:
        most = sum(amount for amount in amounts.values() if amount > 0)
        program.row(amounts | {excused: -max(most - float(high), 0.0)}, None, high)
    if low is not None:
        least = sum(amount for amount in amounts.values() if amount < 0)
        program.row(amounts | {excused: max(float(low) - least, 0.0)}, low, None)
