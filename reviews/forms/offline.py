"""Reviews as a table to be filled in without a line to the portal, and read back. No database.

A row is one question about one letter. Columns are known by the word in brackets in their head, in
whatever language and order; nobody but the portal reads the last three.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from reviews import tables
from reviews.forms.review import CANNOT_JUDGE, ReviewForm, mark_text
from reviews.scoring import HALF_MARKS

# Columns and, in characters, how wide they are in a spreadsheet.
WIDTHS = {
    **{"letter": 16, "title": 30, "question": 34, "answer": 22, "comment": 60, "may_be": 40},
    **{"form": 12, "field": 16, "revision": 9},
}
COLUMNS = tuple(WIDTHS)
_NEEDED = {"answer", "comment", "form", "field", "revision"}
# Twenty-five questions a letter; more letters than anybody reads.
MOST_ROWS, MOST_COLUMNS = 10_000, 60
MOST_BYTES = 2_000_000
# What an XLSX file may unpack to: it is a ZIP archive, and a small one can hold gigabytes.
_MOST_UNPACKED = 40_000_000
# Its tags, each of which costs a hundred times its bytes in memory, and time: those of the cells,
# with their texts, and those of all that stands beside them, as styles and names do.
_MOST_TAGS = MOST_ROWS * (1 + len(COLUMNS)) * 6
_MOST_TAGS_BESIDE = 20_000
_OF_CELLS = ("xl/worksheets/", "xl/sharedStrings.xml")
# Faults told at once: one wrong column is a fault in every row.
MOST_FAULTS = 20
_PLAIN_DIGITS = str.maketrans("０１２３４５．", "012345.")


class BadFile(ValueError):
    """The file cannot be taken; `faults` are sentences for whoever has to mend it."""

    def __init__(self, *faults):
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


@dataclass
class Filled:
    """The form of one letter out of a file: field of `ReviewForm` to text, and to its row."""

    form: UUID
    revision: int
    values: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


# --- To be filled ---------------------------------------------------------------------------------


def header() -> list[str]:
    names = {
        "letter": _("Letter"),
        "title": _("Title"),
        "question": _("Question"),
        "answer": _("Your answer"),
        "comment": _("Your comment"),
        "may_be": _("What may stand in your answer"),
        "form": _("Leave as it is"),
        "field": _("Leave as it is"),
        "revision": _("Leave as it is"),
    }
    return [f"{names[key]} [{key}]" for key in COLUMNS]


def rows_of(form, values, *, letter, title, key, revision) -> Iterable[list]:
    """The rows of one letter; `form` is its ReviewForm, `values` what is written in it so far."""
    about = {"letter": letter, "title": title, "form": str(key), "revision": revision}
    for criterion in form.criteria:
        name, comment = f"mark-{criterion.code}", f"comment-{criterion.code}"
        yield _row(
            **about,
            question=str(criterion),
            answer=_mark_out(values[name]),
            comment=values[comment],
            may_be=_("0 to 5 in half steps, or: %(cannot)s") % {"cannot": _("Cannot judge")},
            field=name,
        )
    for name in form.fields:
        if name.startswith(("mark-", "comment-")) or name == "revision":
            continue
        words = dict(getattr(form.fields[name], "choices", ()))
        value = values.get(name, "")
        limit = getattr(form.fields[name], "max_length", None)
        yield _row(
            **about,
            question=str(form.fields[name].label),
            answer=str(words.get(value, value)),
            comment="",
            may_be=" / ".join(str(word) for word in words.values())
            if words
            else _("text of at most %(limit)s characters") % {"limit": limit},
            field=name,
        )


def _row(**cells) -> list:
    return [cells[key] for key in COLUMNS]


def _mark_out(value):
    if value == CANNOT_JUDGE:
        return str(_("Cannot judge"))
    return Decimal(value) if value else ""


# --- Filled ---------------------------------------------------------------------------------------


def read(name: str, data: bytes) -> list[Filled]:
    """The forms in a file. Raises `BadFile`; what is in the forms is not looked at yet."""
    if len(data) > MOST_BYTES:
        raise BadFile(_("The file is too large for filled forms. Send the one you downloaded."))
    lines = _xlsx(data) if data.startswith(b"PK") else _csv(data)
    head = next(lines, (0, []))[1]
    where = {_key_of(cell): number for number, cell in enumerate(head) if _key_of(cell)}
    if missing := sorted(_NEEDED - set(where)):
        raise BadFile(
            _("The first row lacks these columns: %(names)s. Fill in the file you downloaded.")
            % {"names": ", ".join(f"[{name}]" for name in missing)}
        )
    forms: dict[UUID, Filled] = {}
    faults: list[str] = []
    for number, cells in lines:
        cell = {key: cells[at] if at < len(cells) else "" for key, at in where.items()}
        if not any(str(text).strip() for text in cell.values()):
            continue
        try:
            _take(forms, cell, number)
        except BadFile as bad:
            faults += bad.faults
        if len(faults) > MOST_FAULTS:
            break
    if faults:
        raise BadFile(*faults[:MOST_FAULTS])
    if not forms:
        raise BadFile(_("There is no form in this file."))
    return list(forms.values())


def _take(forms, cell, number):
    """Put one row into its form."""
    try:
        key, revision = UUID(_text(cell["form"], number)), int(_text(cell["revision"], number))
    except ValueError as fault:
        if isinstance(fault, BadFile):
            raise
        raise _fault(
            number, _("the columns [form] and [revision] are not as they were downloaded")
        ) from None
    one = forms.setdefault(key, Filled(key, revision))
    if one.revision != revision:
        raise _fault(number, _("[revision] differs from the other rows of the same letter"))
    name = _text(cell["field"], number)
    if name in one.values:
        raise _fault(number, _("this question stands in the file twice"))
    answer, comment = _text(cell["answer"], number), _text(cell["comment"], number)
    kind, _dash, code = name.partition("-")
    if kind == "mark" and code:
        one.values[name], one.rows[name] = _mark_in(answer, number), number
        one.values[f"comment-{code}"], one.rows[f"comment-{code}"] = comment, number
        return
    if comment:
        raise _fault(number, _("only marks have a comment; write into [answer]"))
    if name in ReviewForm.CHOICES:
        answer = _choice_in(name, answer, number)
    elif name not in ReviewForm.WORDS and name != "change_reason":
        raise _fault(number, _("[field] is not as it was downloaded"))
    one.values[name], one.rows[name] = answer, number


def _mark_in(answer, number) -> str:
    text = answer.strip().translate(_PLAIN_DIGITS)
    if not text:
        return ""
    if text.casefold() in {CANNOT_JUDGE, *_words_for("Cannot judge")}:
        return CANNOT_JUDGE
    marks = {mark_text(mark): mark for mark in HALF_MARKS}
    # 4.0 is how some spreadsheets write 4.
    text = text.removesuffix(".0")
    if text not in marks:
        raise _fault(
            number,
            _("“%(answer)s” is no mark: write 0 to 5 in half steps such as 3.5, or “%(cannot)s”")
            % {"answer": answer[:40], "cannot": _("Cannot judge")},
        )
    return text


def _choice_in(name, answer, number) -> str:
    text = answer.strip().casefold()
    choices = ReviewForm.base_fields[name].choices
    for value, label in choices:
        if text in {str(value).casefold(), *_in_all_languages(label)}:
            return value
    if not text:
        return ""
    raise _fault(
        number,
        _("“%(answer)s” cannot be chosen; write one of: %(choices)s")
        % {"answer": answer[:40], "choices": ", ".join(str(label) for _value, label in choices)},
    )


def _words_for(text) -> set[str]:
    return _in_all_languages(translation.gettext_lazy(text))


def _in_all_languages(label) -> set[str]:
    """A form may be downloaded in one language and sent back in another."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(label).casefold())
    return found


def _text(value, number) -> str:
    """A cell as text: a number as a mark is written, a formula or a date refused."""
    if isinstance(value, datetime | date | time):
        raise _fault(
            number, _("a cell holds a date, which the spreadsheet made of a number; write it anew")
        )
    if isinstance(value, bool):
        raise _fault(number, _("a cell holds “true” or “false”; write text or a mark"))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = "" if value is None else str(value)
    # Some formulas arrive as objects of the library.
    if text.lstrip().startswith("=") or not isinstance(value, str | int | None):
        raise _fault(number, _("a cell begins with “=”, which is a formula; write text or a mark"))
    return tables.meant(text)


def _key_of(cell) -> str:
    text = str(cell or "").strip()
    key = text.rpartition("[")[2].removesuffix("]")
    return key if text.endswith("]") and key in COLUMNS else ""


def _csv(data):
    """Row number and cells; the head decides what parts them, as programs differ."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(
            _("The file is not in UTF-8. Save it as “CSV UTF-8”, or send it as XLSX.")
        ) from None
    first = text.partition("\n")[0]
    parted_by = max(",;\t", key=first.count)
    try:
        for number, cells in enumerate(
            islice(csv.reader(io.StringIO(text), delimiter=parted_by), MOST_ROWS + 1), 1
        ):
            if number > MOST_ROWS:
                raise BadFile(_("The file has more rows than any set of forms."))
            yield number, cells[:MOST_COLUMNS]
    except csv.Error:
        raise BadFile(_("The file cannot be read as a table.")) from None


def _xlsx(data):
    """Row number and cells of the first sheet, a formula as it is written."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _is_far_too_much(archive):
                raise BadFile(_("The file unpacks to far more than filled forms hold."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            if number > MOST_ROWS:
                raise BadFile(_("The file has more rows than any set of forms."))
            yield number, list(cells)
    except BadFile:
        raise
    except Exception as fault:
        # openpyxl has no error of its own for the many ways in which a file can be broken.
        raise BadFile(_("The file cannot be read as a spreadsheet.")) from fault


def _is_far_too_much(archive) -> bool:
    """Whether to read this workbook would cost more than any set of forms does.

    Tags are counted without being read: each has one “<”, in whatever encoding.
    """
    if sum(item.file_size for item in archive.infolist()) > _MOST_UNPACKED:
        return True
    of_cells = beside = 0
    for item in archive.infolist():
        tags = archive.read(item).count(b"<")
        if item.filename.startswith(_OF_CELLS):
            of_cells += tags
        else:
            beside += tags
    return of_cells > _MOST_TAGS or beside > _MOST_TAGS_BESIDE


def _fault(number, sentence) -> BadFile:
    return BadFile(_("Row %(number)s: %(sentence)s.") % {"number": number, "sentence": sentence})
