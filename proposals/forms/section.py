"""The editor's form: one section of the working copy."""

from copy import copy
from decimal import Decimal

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from proposals import accommodation, currencies
from proposals.content import plain_number
from proposals.declarations import STATEMENTS
from proposals.forms import choices
from proposals.forms.fields import CodesField, for_column
from proposals.forms.help import HELP
from proposals.forms.layout import helper_for
from proposals.forms.rows import RowsField
from proposals.sections import required_in, shown


def section_form(section, letter, data=None, *, more_rows_in=""):
    """The form of this section of this letter, whose level decides which fields there are.

    `letter` may be its fuller proposal, which has one section.

    `more_rows_in` names the answer for which the writer asked for more empty rows.
    """
    form_class = forms.modelform_factory(
        type(letter),
        form=_SectionForm,
        fields=_asked(section, letter, data),
        formfield_callback=for_column,
    )
    # Validation writes into the instance; the page still shows the letter as it is stored.
    form = form_class(data, instance=copy(letter), section=section)
    if isinstance(form.fields.get(more_rows_in), RowsField):
        form.fields[more_rows_in].offer_more()
    return form


def _asked(section, letter, data) -> tuple[str, ...]:
    """What the letter's level asks for, and whatever else of the section was typed.

    A colleague may have changed the level since the page was opened; that must not make an answer
    unknown which the page offered.
    """
    asked = shown(section, letter)
    return tuple(name for name in section.fields if name in asked or name in (data or ()))


class _SectionForm(forms.ModelForm):
    # A draft may be incomplete: the browser must not insist either.
    use_required_attribute = False

    def __init__(self, *args, section, **kwargs):
        super().__init__(*args, **kwargs)
        self.section = section
        # About the letter as it is stored, whatever was sent.
        self.advice = accommodation.beside(section, self.instance)
        call = self.instance.call
        self._offer("level", forms.ChoiceField, choices.levels(call), forms.RadioSelect)
        self._offer("priorities", CodesField, choices.priorities(call))
        self._offer("objectives", CodesField, choices.objectives(call))
        self._offer("budget_currency", forms.ChoiceField, choices.with_none(currencies.choices()))
        if "mass_kg" in self.fields:
            most = Decimal(plain_number(call.module_mass_kg))
            self.fields["mass_kg"].validators.append(MaxValueValidator(most))
        needed = required_in(self.section, self.instance.level)
        for name, field in self.fields.items():
            field.required = False
            field.help_text = _help(*HELP[name])
            field.label = STATEMENTS.get(name, field.label)
            if name in needed:
                field.label = format_html('{}<span class="asteriskField">*</span>', field.label)

    def _offer(self, name, field_class, offered, widget=None):
        if name in self.fields:
            self.fields[name] = field_class(
                choices=offered, widget=widget, label=self.fields[name].label
            )

    @property
    def repeatable(self) -> set[str]:
        """Names that an honest browser sends more than once."""
        return {name for name, field in self.fields.items() if isinstance(field, CodesField)}

    @property
    def expected(self) -> set[str]:
        """Names that an honest browser sends."""
        cells = (
            field.widget.names_in(self.data)
            for field in self.fields.values()
            if isinstance(field, RowsField)
        )
        return set(self.fields).union(*cells)

    @property
    def changes(self) -> dict:
        """Values of the valid fields that were sent; call `is_valid` first.

        A text field that is missing from the request was not emptied by anybody.
        """
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not self.fields[name].widget.value_omitted_from_data(self.data, self.files, name)
        }

    @property
    def written(self) -> dict:
        """What each field holds, as a browser would send it; None where it would send nothing."""
        sent = {}
        for name, field in self.fields.items():
            value = self[name].value()
            if isinstance(field, RowsField):
                sent |= field.as_sent(value)
            else:
                sent[name] = _as_sent(value)
        return sent

    @property
    def helper(self):
        return helper_for(self)


def _as_sent(value):
    if value is True:
        return "on"
    return None if value is False or value == [] else value


def _help(text, example):
    if not example:
        return text
    said = format_html("<span>{} {}</span>", _("Example:"), example)
    return format_html("{} {}", text, said) if text else said
