"""One measured figure beside what is promised."""

from typing import NamedTuple


class Figure(NamedTuple):
    """What was measured, what is promised, and whether that is kept."""

    name: str
    value: str
    target: str
    kept: bool
