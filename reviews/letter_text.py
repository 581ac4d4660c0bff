"""A filed letter as it is read: sections of labelled lines, from the version that was accepted.

The panel reads what was filed, word for word, and never the agency's working copy.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from proposals.models import LetterOfIntent
from proposals.models.call import in_language
from proposals.sections import SECTIONS

# Fields whose label tells the writer how to fill them in; a reader needs the name alone.
_NAMES = {"partners": _("Partner organisations")}
# Lists of codes whose texts stand in the call.
_LISTS = {"priorities": "priorities", "objectives": "objectives"}


@dataclass(frozen=True)
class Line:
    name: str
    label: str
    text: str
    # Several paragraphs rather than a word or a number.
    is_long: bool


@dataclass
class Part:
    key: str
    title: str
    lines: list[Line] = field(default_factory=list)
    # Labels of what the agency left empty.
    empty: list[str] = field(default_factory=list)


def parts_of(version, call) -> list[Part]:
    """The sections of a filed version in the reader's language, each with what it says."""
    said = version.content["fields"]
    parts = []
    for section in SECTIONS.values():
        part = Part(section.key, str(section.title))
        for name in section.fields:
            column = LetterOfIntent._meta.get_field(name)
            label = str(_NAMES.get(name, column.verbose_name))
            label = label[:1].upper() + label[1:]
            text = _in_words(column, said.get(name), call)
            if text:
                is_long = column.get_internal_type() == "TextField"
                part.lines.append(Line(name, label, text, is_long))
            else:
                part.empty.append(label)
        parts.append(part)
    return parts


def _in_words(column, value, call) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if column.name in _LISTS:
        words = {item["code"]: in_language(item) for item in getattr(call, _LISTS[column.name])}
        words["other"] = gettext("Another objective")
        # A code the call no longer lists is shown as it was filed.
        return "; ".join(words.get(code, code) for code in value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return str(value)
