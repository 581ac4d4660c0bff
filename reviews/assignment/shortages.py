"""Who or what is lacking where there is no assignment, by name.

Most reasons can be read off the pool: a letter without an admissible engineer, fewer places than
letters want. What is left is a crowd: letters that all want the same few people. Those are the
letters and reviewers for whom one unit more or less would change the number of changes needed.
"""

from collections.abc import Iterator

import numpy as np

from reviews.assignment.model import Mask, Model
from reviews.assignment.pool import ENGINEER, SCIENTIST
from reviews.assignment.results import Lack, Shortage

_LACK = {ENGINEER: Lack.ENGINEER, SCIENTIST: Lack.SCIENTIST}


def shortages(model: Model, scarce_letters: Mask, scarce_reviewers: Mask) -> tuple[Shortage, ...]:
    """Every reason there is, those of single letters first."""
    found = [*_of_letters(model), *_of_reviewers(model), *_of_all(model)]
    pool = model.pool
    named = {letter for shortage in found for letter in shortage.letters}
    crowd = [name for name, scarce in zip(pool.letters, scarce_letters, strict=True) if scarce]
    crowd = tuple(name for name in crowd if name not in named)
    of_all = {Lack.CAPACITY, Lack.LEAST_LOADS} & {shortage.lack for shortage in found}
    if not of_all and (crowd or not found):
        people = zip(pool.reviewers, scarce_reviewers, strict=True)
        found.append(Shortage(Lack.TOGETHER, crowd, tuple(n for n, scarce in people if scarce)))
    return tuple(found)


def _of_letters(model: Model) -> Iterator[Shortage]:
    pool = model.pool
    needing = {name: set(rows.tolist()) for name, (rows, _having) in model.experts.items()}
    for row, letter in enumerate(pool.letters):
        admissible, locked = pool.admissible[row], pool.locked[row]
        wanted, available = int(pool.wanted[row]), int(admissible.sum())
        if available < wanted:
            yield Shortage(Lack.REVIEWERS, (letter,), wanted=wanted, available=available)
        missing = 0
        for name, (_rows, having) in model.experts.items():
            if row in needing[name]:
                if not (admissible & having).any():
                    yield Shortage(_LACK[name], (letter,), wanted=1, available=0)
                elif not (locked & having).any():
                    missing += 1
        free = wanted - int(locked.sum())
        if free < missing:
            yield Shortage(Lack.PLACES, (letter,), wanted=missing, available=free)
        places = int((admissible & (model.country < 0)).sum())
        for number, (country, members) in enumerate(model.countries.items()):
            room, held = int(model.room[row, number]), int(locked[members].sum())
            places += min(room, int(admissible[members].sum()))
            if held > room:
                yield Shortage(
                    Lack.LOCKS_OF_COUNTRY,
                    (letter,),
                    tuple(pool.reviewers[at] for at in members if locked[at]),
                    country,
                    wanted=held,
                    available=room,
                )
        if places < wanted <= available:
            yield Shortage(Lack.COUNTRIES, (letter,), wanted=wanted, available=places)


def _of_reviewers(model: Model) -> Iterator[Shortage]:
    pool = model.pool
    for at, reviewer in enumerate(pool.reviewers):
        held, most, least = int(pool.locked[:, at].sum()), int(pool.most[at]), int(pool.least[at])
        if held > most:
            yield Shortage(Lack.LOCKS_OF_REVIEWER, (), (reviewer,), wanted=held, available=most)
        available = int(pool.admissible[:, at].sum())
        if available < least:
            yield Shortage(Lack.LETTERS, (), (reviewer,), wanted=least, available=available)


def _of_all(model: Model) -> Iterator[Shortage]:
    pool = model.pool
    wanted = int(pool.wanted.sum())
    capacity = int(np.minimum(pool.most, pool.admissible.sum(axis=0)).sum())
    if capacity < wanted:
        yield Shortage(Lack.CAPACITY, wanted=wanted, available=capacity)
    if pool.least.sum() > wanted:
        yield Shortage(Lack.LEAST_LOADS, wanted=int(pool.least.sum()), available=wanted)
    for name, (needing, having) in model.experts.items():
        # Letters without anybody of this kind have been named already.
        some = [row for row in needing if (pool.admissible[row] & having).any()]
        places = np.minimum(pool.most, pool.admissible[some].sum(axis=0))[having].sum()
        if places < len(some):
            yield Shortage(
                _LACK[name],
                tuple(pool.letters[row] for row in some),
                tuple(np.array(pool.reviewers, dtype=object)[having]),
                wanted=len(some),
                available=int(places),
            )
