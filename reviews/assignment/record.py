"""An answer as plain data, to be written as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from reviews.assignment.results import Plan, Shortfall
from reviews.assignment.wording import sentence_about, sentence_for

# Enough to tell any two apart, and the same on every machine.
_DIGITS = 6


def as_dict(found: Plan | Shortfall, prices: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The answer with all its figures; docs/arithmetic.md says what each means."""
    if isinstance(found, Shortfall):
        return {
            "feasible": False,
            "shortages": [
                {**asdict(each), "sentence": sentence_about(each)} for each in found.shortages
            ],
            "changes": [{**asdict(each), "sentence": sentence_for(each)} for each in found.changes],
            "proven": found.proven,
        }
    plan = asdict(found)
    if prices is not None:
        plan["prices"] = dict(prices)
    return {"feasible": True, **_rounded(plan)}


def _rounded(value):
    match value:
        case float():
            return round(value, _DIGITS)
        case dict():
            return {key: _rounded(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_rounded(inner) for inner in value]
        case _:
            return value
