"""Heat maps: rows of cells, each tinted by how much and marked by a sign that needs no colour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviews.plots.axis import percent

ROW, TOP, BOTTOM = 24, 30, 6
# Points from which a difference is shown as some, and as much.
SOME, MUCH = 5, 15
_BREADTHS = ((10, ""), (24, "wide"), (48, "wider"))


@dataclass(frozen=True)
class Value:
    """What a cell says: a text, the class of its tint, and what is to be said beyond the text."""

    text: str
    tint: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Cell:
    value: Value
    x: str
    width: str
    middle: str


@dataclass(frozen=True)
class Row:
    label: str
    y: int
    cells: list[Cell]

    @property
    def middle(self) -> int:
        return self.y + ROW // 2


@dataclass(frozen=True)
class Head:
    label: str
    middle: str


@dataclass(frozen=True)
class Matrix:
    rows: list[Row]
    heads: list[Head]
    height: int
    row: int = ROW
    top: int = TOP

    @property
    def breadth(self) -> str:
        """How much room the columns need beyond a phone's, in words of the style sheet."""
        count = len(self.heads)
        return next((word for most, word in _BREADTHS if count <= most), "widest")


def matrix(rows: Iterable[tuple[str, Sequence[Value | None]]], heads: Sequence[str]) -> Matrix:
    """Lay out labelled rows with a cell for each head; None leaves a place empty."""
    width = 1 / max(len(heads), 1)
    drawn = []
    for number, (label, values) in enumerate(rows):
        cells = [
            Cell(value, percent(at * width), percent(width), percent((at + 0.5) * width))
            for at, value in enumerate(values)
            if value is not None
        ]
        drawn.append(Row(label, TOP + ROW * number, cells))
    return Matrix(
        rows=drawn,
        heads=[Head(head, percent((at + 0.5) * width)) for at, head in enumerate(heads)],
        height=TOP + ROW * len(drawn) + BOTTOM,
    )


def difference(points: float) -> Value:
    """A difference in points as a sign and a tint: more plus or minus signs, the further away."""
    size = abs(points)
    if size < SOME:
        return Value("·", "near")
    sign, side = ("+", "above") if points > 0 else ("−", "below")
    return Value(sign * 2, f"{side}-far") if size >= MUCH else Value(sign, side)
