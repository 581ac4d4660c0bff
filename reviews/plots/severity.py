"""Severity of reviewers: a dot with one and two standard errors, and the line of zero."""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.plots.axis import percent, ticks

ROW, TOP, BOTTOM = 24, 30, 10


@dataclass(frozen=True)
class Severity:
    """A reviewer to draw, in points; `clear` if at least two errors from zero."""

    label: str
    points: float
    error: float
    clear: bool


@dataclass(frozen=True)
class Row:
    label: str
    y: int
    thin: tuple[str, str]
    thick: tuple[str, str]
    dot: str
    clear: bool


@dataclass(frozen=True)
class Severities:
    rows: list[Row]
    ticks: list[tuple[str, int]]
    zero: str
    height: int
    top: int = TOP

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM


def severities(reviewers: Iterable[Severity]) -> Severities:
    """Place reviewers on one scale around zero, wide enough for two errors to either side."""
    reviewers = list(reviewers)
    reach = max((abs(r.points) + 2 * r.error for r in reviewers), default=0.0) or 1.0

    def across(points):
        return percent(0.5 + points / reach / 2)

    rows = [
        Row(
            label=one.label,
            y=TOP + ROW * number + ROW // 2,
            thin=(across(one.points - 2 * one.error), across(one.points + 2 * one.error)),
            thick=(across(one.points - one.error), across(one.points + one.error)),
            dot=across(one.points),
            clear=one.clear,
        )
        for number, one in enumerate(reviewers)
    ]
    return Severities(
        rows=rows,
        ticks=[(across(points), points) for points in ticks(-reach, reach)],
        zero=across(0),
        height=TOP + ROW * len(rows) + BOTTOM,
    )
