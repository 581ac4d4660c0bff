"""How good the worst pair of an assignment can be made.

The question "is there an assignment without a pair below this?" has an answer for every affinity
that occurs, first always yes and then always no. Flows find, in milliseconds each, where the yes
must end at the latest, because they keep all rules but one; nearly always it ends just there, which
one linear program confirms. This is the inner step of PeerReview4All (Stelmakh, Shah and Singh,
2019) with the rules of a panel.
"""

import numpy as np

from reviews.assignment import columns
from reviews.assignment.columns import Solution
from reviews.assignment.flows import could_be_assigned
from reviews.assignment.model import Model


def lifted(model: Model) -> tuple[float | None, Solution | None]:
    """The largest affinity that all unlocked pairs can have, and the best assignment with it.

    (None, None) if there is no assignment at all; the affinity is None if all pairs are locked.
    Raises Unsolved.
    """
    pool = model.pool
    if (pool.locked.sum(axis=1) == pool.wanted).all():
        return None, columns.best(model, pool.locked)
    values = np.unique(pool.affinity[pool.admissible & ~pool.locked])
    # Below `too_high` the flows say yes; from it on nothing can be.
    too_high = _first_no(values, lambda value: could_be_assigned(model, model.allowed(value)))
    good, solution = -1, None
    step = 1
    while too_high - good > 1:
        # From above in steps that grow, until the answer is yes; then in the middle between both.
        at = max(too_high - step, 0) if solution is None else (good + too_high) // 2
        step *= 2
        found = columns.best(model, model.allowed(values[at]))
        if found is None:
            too_high = at
        else:
            good, solution = _reached(pool, values, found), found
    return (None, None) if solution is None else (float(values[good]), solution)


def _reached(pool, values, solution) -> int:
    """The place of the worst pair, which may be better than what was asked for."""
    worst = pool.affinity[solution.chosen & ~pool.locked].min()
    return int(np.searchsorted(values, worst))


def _first_no(values, answer) -> int:
    """The first place with the answer no, which stays no from there on."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if answer(values[middle]):
            low = middle + 1
        else:
            high = middle
    return low
