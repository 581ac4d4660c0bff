"""What plots measure along: shares of a length, and where to label it."""

import itertools
import math


def percent(share: float) -> str:
    """A share of the width as SVG writes it; outside of 0 to 1 it is the nearer end."""
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"


def ticks(low: float, high: float, most: int = 8) -> list[int]:
    """Whole numbers from low to high, one, two or five times a power of ten apart.

    At most `most` of them, and none if there is no whole number between.
    """
    for apart in _distances():
        first, last = math.ceil(low / apart), math.floor(high / apart)
        if last - first < most:
            break
    found = (number * apart for number in range(first, last + 1))
    # The smallest numbers lose themselves in the division.
    return [tick for tick in found if low <= tick <= high]


def _distances():
    for power in itertools.count():
        yield from (step * 10**power for step in (1, 2, 5))
