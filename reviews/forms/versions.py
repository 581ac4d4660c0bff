"""Three versions of one form: as a person opened it, as they typed it, as it is stored now.

As in the editor of letters, the page carries the version it was opened with and hands it back; see
`proposals.forms.versions`, whose way of writing a version down is used here too. Here every field
holds one text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django import forms
from django.http import QueryDict

from proposals import merging
from proposals.forms.versions import MINE, TEXT, THEIRS, carried_in, to_text

__all__ = ["MINE", "TEXT", "THEIRS", "Comparison", "carried_in", "sent", "to_text"]


def sent(values: Mapping[str, object]) -> QueryDict:
    """These values as a browser sends them."""
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data[name] = str(value)
    return data


@dataclass(frozen=True)
class Said:
    """One answer as people read it."""

    plain: str
    is_long: bool


@dataclass(frozen=True)
class Conflict:
    """One answer that was changed in both places, each time in another way."""

    name: str
    label: str
    # None if nobody knows how the answer was before.
    base: Said | None
    theirs: Said
    mine: Said
    # Both wordings in one, for a text; None for an answer that is chosen rather than written.
    merged: merging.Merge | None
    their_changes: list[merging.Piece] = field(default_factory=list)
    my_changes: list[merging.Piece] = field(default_factory=list)


class Comparison:
    """What became of a form that was saved twice.

    `form` makes the form from data. `taken` are the answers that only the stored version changed,
    `kept` those that only this one changed, `differing` those that both did: only they need a
    choice.
    """

    def __init__(self, form: Callable, *, base: QueryDict | None, mine: QueryDict, theirs):
        self.base, self.mine, self.theirs = base, mine, theirs
        self.form = form(mine)
        self._values = [
            None if data is None else _Values(form(data)) for data in (base, mine, theirs)
        ]
        self.taken, self.kept, self.differing = [], [], []
        for name in self._names():
            old, my, their = (v.of(name) if v else None for v in self._values)
            if my == their:
                continue
            if my == old:
                self.taken.append(name)
            elif their == old:
                self.kept.append(name)
            else:
                self.differing.append(name)

    def _names(self):
        for name, one in self.form.fields.items():
            if isinstance(one.widget, forms.HiddenInput):
                continue
            # A text that was not sent was not emptied by anybody.
            if isinstance(one.widget, forms.Textarea) and name not in self.mine:
                continue
            yield name

    @cached_property
    def conflicts(self) -> list[Conflict]:
        return [self._conflict(name) for name in self.differing]

    def resolved(self, choices: Mapping[str, str], texts: Mapping[str, str]) -> QueryDict:
        """The form as it should be saved: both changes, and where they differ the choice that
        `choices` names, with the words of `texts` for TEXT."""
        data = self.mine.copy()
        for name in self.taken:
            data[name] = self.theirs.get(name, "")
        for name in self.differing:
            if choices.get(name) == THEIRS:
                data[name] = self.theirs.get(name, "")
            elif choices.get(name) == TEXT:
                data[name] = texts.get(name, "")
        return data

    def labels(self, names) -> list[str]:
        return [str(self.form.fields[name].label) for name in names]

    def _conflict(self, name) -> Conflict:
        one = self.form.fields[name]
        is_text = isinstance(one.widget, forms.Textarea)
        words = dict(getattr(one, "choices", ()))
        old, my, their = (v.of(name) if v else None for v in self._values)
        base, mine, theirs = (
            None if value is None else Said(str(words.get(value, value)), is_text)
            for value in (old, my, their)
        )
        label = str(one.label)
        if not is_text:
            return Conflict(name, label, base, theirs, mine, None)
        return Conflict(
            name,
            label,
            base,
            theirs,
            mine,
            merging.merge(old or "", their, my),
            merging.changes(old or "", their),
            merging.changes(old or "", my),
        )


class _Values:
    """The answers in one version: clean where they are valid, as they were typed elsewhere."""

    def __init__(self, form):
        self._form = form
        form.is_valid()

    def of(self, name) -> str:
        if name in self._form.cleaned_data:
            return self._form.cleaned_data[name]
        return self._form.data.get(name, "")
