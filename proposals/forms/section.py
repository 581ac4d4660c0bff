"""The editor's form: one section of the working copy."""

from copy import copy
from decimal import Decimal

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.core.validators import MaxValueValidator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from proposals.content import plain_number
from proposals.forms import choices
from proposals.forms.fields import CodesField, for_column
from proposals.forms.help import HELP
from proposals.models import LetterOfIntent
from proposals.sections import required_in, shown

# Section to groups of fields: (heading, rows); the fields of one row stand side by side.
_GROUPS = {
    "a": (
        (_("Name"), (("title",), ("title_zh", "acronym"))),
        (_("Kind"), (("level",), ("project_type",), ("priorities",))),
        (_("In words"), (("partners",), ("summary",), ("public_abstract",))),
    ),
    "c": (
        (_("Objectives"), (("objectives",), ("objective_other",), ("goals",))),
        (_("Innovation"), (("innovation_science",), ("innovation_engineering",))),
        (
            _("Together with others"),
            (("complement",), ("interaction",), ("surface_operations",)),
        ),
    ),
    "d": (
        (
            _("Mass and size"),
            (
                ("mass_kg", "margin_percent"),
                ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm"),
            ),
        ),
        (
            _("Power"),
            (("power_average_w", "power_peak_w"), ("own_power_source",), ("own_power_note",)),
        ),
        (
            _("Heat and cold"),
            (
                ("night_survival",),
                ("operating_min_c", "operating_max_c"),
                ("survival_min_c", "survival_max_c"),
            ),
        ),
        (_("Data"), (("data_mbit_per_day", "data_peak_kbps"),)),
        (
            _("Life on the Moon"),
            (
                ("interface_wishes",),
                ("separation_needed",),
                ("wireless_link",),
                ("lifetime_days",),
                ("hazards",),
            ),
        ),
    ),
}
_COLUMNS = {1: "", 2: "col-md-6", 3: "col-md-4"}
# Fields that only mean something after another answer; scripts hide them until then.
_ONLY_WHEN = {
    "objective_other": "objectives=other",
    "own_power_note": "own_power_source=SOLAR,BATTERY,RADIOISOTOPE",
}


def section_form(section, letter, data=None):
    """The form of this section of this letter, whose level decides which fields there are."""
    form_class = forms.modelform_factory(
        LetterOfIntent,
        form=_SectionForm,
        fields=_asked(section, letter, data),
        formfield_callback=for_column,
    )
    # Validation writes into the instance; the page still shows the letter as it is stored.
    return form_class(data, instance=copy(letter), section=section)


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
        call = self.instance.call
        self._offer("level", forms.ChoiceField, choices.levels(call), forms.RadioSelect)
        self._offer("priorities", CodesField, choices.priorities(call))
        self._offer("objectives", CodesField, choices.objectives(call))
        if "mass_kg" in self.fields:
            most = Decimal(plain_number(call.module_mass_kg))
            self.fields["mass_kg"].validators.append(MaxValueValidator(most))
        needed = required_in(self.section, self.instance.level)
        for name, field in self.fields.items():
            field.required = False
            field.help_text = _help(*HELP[name])
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
        return {name: _as_sent(self[name].value()) for name in self.fields}

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(
            *(
                Fieldset(heading, *filter(None, map(self._row, rows)), css_class="mb-4")
                for heading, rows in _GROUPS[self.section.key]
                if any(name in self.fields for row in rows for name in row)
            )
        )
        return helper

    def _row(self, names):
        names = [name for name in names if name in self.fields]
        if len(names) > 1:
            column = _COLUMNS[len(names)]
            return Div(*(Div(name, css_class=column) for name in names), css_class="row")
        return self._field(names[0]) if names else None

    def _field(self, name):
        if name == "level":
            return Field(name, wrapper_class="choice-cards")
        if name in _ONLY_WHEN:
            return Div(name, data_show_when=_ONLY_WHEN[name])
        return name


def _as_sent(value):
    if value is True:
        return "on"
    return None if value is False or value == [] else value


def _help(text, example):
    if not example:
        return text
    said = format_html("<span>{} {}</span>", _("Example:"), example)
    return format_html("{} {}", text, said) if text else said
