"""Which letters fly: the most valuable set that keeps every rule of the call, and why.

Pure arithmetic: numbers in, numbers out, no Django, no database, no clock. `read` makes a
`Scenario` of plain data, `Problem` makes sums of it, and everything else asks the problem.
docs/arithmetic.md has the formulation and the format.
"""

from decisions.portfolio.conflict import smallest_conflict
from decisions.portfolio.explaining import (
    Ineligible,
    Inside,
    Outside,
    capacity_curve,
    explain,
    price_of,
)
from decisions.portfolio.problem import Choice, Difference, Problem
from decisions.portfolio.reporting import as_data, report
from decisions.portfolio.robustness import Firmness, Standing, firmness
from decisions.portfolio.rules import Rule
from decisions.portfolio.scenario import Scenario, Unreadable, read
from decisions.portfolio.solving import best, best_sets

__all__ = [
    "Choice",
    "Difference",
    "Firmness",
    "Ineligible",
    "Inside",
    "Outside",
    "Problem",
    "Rule",
    "Scenario",
    "Standing",
    "Unreadable",
    "as_data",
    "best",
    "best_sets",
    "capacity_curve",
    "explain",
    "firmness",
    "price_of",
    "read",
    "report",
    "smallest_conflict",
]
