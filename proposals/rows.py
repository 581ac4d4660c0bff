"""Answers that are rows: what one row of each holds, and the one way in for all of them.

Forms, the interface for programs and imports hand their rows to `clean`. A row is an object with a
text for every cell and an `id` that stays the same while the row is edited or moved, so that a
comparison of two versions, or the confirmation of a partner, knows which row it is about.
"""

import hashlib
import json
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts import places
from proposals import hygiene

LINE, PARAGRAPHS, PLACE = "line", "paragraphs", "place"
_ID = re.compile(r"[a-z0-9]{8,32}")


@dataclass(frozen=True)
class Cell:
    name: str
    label: str
    # Most code points, of a text.
    limit: int = 150
    kind: str = LINE


@dataclass(frozen=True)
class Table:
    """What the rows of one answer hold. The first cell names the row and cannot stay empty."""

    name: str
    most: int
    cells: tuple[Cell, ...]
    # On the button that adds one.
    add: str

    @property
    def naming(self) -> Cell:
        return self.cells[0]


TABLES = {
    table.name: table
    for table in (
        Table(
            "co_investigators",
            30,
            (
                Cell("name", pgettext_lazy("of a person", "name")),
                Cell("institution", gettext_lazy("institution")),
                Cell("country", gettext_lazy("country or region"), kind=PLACE),
                Cell("role", gettext_lazy("role")),
            ),
            gettext_lazy("Add a co-investigator"),
        ),
        Table(
            "partners",
            30,
            (
                Cell("name", gettext_lazy("organisation")),
                Cell("country", gettext_lazy("country or region"), kind=PLACE),
                Cell(
                    "share",
                    gettext_lazy("share of the work"),
                    limit=200,
                ),
            ),
            gettext_lazy("Add an organisation"),
        ),
        Table(
            "risks",
            20,
            (
                Cell(
                    "risk",
                    gettext_lazy("risk"),
                    limit=300,
                    kind=PARAGRAPHS,
                ),
                Cell(
                    "mitigation",
                    gettext_lazy("what is done about it"),
                    limit=600,
                    kind=PARAGRAPHS,
                ),
            ),
            gettext_lazy("Add a risk"),
        ),
        Table(
            "excluded_reviewers",
            5,
            (
                Cell("name", pgettext_lazy("of a person", "name")),
                Cell("institution", gettext_lazy("institution")),
                Cell("reason", gettext_lazy("reason"), limit=300),
            ),
            gettext_lazy("Add a person"),
        ),
    )
}


class Fault(ValidationError):
    """What is wrong in one cell; `row` counts from 1 over the rows that were handed in."""

    def __init__(self, sentence, *, row, cell, code):
        super().__init__(sentence, code=code)
        self.row, self.cell = row, cell


def clean(name: str, value) -> list[dict]:
    """The rows of one answer, made safe to keep; raise ValidationError with a `Fault` for a cell.

    Rows in which nothing was typed are left out; order is kept. A row without an id, or with the id
    of another row, is given one that follows from what it says, so that the same rows handed in
    twice are the same.
    """
    table = TABLES[name]
    _check_shape(table, value)
    faults, rows, taken = [], [], set()
    for number, given in enumerate(value, 1):
        if is_empty(given):
            continue
        row = {}
        for cell in table.cells:
            try:
                row[cell.name] = _clean_cell(cell, given.get(cell.name, ""))
            except ValidationError as fault:
                faults.append(_fault(number, cell, fault))
        naming = table.naming
        if row.get(naming.name) == "":
            faults.append(_fault(number, naming, _missing()))
        row["id"] = _free_id(given.get("id", ""), row, taken)
        rows.append(row)
    if len(rows) > table.most:
        faults.append(
            ValidationError(
                ngettext(
                    "Use at most %(most)s row; there are %(n)s now.",
                    "Use at most %(most)s rows; there are %(n)s now.",
                    table.most,
                ),
                params={"most": table.most, "n": len(rows)},
                code="too_many_rows",
            )
        )
    if faults:
        raise ValidationError(faults)
    return rows


def from_lines(name: str, text: str) -> list[dict]:
    """Rows out of lines of text, as which some of these answers were filed before."""
    table = TABLES[name]
    lines = [line.strip() for line in text.splitlines()]
    return [
        {"id": f"{number:08d}", **dict.fromkeys((cell.name for cell in table.cells), "")}
        | {table.naming.name: line}
        for number, line in enumerate(lines)
        if line
    ]


def is_empty(row: dict) -> bool:
    """Whether nothing was typed into any cell of a row."""
    return not any(text.strip() for name, text in row.items() if name != "id")


def in_words(name: str, row: dict) -> list[tuple[str, str]]:
    """Label and text of each cell that says something, the naming one first."""
    return [
        (capfirst(cell.label), places.name_of(text) if cell.kind == PLACE else text)
        for cell in TABLES[name].cells
        if (text := str(row.get(cell.name) or ""))
    ]


def _check_shape(table, value):
    """What no form of ours sends, but a program may."""
    known = {cell.name for cell in table.cells} | {"id"}
    if not isinstance(value, list):
        raise ValidationError(_("Give a list of rows."), code="not_rows")
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict) or not all(type(text) is str for text in row.values()):
            raise ValidationError(
                _("Row %(row)s must be an object of texts."),
                params={"row": number},
                code="not_rows",
            )
        if row.keys() - known:
            raise ValidationError(
                _("Row %(row)s holds something unknown: %(names)s."),
                params={"row": number, "names": ", ".join(sorted(row.keys() - known))},
                code="unknown_cell",
            )


def _clean_cell(cell, text):
    if cell.kind == PLACE:
        text = text.strip()
        if text and not places.is_known(text):
            raise ValidationError(_("Choose a country or region from the list."), code="place")
        return text
    text = (hygiene.paragraphs if cell.kind == PARAGRAPHS else hygiene.line)(text)
    if len(text) > cell.limit:
        raise ValidationError(
            _("Use at most %(limit)s characters; there are %(n)s now."),
            params={"limit": cell.limit, "n": len(text)},
            code="max_length",
        )
    return text


def _missing():
    return ValidationError(_("Fill this in, or remove the row."), code="unnamed")


def _fault(number, cell, fault):
    sentence = _("Row %(row)s, %(cell)s: %(sentence)s") % {
        "row": number,
        "cell": cell.label,
        "sentence": " ".join(fault.messages),
    }
    return Fault(sentence, row=number, cell=cell.name, code=fault.code)


def _free_id(given, row, taken) -> str:
    wanted = given if _ID.fullmatch(given) else ""
    attempt = 0
    while not wanted or wanted in taken:
        said = json.dumps([attempt, sorted(row.items())], ensure_ascii=False)
        wanted = hashlib.sha256(said.encode()).hexdigest()[:12]
        attempt += 1
    taken.add(wanted)
    return wanted
