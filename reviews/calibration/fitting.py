"""How much letters, reviewers and chance differ, and what follows for each of them.

The variances are those of restricted maximum likelihood with a weak penalty, which matters only
where a table is too small to say anything: without it a variance of such a table is often zero.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, sparse

from reviews.calibration.model import Design, Solution
from reviews.calibration.table import Table

# The penalty on the deviance is WEIGHT times the square of (log ratio - log of these) / WIDTH: as
# if each ratio of noise variance to that of letters and of reviewers were known beforehand to a
# factor of e^3 (WIDTH over the root of WEIGHT).
LETTERS, REVIEWERS = 0.8, 2.0
WIDTH, WEIGHT = 1.5, 0.25
# Beyond these a variance is zero for all that matters, and the equations stay well conditioned.
_BOUND = 14.0
_STARTS = ((0.0, 0.0), (-2.3, 0.0), (2.3, 0.0), (0.0, -2.3), (0.0, 2.3))
# Reviewers who make less difference of deviance show no severity. In 300 simulated calls of 41
# letters each, this left 5 of 6 calls without severity alone, which any difference at all would
# have corrected in 4 of 9; where there was severity it found as many of the best letters.
LEAST_EVIDENCE = 1.0
# Totals from 0 to 100 whose standard deviation is less are equal: marks have two decimals.
_EQUAL = 1e-4

ONE_REVIEW_EACH = "one_review_per_reviewer"
NO_EVIDENCE = "no_evidence_of_severity"
ALL_EQUAL = "all_totals_equal"
NOTHING_RATEABLE = "nothing_rateable"


@dataclass(frozen=True, eq=False)
class Fit:
    """What the totals say. Points are those of the totals, 0 to 100; variances are their squares.

    `why_not` is empty where severity is removed, else why a correction is not supported; then
    severities are zero and the letters' merits are shrunken means. `evidence` is the difference of
    deviance (minus twice the restricted log-likelihood, without penalty) that reviewers make; None
    where it cannot be told.
    """

    table: Table
    solution: Solution
    centre: float
    scale: float  # totals are calculated with as (total - centre) / scale
    noise: float  # variance, in units of scale squared
    why_not: str
    evidence: float | None

    @property
    def letters_absorbed(self) -> bool:
        return self.solution.design.absorbed is self.table.letter

    @cached_property
    def mean(self) -> float:
        return self.centre + self.scale * float(self.solution.stays[0])

    @cached_property
    def merit(self) -> np.ndarray:
        """Of each letter, the total it would get from average reviewers, shrunk to the mean."""
        effect = self.solution.leaves if self.letters_absorbed else self.solution.stays[1:]
        return self.mean + self.scale * effect

    @cached_property
    def bias(self) -> np.ndarray:
        """Of each reviewer, points above what others would give: minus the severity."""
        design = self.solution.design
        if design.kept is None:
            return np.zeros(len(self.table.reviewers))
        effect = self.solution.stays[1:] if self.letters_absorbed else self.solution.leaves
        return self.scale * effect

    @cached_property
    def variances(self) -> tuple[float, float, float]:
        """Of letters, reviewers and noise."""
        noise = self.noise * self.scale**2
        absorbed, kept = (noise / ratio for ratio in self.solution.ratios)
        if self.solution.design.kept is None:
            return absorbed, 0.0, noise
        return (absorbed, kept, noise) if self.letters_absorbed else (kept, absorbed, noise)

    @cached_property
    def merit_error(self) -> np.ndarray:
        """Posterior standard deviation of each merit, given the variances."""
        return self.scale * np.sqrt(self.noise * self._variance(*self.merit_rows))

    @cached_property
    def bias_error(self) -> np.ndarray | None:
        """Posterior standard deviation of each bias, given the variances; None without any."""
        solution = self.solution
        if solution.design.kept is None:
            return None
        if self.letters_absorbed:
            rows, own = _identity_after_first(len(self.table.reviewers)), 0.0
        else:
            rows, own = -solution.shrunk, solution.d
        return self.scale * np.sqrt(self.noise * self._variance(rows, own))

    @cached_property
    def merit_rows(self) -> tuple[sparse.csr_array, np.ndarray]:
        """How merits hang on what stays, and the variance each has beyond that.

        In units of the noise variance: two merits p, q have the covariance rows_p K^-1 rows_q.
        """
        count, solution = len(self.table.letters), self.solution
        mean = _first_column(count, len(solution.stays))
        if self.letters_absorbed:
            return (mean - solution.shrunk).tocsr(), solution.d
        return (mean + _identity_after_first(count)).tocsr(), np.zeros(count)

    @cached_property
    def inverse(self) -> np.ndarray:
        """K^-1."""
        return self.solution.inverse()

    def _variance(self, rows, own):
        return np.asarray(rows.multiply(rows @ self.inverse).sum(axis=1)).ravel() + own


def fit(table: Table) -> Fit | None:
    """Estimate variances and effects; None where no letter has two reviews."""
    if not table.rateable.any():
        return None
    centre, scale = float(table.total.mean()), float(table.total.std())
    if scale < _EQUAL:
        # Nothing to estimate: no letter, no reviewer and no chance makes a difference.
        alone = _design(table, np.zeros(len(table.total)), severity=False)
        return Fit(table, alone.solve(LETTERS, 1.0), centre, 1.0, 0.0, ALL_EQUAL, None)
    y = (table.total - centre) / scale
    alone = _design(table, y, severity=False)
    # With one review each, what a reviewer adds and what chance adds are one thing.
    why_not, evidence = ONE_REVIEW_EACH if table.reviews_of_reviewers.max() < 2 else "", None
    if not why_not:
        both = _design(table, y, severity=True)
        solution, evidence = _compare(both, alone, table)
        why_not = "" if evidence >= LEAST_EVIDENCE else NO_EVIDENCE
    if why_not:
        solution = _optimum(alone, (LETTERS, None), penalty=1.0)
    noise = solution.quadratic / (len(y) - 1)
    return Fit(table, solution, centre, scale, noise, why_not, evidence)


def _design(table, y, *, severity) -> Design:
    letters, reviewers = len(table.letters), len(table.reviewers)
    if not severity:
        return Design(y, table.letter, letters)
    if reviewers > letters:
        return Design(y, table.reviewer, reviewers, table.letter, letters)
    return Design(y, table.letter, letters, table.reviewer, reviewers)


def _compare(both, alone, table):
    """The penalised optimum with severity, and how much likelier than without the best of it is."""
    leaning = (LETTERS, REVIEWERS) if both.absorbed is table.letter else (REVIEWERS, LETTERS)
    solution = _optimum(both, leaning, penalty=1.0)
    free = _optimum(both, solution.ratios, penalty=0.0, starts=_STARTS[:1])
    without = _optimum(alone, (LETTERS, None), penalty=0.0)
    # The optimiser's own errors may put it below zero.
    return solution, max(without.deviance() - free.deviance(), 0.0)


def _optimum(design, leaning, *, penalty, starts=_STARTS) -> Solution:
    """The ratios of least deviance, plus `penalty` times the weak penalty around `leaning`."""
    centre = np.log([ratio or 1.0 for ratio in leaning])
    used = np.array([ratio is not None for ratio in leaning])

    def cost(logs):
        solution = design.solve(*np.exp(logs))
        away = penalty * used * (logs - centre) / WIDTH
        slope = np.array(solution.slope()) * used
        return (
            solution.deviance() + WEIGHT * float(away @ away),
            slope + 2 * WEIGHT * penalty * away / WIDTH,
        )

    starts = [np.clip(centre + used * shift, -_BOUND, _BOUND) for shift in starts]
    best = min(starts, key=lambda logs: cost(logs)[0]) if len(starts) > 1 else starts[0]
    found = optimize.minimize(
        cost,
        best,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * 2,
        options={"ftol": 1e-14, "gtol": 1e-6, "maxiter": 200},
    )
    return design.solve(*np.exp(found.x))


def _first_column(rows, columns):
    place = np.arange(rows)
    return sparse.csr_array((np.ones(rows), (place, 0 * place)), shape=(rows, columns))


def _identity_after_first(count):
    place = np.arange(count)
    return sparse.csr_array((np.ones(count), (place, place + 1)), shape=(count, count + 1))
