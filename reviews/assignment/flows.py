"""Whether letters and reviewers could be matched, by flows that keep all rules but one.

A letter sends one unit for each reviewer it wants, through the places it has for a country or for a
field, to reviewers, who pass on as many as they may read. If such a flow cannot carry everything,
there is no assignment. The converse mostly holds, but not always: one flow keeps the limits of
countries, another asks for engineers and scientists.
"""

import numpy as np

from reviews.assignment.model import Mask, Model
from reviews.assignment.pool import ENGINEER, SCIENTIST


def could_be_assigned(model: Model, allowed: Mask) -> bool:
    """False only if no assignment of allowed pairs keeps the rules."""
    nobody = np.full(len(model.pool.reviewers), -1)
    graphs = [_countries(model), _fields(model)]
    graphs = [graph for graph in graphs if graph] or [(nobody, np.zeros((len(allowed), 0), int))]
    return all(_carries_all(model.pool, allowed, group, room) for group, room in graphs)


def _countries(model):
    return (model.country, model.room) if model.countries else None


def _fields(model):
    """Somebody of each field is there if there are not too many of all the others."""
    if not model.experts:
        return None
    pool, names = model.pool, [ENGINEER, SCIENTIST]
    group = np.full(len(pool.reviewers), len(names))
    needs = np.zeros((len(pool.letters), len(names) + 1), dtype=int)
    for number, name in enumerate(names):
        group[pool.having(name)] = number
        if name in model.experts:
            needs[model.experts[name][0], number] = 1
    others = needs.sum(axis=1, keepdims=True) - needs
    return group, np.maximum(pool.wanted[:, None] - others, 0)


def _carries_all(pool, allowed, group, room) -> bool:
    from scipy.sparse import csr_array  # noqa: PLC0415 - takes a second
    from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415 - takes a second

    letters, reviewers = allowed.shape
    # What is left when everybody has read the least they must. Only this much may go the other way
    # to the sink, so that a flow of all that is wanted fills the least of each.
    rest = int(pool.wanted.sum() - pool.least.sum())
    if rest < 0:
        return False
    row, column = np.nonzero(allowed)
    # Nodes: the source, letters, places of a group at a letter, reviewers, the other way, the sink.
    letter = 1 + np.arange(letters)
    place = 1 + letters + np.arange(room.size).reshape(room.shape)
    reviewer = 1 + letters + room.size + np.arange(reviewers)
    other_way = 1 + letters + room.size + reviewers
    sink = other_way + 1
    from_place = group[column] >= 0
    start = letter[row]
    start[from_place] = place[row[from_place], group[column[from_place]]]
    edges = [
        (np.zeros(letters, dtype=int), letter, pool.wanted),
        (np.repeat(letter, room.shape[1]), place.ravel(), room.ravel()),
        (start, reviewer[column], np.ones(len(row), dtype=int)),
        (reviewer, np.full(reviewers, sink), pool.least),
        (reviewer, np.full(reviewers, other_way), pool.most - pool.least),
        (np.array([other_way]), np.array([sink]), np.array([rest])),
    ]
    tail, head, capacity = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    capacity = np.minimum(capacity, np.iinfo(np.int32).max).astype(np.int32)
    graph = csr_array((capacity, (tail, head)), shape=(sink + 1, sink + 1))
    return bool(maximum_flow(graph, 0, sink).flow_value == pool.wanted.sum())
