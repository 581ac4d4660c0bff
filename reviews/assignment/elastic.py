"""Every number that the program asks for made soft, to find the fewest changes that help.

A change takes one unit from what one row of the program asks for, at a price that no affinity can
make up for: what is minimised is the number of changes (elastic programming: Chinneck, Feasibility
and Infeasibility in Optimization, 2008).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from reviews.assignment.model import Model
from reviews.assignment.pool import ENGINEER, SCIENTIST, Pool
from reviews.assignment.results import Change, Kind
from reviews.assignment.rows import Rows

# Among equally few changes the gentler are preferred, and one letter more for each of two reviewers
# to two more for one.
_HARSHNESS = {
    Kind.LOWER_LEAST: (0.0,),
    Kind.RAISE_LOAD: (1.0, 1.5, 2.0),
    Kind.MORE_OF_COUNTRY: (2.0,),
    Kind.NO_ENGINEER: (3.0,),
    Kind.NO_SCIENTIST: (3.0,),
    Kind.FEWER_REVIEWERS: (4.0,),
}
_EXPERT = {Kind.NO_ENGINEER: ENGINEER, Kind.NO_SCIENTIST: SCIENTIST}


@dataclass(frozen=True)
class Slack:
    """Columns of the program, one for each change: what it costs, and how often it can be made.

    `kind` is a position in `Kind`; `about` has the positions of the letter, the reviewer and the
    country in the pool, -1 for those the change has nothing to do with.
    """

    kind: NDArray[np.int64]
    row: NDArray[np.int64]
    sign: NDArray[np.float64]
    price: NDArray[np.float64]
    most: NDArray[np.float64]
    about: NDArray[np.int64]

    @classmethod
    def none(cls) -> Self:
        return cls._joined([])

    @classmethod
    def of(cls, model: Model, rows: Rows) -> Self:
        """All changes of what these rows ask for; at their prices the fewest are the cheapest."""
        pool = model.pool
        unit = _unit(pool)
        letters, reviewers = np.arange(rows.letters), np.arange(rows.reviewers)
        letter, country = rows.cells.reshape(-1, 2).T
        unlocked = pool.wanted - pool.locked.sum(axis=1)
        blocks = [
            *_block(Kind.FEWER_REVIEWERS, unit, rows.letter, 1, unlocked, letter=letters),
            *_block(Kind.RAISE_LOAD, unit, rows.load, -1, np.inf, reviewer=reviewers),
            *_block(Kind.LOWER_LEAST, unit, rows.load, 1, pool.least, reviewer=reviewers),
            *_block(
                Kind.MORE_OF_COUNTRY, unit, rows.cell, -1, np.inf, letter=letter, country=country
            ),
        ]
        for kind, name in _EXPERT.items():
            if name in rows.experts:
                needing = model.experts[name][0]
                blocks += _block(kind, unit, rows.experts[name], -1, 1, letter=needing)
        return cls._joined(blocks)

    @classmethod
    def _joined(cls, blocks) -> Self:
        parts = zip(*blocks, strict=True) if blocks else [[np.zeros(0)]] * 5 + [[np.zeros((0, 3))]]
        kind, row, sign, price, most, about = (np.concatenate(list(part)) for part in parts)
        return cls(kind.astype(int), row.astype(int), sign, price, most, about.astype(int))

    def price_of(self, kind: Kind) -> float:
        """What the cheapest change of this kind costs; infinite if there is none."""
        return self.price[self.kind == list(Kind).index(kind)].min(initial=np.inf)

    def changes(self, model: Model, times: NDArray[np.float64]) -> tuple[Change, ...]:
        """The changes that are made, each as often as `times` says; gentle ones first."""
        made = Counter()
        for at in np.flatnonzero(times > 0.5):
            made[self.kind[at], *self.about[at]] += round(times[at])
        names = [model.pool.letters, model.pool.reviewers, list(model.countries)]
        return tuple(
            Change(
                list(Kind)[kind],
                *(axis[at] if at >= 0 else None for axis, at in zip(names, about, strict=True)),
                by=by,
            )
            for (kind, *about), by in sorted(made.items())
        )


def _unit(pool: Pool) -> float:
    """A price of one change that the harshness of all and all affinities cannot make up for."""
    wanted = int(pool.wanted.sum())
    # With so many every letter can be left alone, but for what is locked.
    most_ever = 2 * wanted + int(pool.least.sum()) + 2 * len(pool.letters)
    return 1.0 + most_ever * max(max(steps) for steps in _HARSHNESS.values()) + 2 * wanted


def _block(kind, unit, row, sign, most, *, letter=-1, reviewer=-1, country=-1) -> Iterator[tuple]:
    """The columns of one kind of change, in steps of growing price."""
    count = len(row)
    about = np.empty((count, 3), dtype=int)
    about[:] = np.stack(np.broadcast_arrays(letter, reviewer, country, row)[:3], axis=1)
    for step, harshness in enumerate(_HARSHNESS[kind], 1):
        room = most if step == len(_HARSHNESS[kind]) else np.minimum(most, 1)
        yield (
            np.full(count, list(Kind).index(kind)),
            row,
            np.full(count, float(sign)),
            np.full(count, unit + harshness),
            np.broadcast_to(np.asarray(room, dtype=float), count),
            about,
        )
