"""Which letters can be compared at all: those that shared reviewers tie together.

Whether one group of reviewers is severe or its letters are weak cannot be told where no reviewer
has judged letters of another group as well, and hardly where a single review is the only tie.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from reviews.calibration.table import Table

# A single review ties groups where at least so many rateable letters hang on either side of it;
# a letter that hangs on by one review is a letter with a wide interval, not a group.
_A_GROUP = 2


@dataclass(frozen=True, eq=False)
class Grouping:
    """The group of each letter, numbered from 0 by size; -1 for letters that are not rateable.

    `bridges` are places in the table of single reviews on which two groups hang together.
    """

    group: np.ndarray
    count: int
    bridges: tuple[int, ...]


def grouping(table: Table) -> Grouping:
    """Take letters apart where nothing, or one review alone, ties them together."""
    rateable = table.rateable
    bridges = _bridges(table, rateable)
    kept = np.ones(len(table.total), dtype=bool)
    kept[list(bridges)] = False
    piece = _components(table, kept)[: len(table.letters)]
    names, sizes = np.unique(piece[rateable], return_counts=True)
    # The largest first; of equal ones that with the first letter.
    first = {name: np.flatnonzero(rateable & (piece == name))[0] for name in names}
    order = sorted(zip(names, sizes, strict=True), key=lambda pair: (-pair[1], first[pair[0]]))
    number = {name: place for place, (name, _size) in enumerate(order)}
    group = np.array([number.get(name, -1) for name in piece], dtype=int)
    group[~rateable] = -1
    return Grouping(group=group, count=len(number), bridges=tuple(bridges))


def _components(table, kept):
    """The component of each letter, then of each reviewer, over the reviews kept."""
    letters, nodes = len(table.letters), len(table.letters) + len(table.reviewers)
    ends = table.letter[kept], letters + table.reviewer[kept]
    graph = sparse.csr_array((np.ones(len(ends[0])), ends), shape=(nodes, nodes))
    return csgraph.connected_components(graph, directed=False)[1]


def _bridges(table, rateable):
    """Single reviews whose loss takes a group of letters from the rest (Tarjan 1974).

    Walk in depth: a review is a bridge if nothing below it leads back to above it.
    """
    letters = len(table.letters)
    neighbours = [[] for _ in range(letters + len(table.reviewers))]
    for review, (p, r) in enumerate(zip(table.letter, table.reviewer, strict=True)):
        neighbours[p].append((letters + int(r), review))
        neighbours[letters + r].append((int(p), review))
    weight = [*map(int, rateable), *([0] * len(table.reviewers))]
    seen, low, below = {}, {}, {}
    found = []
    for root in range(letters):
        if root in seen:
            continue
        candidates = []
        seen[root] = low[root] = len(seen)
        below[root] = weight[root]
        stack = [(root, -1, iter(neighbours[root]))]
        while stack:
            node, came_by, rest = stack[-1]
            for other, review in rest:
                if review == came_by:
                    continue
                if other in seen:
                    low[node] = min(low[node], seen[other])
                    continue
                seen[other] = low[other] = len(seen)
                below[other] = weight[other]
                stack.append((other, review, iter(neighbours[other])))
                break
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[node])
                    below[above] += below[node]
                    if low[node] > seen[above]:
                        candidates.append((came_by, below[node]))
        found += [
            review
            for review, size in candidates
            if size >= _A_GROUP and below[root] - size >= _A_GROUP
        ]
    return sorted(found)
