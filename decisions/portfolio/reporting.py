"""Everything about a problem as plain data: what the command writes and a page can show."""

from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from itertools import count

from decisions.portfolio.conflict import smallest_conflict
from decisions.portfolio.explaining import capacity_curve, explain, price_of
from decisions.portfolio.problem import Choice, Problem
from decisions.portfolio.robustness import Firmness, Standing, firmness
from decisions.portfolio.solving import best, best_sets

# Raised with every change of the arithmetic, so that a report says by what it was made.
CODE_VERSION = "portfolio 1"


def _unheard(share: float) -> None:
    """Nobody asks how far it is."""


def report(
    problem: Problem, *, brief: bool = False, on_the_way: Callable[[float], None] = _unheard
) -> dict:
    """The best set with its reasons, or the conflict that leaves none; numbers in kg and points.

    A brief report stops at the set: the rest takes a few searches for every candidate and rule.
    `on_the_way` is told the share that is done, 0 to 1, after each of these; what it raises ends
    the report.
    """
    choice = best(problem)
    made_by = {"code_version": CODE_VERSION, "libraries": {"scipy": version("scipy")}}
    if choice is None:
        conflict = [{"rule": r.path, "says": r.says} for r in smallest_conflict(problem)]
        return made_by | {"feasible": False, "conflict": conflict}
    about = made_by | {"feasible": True, "set": _set(choice), **_gauge(problem, choice)}
    if brief:
        return about
    # Nobody may fly what is ineligible at any price.
    priced = [rule for rule in problem.rules if not rule.path.endswith(".ineligible")]
    capacities, done = problem.scenario.capacities, count(1)
    steps = len(problem.candidates) + len(priced) + len(capacities) + 1

    def each(items):
        for item in items:
            yield item
            on_the_way(next(done) / steps)

    about["explanations"] = [
        _explained(explain(problem, choice, one.key)) for one in each(problem.candidates)
    ]
    about["prices"] = [
        {"rule": rule.path, "says": rule.says, "price": float(price_of(problem, choice, rule.path))}
        for rule in each(priced)
    ]
    about["capacity_curve"] = [
        {"mass_limit": float(kg), "set": found and _set(found)}
        for kg, found in capacity_curve(problem, each(capacities))
    ]
    about["best_sets"] = [
        _set(found) | {"difference": _difference(problem, choice, found)}
        for found in best_sets(problem, problem.scenario.best_sets)
    ]
    if problem.scenario.merit_draws:
        about["firmness"] = as_data(firmness(problem, problem.scenario.merit_draws))
    return about


def as_data(found: Firmness) -> dict:
    """Frequencies with what each means, as the report has them."""
    return {
        "draws": found.draws,
        "without_a_set": found.without_a_set,
        "sets": found.sets,
        "candidates": [
            {"key": key, "frequency": share, "standing": Standing.of(share)}
            for key, share in found.frequencies.items()
        ],
    }


def _set(choice: Choice) -> dict:
    return {
        "keys": list(choice.keys),
        "value": float(choice.value),
        "mass": float(choice.mass),
        "count": len(choice.keys),
    }


def _gauge(problem, choice):
    """How full the lander is, and which warnings a person has to answer."""
    riding = [
        problem.candidates[i]
        for i in sorted(problem.places(choice.keys))
        if problem.candidates[i].rides_on_the_lander
    ]
    limits = problem.scenario.rules.limits
    used = {
        name: sum((one.uses.get(name, Decimal(0)) for one in riding), Decimal(0)) for name in limits
    }
    covered = {
        name for i in problem.places(choice.keys) for name in problem.candidates[i].objectives
    }
    return {
        "mass_stated": float(sum((one.mass for one in riding), Decimal(0))),
        "mass_free": float(problem.scenario.rules.mass - choice.mass),
        "uses": {name: float(amount) for name, amount in used.items()},
        "objectives": sorted(covered),
        "warnings": list(_warnings(limits, used, riding)),
    }


def _warnings(limits, used, riding):
    for name, limit in limits.items():
        if limit.hard:
            continue
        if limit.total is not None and used[name] > limit.total:
            path = f"rules.limits.{name}.total"
            yield {"rule": path, "used": float(used[name]), "limit": float(limit.total)}
        if limit.each is None:
            continue
        for one in riding:
            use = one.uses.get(name, Decimal(0))
            if use > limit.each:
                path = f"rules.limits.{name}.each"
                yield {"rule": path, "key": one.key, "used": float(use), "limit": float(limit.each)}


def _explained(explanation):
    fields = {name: _plain(value) for name, value in vars(explanation).items()}
    return {"verdict": type(explanation).__name__.lower()} | fields


def _difference(problem, choice, other):
    change = problem.difference(choice.keys, other.keys)
    return {name: _plain(value) for name, value in vars(change).items()}


def _plain(value):
    if isinstance(value, Decimal):
        return float(value)
    return list(value) if isinstance(value, tuple) else value
