"""Rows on a form: some filled, one empty, each with its labelled fields.

Without a script the button "add" saves and comes back with more empty rows; `static/portal/rows.js`
adds them at once. A row that is left empty vanishes; a box takes a filled one out.
"""

import re
import secrets
from dataclasses import dataclass
from functools import cache

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import places
from proposals import rows

_EMPTY_ROWS, _MORE_EMPTY_ROWS = 1, 3
# Fields as long as this show how much was written.
_COUNTED_FROM = 200
# Where the script puts the number of a row that it adds.
_ANY = "__n__"


class RowsWidget(forms.Widget):
    """Reads rows from names such as `partners-0-country`; `partners` alone says they were there."""

    use_fieldset = True

    def __init__(self, table):
        super().__init__()
        self.table = table
        cells = "|".join(["id", "remove", *(cell.name for cell in table.cells)])
        self._name = re.compile(rf"{table.name}-([0-9]{{1,3}})-({cells})")

    def names_in(self, data) -> set[str]:
        """The names in `data` that are cells of these rows."""
        return {name for name in data if self._name.fullmatch(name)}

    def value_from_datadict(self, data, files, name):
        found = {}
        for key in data:
            if match := self._name.fullmatch(key):
                found.setdefault(int(match[1]), {})[match[2]] = data.get(key)
        typed = [row for _number, row in sorted(found.items())]
        return [row for row in typed if not rows.is_empty(_without_machinery(row))]

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def id_for_label(self, id_):
        return ""


class RowsField(forms.Field):
    """The rows of one table, as `rows.clean` leaves them."""

    def __init__(self, table, **kwargs):
        super().__init__(required=False, widget=RowsWidget(table), **kwargs)
        self.table = table
        self.empty_rows = _EMPTY_ROWS

    def offer_more(self):
        """Show more empty rows than one."""
        self.empty_rows = _MORE_EMPTY_ROWS

    def clean(self, value):
        # Rows to be removed keep their place, so that a fault names the number on the page.
        kept = [{} if "remove" in row else row for row in value]
        return rows.clean(self.table.name, kept)

    def has_changed(self, initial, data):
        return initial != data

    def get_bound_field(self, form, field_name):
        return RowsBoundField(form, self, field_name)

    def as_sent(self, value) -> dict[str, str]:
        """Name to text of every cell, as a browser would send these rows."""
        name = self.table.name
        sent = {name: "rows"}
        for number, row in enumerate(value):
            sent |= {f"{name}-{number}-{cell}": text for cell, text in row.items()}
        return sent


@dataclass(frozen=True)
class Input:
    """One cell of one row, as the template draws it."""

    cell: rows.Cell
    name: str
    value: str
    faults: list[str]

    @property
    def label(self):
        return capfirst(self.cell.label)

    @property
    def limit(self):
        """How much may be written, where the writer is shown it."""
        counts = self.cell.kind != rows.PLACE and self.cell.limit >= _COUNTED_FROM
        return self.cell.limit if counts else None

    @property
    def options(self) -> SafeString:
        return _options(self.value)


class RowsBoundField(forms.BoundField):
    """What the template draws: `lines`, one for each row; `pattern`, which the script copies."""

    @property
    def lines(self) -> list[dict]:
        shown = list(self.value() or ())
        free = max(0, self.field.table.most - len(shown))
        # An id that is known before the row is: saving twice must not make two rows.
        shown += [{"id": secrets.token_hex(6)} for _row in range(min(self.field.empty_rows, free))]
        return [self._line(number, row) for number, row in enumerate(shown)]

    @property
    def pattern(self) -> dict:
        return self._line(_ANY, {})

    @property
    def faults(self) -> list[dict]:
        """Each fault with the field to go to."""
        return [
            {"sentence": sentence, "target": self._target(fault)}
            for fault in self.errors.as_data()
            for sentence in fault.messages
        ]

    @property
    def other_faults(self) -> list[str]:
        """What is wrong with the rows as a whole."""
        return [
            sentence
            for fault in self.errors.as_data()
            if not isinstance(fault, rows.Fault)
            for sentence in fault.messages
        ]

    def _target(self, fault):
        if isinstance(fault, rows.Fault):
            return f"id_{self.html_name}-{fault.row - 1}-{fault.cell}"
        return f"div_{self.auto_id}"

    def _line(self, number, row):
        faults = [fault for fault in self.errors.as_data() if isinstance(fault, rows.Fault)]
        return {
            "start": f"{self.html_name}-{number}",
            "number": number + 1 if number != _ANY else "",
            "id": row.get("id", ""),
            "remove": "remove" in row,
            "cells": [
                Input(
                    cell,
                    f"{self.html_name}-{number}-{cell.name}",
                    row.get(cell.name) or "",
                    [
                        sentence
                        for fault in faults
                        if (fault.row - 1, fault.cell) == (number, cell.name)
                        for sentence in fault.messages
                    ],
                )
                for cell in self.field.table.cells
            ],
        }


def _without_machinery(row):
    return {name: text for name, text in row.items() if name != "remove"}


def _options(chosen) -> SafeString:
    """All places as options. Put together once a language: a page has some in every row."""
    options = _unchosen_options(get_language())
    if not places.is_known(chosen):
        return options
    # Codes are letters alone, so nothing of what is put in needs escaping.
    return mark_safe(options.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1))


@cache
def _unchosen_options(_language) -> SafeString:
    choices = [("", _("Choose")), *places.choices()]
    return format_html_join("", '<option value="{}">{}</option>', choices)
