"""What people type into a letter, made safe to keep, to mail and to print. Pure: no database.

Every text is put into Unicode normal form C and stripped. What cannot be meant is refused with a
sentence that names the remedy, never silently dropped: control characters (they break mail headers
and tables), halves of characters, marks that reverse the reading order (they make a name look like
another), and text in which there is nothing to see. Tabs become spaces, because spreadsheets and
word processors put them into everything one pastes. Each function raises ValidationError.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import hygiene as names

LONGEST_FILE_NAME = 150

_LINE_BREAKS = re.compile("\r\n|[\r\n\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Embeddings and overrides change the order of what stands around them; isolates do not.
_OVERRIDES = re.compile("[\u202a-\u202e]")
# Letters and symbols by category, yet drawn as nothing: Hangul fillers and blank Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})

# A Chinese or Japanese keyboard types these; a word processor turns the minus into U+2212.
_PLAIN = str.maketrans("０１２３４５６７８９．－−", "0123456789.--")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WHOLE_NUMBER = re.compile("-?[0-9]+")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The years in which something about this mission may happen.
_FIRST_YEAR, _LAST_YEAR = 2020, 2040
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()./-]*( ?(ext\.?|x) ?[0-9]{1,6})?", re.IGNORECASE)
_FEWEST_DIGITS = 6
# More than any quantity on Earth or the Moon needs; keeps conversions cheap.
_MOST_DIGITS = 30

# Names that Windows gives to devices; a file called so cannot be unpacked there.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def line(text: str) -> str:
    """One line of text, or "" if nothing was typed."""
    text = text.replace("\t", " ").strip()
    if _LINE_BREAKS.search(text):
        raise ValidationError(
            _("This field takes one line. Remove the line breaks."), code="line_break"
        )
    return names.line(text)


def paragraphs(text: str) -> str:
    """Text of several lines, with "\\n" between them."""
    text = _LINE_BREAKS.sub("\n", text.replace("\t", " "))
    text = unicodedata.normalize("NFC", text).strip()
    letters = text.replace("\n", "")
    if _SURROGATES.search(letters):
        raise _half_character()
    if any(unicodedata.category(c) == "Cc" or _is_noncharacter(c) for c in letters):
        raise ValidationError(
            _("There is an invisible control character in this text. Type that place anew."),
            code="control_character",
        )
    if _OVERRIDES.search(letters):
        raise ValidationError(
            _("An invisible mark in this text reverses its order. Type that place anew."),
            code="bidi_override",
        )
    if text and not any(map(_is_visible, letters)):
        raise ValidationError(
            _("There is nothing to see in this text. Write something or leave the field empty."),
            code="nothing_visible",
        )
    return text


def number(text: str) -> Decimal | None:
    """A plain decimal number, or None if nothing was typed.

    One way of writing only: a comma means "thousand" in one country and "point" in the next, and
    `1_000`, `1e3` and `NaN`, which Python would read, are not what a person writes on a form.
    """
    text = text.translate(_PLAIN).strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValidationError(
            _("Write a plain number such as 12.5: digits and a point, no comma, space or letter."),
            code="number",
        )
    return Decimal(_short_enough(text))


def whole_number(text: str) -> int | None:
    """A whole number, or None if nothing was typed."""
    text = text.translate(_PLAIN).strip()
    if not text:
        return None
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValidationError(
            _("Write a whole number such as 365: digits only."), code="whole_number"
        )
    return int(_short_enough(text))


def day(text: str) -> date | None:
    """A day as in ISO 8601, or None if nothing was typed.

    One way of writing only, the one that date fields of browsers send: 1/2/2024 is in January for
    some readers and in February for others.
    """
    text = text.translate(_PLAIN).strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        raise ValidationError(
            _("There is no such day in the calendar. Check it."), code="date"
        ) from None
    if found is None:
        raise ValidationError(
            _("Write the day as year-month-day, such as 2027-06-30."), code="date"
        )
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValidationError(
            _("Write a day between %(first)s and %(last)s."),
            params={"first": _FIRST_YEAR, "last": _LAST_YEAR},
            code="date",
        )
    return found


def telephone(text: str) -> str:
    """A telephone number that somebody in another country can call, or "" if none was typed."""
    text = line(text.translate(_PLAIN).replace("＋", "+"))
    digits = sum(character.isdigit() for character in text)
    if text and (not _TELEPHONE.fullmatch(text) or digits < _FEWEST_DIGITS):
        raise ValidationError(
            _("Write the number with its country code, such as +51 1 555 0100."), code="telephone"
        )
    return text


def address(text: str) -> str:
    """An e-mail address as it was typed, or "" if none was."""
    text = line(text)
    if text:
        names.check_address(text)
    return text


def file_name(name: str, ends=("pdf",)) -> str:
    """The name under which an uploaded file is shown and handed out; it ends in one of `ends`.

    Never the name under which it is stored. Folders are cut off; characters that cannot be seen are
    taken out, since people cannot see them to take them out themselves.
    """
    if _SURROGATES.search(name):
        raise _half_character()
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"})
    name = name.strip().rstrip(". ")
    stem, point, extension = name.rpartition(".")
    extension = extension.lower()
    if not point or extension not in ends:
        raise _wrong_end(ends)
    stem = stem.strip() or "file"
    if _DEVICES.match(stem):
        stem = f"_{stem}"
    return f"{stem[: LONGEST_FILE_NAME - 1 - len(extension)]}.{extension}"


def _wrong_end(ends):
    if ends == ("pdf",):
        return ValidationError(
            _("Choose a PDF file: its name must end in .pdf. Others are not taken."),
            code="not_a_pdf",
        )
    return ValidationError(
        _("Choose a PDF, PNG or JPEG file: its name must end in .pdf, .png, .jpg or .jpeg."),
        code="not_a_picture",
    )


def _is_visible(character) -> bool:
    return unicodedata.category(character) not in _INVISIBLE_CATEGORIES and character not in _BLANK


def _is_noncharacter(character) -> bool:
    point = ord(character)
    return 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE


def _half_character():
    return ValidationError(
        _("There is half a character in this text. Type that place anew."), code="surrogate"
    )


def _short_enough(text):
    if len(text) > _MOST_DIGITS:
        raise ValidationError(_("This number has too many digits. Round it."), code="number")
    return text
