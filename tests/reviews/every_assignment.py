"""All assignments of a tiny pool, one by one: what the solver must agree with.

Written from the rules alone, without anything of `reviews.assignment` but the pool's own fields.
"""

from itertools import combinations

import numpy as np

EPSILON = 1e-9


def best(pool, rules):
    """(worst pair, objective) of the best assignment, or None if none keeps all rules."""
    choices = [
        [
            found
            for found in sets_for(pool, row, {pool.wanted[row]})
            if not broken(pool, rules, row, found)
        ]
        for row in range(len(pool.letters))
    ]
    loads, worst, worth = np.zeros((1, len(pool.reviewers)), int), np.full(1, np.inf), np.zeros(1)
    score = pool.affinity - pool.penalty
    for row, sets in enumerate(choices):
        if not sets:
            return None
        taken = np.array([[at in found for at in range(len(pool.reviewers))] for found in sets])
        free = [[at for at in found if not pool.locked[row, at]] for found in sets]
        low = np.array([pool.affinity[row, at].min(initial=np.inf) for at in free])
        value = np.array([score[row, list(found)].sum() for found in sets])
        loads = (loads[:, None] + taken).reshape(-1, loads.shape[1])
        worst = np.minimum(worst[:, None], low).ravel()
        worth = (worth[:, None] + value).ravel()
    fits = (loads <= pool.most).all(axis=1) & (loads >= pool.least).all(axis=1)
    if not fits.any():
        return None
    worst, worth = worst[fits], worth[fits]
    worth = worth - rules.load_cost * (loads[fits] * (loads[fits] + 1) / 2).sum(axis=1)
    if not rules.lift_worst:
        return None, worth.max()
    floor = worst.max()
    return (floor if np.isfinite(floor) else None), worth[worst >= floor].max()


def fewest_changes(pool, rules):
    """The least number of units of what was asked for that an assignment misses."""
    loads, count = np.zeros((1, len(pool.reviewers)), int), np.zeros(1, int)
    for row in range(len(pool.letters)):
        sets = list(sets_for(pool, row, range(pool.wanted[row] + 1)))
        taken = np.array([[at in found for at in range(len(pool.reviewers))] for found in sets])
        missed = np.array(
            [pool.wanted[row] - len(found) + broken(pool, rules, row, found) for found in sets]
        )
        loads = (loads[:, None] + taken).reshape(-1, loads.shape[1])
        count = (count[:, None] + missed).ravel()
    over, under = np.maximum(loads - pool.most, 0), np.maximum(pool.least - loads, 0)
    return (count + over.sum(axis=1) + under.sum(axis=1)).min()


def sets_for(pool, row, sizes):
    """Every set of admissible reviewers of these sizes, with all who are locked."""
    admissible = np.flatnonzero(pool.admissible[row])
    locked = set(np.flatnonzero(pool.locked[row]))
    for size in sizes:
        yield from (found for found in combinations(admissible, size) if locked <= set(found))


def broken(pool, rules, row, found):
    """How many units of the rules of one letter its reviewers break."""
    letter, units = pool.letters[row], 0
    for country in {pool.country[at] for at in found} - {""} if rules.one_per_country else ():
        room = 1 + pool.more_of_country.get((letter, country), 0)
        units += max(0, sum(pool.country[at] == country for at in found) - room)
    if pool.expertise is not None:
        fields = {pool.expertise[at] for at in found}
        excused = letter in pool.without_engineer, letter in pool.without_scientist
        units += rules.an_engineer and not excused[0] and "ENGINEER" not in fields
        units += rules.a_scientist and not excused[1] and "SCIENTIST" not in fields
    return units
