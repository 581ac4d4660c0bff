"""What stands in the cells of a board: a letter's mean mark of each criterion."""

from decimal import Decimal

from proposals.models.call import in_language


def cells_of(line, rubric) -> list[dict]:
    """The mean mark of each criterion, and what is to be said of it."""
    cells = []
    for criterion in rubric:
        text = line.means.get(criterion["code"])
        mean, threshold = None if text is None else Decimal(text), criterion.get("threshold")
        cells.append(
            {
                "mean": mean,
                "name": in_language(criterion["name"]),
                "apart": criterion["code"] in line.marks_apart,
                "below": mean is not None and threshold is not None and mean < Decimal(threshold),
            }
        )
    return cells
