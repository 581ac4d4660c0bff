"""How a section's fields are grouped on the page."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from proposals.accommodation import RULES
from proposals.forms.rows import RowsField

# Section to groups of fields: (heading, rows); the fields of one row stand side by side.
_GROUPS = {
    "a": (
        (_("Name"), (("title",), ("title_zh", "acronym"))),
        (_("Kind"), (("level",), ("project_type",), ("priorities",))),
        (_("In words"), (("summary",), ("public_abstract",))),
    ),
    "b": (
        (
            _("Principal investigator"),
            (("pi_name", "pi_position"), ("pi_email", "pi_phone")),
        ),
        (_("Who takes part"), (("co_investigators",), ("partners",))),
        (
            _("Who signs off"),
            (("representative_name", "representative_function"),),
        ),
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
    "e": (
        (_("Readiness"), (("trl_now",), ("trl_delivery",), ("heritage",))),
        (_("Deliveries"), (("em_delivery", "qm_delivery", "fm_delivery"),)),
        (_("What may go wrong"), (("risks",),)),
    ),
    "fuller": (
        (_("Since the letter"), (("changes",),)),
        (_("Mass and size"), (("mass_kg", "margin_percent"),)),
        (_("Power"), (("power_average_w", "power_peak_w"),)),
        (_("Data"), (("data_mbit_per_day",),)),
        (_("Readiness"), (("trl_now",), ("trl_delivery",))),
        (_("Deliveries"), (("fm_delivery",),)),
    ),
    "f": (
        (
            _("Shared costs and resources"),
            (
                ("shared_costs",),
                ("budget_amount", "budget_currency"),
                ("budget_status", "budget_body"),
            ),
        ),
        (_("The other three"), (("expertise",), ("visibility",), ("relations",))),
    ),
    "g": (
        (
            _("Protection and control"),
            (("planetary_protection",), ("organics_over_1kg",), ("export_control",)),
        ),
        (_("Who should not judge"), (("excluded_reviewers",),)),
        (
            _("We declare"),
            (("data_sharing",), ("peaceful_use",), ("consent_to_publish",), ("is_correct",)),
        ),
    ),
}
_COLUMNS = {1: "", 2: "col-md-6", 3: "col-md-4"}
# Fields that only mean something after another answer; scripts hide them until then.
_ONLY_WHEN = {
    "objective_other": "objectives=other",
    "own_power_note": "own_power_source=SOLAR,BATTERY,RADIOISOTOPE",
}
# Fields beside which advice may stand, now or while somebody types.
_ADVISED = {name for rule in RULES for name in rule.fields}


class _Advice:
    """What is worth a second look about one answer; a place for it if there is nothing yet."""

    def __init__(self, name):
        self.name = name

    def render(self, form, context, **kwargs):
        said = {"name": self.name, "sentences": form.advice.get(self.name, ())}
        return render_to_string("proposals/advice.html", said)


def helper_for(form) -> FormHelper:
    """The groups of this form's section, with the fields that the form has."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(
        *(
            Fieldset(heading, *_drawn(form, rows), css_class="mb-4")
            for heading, rows in _GROUPS[form.section.key]
            if any(name in form.fields for row in rows for name in row)
        )
    )
    return helper


def _drawn(form, rows):
    for row in rows:
        names = [name for name in row if name in form.fields]
        if len(names) > 1:
            column = _COLUMNS[len(names)]
            yield Div(
                *(Div(*_field(form, name), css_class=column) for name in names), css_class="row"
            )
        elif names:
            yield from _field(form, names[0])


def _field(form, name):
    yield _drawn_field(form, name)
    if name in _ADVISED:
        yield _Advice(name)


def _drawn_field(form, name):
    if isinstance(form.fields[name], RowsField):
        return Field(name, template="proposals/rows.html")
    if name == "level":
        return Field(name, wrapper_class="choice-cards")
    if name in _ONLY_WHEN:
        return Div(name, data_show_when=_ONLY_WHEN[name])
    return name
