"""What comes out: an assignment with its figures, or who is lacking and what would help."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Pair:
    """One letter given to one reviewer. A part is None where nothing is known."""

    letter: str
    reviewer: str
    affinity: float
    penalty: float
    locked: bool
    parts: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter's reviewers, and the worst and the mean of their affinities (None for no reader)."""

    letter: str
    reviewers: tuple[str, ...]
    minimum: float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """An assignment.

    `objective` is the sum of affinities less penalties and the cost of loads; no assignment with
    the same `worst_pair` can have more than `bound`. `worst_pair` is the largest affinity that all
    pairs but the locked ones can reach (None if that was not asked for, or all are locked).
    `proven` says that both the one and the other are optimal, to a millionth of the objective.
    """

    pairs: tuple[Pair, ...]
    letters: tuple[LetterRow, ...]
    loads: Mapping[str, int]
    worst_pair: float | None
    objective: float
    bound: float
    proven: bool


class Kind(StrEnum):
    """Changes that help, the gentlest first."""

    LOWER_LEAST = "lower_least"
    RAISE_LOAD = "raise_load"
    MORE_OF_COUNTRY = "more_of_country"
    NO_ENGINEER = "no_engineer"
    NO_SCIENTIST = "no_scientist"
    FEWER_REVIEWERS = "fewer_reviewers"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what was asked; `by` is how many units. Names that do not apply are None."""

    kind: Kind
    letter: str | None = None
    reviewer: str | None = None
    country: str | None = None
    by: int = 1


class Lack(StrEnum):
    """Why there is no assignment."""

    REVIEWERS = "reviewers"
    ENGINEER = "engineer"
    SCIENTIST = "scientist"
    COUNTRIES = "countries"
    PLACES = "places"
    LOCKS_OF_COUNTRY = "locks_of_country"
    LOCKS_OF_REVIEWER = "locks_of_reviewer"
    CAPACITY = "capacity"
    LEAST_LOADS = "least_loads"
    LETTERS = "letters"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Shortage:
    """One reason: these letters and reviewers want so many of something, and have fewer."""

    lack: Lack
    letters: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    country: str | None = None
    wanted: int | None = None
    available: int | None = None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """No assignment keeps all rules: why, and the fewest changes after which one does.

    `proven` says that fewer changes cannot do.
    """

    shortages: tuple[Shortage, ...]
    changes: tuple[Change, ...]
    proven: bool
