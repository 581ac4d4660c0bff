"""Places that letters may hold, given what is known of them: draws from the posterior.

The mean and the effects that stay are drawn together, mean + s L^-T z with K = L L' and s the
noise's standard deviation; the effects that were eliminated follow, each on its own, from those.
The variances themselves are taken as they were estimated.
"""

import numpy as np
from scipy import linalg, special

from reviews.calibration.fitting import ALL_EQUAL, Fit

# The middle half and the middle nine tenths of what is likely.
_SHARES = (0.05, 0.25, 0.75, 0.95)


def draws(fit: Fit, count: int, seed: int) -> np.ndarray:
    """Merits that fit the totals: `count` rows, a column for each letter of the table, in points.

    The same seed gives the same draws (NumPy's PCG64; another version of NumPy may differ).
    """
    random = np.random.default_rng(seed)
    letters = len(fit.table.letters)
    if fit.why_not == ALL_EQUAL:
        # One merit for all, so that any order is as likely as any other; hairs decide.
        return fit.mean + 1e-6 * random.standard_normal((count, letters))
    solution, sigma = fit.solution, np.sqrt(fit.noise)
    z = random.standard_normal((len(solution.stays), count))
    away = sigma * linalg.solve_triangular(solution.factor[0], z, lower=True, trans="T")
    if fit.letters_absorbed:
        own = random.standard_normal((letters, count)) * (sigma * np.sqrt(solution.d))[:, None]
        effect = solution.leaves[:, None] - solution.shrunk @ away + own
    else:
        effect = solution.stays[1:, None] + away[1:]
    return fit.centre + fit.scale * (solution.stays[0] + away[0] + effect).T


def places(merits: np.ndarray) -> np.ndarray:
    """Of each draw (row), the place of each letter: 1 for the highest merit."""
    order = np.argsort(-merits, axis=1, kind="stable")
    place = np.empty(merits.shape, dtype=np.int32)
    np.put_along_axis(place, order, np.arange(1, merits.shape[1] + 1, dtype=np.int32)[None], axis=1)
    return place


def at_shares(place: np.ndarray) -> np.ndarray:
    """Of each letter (row), the least places that 5, 25, 75 and 95 % of the draws do not exceed."""
    ordered = np.sort(place.T, axis=1)
    return ordered[:, np.ceil(np.array(_SHARES) * place.shape[0]).astype(int) - 1]


def expected_ranks(fit: Fit, members: np.ndarray, *, step: int = 256) -> np.ndarray:
    """The mean place of each of these letters among them.

    One plus the chances that each of the others is better (Laird and Louis 1989, J. Educational
    Statistics 14, 29-46). Differences of merits are normal, so this needs no draws and has no
    error of them: with 1,000 draws it would be 0.08 places for fifteen letters. So many letters as
    `step` says are compared with all at once, which bounds the memory.
    """
    if fit.why_not == ALL_EQUAL:
        return np.full(len(members), (len(members) + 1) / 2)
    merit = (fit.merit / fit.scale)[members]
    rows, variance = fit.merit_rows[0][members], (fit.merit_error / fit.scale)[members] ** 2
    expected = np.empty(len(members))
    for some in np.array_split(np.arange(len(members)), len(members) // step + 1):
        covariance = fit.noise * (rows @ (rows[some] @ fit.inverse).T).T
        spread = variance[some][:, None] + variance[None, :] - 2 * covariance
        # A letter is never better than itself; the rest keeps clear of a division by zero.
        spread = np.sqrt(np.maximum(spread, np.finfo(float).tiny))
        better = special.ndtr((merit[None, :] - merit[some][:, None]) / spread)
        better[np.arange(len(some)), some] = 0
        expected[some] = 1 + better.sum(axis=1)
    return expected
