"""The form as data: which fields make a section, and what a letter needs before it can be filed.

Source: section 3 of the call's form. Drafts may be incomplete; this page is asked at submission and
by the side bar of the editor.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from proposals.states import Level, PowerSource


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    fields: tuple[str, ...]
    required: tuple[str, ...]


SECTIONS = {
    "a": Section(
        "a",
        _("Identity"),
        (
            "title", "title_zh", "acronym", "level", "project_type", "priorities", "summary",
            "public_abstract",
        ),
        ("title", "level", "project_type", "priorities", "summary", "public_abstract"),
    ),
    "b": Section(
        "b",
        _("Partner and people"),
        (
            "pi_name", "pi_position", "pi_email", "pi_phone", "co_investigators", "partners",
            "representative_name", "representative_function",
        ),
        (
            "pi_name", "pi_position", "pi_email", "pi_phone", "representative_name",
            "representative_function",
        ),
    ),
    "c": Section(
        "c",
        _("Science and engineering"),
        (
            "objectives", "objective_other", "goals", "innovation_science",
            "innovation_engineering", "complement", "interaction", "surface_operations",
        ),
        (
            "objectives", "goals", "innovation_science", "innovation_engineering", "complement",
        ),
    ),
    "d": Section(
        "d",
        _("Resources and interfaces"),
        (
            "mass_kg", "margin_percent", "envelope_x_mm", "envelope_y_mm", "envelope_z_mm",
            "power_average_w", "power_peak_w", "own_power_source", "own_power_note",
            "night_survival", "operating_min_c", "operating_max_c", "survival_min_c",
            "survival_max_c", "data_mbit_per_day", "data_peak_kbps", "interface_wishes",
            "separation_needed", "wireless_link", "lifetime_days", "hazards",
        ),
        (),
    ),
    "e": Section(
        "e",
        _("Maturity"),
        (
            "trl_now", "trl_delivery", "heritage", "em_delivery", "qm_delivery", "fm_delivery",
            "risks",
        ),
        ("trl_now", "trl_delivery", "heritage", "fm_delivery"),
    ),
    "f": Section(
        "f",
        _("Four advantages"),
        (
            "shared_costs", "budget_amount", "budget_currency", "budget_status", "budget_body",
            "expertise", "visibility", "relations",
        ),
        ("shared_costs", "expertise", "visibility", "relations"),
    ),
    "g": Section(
        "g",
        _("Declarations"),
        (
            "planetary_protection", "organics_over_1kg", "export_control", "data_sharing",
            "peaceful_use", "consent_to_publish", "excluded_reviewers", "is_correct",
        ),
        ("data_sharing", "peaceful_use", "consent_to_publish", "is_correct"),
    ),
}  # fmt: skip

# The structured part of the fuller proposal; its files stand beside it.
FULLER = Section(
    "fuller",
    _("Fuller proposal"),
    (
        "changes", "mass_kg", "margin_percent", "power_average_w", "power_peak_w",
        "data_mbit_per_day", "trl_now", "trl_delivery", "fm_delivery",
    ),
    ("changes", "trl_now", "trl_delivery", "fm_delivery"),
)  # fmt: skip

FIELDS = tuple(name for section in SECTIONS.values() for name in section.fields)

_RESOURCES = ("mass_kg", "power_average_w", "power_peak_w", "data_mbit_per_day")
# What only some levels of cooperation must say.
_AT_LEVEL = {
    Level.MISSION: {"c": ("interaction",)},
    Level.SYSTEM: {"c": ("surface_operations",), "d": _RESOURCES, "fuller": _RESOURCES},
    Level.UNIT: {"d": _RESOURCES, "fuller": _RESOURCES},
}

# What another answer makes necessary: section, field, and when.
_FOLLOWING = (
    # "Other" alone says nothing until it is named.
    ("c", "objective_other", lambda letter: letter.objectives == ["other"]),
    # A radioisotope source needs words that the agencies can take to their safety authorities.
    ("d", "own_power_note", lambda letter: letter.own_power_source == PowerSource.RADIOISOTOPE),
    # An amount without a currency is not an amount.
    ("f", "budget_currency", lambda letter: letter.budget_amount is not None),
)

# What makes no sense at some levels: only craft that interact or ride along are asked for these.
_ASKED_AT = {
    "interaction": (Level.MISSION, Level.SYSTEM),
    "surface_operations": (Level.SYSTEM,),
    "mass_kg": (Level.SYSTEM, Level.UNIT),
    "margin_percent": (Level.SYSTEM, Level.UNIT),
    "envelope_x_mm": (Level.SYSTEM, Level.UNIT),
    "envelope_y_mm": (Level.SYSTEM, Level.UNIT),
    "envelope_z_mm": (Level.SYSTEM, Level.UNIT),
    "separation_needed": (Level.SYSTEM,),
}


def shown(section: Section, letter) -> tuple[str, ...]:
    """Names of the fields of this section that the letter's level is asked for.

    Whatever was filled in stays on the page even if the level changed afterwards: nothing is filed
    that its writers cannot see.
    """
    return tuple(
        name
        for name in section.fields
        if not letter.level
        or letter.level in _ASKED_AT.get(name, (letter.level,))
        or not is_empty(getattr(letter, name))
    )


def required_in(section: Section, level: str) -> tuple[str, ...]:
    """Names of the fields this section needs before a letter of this level can be filed."""
    return section.required + _AT_LEVEL.get(level, {}).get(section.key, ())


def missing(letter) -> dict[str, list[str]]:
    """Section key to the names of required fields that are still empty; empty if complete."""
    gaps = {}
    for section in SECTIONS.values():
        names = [
            *required_in(section, letter.level),
            *(name for key, name, asked in _FOLLOWING if key == section.key and asked(letter)),
        ]
        empty = [name for name in names if is_empty(getattr(letter, name))]
        if empty:
            gaps[section.key] = empty
    return gaps


def missing_in_fuller(proposal) -> list[str]:
    """Names of the fields that a fuller proposal still needs before it can be filed."""
    names = required_in(FULLER, proposal.level)
    return [name for name in names if is_empty(getattr(proposal, name))]


def is_empty(value) -> bool:
    """Whether an answer says nothing: no text, no number, no row, a box that is not ticked."""
    return value is None or value is False or value in ("", [])
