"""Rank intervals: how sure each letter's place is, with the line below which nobody is selected."""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.plots.axis import percent, ticks

ROW, TOP, BOTTOM = 24, 30, 10


@dataclass(frozen=True)
class Places:
    """A letter to draw: what to call it, its place as scored, and the places it may hold.

    All but the label are None for a letter that is not rateable.
    """

    label: str
    scored: int | None
    expected: float | None
    low: int | None
    quarter: int | None
    three_quarters: int | None
    high: int | None


@dataclass(frozen=True)
class Row:
    """One letter: a thin bar of nine tenths, a thick one of half, a dot, and a mark as scored."""

    label: str
    y: int
    thin: tuple[str, str] | None
    thick: tuple[str, str] | None
    dot: str | None
    scored: str | None


@dataclass(frozen=True)
class Intervals:
    rows: list[Row]
    ticks: list[tuple[str, int]]
    cut: str | None
    height: int
    top: int = TOP

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM


def intervals(letters: Iterable[Places], *, places: int, cut: int | None) -> Intervals:
    """Place bars for letters along so many `places`, with a line after the place `cut`.

    A bar covers its places from edge to edge, so one that is sure of its place is as long as one
    place. No line is drawn where every place would be before it.
    """
    places = max(places, 1)
    rows = []
    for number, letter in enumerate(letters):
        rated = letter.expected is not None
        rows.append(
            Row(
                label=letter.label,
                y=TOP + ROW * number + ROW // 2,
                thin=_bar(letter.low, letter.high, places) if rated else None,
                thick=_bar(letter.quarter, letter.three_quarters, places) if rated else None,
                dot=_middle(letter.expected, places) if rated else None,
                scored=None if letter.scored is None else _middle(letter.scored, places),
            )
        )
    return Intervals(
        rows=rows,
        ticks=[(_middle(place, places), place) for place in _labelled(places)],
        cut=percent(cut / places) if cut and cut < places else None,
        height=TOP + ROW * len(rows) + BOTTOM,
    )


def _labelled(places) -> list[int]:
    """The first place and round ones; none so near to the first that the two would touch."""
    return [1, *(place for place in ticks(1, places) if place > max(1, places / 20))]


def _bar(first, last, places):
    return percent((first - 1) / places), percent(last / places)


def _middle(place, places):
    return percent((place - 0.5) / places)
