"""The linear program of an assignment, over some of its pairs, and what its dual values tell.

    max  sum (a - penalty) x  -  cost * sum_r sum_j j u_rj
    s.t. sum_r x_pr = wanted_p                     every letter has its reviewers
         sum_p x_pr = sum_j u_rj,  0 <= u_rj <= 1   u_rj: reviewer r reads a j-th letter
         u_rj = 1 for j <= least_r,  j <= most_r
         sum_{r of country c} x_pr <= 1            for every letter and country
         sum_{r engineer} x_pr >= 1, the same for scientists
         x = 1 where locked

A j-th letter costs more than the one before, so the u fill up in order by themselves. Without the
last two rules, or with one of them, this is a flow, whose corners are whole numbers (Ahuja,
Magnanti and Orlin, Network Flows, 1993); with both they mostly are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reviews.assignment.elastic import Slack
from reviews.assignment.model import Mask, Model
from reviews.assignment.results import Kind
from reviews.assignment.rows import Rows
from reviews.quiet import without_stray_lines

# Closer to a whole number than this is one; HiGHS itself keeps its rows to a tenth of it.
WHOLE = 1e-6
# How near to the optimum a search in whole numbers may stop. An elastic objective is so large that
# nothing at all would be nearer than numbers can be.
_GAP = 1e-9
# HiGHS gives up after so many branches, and the answer is then not proven. Never met in practice.
_MOST_NODES = 20_000


class Unsolved(RuntimeError):
    """The solver gave up for a reason of its own."""


@dataclass(frozen=True)
class Relaxed:
    """A best solution in fractions, over the program's pairs.

    `bound`: no solution over all allowed pairs exceeds it. `profits`: none that has this pair
    exceeds `bound` plus the pair's profit, which is below 0 for most. Both hold by the weak duality
    of linear programs for whatever dual values the solver returns, right or wrong; but the bound of
    an elastic program leaves changes out and is of no use. `letter_weight`, `reviewer_weight`: how
    much the objective depends on what is asked for a letter, and of a reviewer.
    """

    x: NDArray[np.float64]
    objective: float
    profits: NDArray[np.float64]
    bound: float
    slack: NDArray[np.float64]
    letter_weight: NDArray[np.float64]
    reviewer_weight: NDArray[np.float64]

    @property
    def is_whole(self) -> bool:
        return bool((np.abs(self.x - self.x.round()) < WHOLE).all())


@dataclass(frozen=True)
class Whole:
    """A best solution in whole numbers; `proven` unless the solver gave up before it knew."""

    x: NDArray[np.float64]
    bound: float
    slack: NDArray[np.float64]
    proven: bool


class Program:
    """The program over the pairs in `mask`, which are some or all of those `allowed`.

    Elastic, it has an assignment in any case, with the fewest changes of what was asked for.
    """

    def __init__(self, model: Model, allowed: Mask, mask: Mask, *, elastic=False):
        self.model, self.allowed, self.mask = model, allowed, mask
        pool = model.pool
        self._row, self._column = np.nonzero(mask)
        # Nobody reads more letters than there are for them to read.
        most = np.maximum(np.minimum(pool.most, allowed.sum(axis=0)), pool.least)
        self._owner = np.repeat(np.arange(len(most)), most)
        self._number = 1 + np.arange(len(self._owner)) - np.repeat(np.cumsum(most) - most, most)
        # Loads are not worth a change of what was asked.
        self._load_cost = 0.0 if elastic else model.rules.load_cost
        self._rows = self._layout()
        self.slack = Slack.of(model, self._rows) if elastic else Slack.none()

    def relaxed(self) -> Relaxed | None:
        """Solve in fractions; None if there is no solution. Raises Unsolved."""
        from scipy.optimize import linprog  # noqa: PLC0415 - takes a second

        matrix, limits, equal = self._matrix(), self._limits(), self._rows.equal
        with without_stray_lines():
            found = linprog(
                self._costs(),
                A_eq=matrix[:equal],
                b_eq=limits[:equal],
                A_ub=matrix[equal:],
                b_ub=limits[equal:],
                bounds=np.column_stack(self._bounds()),
                # The simplex method is faster, but not where prices are as large as an elastic
                # program's: an hour instead of seconds for 5,000 letters.
                method="highs-ipm" if len(self.slack.row) else "highs",
            )
        if found.status == 2:
            return None
        if found.status != 0:
            raise Unsolved(found.message)
        duals = np.r_[found.eqlin.marginals, found.ineqlin.marginals]
        profits, bound = self._priced(duals)
        x, slack = self._parted(found.x)
        return Relaxed(x, -found.fun, profits, bound, slack, *self._weights(np.abs(duals)))

    def whole(self) -> Whole | None:
        """Solve in whole numbers; None if there is no solution. Raises Unsolved."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - takes a second

        limits = self._limits()
        low = np.where(np.arange(len(limits)) < self._rows.equal, limits, -np.inf)
        integral = np.zeros(self._width)
        integral[: len(self._row)] = 1  # the others are whole when the pairs are
        with without_stray_lines():
            found = milp(
                self._costs(),
                constraints=LinearConstraint(self._matrix(), low, limits),
                bounds=Bounds(*self._bounds()),
                integrality=integral,
                options={"mip_rel_gap": _GAP, "node_limit": _MOST_NODES},
            )
        if found.status == 2:
            return None
        if found.x is None:
            raise Unsolved(found.message)
        x, slack = self._parted(found.x)
        return Whole(x, -found.mip_dual_bound, slack.round(), proven=found.status == 0)

    def chosen(self, x) -> Mask:
        """The chosen pairs as a table."""
        table = np.zeros(self.mask.shape, dtype=bool)
        table[self._row, self._column] = x > 0.5
        return table

    @property
    def _width(self) -> int:
        return len(self._row) + len(self._owner) + len(self.slack.row)

    def _parted(self, solution):
        pairs, steps = len(self._row), len(self._owner)
        return solution[:pairs], solution[pairs + steps :]

    def _layout(self) -> Rows:
        """Which row of the matrix says what; limits of countries only where they can bite."""
        model = self.model
        letters, reviewers = self.mask.shape
        filled = np.zeros(model.room.shape, dtype=np.int64)
        for number, members in enumerate(model.countries.values()):
            filled[:, number] = self.mask[:, members].sum(axis=1)
        cells = np.argwhere(filled > model.room)
        at = letters + reviewers + len(cells)
        experts = {}
        for name, (needing, _having) in model.experts.items():
            experts[name] = at + np.arange(len(needing))
            at += len(needing)
        return Rows(letters, reviewers, cells, experts, height=at)

    def _matrix(self):
        from scipy.sparse import csr_array  # noqa: PLC0415 - takes a second

        model, rows = self.model, self._rows
        pairs, steps = np.arange(len(self._row)), len(self._row) + np.arange(len(self._owner))
        changes = np.arange(self._width - len(self.slack.row), self._width)
        entries = [
            (rows.letter[self._row], pairs, 1),
            (rows.load[self._column], pairs, 1),
            (rows.load[self._owner], steps, -1),
            (self.slack.row, changes, self.slack.sign),
        ]
        if len(rows.cells):
            cell = np.full(model.room.shape, -1)
            cell[tuple(rows.cells.T)] = rows.cell
            # A reviewer without a country stands in the last column, which is no cell.
            cell = np.column_stack([cell, np.full(len(cell), -1)])
            found = cell[self._row, model.country[self._column]]
            entries.append((found[found >= 0], pairs[found >= 0], 1))
        for name, (needing, having) in model.experts.items():
            place = np.full(len(self.mask), -1)
            place[needing] = rows.experts[name]
            found = np.where(having[self._column], place[self._row], -1)
            entries.append((found[found >= 0], pairs[found >= 0], -1))
        row = np.concatenate([row for row, _column, _value in entries])
        column = np.concatenate([column for _row, column, _value in entries])
        value = np.concatenate([np.broadcast_to(v, len(r)) for r, _c, v in entries]).astype(float)
        return csr_array((value, (row, column)), shape=(rows.height, self._width))

    def _costs(self) -> NDArray[np.float64]:
        """What HiGHS minimises."""
        score = self.model.score[self._row, self._column]
        return np.r_[-score, self._load_cost * self._number, self.slack.price]

    def _limits(self) -> NDArray[np.float64]:
        model, rows = self.model, self._rows
        room = model.room[tuple(rows.cells.T)]
        needed = sum(map(len, rows.experts.values()))
        limits = np.r_[model.pool.wanted, np.zeros(rows.reviewers), room, -np.ones(needed)]
        return limits.astype(float)

    def _bounds(self):
        pool = self.model.pool
        low = np.r_[
            pool.locked[self._row, self._column],
            self._number <= pool.least[self._owner],
            np.zeros(len(self.slack.row)),
        ]
        high = np.r_[np.ones(len(self._row) + len(self._owner)), self.slack.most]
        return low.astype(float), high

    def _priced(self, duals):
        """Profits of all pairs and the bound, by weak duality, from HiGHS's dual values."""
        model, pool, rows = self.model, self.model.pool, self._rows
        profits = model.score + duals[rows.letter][:, None] + duals[rows.load]
        for name, (needing, having) in model.experts.items():
            profits[np.ix_(needing, having)] -= duals[rows.experts[name]][:, None]
        bound = -(duals * self._limits()).sum()
        cell = np.zeros(model.room.shape)
        cell[tuple(rows.cells.T)] = duals[rows.cell]
        dearest = self.slack.price_of(Kind.MORE_OF_COUNTRY)  # no place is worth more than a new one
        for number, members in enumerate(model.countries.values()):
            block = profits[:, members] + cell[:, [number]]
            # The one place of a country is worth its best pair, which HiGHS books with the pair.
            best = np.where(self.mask[:, members], block, 0).max(axis=1, initial=0)
            best = np.minimum(best, dearest + cell[:, number])
            best[model.room[:, number] > 1] = 0
            profits[:, members] = block - best[:, None]
            bound += best.sum()
        bound += np.where(pool.locked, profits, np.maximum(profits, 0))[self.allowed].sum()
        step = -self._load_cost * self._number - duals[rows.load][self._owner]
        bound += np.where(self._number <= pool.least[self._owner], step, np.maximum(step, 0)).sum()
        return profits, float(bound)

    def _weights(self, duals):
        """The largest dual value of all rows about a letter, and of those about a reviewer."""
        rows = self._rows
        letters = duals[rows.letter]
        np.maximum.at(letters, rows.cells[:, 0], duals[rows.cell])
        for name, (needing, _having) in self.model.experts.items():
            letters[needing] = np.maximum(letters[needing], duals[rows.experts[name]])
        return letters, duals[rows.load]
