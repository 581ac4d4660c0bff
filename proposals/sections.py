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
            "title", "title_zh", "acronym", "level", "project_type", "priorities", "partners",
            "summary", "public_abstract",
        ),
        ("title", "level", "project_type", "priorities", "summary", "public_abstract"),
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
}  # fmt: skip

FIELDS = tuple(name for section in SECTIONS.values() for name in section.fields)

# What only some levels of cooperation must say.
_AT_LEVEL = {
    Level.MISSION: {"c": ("interaction",)},
    Level.SYSTEM: {
        "c": ("surface_operations",),
        "d": ("mass_kg", "power_average_w", "power_peak_w", "data_mbit_per_day"),
    },
    Level.UNIT: {"d": ("mass_kg", "power_average_w", "power_peak_w", "data_mbit_per_day")},
}

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
        or getattr(letter, name) not in ("", None, [], False)
    )


def required_in(section: Section, level: str) -> tuple[str, ...]:
    """Names of the fields this section needs before a letter of this level can be filed."""
    return section.required + _AT_LEVEL.get(level, {}).get(section.key, ())


def missing(letter) -> dict[str, list[str]]:
    """Section key to the names of required fields that are still empty; empty if complete."""
    gaps = {}
    for section in SECTIONS.values():
        names = [
            name
            for name in required_in(section, letter.level)
            if getattr(letter, name) in ("", None, [])
        ]
        # "Other" alone says nothing until it is named.
        if section.key == "c" and letter.objectives == ["other"] and not letter.objective_other:
            names.append("objective_other")
        # A radioisotope source needs words that the agencies can take to their safety authorities.
        radioisotope = letter.own_power_source == PowerSource.RADIOISOTOPE
        if section.key == "d" and radioisotope and not letter.own_power_note:
            names.append("own_power_note")
        if names:
            gaps[section.key] = names
    return gaps
