"""The heat map: letters by criteria, as the reviewers marked them."""

from reviews.board_cells import cells_of
from reviews.plots.matrix import Value, matrix
from reviews.scoring import anchor_of
from reviews.views.ranking.table import RankingPage


class CriteriaPage(RankingPage):
    template = "panel/ranking/criteria.html"
    here = "criteria"

    def more(self, page) -> dict:
        lines = [(line, cells_of(line, self.rubric)) for line in page]
        rows = [
            (line.letter.reference, [value_of(cell) for cell in cells]) for line, cells in lines
        ]
        return {
            "rubric": self.rubric,
            "lines": lines,
            "plot": matrix(rows, [str(number) for number in range(1, len(self.rubric) + 1)]),
        }


def value_of(cell) -> Value | None:
    """A cell of the table as one of the drawing, with one decimal for want of room."""
    if cell["mean"] is None:
        return None
    sign = ("±" if cell["apart"] else "") + ("▾" if cell["below"] else "")
    return Value(f"{cell['mean']:.1f}", f"heat-{anchor_of(cell['mean'])}", sign)
