"""A letter as people read it: labelled answers, section by section, in the reader's language.

The same words for the page that shows what will be filed, for the page that shows what was, and for
the panel.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import FieldDoesNotExist
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals import currencies, rows
from proposals.content import plain_number
from proposals.declarations import STATEMENTS
from proposals.models import FullerProposal, FullerVersion, LetterOfIntent
from proposals.models.call import in_language
from proposals.sections import FULLER, SECTIONS, Section

# Answers that are lists of codes; their words stand in the call.
_LISTS = {"priorities": "priorities", "objectives": "objectives"}

# How an answer is laid out: a word or a number, paragraphs, several words, rows of labelled words.
WORD, TEXT, LIST, ROWS = "word", "text", "list", "rows"


@dataclass(frozen=True)
class Answer:
    name: str
    label: str
    # A text; for LIST a list of texts; for ROWS a list of rows, each a list of (label, text).
    # Empty if nothing was answered.
    value: str | list
    kind: str = WORD

    @property
    def is_long(self) -> bool:
        return self.kind == TEXT

    @property
    def direction(self) -> str:
        """For `dir`: of what it says; rows have labels in the page's language, and follow that."""
        return "" if self.kind == ROWS else "auto"

    @property
    def plain(self) -> str:
        """The answer as one text, to be copied or compared: a row or a text on each line."""
        if self.kind == ROWS:
            return "\n".join("; ".join(text for _label, text in row) for row in self.value)
        return "\n".join(self.value) if self.kind == LIST else self.value


@dataclass(frozen=True)
class Part:
    section: Section
    answers: list[Answer]


def parts_of(content, call) -> list[Part]:
    """The sections of a version's content, or of `content.of(letter)`, with every answer.

    A version that was filed before a question was asked has no answer to it. A fuller proposal is
    one section.
    """
    if content.get("about") == FullerVersion.ABOUT:
        return [Part(FULLER, of_fuller(content, call))]
    said = content["fields"]
    return [
        Part(section, [answer(name, said.get(name), call) for name in section.fields])
        for section in SECTIONS.values()
    ]


def of_fuller(content, call) -> list[Answer]:
    """Every answer of a filed fuller proposal, or of what would be filed."""
    return [answer(name, content["fields"].get(name), call) for name in FULLER.fields]


def answer(name, value, call) -> Answer:
    """One answer in words. A code that nobody lists any more is shown as it was filed."""
    column = _column(name)
    # Words, not promises of words: each would be kept and translated several times.
    label = str(STATEMENTS.get(name) or capfirst(str(column.verbose_name)))
    if name in rows.TABLES:
        return Answer(name, label, _rows_in_words(name, value), ROWS)
    if name in _LISTS:
        return Answer(name, label, _codes_in_words(name, value, call), LIST)
    is_long = column.get_internal_type() == "TextField"
    return Answer(name, label, _in_words(column, value), TEXT if is_long else WORD)


def labels(names) -> list[str]:
    return [capfirst(_column(name).verbose_name) for name in names]


def _column(name):
    """The column of an answer: the letter's, or else that of a fuller proposal."""
    try:
        return LetterOfIntent._meta.get_field(name)
    except FieldDoesNotExist:
        return FullerProposal._meta.get_field(name)


def _rows_in_words(name, value):
    if isinstance(value, str):
        value = rows.from_lines(name, value)
    return [rows.in_words(name, row) for row in value or () if not row.get("remove")]


def _codes_in_words(name, value, call):
    words = {item["code"]: in_language(item) for item in getattr(call, _LISTS[name])}
    words["other"] = _("Another objective")
    return [words.get(code, code) for code in value or ()]


def _in_words(column, value):
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if column.name == "budget_currency" and value:
        return currencies.in_words(value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value or ""))
    if isinstance(value, Decimal):
        return plain_number(value)
    if value and column.get_internal_type() == "DateField":
        return _day(value)
    return "" if value is None else str(value)


def _day(value):
    """A day in the reader's way of writing; whatever is not one stays as it was typed."""
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError:
        return str(value)
    return formats.date_format(day, "DATE_FORMAT")
