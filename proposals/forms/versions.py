"""Three versions of one section: as a person opened it, as they typed it, as it is stored now.

Each version travels as a browser sends a form (name to texts), so that the page can carry the one
it was opened with and hand it back. That page is the simplest place that is right: a copy on the
server of every save of every colleague would have to be kept, found by revision and thrown away
again, while the page knows exactly what its writer has seen. Whoever forges it harms nothing but
their own comparison, since only what the form accepts is ever stored.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property

from django.core.exceptions import BadRequest
from django.http import QueryDict

from accounts import strict_json
from proposals import merging, reading
from proposals.forms.section import section_form
from proposals.sections import Section

THEIRS, MINE, TEXT = "theirs", "mine", "text"
CHOICES = (THEIRS, MINE, TEXT)

_UNKNOWN = object()


class Unreadable(ValueError):
    """What was handed back as a version is none."""


def sent_by(form) -> QueryDict:
    """What a browser would send of this unbound form."""
    data = QueryDict(mutable=True)
    for name, value in form.written.items():
        if value is not None:
            data.setlist(
                name, [str(one) for one in (value if isinstance(value, list) else [value])]
            )
    return data


def of_section(section: Section, data: QueryDict) -> QueryDict:
    """The section's own answers in what a browser sent."""
    own = QueryDict(mutable=True)
    for name, values in data.lists():
        if name in section.fields or name.split("-")[0] in section.fields:
            own.setlist(name, values)
    return own


def to_text(data: QueryDict) -> str:
    return json.dumps(dict(data.lists()), ensure_ascii=False)


def from_text(text: str) -> QueryDict:
    """Raise Unreadable if this is not what `to_text` writes."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Unreadable from fault
    if not isinstance(found, dict):
        raise Unreadable
    data = QueryDict(mutable=True)
    for name, values in found.items():
        if not isinstance(values, list) or not all(map(_is_clean, [name, *values])):
            raise Unreadable
        data.setlist(name, values)
    return data


def carried_in(posted, name) -> QueryDict | None:
    """The version that a page carried along, None if it carries none; BadRequest if it is none."""
    if not posted.get(name):
        return None
    try:
        return from_text(posted[name])
    except Unreadable:
        raise BadRequest(f"{name}: a version as the page gave it") from None


@dataclass(frozen=True)
class Conflict:
    """One answer that both people changed, each in another way."""

    name: str
    # As people read them; `base` is None if nobody knows how the answer was before.
    base: reading.Answer | None
    theirs: reading.Answer
    mine: reading.Answer
    # Both wordings in one, for a text; None for an answer that is chosen rather than written.
    merged: merging.Merge | None
    # What each of them changed, word by word; empty where a comparison says nothing.
    their_changes: list[merging.Piece] = field(default_factory=list)
    my_changes: list[merging.Piece] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.theirs.label


class Comparison:
    """What became of a section that two people saved.

    `taken` are the answers that only the other one changed, `kept` those that only this person
    changed, `conflicts` those that both did. The first two need nobody's choice.
    """

    def __init__(self, section: Section, letter, *, base: QueryDict | None, mine, theirs):
        self.section, self.letter = section, letter
        self.base, self.mine, self.theirs = base, mine, theirs
        self.taken, self.kept, self.differing = [], [], []
        before, typed, stored = (_Values(section, letter, data) for data in (base, mine, theirs))
        self._values = before, typed, stored
        for name in section.fields:
            old, my, their = before.of(name), typed.of(name), stored.of(name)
            # An answer that was not sent was not emptied by anybody.
            if my is _UNKNOWN or my == their:
                continue
            if my == old:
                self.taken.append(name)
            elif their == old:
                self.kept.append(name)
            else:
                self.differing.append(name)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        return [self._conflict(name) for name in self.differing]

    def resolved(self, choices: dict[str, str], texts: dict[str, str]) -> QueryDict:
        """The section as it should be saved: both people's changes, and where they differ the
        choice that `choices` names, with the words of `texts` for TEXT."""
        data = self.mine.copy()
        for name in self.taken:
            _replace(data, name, self.theirs)
        for name in self.differing:
            if choices.get(name) == THEIRS:
                _replace(data, name, self.theirs)
            elif choices.get(name) == TEXT:
                data[name] = texts.get(name, "")
        return data

    def _conflict(self, name) -> Conflict:
        old, my, their = (values.of(name) for values in self._values)
        call = self.letter.call
        base = None if old is _UNKNOWN else reading.answer(name, old, call)
        theirs, mine = (reading.answer(name, value, call) for value in (their, my))
        if not _is_written(self._values[1].form.fields[name]):
            return Conflict(name, base, theirs, mine, None)
        old, my, their = ("" if text in (None, _UNKNOWN) else text for text in (old, my, their))
        between = " " if theirs.is_long else " / "
        return Conflict(
            name,
            base,
            theirs,
            mine,
            merging.merge(old, their, my, between=between),
            merging.changes(old, their),
            merging.changes(old, my),
        )


class _Values:
    """The answers in one version: clean where they are valid, as they were typed elsewhere."""

    def __init__(self, section, letter, data):
        self.data = data
        self.form = None
        if data is not None:
            self.form = section_form(section, letter, data)
            self.form.is_valid()

    def of(self, name):
        if self.form is None or name not in self.form.fields:
            return _UNKNOWN
        widget = self.form.fields[name].widget
        if widget.value_omitted_from_data(self.data, {}, name):
            return _UNKNOWN
        if name in self.form.cleaned_data:
            return self.form.cleaned_data[name]
        return self.form[name].value()


def _is_written(form_field) -> bool:
    """Whether an answer is words that one can put together."""
    return hasattr(form_field, "max_length") and form_field.max_length is not None


def _replace(data, name, source):
    """Put one answer of another version in; an answer of rows has several names."""
    for key in [key for key in data if key == name or key.startswith(f"{name}-")]:
        del data[key]
    for key, values in source.lists():
        if key == name or key.startswith(f"{name}-"):
            data.setlist(key, values)


def _is_clean(text) -> bool:
    return isinstance(text, str) and strict_json.is_storable(text)
