"""From JSON to the values of columns, by the very forms that the pages use."""

from copy import copy
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.problems import invalid
from accounts.strict_json import Number
from proposals import rows
from proposals.api.fields import COLUMNS, is_number
from proposals.forms import section_form
from proposals.sections import SECTIONS

# A quantity beyond these powers of ten is a slip; written out it would fill a page.
_MOST_EXPONENT = 30


def changes_in(sent: dict, letter) -> dict:
    """Column values for what was sent; all of it or, with a fault anywhere, a 422 that names it.

    Sections are read in their order on a copy of the letter, so that a level sent along decides
    which questions are asked.
    """
    draft, changes, faults = copy(letter), {}, {}
    for section in SECTIONS.values():
        names = [name for name in section.fields if name in sent]
        if not names:
            continue
        found, wrong = _read(section, {name: sent[name] for name in names}, draft)
        for name, value in found.items():
            setattr(draft, name, value)
        changes |= found
        faults |= wrong
    if faults:
        raise invalid(faults)
    return changes


def _read(section, sent, draft):
    """Values and faults of one section's fields."""
    typed, found, faults = {}, {}, {}
    for name, value in sent.items():
        try:
            if name in rows.TABLES:
                # What the form makes of its cells, this has already.
                found[name] = rows.clean(name, value)
                continue
            typed[name] = _as_typed(COLUMNS[name], value)
        except TypeError as fault:
            faults[name] = [str(fault)]
        except ValidationError as fault:
            faults[name] = fault.messages
    form = section_form(section, draft)
    for name in typed.keys() - form.fields.keys():
        faults[name] = [_("This is not asked at the letter's cooperation level.")]
    standing = {name: _as_text(value) for name, value in form.written.items()}
    # A box that is not ticked is sent as nothing at all.
    data = {name: text for name, text in (standing | typed).items() if text is not None}
    form = section_form(section, draft, data)
    form.is_valid()
    for name, sentences in form.errors.items():
        # What stood there before and is not touched is judged when the letter is submitted.
        if name in sent or name not in form.fields:
            faults.setdefault(name, list(sentences))
    found |= {name: form.cleaned_data[name] for name in typed if name in form.cleaned_data}
    return found, faults


def _as_typed(column, value):
    """The value as a browser would send it, None for nothing at all; TypeError says what it takes.

    Of the right kind only: what a text says, how long it is and how large a number is judges the
    form.
    """
    if isinstance(column, models.BooleanField):
        if not isinstance(value, bool):
            raise TypeError(_("Give true or false."))
        return "on" if value else None
    if isinstance(column, ArrayField):
        if not isinstance(value, list) or not all(type(item) is str for item in value):
            raise TypeError(_("Give a list of codes."))
        return value
    if is_number(column):
        if value is None:
            return ""
        if not isinstance(value, Number):
            raise TypeError(_("Give a number, or null for none."))
        return _written_out(value)
    if isinstance(column, models.DateField) and value is None:
        return ""
    if type(value) is not str:
        raise TypeError(_("Give a text."))
    return value


def _as_text(value):
    """As a form receives it: text, or several."""
    return value if value is None or isinstance(value, str | list) else str(value)


def _written_out(number: Number) -> str:
    """`1.2e1` as "12": JSON has several ways to write a number, a form has one."""
    value = Decimal(number)
    if abs(value.as_tuple().exponent) > _MOST_EXPONENT or abs(value.adjusted()) > _MOST_EXPONENT:
        raise TypeError(_("This number has too many digits. Round it."))
    return format(value, "f")
