"""A count over time as a line of steps: letters that stand, reviews that are in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Steps:
    """The line `path` in a box of `width` by `height`, from none at the bottom to `top`.

    `total` is the count at the end, `marks` five moments at which the axis is labelled.
    """

    path: str
    top: int
    total: int
    marks: list[dict]
    width: int = 640
    height: int = 220


def steps(
    changes: Iterable[tuple[datetime, int]],
    *,
    start: datetime,
    until: datetime,
    top: int = 1,
) -> Steps:
    """Draw changes of a count, oldest first, from `start` to `until`.

    The scale reaches at least `top`. What lies outside of the time is drawn at its nearer end.
    """
    changes = list(changes)
    until = max(until, start + timedelta(seconds=1))
    total = 0
    for _at, change in changes:
        total += change
        top = max(top, total)
    width, height = Steps.width, Steps.height

    def across(at):
        return round(width * min(1, max(0, (at - start) / (until - start))), 1)

    def up(count):
        return round(height - height * count / top, 1)

    path, standing = f"M0 {up(0)}", 0
    for at, change in changes:
        standing += change
        path += f"H{across(at)}V{up(standing)}"
    moments = [start + (until - start) * quarter / 4 for quarter in range(5)]
    return Steps(
        path=f"{path}H{width}",
        top=top,
        total=total,
        marks=[{"x": across(at), "at": at} for at in moments],
    )
