"""JSON from outside, read strictly, in one place.

Python's reader takes `NaN`, keeps the last of two equal names, recurses as deep as it is told to,
and hands on halves of characters that no column can store. All of that is refused here, with a
sentence that names the remedy. Numbers come out as they were written, so that a quantity never
passes through binary arithmetic and `1e3` is judged by the same rule as on a form.
"""

import json
import re

from django.utils.translation import gettext as _

MOST_BYTES = 1_000_000
MOST_DEPTH = 20
# More than any quantity here needs; beyond a few thousand Python itself refuses.
MOST_DIGITS = 40

# A string whose end is missing runs to the end of the text: were it no match, each quotation mark
# in it would be tried as another beginning, and a body within the limit take hours.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(ValueError):
    """This is not JSON as it is read here; the message says why."""


class Number(str):
    """A number as it was written, "6.50" or "1e3"."""

    __slots__ = ()


def loads(data: bytes):
    """The value in these bytes: numbers as `Number`, everything else as Python's own reader."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("This is larger than %(most)d bytes.") % {"most": MOST_BYTES})
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(_("This is not UTF-8.")) from None
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise Unreadable(
            _("This is not JSON: line %(line)d, column %(column)d.")
            % {"line": error.lineno, "column": error.colno}
        ) from None
    _check_characters(value)
    return value


def is_storable(text: str) -> bool:
    """Whether a column and a page can hold this text: no NUL and no half of a character in it."""
    return not _UNSTORABLE.search(text)


def _check_depth(text):
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > MOST_DEPTH:
                raise Unreadable(
                    _("This is nested more than %(most)d levels deep.") % {"most": MOST_DEPTH}
                )
        elif found[0] in "]}":
            depth -= 1


def _object(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable(_("The same name stands twice in one object."))
    return found


def _number(text):
    if len(text) > MOST_DIGITS:
        raise Unreadable(_("There is a number with too many digits."))
    return Number(text)


def _constant(name):
    raise Unreadable(_("%(name)s is not a number.") % {"name": name})


def _check_characters(value):
    """Refuse NUL and halves of characters, in names and in texts."""
    match value:
        case str():
            if not is_storable(value):
                raise Unreadable(_("There is a NUL or half a character in a text."))
        case dict():
            for name, inner in value.items():
                _check_characters(name)
                _check_characters(inner)
        case list():
            for inner in value:
                _check_characters(inner)
