"""Tables as downloads: CSV line by line, XLSX as one file. Pure: no database.

Nothing in them runs in a spreadsheet, and nothing in a letter makes one fail: what would start a
formula is text, what XML cannot hold is taken out, and what a cell cannot hold is cut with a mark.
"""

import csv
import io
import re
import shutil
import tempfile
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from accounts import cells

# The most characters that a cell of a spreadsheet holds.
LONGEST = 32_767
# So many characters of a table are sent at once.
_TOGETHER = 32_768
# When a workbook says that it was made and changed, and where.
_PROPERTIES = "docProps/core.xml"
# What XML cannot hold, for a table of bytes: taking it out so is seven times as fast.
_ILLEGAL = bytes(code for code in range(128) if ILLEGAL_CHARACTERS_RE.match(chr(code)))
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*<")


def harmless(cell) -> str:
    """A cell as text that no spreadsheet runs; a number stays a number."""
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return str(cell)
    return cells.harmless(_clean(cell))


def meant(text: str) -> str:
    """What stood in a cell before `harmless` wrote it."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def csv_lines(header, rows):
    """The table as encoded CSV, some rows after the other, so that no table is too long."""
    text = io.StringIO()
    text.write("\ufeff")  # without it Excel takes UTF-8 for something else
    lines = csv.writer(text)
    lines.writerow(map(_in_csv, header))
    yield _encoded(text)
    for row in rows:
        # Nearly all cells are empty, a mark, or begin like words, and are harmless; a function for
        # each of them would take a while.
        lines.writerow(
            [
                c
                if not c or (k := c.__class__) is Decimal or (k is str and c[0].isalnum())
                else _in_csv(c)
                for c in row
            ]
        )
        if text.tell() > _TOGETHER:
            yield _encoded(text)
    yield _encoded(text)


def workbook(title, header, rows, *, widths=()) -> bytes:
    """The table as an XLSX file; with `widths`, in characters, for columns to be written in."""
    file = io.BytesIO()
    write_workbook(file, title, header, rows, widths=widths)
    return file.getvalue()


def write_workbook(file, title, header, rows, *, widths=()) -> None:
    """The same into a file that is open for writing bytes, a row at a time."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_clean(title)[:31])
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    bold = Font(bold=True)
    head = []
    for name in header:
        cell = WriteOnlyCell(sheet, value=_cut(harmless(name)))
        cell.font = bold
        head.append(cell)
    sheet.append(head)
    for row in rows:
        sheet.append([_wrapped(sheet, cell) if widths else _value(cell) for cell in row])
    with tempfile.TemporaryFile() as made:
        book.save(made)
        _copy_without_times(made, file)


def _copy_without_times(made, file):
    """The same archive without the moments at which it was made: the same table, the same bytes."""
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in old.namelist():
            # A ZipInfo knows no time of its own: 1980, where the format begins.
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with old.open(name) as source, kept.open(info, "w") as copy:
                if name == _PROPERTIES:
                    copy.write(_MOMENT.sub(rb"\g<1>2000-01-01T00:00:00Z<", source.read()))
                else:
                    shutil.copyfileobj(source, copy)


def _wrapped(sheet, value):
    cell = WriteOnlyCell(sheet, value=_value(value))
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _value(cell):
    if isinstance(cell, datetime):
        # Spreadsheets know no zones.
        return cell.astimezone(UTC).replace(tzinfo=None)
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return cell
    return _cut(harmless(cell))


def _in_csv(cell):
    if cell is None or isinstance(cell, Decimal):
        return cell  # the writer writes nothing, and the number
    return f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else harmless(cell)


def _encoded(text) -> bytes:
    """What was written since the last time."""
    written = text.getvalue().encode("utf-8", "replace").translate(None, delete=_ILLEGAL)
    text.seek(0)
    text.truncate()
    return written


def _clean(cell) -> str:
    text = "" if cell is None else str(cell)
    # Control characters and halves of characters: XML, and so XLSX, cannot hold them.
    return ILLEGAL_CHARACTERS_RE.sub("", text).encode("utf-8", "replace").decode()


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    mark = _(" […] cut: the whole text has %(length)s characters") % {"length": len(text)}
    return text[: LONGEST - len(mark)] + mark
