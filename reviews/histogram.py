"""How often each mark was given, and where its bar stands. Numbers in, numbers out, no database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reviews.scoring import HALF_MARKS

# The drawing's own units: as wide as all bars together, as high as the tallest of them.
WIDTH, HEIGHT = 440, 120
_STEP = WIDTH // len(HALF_MARKS)
_GAP = 6


@dataclass(frozen=True)
class Bar:
    """`count` times `mark`; the other four place a rectangle in a box of WIDTH by HEIGHT."""

    mark: Decimal
    count: int
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


def bars(marks: Iterable[Decimal | None]) -> list[Bar]:
    """A bar for every mark of the scale, 0 first; None, "cannot judge", is counted nowhere."""
    counts = Counter(mark for mark in marks if mark is not None)
    most = max(counts.values(), default=1)
    found = []
    for number, mark in enumerate(HALF_MARKS):
        height = round(HEIGHT * counts[mark] / most)
        x = number * _STEP + _GAP // 2
        found.append(Bar(mark, counts[mark], x, HEIGHT - height, _STEP - _GAP, height))
    return found
