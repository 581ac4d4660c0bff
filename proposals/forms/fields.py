"""Form fields for a letter's columns: hygiene on the way in, plain writing on the way out.

No field is required, since a draft may be incomplete. Limits count code points on the server as on
the page; HTML's own `maxlength` counts UTF-16 halves and cuts what one pastes without a word.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from proposals import hygiene
from proposals.content import plain_number
from proposals.forms.rows import RowsField
from proposals.rows import TABLES

_TOO_LONG = _("Use at most %(limit_value)d characters; there are %(show_value)d now.")
_TOO_SMALL = _("Write a number of at least %(limit_value)s.")
_TOO_LARGE = _("Write a number of at most %(limit_value)s.")
_RANGE = {"min_value": _TOO_SMALL, "max_value": _TOO_LARGE}
# Year first: 1/2/2024 is another day in the next country.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-5][0-9])?"
    r"(Z|z|[+-][0-9]{2}:?[0-9]{2})?"
)


class _CountedField(forms.CharField):
    default_error_messages = {"max_length": _TOO_LONG}

    def widget_attrs(self, widget):
        return {"data-limit": str(self.max_length)}


class LineField(_CountedField):
    """One line of text."""

    def to_python(self, value):
        return hygiene.line(value or "")


class ParagraphsField(_CountedField):
    """Text of several lines; `rows` is how many of them the page has room for at first."""

    widget = forms.Textarea

    def __init__(self, *, max_length, rows=None, **kwargs):
        # A row holds about ninety characters; long answers start with room, not with a scroll bar.
        self.rows = rows or min(14, 2 + max_length // 250)
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value):
        return hygiene.paragraphs(value or "")

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "rows": str(self.rows)}


class NumberField(forms.DecimalField):
    """A decimal number in the one documented way of writing."""

    # type=number hands over an empty text when somebody writes 1,5: what was typed would be lost.
    widget = forms.TextInput
    default_error_messages = {
        **_RANGE,
        "max_decimal_places": _("Write at most %(max)s digits after the point."),
        "max_digits": _("This number has too many digits. Round it."),
        "max_whole_digits": _("This number has too many digits. Round it."),
    }

    def to_python(self, value):
        return hygiene.number(value or "")

    def prepare_value(self, value):
        return plain_number(value) if isinstance(value, Decimal) else value

    def widget_attrs(self, widget):
        return {"inputmode": "decimal", "autocomplete": "off"}


class WholeNumberField(forms.IntegerField):
    widget = forms.TextInput
    default_error_messages = _RANGE

    def to_python(self, value):
        return hygiene.whole_number(value or "")

    def widget_attrs(self, widget):
        return {"inputmode": "numeric", "autocomplete": "off"}


class DayField(forms.CharField):
    """A day, written and shown as in ISO 8601, whatever the reader's language."""

    # type=date shows the day in the order of the browser's country, and hands over an empty text
    # when somebody types another one: what was typed would be lost.
    def to_python(self, value):
        return hygiene.day(value or "")

    def prepare_value(self, value):
        return value.isoformat() if isinstance(value, date) else value

    def widget_attrs(self, widget):
        return {"inputmode": "numeric", "autocomplete": "off", "placeholder": _("YYYY-MM-DD")}


class TelephoneField(_CountedField):
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})

    def to_python(self, value):
        return hygiene.telephone(value or "")

    def widget_attrs(self, widget):
        return {"inputmode": "tel"}


class AddressField(_CountedField):
    """An e-mail address."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def to_python(self, value):
        return hygiene.address(value or "")

    def widget_attrs(self, widget):
        return {"inputmode": "email", "spellcheck": "false"}


class InstantField(forms.Field):
    """An ISO instant; without an offset it is meant in `zone`, which the label must name."""

    default_error_messages = {
        "invalid": _(
            "Write the day and the time like 2024-01-05T18:00, year first; add an offset such as "
            "+08:00 or Z for another zone."
        ),
        "ambiguous": _("The clocks change in that hour. Add the offset, for example +01:00."),
        "year": _("Choose a day from 2020 to 2040."),
    }

    def __init__(self, *, zone, **kwargs):
        super().__init__(**kwargs)
        self.zone = zone

    def to_python(self, value):
        text = (value or "").strip()
        if not text:
            return None
        if not _INSTANT.fullmatch(text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not 2020 <= moment.year <= 2040:
            raise forms.ValidationError(self.error_messages["year"], code="year")
        if moment.tzinfo is None:
            first, second = (moment.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
            if first.utcoffset() != second.utcoffset():
                raise forms.ValidationError(self.error_messages["ambiguous"], code="ambiguous")
            moment = first
        return moment.astimezone(UTC)


class CodesField(forms.MultipleChoiceField):
    """Boxes to tick, out of a list of the call."""

    widget = forms.CheckboxSelectMultiple


def for_column(column, **kwargs):
    """The form field of a letter's column, for a ModelForm's `formfield_callback`."""
    match column:
        case models.JSONField():
            return RowsField(TABLES[column.name], label=capfirst(column.verbose_name))
        case models.Field() if column.choices:
            field = column.formfield(**kwargs)
            field.choices = [("", _("Choose")), *column.flatchoices]
            return field
        case models.DateField():
            return DayField(label=capfirst(column.verbose_name))
        case models.EmailField():
            return column.formfield(form_class=AddressField, **kwargs)
        case models.CharField(name="pi_phone"):
            return column.formfield(form_class=TelephoneField, **kwargs)
        case models.CharField():
            return column.formfield(form_class=LineField, **kwargs)
        case models.TextField():
            return column.formfield(form_class=ParagraphsField, **{**kwargs, "widget": None})
        case models.DecimalField():
            return column.formfield(form_class=NumberField, **kwargs)
        case models.PositiveIntegerField():
            return column.formfield(form_class=WholeNumberField, **kwargs)
    return column.formfield(**kwargs)
