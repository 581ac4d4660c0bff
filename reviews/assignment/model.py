"""A pool under rules, as the arrays that the programs and the flows are built from."""

from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from reviews.assignment.pool import ENGINEER, SCIENTIST, Pool, Rules
from reviews.assignment.results import Change

Mask = NDArray[np.bool_]  # a row a letter, a column a reviewer


class Model:
    """A pool under rules, as arrays."""

    def __init__(self, pool: Pool, rules: Rules):
        self.pool, self.rules = pool, rules
        self.score = pool.affinity - pool.penalty
        self.countries = pool.by_country() if rules.one_per_country else {}
        # The number of each reviewer's country; -1 where no limit applies.
        self.country = np.full(len(pool.reviewers), -1)
        # How many reviewers of each country a letter may have.
        self.room = np.ones((len(pool.letters), len(self.countries)), dtype=np.int64)
        number = {name: at for at, name in enumerate(self.countries)}
        for name, members in self.countries.items():
            self.country[members] = number[name]
        row = {name: at for at, name in enumerate(pool.letters)}
        for (letter, name), more in pool.more_of_country.items():
            if name in number:
                self.room[row[letter], number[name]] += more
        asked = {ENGINEER: rules.an_engineer, SCIENTIST: rules.a_scientist}
        # The letters that need one, and the reviewers who are one.
        self.experts = {
            name: (np.flatnonzero(pool.needing(name)), pool.having(name))
            for name, on in asked.items()
            if on and pool.expertise is not None
        }

    def allowed(self, floor: float | None) -> Mask:
        """The pairs that may be chosen when none but a locked one may have less than `floor`."""
        if floor is None:
            return self.pool.admissible
        return (self.pool.admissible & (self.pool.affinity >= floor)) | self.pool.locked

    def changed(self, changes: Iterable[Change]) -> Self:
        """The model after somebody allowed these changes."""
        return type(self)(self.pool.changed(changes), self.rules)

    def worth(self, chosen: Mask) -> float:
        """The objective of an assignment."""
        loads = chosen.sum(axis=0)
        cost = self.rules.load_cost * (loads * (loads + 1) / 2).sum()
        return float(self.score[chosen].sum() - cost)
