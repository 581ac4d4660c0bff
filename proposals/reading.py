"""A letter as people read it: labelled answers, section by section, in the reader's language.

The same words for the page that shows what will be filed and for the page that shows what was.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals.content import plain_number
from proposals.models import LetterOfIntent
from proposals.models.call import in_language
from proposals.sections import SECTIONS, Section

# Answers that are lists of codes; their words stand in the call.
_LISTS = {"priorities": "priorities", "objectives": "objectives"}


@dataclass(frozen=True)
class Answer:
    name: str
    label: str
    # A list for several answers to one question; empty if nothing was answered.
    value: str | list[str]
    # Paragraphs rather than a word or a number.
    is_long: bool


@dataclass(frozen=True)
class Part:
    section: Section
    answers: list[Answer]


def parts_of(content, call) -> list[Part]:
    """The sections of a version's content, or of `content.of(letter)`, with every answer."""
    said = content["fields"]
    return [
        Part(section, [answer(name, said.get(name), call) for name in section.fields])
        for section in SECTIONS.values()
    ]


def answer(name, value, call) -> Answer:
    """One answer in words. A code that the call no longer lists is shown as it was filed."""
    column = LetterOfIntent._meta.get_field(name)
    return Answer(
        name,
        capfirst(column.verbose_name),
        _in_words(column, value, call),
        column.get_internal_type() == "TextField",
    )


def labels(names) -> list[str]:
    return [capfirst(LetterOfIntent._meta.get_field(name).verbose_name) for name in names]


def _in_words(column, value, call):
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if column.name in _LISTS:
        words = {item["code"]: in_language(item) for item in getattr(call, _LISTS[column.name])}
        words["other"] = _("Another objective")
        return [words.get(code, code) for code in value or ()]
    if column.choices:
        return str(dict(column.flatchoices).get(value, value or ""))
    if isinstance(value, Decimal):
        return plain_number(value)
    return "" if value is None else str(value)


def plain(answer) -> str:
    """An answer as one text, to be printed or compared: each of several on a line of its own."""
    return "\n".join(answer.value) if isinstance(answer.value, list) else answer.value
