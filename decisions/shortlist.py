"""The rule of size: how far down a ranking a shortlist reaches. Numbers in, reasons out.

Source: section 3 of the portal's rules of process. The walk goes from the best letter down and
takes letters as long as their masses stay within the larger multiple of the lander's mass, and in
any case until the smaller one is reached. Letters that share a place are taken together or not at
all. Below that line every letter is taken whose chance of being among the best is large enough. The
list is a proposal: people decide.

Taken are the longer of two stretches, the longest one within the most and the shortest one that
reaches the least. Both only grow with the lander's mass, so more mass never costs a letter its
place (tests/decisions/test_shortlist.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

_GRAM = Decimal("0.001")


class Why(StrEnum):
    """What decided about one letter."""

    WITHIN = "within"
    # Above the most, and yet needed to reach the least.
    REACHES = "reaches"
    CHANCE = "chance"
    BELOW = "below"
    # Below the line, and nobody knows the chance.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Candidate:
    """A ranked letter. `mass` is in kilograms with its margin, 0 for a craft of its own launcher;
    `chance` of being among the best is 0 to 1, None where it cannot be told.
    """

    key: object
    position: int
    mass: Decimal
    chance: float | None = None


@dataclass(frozen=True)
class Place:
    """A letter in the walk. `running` is the mass of those on the list so far, in kilograms."""

    candidate: Candidate
    why: Why
    running: Decimal
    shares_place: bool

    @property
    def is_in(self) -> bool:
        return self.why in (Why.WITHIN, Why.REACHES, Why.CHANCE)


def shortlist(
    candidates: Sequence[Candidate], *, least: Decimal, most: Decimal, chance: Decimal
) -> list[Place]:
    """Every letter in the order of its place, and why it is on the list or not.

    `least` and `most` are kilograms, `least` not above `most`; ValueError otherwise.
    """
    if least > most:
        raise ValueError("the least is above the most")
    ordered = sorted(candidates, key=attrgetter("position"))
    groups = [list(group) for _place, group in groupby(ordered, key=attrgetter("position"))]
    places, walked, running = [], Decimal(0), Decimal(0)
    for group in groups:
        reached = walked >= least
        walked += sum(one.mass for one in group)
        why = Why.WITHIN if walked <= most else None if reached else Why.REACHES
        for one in group:
            found = why or _below(one, chance)
            if found in (Why.WITHIN, Why.REACHES, Why.CHANCE):
                running += one.mass
            places.append(Place(one, found, running, len(group) > 1))
    return places


def with_margin(
    mass_kg: Decimal | None, margin_percent: Decimal | None, *, default: Decimal
) -> Decimal:
    """A mass as it is counted: what is stated and its margin, or the default one. None counts 0."""
    if mass_kg is None:
        return Decimal(0)
    margin = default if margin_percent is None else margin_percent
    return (mass_kg * (1 + margin / 100)).quantize(_GRAM)


def _below(one: Candidate, chance: Decimal) -> Why:
    if one.chance is None:
        return Why.UNKNOWN
    return Why.CHANCE if Decimal(str(one.chance)) >= chance else Why.BELOW
