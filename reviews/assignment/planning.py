"""From a pool to an assignment, or to who is lacking."""

from dataclasses import replace

import numpy as np

from reviews.assignment import columns, worst_pair
from reviews.assignment.model import Model
from reviews.assignment.pool import ENGINEER, SCIENTIST, Pool, Rules
from reviews.assignment.results import LetterRow, Pair, Plan, Shortfall
from reviews.assignment.shortages import shortages

DEFAULT = Rules()


def plan(pool: Pool, rules: Rules = DEFAULT) -> Plan | Shortfall:
    """The best assignment that keeps all rules; if there is none, why not and what would help.

    The same pool and rules give the same answer each time. Raises Unsolved if the solver gives up,
    which no instance is known to make it do.
    """
    model = Model(pool, rules)
    if rules.lift_worst:
        floor, solution = worst_pair.lifted(model)
    else:
        floor, solution = None, columns.best(model, model.allowed(None))
    if solution is None:
        found = columns.fewest_changes(model)
        reasons = shortages(model, found.scarce_letters, found.scarce_reviewers)
        return Shortfall(reasons, found.changes, found.proven)
    return _described(model, floor, solution)


def price_of_rules(pool: Pool, rules: Rules, found: Plan) -> dict[str, float]:
    """How much larger the objective would be without each of the rules that are in force.

    `lift_worst` is what it costs that no pair falls below the plan's worst. `one_per_country`,
    `an_engineer`, `a_scientist`, `least_loads` and `locks` are each left out alone, while that
    stands. Takes a solution for each. Raises Unsolved.
    """
    model = Model(pool, rules)
    allowed = model.allowed(found.worst_pair)
    nobody, unlocked = np.zeros_like(pool.least), np.zeros_like(pool.locked)
    without = {}
    if found.worst_pair is not None:
        without["lift_worst"] = (model, model.allowed(None))
    if model.countries:
        without["one_per_country"] = (Model(pool, replace(rules, one_per_country=False)), allowed)
    if ENGINEER in model.experts:
        without["an_engineer"] = (Model(pool, replace(rules, an_engineer=False)), allowed)
    if SCIENTIST in model.experts:
        without["a_scientist"] = (Model(pool, replace(rules, a_scientist=False)), allowed)
    if pool.least.any():
        without["least_loads"] = (Model(replace(pool, least=nobody), rules), allowed)
    if pool.locked.any():
        without["locks"] = (Model(replace(pool, locked=unlocked), rules), allowed)
    prices = {}
    for name, (freer, pairs) in without.items():
        solution = columns.best(freer, pairs)
        # What was possible with the rule is possible without it; only rounding says otherwise.
        prices[name] = max(0.0, freer.worth(solution.chosen) - found.objective)
    return prices


def _described(model: Model, floor, solution) -> Plan:
    pool, chosen = model.pool, solution.chosen
    pairs = tuple(
        Pair(
            pool.letters[row],
            pool.reviewers[column],
            affinity=float(pool.affinity[row, column]),
            penalty=float(pool.penalty[row, column]),
            locked=bool(pool.locked[row, column]),
            parts={name: _known(table[row, column]) for name, table in pool.parts.items()},
        )
        for row, column in np.argwhere(chosen)
    )
    letters = []
    for row, letter in enumerate(pool.letters):
        readers = np.flatnonzero(chosen[row])
        fits = pool.affinity[row, readers]
        names = tuple(pool.reviewers[column] for column in readers)
        known = (float(fits.min()), float(fits.mean())) if names else (None, None)
        letters.append(LetterRow(letter, names, *known))
    return Plan(
        pairs,
        tuple(letters),
        loads=dict(zip(pool.reviewers, chosen.sum(axis=0).tolist(), strict=True)),
        worst_pair=floor,
        objective=model.worth(chosen),
        bound=solution.bound,
        proven=solution.proven,
    )


def _known(number) -> float | None:
    return float(number) if np.isfinite(number) else None
