"""Letters that a panel should talk about because their reviews do not agree."""

import numpy as np
from scipy import special

from reviews.calibration.table import Table

# A letter whose reviewers differ no more than all do is flagged once in twenty.
_CHANCE = 0.05
# Points squared: what summing leaves of equal totals.
_NOTHING = 1e-9


def disagreeing(table: Table) -> np.ndarray:
    """Per letter, whether its totals lie further apart than chance explains.

    The squares of its totals around their mean, over the variance pooled within all letters,
    against the 95 % point of chi-square with as many degrees of freedom as reviews minus one. A
    fixed range would flag a third of all letters.
    """
    count = table.reviews_of_letters
    sums = np.bincount(table.letter, table.total, len(table.letters))
    mean = sums / np.maximum(count, 1)
    squares = np.bincount(table.letter, (table.total - mean[table.letter]) ** 2, len(table.letters))
    free = np.maximum(count - 1, 0)
    pooled = squares.sum() / max(free.sum(), 1)
    limit = special.chdtri(np.maximum(free, 1), _CHANCE) * pooled
    return (free > 0) & (squares > limit) & (squares > _NOTHING)


def crossing(table: Table, threshold: float) -> np.ndarray:
    """Per letter, whether one of its totals reaches the threshold and another does not."""
    reached = np.bincount(table.letter, table.total >= threshold, len(table.letters))
    return (reached > 0) & (reached < table.reviews_of_letters)
