"""The form as data: which fields make a section, and what a letter needs before it can be filed.

Source: section 3 of the call's form. Drafts may be incomplete; this page is asked at submission and
by the side bar of the editor.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from proposals.states import Level


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
            "title", "title_zh", "acronym", "level", "project_type", "priorities", "partners", "summary",
            "public_abstract",
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
        if names:
            gaps[section.key] = names
    return gaps
