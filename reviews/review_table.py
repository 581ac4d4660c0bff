"""Reviews as a file: CSV with a line for each mark, its scale and the scale's direction. Pure.

Real tables differ in what is best, 1 or 9, so each line says it. Every fault is told with its
line, several at once, for whoever has to mend the file. Columns: docs/arithmetic.md.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

REQUIRED = (
    "proposal_id",
    "reviewer_id",
    "score",
    "scale_min",
    "scale_max",
    "higher_is_better",
)
# Faults told at once. One wrong column is a fault on every line.
MOST_FAULTS = 20
_YES, _NO = {"1", "true", "yes"}, {"0", "false", "no"}
# float() would also take "nan", "1_000" and digits of other scripts.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST = 1e9  # no scale of marks goes further, and its length stays a number
_NEARLY = 1e-6


class BadFile(ValueError):
    """The file cannot be read as reviews; `faults` are sentences, most of them naming a line."""

    def __init__(self, faults):
        self.faults = list(faults)
        told = self.faults[:MOST_FAULTS]
        if len(self.faults) > MOST_FAULTS:
            told.append(f"and {len(self.faults) - MOST_FAULTS} more")
        super().__init__("\n".join(told))


@dataclass(frozen=True)
class Mark:
    """One line of the file. `percent` is the score on its scale, 0 worst to 100 best.

    It is None where nobody has scored: a criterion that could not be judged, or a proposal that
    nobody has reviewed yet, whose `reviewer_id` may be empty.
    """

    line: int
    call: str
    proposal_id: str
    reviewer_id: str
    criterion: str
    percent: float | None
    confidence: str = ""
    submitted_at: str = ""


def marks_in(content: bytes, *, step: float | None = None) -> list[Mark]:
    """Read the bytes of a CSV file in UTF-8, as `read_marks`, and with BadFile for other text."""
    try:
        # utf-8-sig: spreadsheets put a mark before the first name.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise BadFile([f"line {line}: not UTF-8 text"]) from fault
    return read_marks(io.StringIO(text, newline=""), step=step)


def read_marks(lines: Iterable[str], *, step: float | None = None) -> list[Mark]:
    """Read the lines of a CSV file.

    With `step` every score must lie a whole number of steps above its scale's least.
    Raises BadFile for a file without marks, missing columns, and on any line: too few or too many
    cells, no number, a score outside its scale or between its steps, a scale without direction,
    two scales of one criterion, a reviewer's second score of a proposal's criterion.
    """
    if step is not None and not (math.isfinite(step) and step > 0):
        raise BadFile(["a step of the scale is a number above zero"])
    reader = csv.reader(lines, strict=True)
    header, faults, marks = None, [], []
    seen, scales = {}, {}
    starts_at = 1
    try:
        for cells in reader:
            line, starts_at = starts_at, reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if header is None:
                header = _header(line, cells)
                continue
            if len(cells) != len(header):
                faults.append(f"line {line}: {len(cells)} cells, but the header has {len(header)}")
                continue
            row = dict(zip(header, cells, strict=True))
            try:
                marks.append(_mark(line, row, step, seen, scales))
            except ValueError as fault:
                faults.append(f"line {line}: {fault}")
    except csv.Error as fault:
        faults.append(f"line {starts_at}: not CSV: {fault}")
    if header is None and not faults:
        faults.append("the file is empty")
    elif not marks and not faults:
        faults.append("the file has a header, but no line of marks")
    if faults:
        raise BadFile(faults)
    return marks


def _header(line, cells):
    names = [cell.lower() for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise BadFile([f"line {line}: missing columns: {', '.join(missing)}"])
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise BadFile([f"line {line}: columns that stand there twice: {', '.join(twice)}"])
    return names


def _mark(line, row, step, seen, scales) -> Mark:
    call, criterion = row.get("call", ""), row.get("criterion", "")
    proposal, reviewer = row["proposal_id"], row["reviewer_id"]
    more = row.get("confidence", ""), row.get("submitted_at", "")
    if not proposal:
        raise ValueError("no proposal_id")
    if not row["score"]:
        return Mark(line, call, proposal, reviewer, criterion, None, *more)
    if not reviewer:
        raise ValueError("a score without a reviewer_id")
    score = _number(row, "score")
    least, most = scale = _number(row, "scale_min"), _number(row, "scale_max")
    better = row["higher_is_better"].lower()
    if better not in _YES | _NO:
        raise ValueError(f"higher_is_better is 1 or 0, not {better!r}")
    if not least < most:
        raise ValueError(f"scale_min {least:g} is not below scale_max {most:g}")
    if not least <= score <= most:
        raise ValueError(f"score {score:g} is outside its scale, {least:g} to {most:g}")
    if step is not None and abs((score - least) / step - round((score - least) / step)) > _NEARLY:
        raise ValueError(f"score {score:g} lies between the steps of {step:g} from {least:g}")
    first, known = scales.setdefault((call, criterion), (line, (*scale, better in _YES)))
    if known != (*scale, better in _YES):
        raise ValueError(f"another scale or direction than on line {first}")
    before = seen.setdefault((call, proposal, reviewer, criterion), line)
    if before != line:
        what = f"{proposal!r}, {criterion!r}" if criterion else repr(proposal)
        raise ValueError(f"reviewer {reviewer!r} has scored {what} already on line {before}")
    points = score - least if better in _YES else most - score
    percent = 100 * points / (most - least)
    return Mark(line, call, proposal, reviewer, criterion, percent, *more)


def _number(row, name) -> float:
    if not _NUMBER.fullmatch(row[name]) or abs(number := float(row[name])) > _LARGEST:
        raise ValueError(f"{name} is no number: {row[name][:40]!r}")
    return number


@dataclass(frozen=True)
class Totals:
    """(proposal, reviewer, total from 0 to 100) of each review, and every proposal named."""

    call: str
    weights: dict[str, float]
    reviews: list[tuple[str, str, float]]
    proposals: list[str]


def totals(
    marks: Iterable[Mark], *, weights: Mapping[str, float] | None = None, call: str | None = None
) -> Totals:
    """The weighted mean of each review's criteria; without `weights` all weigh the same.

    A criterion without a score takes no part, and the others' weights stand in its place. Raises
    BadFile if the marks are of several calls and `call` chooses none of them, or if the weights
    are not of just these criteria.
    """
    marks = list(marks)
    calls = sorted({mark.call for mark in marks})
    if call is None and len(calls) > 1:
        raise BadFile([f"the file holds several calls, choose one: {', '.join(calls)}"])
    if call is not None and call not in calls:
        raise BadFile([f"the file holds no call {call!r}, only: {', '.join(calls)}"])
    marks = [mark for mark in marks if call is None or mark.call == call]
    criteria = sorted({mark.criterion for mark in marks if mark.percent is not None})
    weights = {name: 1.0 for name in criteria} if weights is None else dict(weights)
    faults = [f"criterion {name!r} has no weight" for name in criteria if name not in weights]
    faults += [f"the file has no criterion {name!r}" for name in weights if name not in criteria]
    faults += [
        f"the weight of {name!r} is no number above zero"
        for name, weight in weights.items()
        if not (math.isfinite(weight) and weight > 0)
    ]
    if faults:
        raise BadFile(faults)
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for mark in marks:
        if mark.percent is not None:
            points, weight = sums.get((mark.proposal_id, mark.reviewer_id), (0.0, 0.0))
            own = weights[mark.criterion]
            sums[mark.proposal_id, mark.reviewer_id] = (
                points + own * mark.percent,
                weight + own,
            )
    return Totals(
        call=call if call is not None else calls[0] if calls else "",
        weights=weights,
        # Rounding in the last digit may leave a full mark just above 100.
        reviews=[
            (*pair, min(max(points / weight, 0), 100)) for pair, (points, weight) in sums.items()
        ],
        proposals=sorted({mark.proposal_id for mark in marks}),
    )
