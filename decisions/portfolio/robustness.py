"""How firm each pick is: the share of plausible merits under which it is in the best set."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from decisions.portfolio.problem import Problem
from decisions.portfolio.solving import best


class Standing(StrEnum):
    """What a frequency means to a panel: 0.8 and more is firm, below 0.2 is not in question."""

    CORE = "core"
    OPEN = "open"
    OUT = "out"

    @classmethod
    def of(cls, frequency: float) -> "Standing":
        return cls.CORE if frequency >= 0.8 else cls.OPEN if frequency >= 0.2 else cls.OUT


@dataclass(frozen=True)
class Firmness:
    """Of `draws` draws, `without_a_set` had no set that keeps the rules.

    `frequencies` counts a candidate's draws over all draws; `sets` is the number of different sets.
    """

    draws: int
    without_a_set: int
    sets: int
    frequencies: dict[str, float]


def firmness(problem: Problem, draws: Iterable[Sequence[float | Decimal]]) -> Firmness:
    """Solve the problem once for each draw of all merits, in the order of the scenario.

    A draw takes the place of the merits everywhere, at the threshold, too. With posterior draws the
    frequency can be read as the probability that the candidate belongs to the best set. Nothing is
    drawn here: the same draws give the same answer. Raises ValueError if there are none, or if a
    draw has more or fewer merits than there are candidates.
    """
    sets = Counter()
    for draw in draws:
        found = best(problem.with_merits(Decimal(str(merit)) for merit in draw))
        sets[found.keys if found else None] += 1
    if not sets:
        raise ValueError("there are no draws")
    draws = sets.total()
    chosen = Counter()
    for keys, times in sets.items():
        chosen.update(dict.fromkeys(keys or (), times))
    return Firmness(
        draws=draws,
        without_a_set=sets[None],
        sets=len(sets) - (None in sets),
        frequencies={one.key: chosen[one.key] / draws for one in problem.candidates},
    )
