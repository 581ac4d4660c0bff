"""Mixed-integer programs over columns from 0 to 1, solved to the optimum by HiGHS (scipy)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import gcd, inf, lcm

from reviews.quiet import without_stray_lines

# Whole numbers up to this leave HiGHS, whose tolerance is a millionth, plenty of room.
_GREATEST = 1_000_000
# As scipy.optimize.milp documents its `status`.
_OPTIMAL, _INFEASIBLE = 0, 2


class Unsolved(RuntimeError):
    """HiGHS gave up, which it has no reason to: neither an optimum nor a proof that none is."""


class Program:
    """Minimise the costs of columns so that every row keeps its bounds."""

    def __init__(self):
        self._costs, self._whole = [], []
        self._at_row, self._at_column, self._amounts = [], [], []
        self._low, self._high = [], []

    def columns(self, costs: Sequence[float], *, whole: bool = True) -> range:
        """Add a column for each cost, and say where they stand."""
        start = len(self._costs)
        self._costs += costs
        self._whole += [whole] * len(costs)
        return range(start, len(self._costs))

    def row(self, amounts: Mapping[int, float], low=None, high=None) -> None:
        at = len(self._low)
        self._at_row += [at] * len(amounts)
        self._at_column += amounts.keys()
        self._amounts += amounts.values()
        self._low.append(-inf if low is None else float(low))
        self._high.append(inf if high is None else float(high))

    def optimum(self) -> Sequence[float] | None:
        """The columns at the optimum, or None if no values keep the rows. Deterministic.

        Raises Unsolved.
        """
        # Imported here, for it takes a second: Django starts without.
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
        from scipy.sparse import csr_array  # noqa: PLC0415

        matrix = csr_array(
            (self._amounts, (self._at_row, self._at_column)),
            shape=(len(self._low), len(self._costs)),
        )
        for presolve in (True, False):
            with without_stray_lines():
                found = milp(
                    self._costs,
                    integrality=self._whole,
                    bounds=Bounds(0, 1),
                    constraints=LinearConstraint(matrix, self._low, self._high),
                    # The optimum, not something near it.
                    options={"mip_rel_gap": 0, "presolve": presolve},
                )
            if found.status == _OPTIMAL:
                return found.x
            if found.status == _INFEASIBLE:
                return None
            # Seen where hundreds of sets tie: a solve error that a plainer search does not meet.
        raise Unsolved(found.message)


def in_whole_numbers(amounts: Iterable[Decimal]) -> tuple[list[float], Fraction]:
    """The amounts, and the unit in which they are given: one in which they are whole if it can be.

    HiGHS then sees a difference of one gram, or of a hundredth of a point, as a difference of one.
    Where the numbers would pass a million, the unit is one in which the greatest is a million.
    """
    exact = [Fraction(amount) for amount in amounts]
    denominator = lcm(*(amount.denominator for amount in exact))
    whole = gcd(*(int(amount * denominator) for amount in exact))
    greatest = max(map(abs, exact), default=0)
    unit = max(Fraction(whole, denominator), Fraction(greatest) / _GREATEST) or Fraction(1)
    return [float(amount / unit) for amount in exact], unit
