"""Solving over all pairs with a few of them at a time.

Five thousand letters and five hundred reviewers are 2.5 million pairs, nearly all of them bad. The
program starts with the best of each letter and of each reviewer; the dual values of its solution
tell which of the other pairs could improve it, and these are added until there are none (column
generation: Ahuja, Magnanti and Orlin, Network Flows, 1993). What comes out is the optimum over all
pairs, with a bound that proves it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reviews.assignment.model import Mask, Model
from reviews.assignment.program import WHOLE, Program, Relaxed
from reviews.assignment.results import Change

# So many pairs are solved at once.
_AT_ONCE = 20_000
# To start with: best reviewers of a letter and of each expertise, best letters of a reviewer.
_OF_LETTER, _OF_EXPERTISE, _OF_REVIEWER = 20, 3, 60
# A profit that is none, as a share of the largest cost.
_NOTHING = 1e-7
# Pairs that are nearly worth adding come with those that are. Otherwise the dual values, of which
# there are many for one solution, wander for a dozen rounds among the pairs that are not there.
_NEARLY = 0.1
# Pairs that would lower the objective by more are left out of the first search for whole numbers.
_MARGIN = 0.03
# How near to its bound an objective is optimal.
_NEAR = 1e-6


@dataclass(frozen=True)
class Solution:
    """A best assignment over the allowed pairs, and what none can exceed."""

    chosen: Mask
    bound: float
    proven: bool


def best(model: Model, allowed: Mask) -> Solution | None:
    """The best assignment of allowed pairs; None if there is none. Raises Unsolved."""
    if not allowed.any():  # scipy refuses a program without unknowns
        pool = model.pool
        asked = pool.wanted.sum() + pool.least.sum()
        asked += sum(len(needing) for needing, _having in model.experts.values())
        return None if asked else Solution(allowed, bound=0.0, proven=True)
    found = _relaxed(model, allowed)
    if found is None:
        return None
    program, solution = found
    if solution.is_whole:
        judged = _judged(model, program.chosen(solution.x), solution.bound)
        if judged.proven:
            return judged
    return _whole(model, allowed, solution)


@dataclass(frozen=True)
class Help:
    """The fewest changes after which there is an assignment; `proven` if fewer cannot do.

    The scarce letters and reviewers are those that the number of changes depends on.
    """

    changes: tuple[Change, ...]
    proven: bool
    scarce_letters: NDArray[np.bool_]
    scarce_reviewers: NDArray[np.bool_]


def fewest_changes(model: Model) -> Help:
    """What would help; no changes if there is an assignment already. Raises Unsolved."""
    allowed = model.allowed(None)
    program, relaxed = _relaxed(model, allowed, elastic=True)
    # Affinities weigh far less than a change.
    much = program.slack.price.min(initial=np.inf) / 4
    scarce = relaxed.letter_weight > much, relaxed.reviewer_weight > much
    if (np.abs(relaxed.slack - relaxed.slack.round()) < WHOLE).all():
        changes = program.slack.changes(model, relaxed.slack)
        # What is whole in the changes may still be split in the pairs.
        if relaxed.is_whole or best(model.changed(changes), allowed):
            return Help(changes, True, *scarce)
    whole = program.whole()
    # In fractions fewer changes cannot do, and their number is whole.
    fewest = whole.slack.sum() < relaxed.slack.sum() + 1 - WHOLE
    proven = whole.proven and bool(fewest or (program.mask == allowed).all())
    return Help(program.slack.changes(model, whole.slack), proven, *scarce)


def _relaxed(model: Model, allowed: Mask, *, elastic=False) -> tuple[Program, Relaxed] | None:
    mask = allowed if allowed.sum() <= _AT_ONCE else _promising(model, allowed)
    while True:
        program = Program(model, allowed, mask, elastic=elastic)
        solution = program.relaxed()
        if solution is None:
            mask = _enough(model, allowed, mask)
            if mask is None:
                return None
            continue
        nothing = _NOTHING * program.slack.price.max(initial=1)
        if not (allowed & ~mask & (solution.profits > nothing)).any():
            return program, solution
        # In the elastic program nearly all pairs have no profit and no loss.
        mask = mask | (allowed & (solution.profits > (nothing if elastic else -_NEARLY)))


def _enough(model: Model, allowed: Mask, mask: Mask) -> Mask | None:
    """More pairs, among which there is a solution; None if there is none among all."""
    if (mask == allowed).all():
        return None
    program, solution = _relaxed(model, allowed, elastic=True)
    if solution.slack.sum() > WHOLE:
        return None
    more = mask | program.mask
    return allowed if (more == mask).all() else more


def _whole(model: Model, allowed: Mask, relaxed: Relaxed) -> Solution | None:
    """Search in whole numbers among the pairs that can be in a solution this good.

    A pair whose profit is below -margin can be in no solution that misses the bound by less (fixing
    by reduced costs), so that one or two searches over a small part of all pairs are exact.
    """
    margin = _MARGIN
    while True:
        near = allowed & ((relaxed.profits >= -margin) | model.pool.locked)
        program = Program(model, allowed, near)
        whole = program.whole()
        everything = bool((near == allowed).all())
        if whole is None:
            if everything:
                return None
            margin *= 10
            continue
        chosen = program.chosen(whole.x)
        gap = relaxed.bound - model.worth(chosen)
        if gap <= margin or everything:
            return _judged(model, chosen, whole.bound if whole.proven else relaxed.bound)
        margin = gap * (1 + _NEAR)


def _judged(model, chosen, bound) -> Solution:
    worth = model.worth(chosen)
    return Solution(chosen, bound, proven=bool(bound - worth <= _NEAR * max(1, abs(worth))))


def _promising(model: Model, allowed: Mask) -> Mask:
    score = np.where(allowed, model.score, -np.inf)
    mask = (
        model.pool.locked | _best_in_row(score, _OF_LETTER) | _best_in_row(score.T, _OF_REVIEWER).T
    )
    for _needing, having in model.experts.values():
        mask |= _best_in_row(np.where(having, score, -np.inf), _OF_EXPERTISE)
    return mask & allowed


def _best_in_row(score, count) -> Mask:
    mask = np.zeros(score.shape, dtype=bool)
    count = min(count, score.shape[1])
    best = np.argpartition(-score, count - 1, axis=1)[:, :count]
    np.put_along_axis(mask, best, True, axis=1)
    return mask
