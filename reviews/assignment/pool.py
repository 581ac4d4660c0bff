"""What an assignment is made of: letters, reviewers, how well they fit, and what must not be."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviews.assignment.results import Change, Kind

ENGINEER, SCIENTIST = "ENGINEER", "SCIENTIST"

# Pairs, as a table of truth values (a row a letter, a column a reviewer) or by their names.
Pairs = NDArray[np.bool_] | Collection[tuple[str, str]]


@dataclass(frozen=True)
class Rules:
    """What is asked of every assignment besides numbers; docs/arithmetic.md says why.

    `one_per_country`: at most one reviewer of a country or region reads a letter.
    `an_engineer`, `a_scientist`: at least one of each reads every letter.
    `lift_worst`: first make the worst pair as good as can be, then the sum of all.
    `load_cost`: a reviewer's j-th letter costs j times this, in units of affinity.
    """

    one_per_country: bool = True
    an_engineer: bool = True
    a_scientist: bool = True
    lift_worst: bool = True
    load_cost: float = 0.005

    def __post_init__(self):
        if not (np.isfinite(self.load_cost) and 0 <= self.load_cost <= 1):
            raise ValueError(f"The load cost is {self.load_cost}; it must lie between 0 and 1.")


@dataclass(frozen=True)
class Pool:
    """Made by `Pool.of`, which checks everything; tables have a row a letter, a column a person."""

    letters: tuple[str, ...]
    reviewers: tuple[str, ...]
    affinity: NDArray[np.float64]
    penalty: NDArray[np.float64]
    admissible: NDArray[np.bool_]
    locked: NDArray[np.bool_]
    wanted: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    # "" where it is not known: such a reviewer is limited by no country.
    country: tuple[str, ...]
    # None where nothing is known of anybody: no rule can then ask for an engineer.
    expertise: tuple[str, ...] | None
    # What the affinity is made of, to be shown with each pair.
    parts: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    # Exceptions somebody allowed, by letter or by letter and country.
    more_of_country: Mapping[tuple[str, str], int] = field(default_factory=dict)
    without_engineer: frozenset[str] = frozenset()
    without_scientist: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        letters: Sequence[str],
        reviewers: Sequence[str],
        affinity: ArrayLike,
        *,
        wanted: int | Sequence[int] = 3,
        least: int | Sequence[int] = 0,
        most: int | Sequence[int],
        conflicts: Pairs | None = None,
        withdrawn: Pairs | None = None,
        locked: Pairs | None = None,
        penalty: ArrayLike | None = None,
        country: Sequence[str] | None = None,
        expertise: Sequence[str] | None = None,
        parts: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """A pool whose numbers are fit to be solved.

        `affinity` and `penalty` lie between 0 and 1. `wanted` is the number of reviewers a letter
        needs; `least` and `most` bound the number of letters of a reviewer; each is one number, or
        one for each. `conflicts` and `withdrawn` can never be given out, `locked` always are.
        `expertise` is ENGINEER, SCIENTIST, or "" for neither.

        Raises ValueError, with the name of what is wrong, for anything that could not be meant:
        a name twice, tables of the wrong shape, numbers outside their range, a locked pair that is
        in conflict or withdrawn, more locked reviewers of a letter than it wants, a least load
        above the most or above the number of letters.
        """
        letters, reviewers = _names(letters, "letter"), _names(reviewers, "reviewer")
        axes = _Axes(letters, reviewers)
        fits = axes.table(affinity, "affinity")
        barred = axes.mask(conflicts, "conflicts") | axes.mask(withdrawn, "withdrawn")
        pool = cls(
            letters,
            reviewers,
            affinity=fits,
            penalty=axes.table(np.zeros(fits.shape) if penalty is None else penalty, "penalty"),
            admissible=~barred,
            locked=axes.mask(locked, "locked"),
            wanted=_counts(wanted, letters, "reviewers wanted", least=1),
            least=_counts(least, reviewers, "least letters"),
            most=_counts(most, reviewers, "most letters"),
            country=_labels(
                [""] * len(reviewers) if country is None else country, reviewers, "country"
            ),
            expertise=None if expertise is None else _expertise(expertise, reviewers),
            parts={
                name: axes.shaped(np.asarray(table, dtype=float), name)
                for name, table in (parts or {}).items()
            },
        )
        pool._check()
        return pool

    def changed(self, changes: Iterable[Change]) -> Self:
        """The pool after somebody allowed these changes. Raises KeyError for an unknown name."""
        row = {name: at for at, name in enumerate(self.letters)}
        column = {name: at for at, name in enumerate(self.reviewers)}
        wanted, least, most = self.wanted.copy(), self.least.copy(), self.most.copy()
        more = Counter(self.more_of_country)
        without = {Kind.NO_ENGINEER: set(), Kind.NO_SCIENTIST: set()}
        for change in changes:
            match change.kind:
                case Kind.FEWER_REVIEWERS:
                    wanted[row[change.letter]] -= change.by
                case Kind.LOWER_LEAST:
                    least[column[change.reviewer]] -= change.by
                case Kind.RAISE_LOAD:
                    most[column[change.reviewer]] += change.by
                case Kind.MORE_OF_COUNTRY:
                    more[change.letter, change.country] += change.by
                case _:
                    without[change.kind].add(self.letters[row[change.letter]])
        return replace(
            self,
            wanted=wanted,
            least=least,
            most=most,
            more_of_country=dict(more),
            without_engineer=self.without_engineer | without[Kind.NO_ENGINEER],
            without_scientist=self.without_scientist | without[Kind.NO_SCIENTIST],
        )

    def needing(self, expertise: str) -> NDArray[np.bool_]:
        """The letters that must have somebody of this expertise, if the rule is in force."""
        excused = {ENGINEER: self.without_engineer, SCIENTIST: self.without_scientist}[expertise]
        return np.array([letter not in excused for letter in self.letters], dtype=bool)

    def having(self, expertise: str) -> NDArray[np.bool_]:
        """The reviewers of this expertise."""
        return np.array([found == expertise for found in self.expertise or ()], dtype=bool)

    def by_country(self) -> dict[str, NDArray[np.int64]]:
        """The columns of each known country's reviewers."""
        names = np.array(self.country, dtype=object)
        return {name: np.flatnonzero(names == name) for name in sorted(set(self.country) - {""})}

    def _check(self):
        for row, column in np.argwhere(self.locked & ~self.admissible)[:1]:
            raise ValueError(
                f"{self.reviewers[column]} is locked to {self.letters[row]}, but the pair is in "
                "conflict or withdrawn: release the lock, or lift the conflict first."
            )
        for row in np.flatnonzero(self.locked.sum(axis=1) > self.wanted)[:1]:
            raise ValueError(
                f"{self.letters[row]} has {self.locked[row].sum()} locked reviewers and wants "
                f"{self.wanted[row]}: release a lock, or let it want more."
            )
        for at in np.flatnonzero(self.least > len(self.letters))[:1]:
            raise ValueError(
                f"{self.reviewers[at]} has a least load of {self.least[at]}, and the number of "
                f"letters is {len(self.letters)}: lower the least load."
            )
        for at in np.flatnonzero(self.least > self.most)[:1]:
            raise ValueError(
                f"{self.reviewers[at]} has a least load of {self.least[at]} and a most load of "
                f"{self.most[at]}: lower the one, or raise the other."
            )


@dataclass(frozen=True)
class _Axes:
    letters: tuple[str, ...]
    reviewers: tuple[str, ...]

    def shaped(self, table, name):
        shape = len(self.letters), len(self.reviewers)
        if table.shape != shape:
            raise ValueError(f"{name} has the shape {table.shape} instead of {shape}.")
        return table

    def table(self, given: ArrayLike, name: str) -> NDArray[np.float64]:
        table = self.shaped(np.array(given, dtype=float), name)
        for row, column in np.argwhere(~((table >= 0) & (table <= 1)))[:1]:
            raise ValueError(
                f"The {name} of {self.letters[row]} and {self.reviewers[column]} is "
                f"{table[row, column]}; it must lie between 0 and 1."
            )
        return table

    def mask(self, given: Pairs | None, name: str) -> NDArray[np.bool_]:
        if isinstance(given, np.ndarray):
            return self.shaped(given.astype(bool), name)
        mask = np.zeros((len(self.letters), len(self.reviewers)), dtype=bool)
        row = {letter: at for at, letter in enumerate(self.letters)}
        column = {reviewer: at for at, reviewer in enumerate(self.reviewers)}
        for letter, reviewer in given or ():
            if letter not in row or reviewer not in column:
                raise ValueError(f"{name}: there is no pair of {letter} and {reviewer}.")
            mask[row[letter], column[reviewer]] = True
        return mask


def _names(given, what) -> tuple[str, ...]:
    names = tuple(given)
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"The {what} {name} is there {times} times.")
    return names


def _labels(given, reviewers, what) -> tuple[str, ...]:
    labels = tuple(given)
    if len(labels) != len(reviewers):
        raise ValueError(f"{what}: {len(labels)} for {len(reviewers)} reviewers.")
    return labels


def _expertise(given, reviewers) -> tuple[str, ...]:
    labels = _labels(given, reviewers, "expertise")
    for reviewer, label in zip(reviewers, labels, strict=True):
        if label not in (ENGINEER, SCIENTIST, ""):
            raise ValueError(f"{reviewer} is {label!r}; {ENGINEER}, {SCIENTIST} or nothing.")
    return labels


def _counts(given: Any, names, what, *, least=0) -> NDArray[np.int64]:
    numbers = np.asarray(given)
    if numbers.ndim == 0:
        numbers = np.full(len(names), numbers)
    if numbers.shape != (len(names),):
        raise ValueError(f"{what}: {numbers.size} numbers for {len(names)} names.")
    if numbers.dtype.kind not in "iuf" or not (numbers == np.round(numbers)).all():
        raise ValueError(f"{what}: whole numbers are needed.")
    for at in np.flatnonzero(~((numbers >= least) & (numbers <= 1_000_000)))[:1]:
        raise ValueError(f"{what} of {names[at]}: {numbers[at]} is less than {least} or too large.")
    return numbers.astype(np.int64)
