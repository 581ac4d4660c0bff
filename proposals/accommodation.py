"""What a letter's answers make one ask about its ride on the lander. It warns and never blocks.

Each rule is data: which answers it looks at, when it speaks, what it says, and one example of each.
Limits that were published stand in the call and are enforced by the form; what is here was reported
by the press, follows from physics, or is a promise people tend to break, and every sentence says
which. Pure: no database, no clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from proposals.content import plain_number
from proposals.models.call import in_language
from proposals.sections import SECTIONS, Section
from proposals.states import Level, PlanetaryProtection, PowerSource

# Below this a flight in 2028 or 2029 is hardly ever in time.
_LEAST_TRL_AT_DELIVERY = 6
# Printed by a sister call of the same agency, for Chang'e-7; nothing was published for this one.
_SISTER_ENVELOPE_MM = (150, 150, 300)
_SISTER_COLDEST_C = -180
# A day on the Moon from sunrise to sunset, in days on Earth.
_LUNAR_DAY = 14
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Rule:
    """`found` looks at a letter and returns what the sentence names, or None if all is well.

    `fields` are the answers it is about, in the order in which one would mend them. `passing` and
    `failing` are answers for which it is silent and for which it speaks.
    """

    code: str
    fields: tuple[str, ...]
    sentence: Promise
    found: Callable
    passing: dict
    failing: dict


@dataclass(frozen=True)
class Advice:
    code: str
    fields: tuple[str, ...]
    sentence: str

    @property
    def section(self) -> Section:
        """The section in which the first answer stands."""
        return next(one for one in SECTIONS.values() if self.fields[0] in one.fields)


def on(letter) -> list[Advice]:
    """Everything worth a second look, in the order of the form."""
    found = ((rule, rule.found(letter)) for rule in RULES)
    return [
        Advice(rule.code, rule.fields, str(rule.sentence) % named)
        for rule, named in found
        if named is not None
    ]


def beside(section, letter) -> dict[str, list[str]]:
    """Field of this section to sentences; each stands once, at the first of its answers here.

    `letter` may be a fuller proposal.
    """
    said = {}
    for advice in on(letter.on_letter()):
        here = [name for name in advice.fields if name in section.fields]
        if here:
            said.setdefault(here[0], []).append(advice.sentence)
    return said


def _if(condition, **named) -> dict | None:
    return named if condition else None


def _is_below(one, other) -> bool:
    return one is not None and other is not None and one < other


def _mass_with_margin(letter):
    if letter.mass_kg is None or not letter.rides_on_the_lander:
        return None
    most = letter.call.module_mass_kg
    heaviest = letter.mass_kg * (100 + (letter.margin_percent or 0)) / 100
    return _if(
        letter.mass_kg <= most < heaviest,
        kg=plain_number(round(Decimal(heaviest), 3)),
        most=plain_number(most),
    )


def _more_power_than_reported(letter):
    most = letter.call.payload_power_w
    watts = (letter.power_average_w, letter.power_peak_w)
    return _if(any(w is not None and w > most for w in watts), watts=plain_number(most))


def _envelope(letter):
    sizes = (letter.envelope_x_mm, letter.envelope_y_mm, letter.envelope_z_mm)
    if letter.level != Level.UNIT or None in sizes:
        return None
    pairs = zip(sorted(sizes), _SISTER_ENVELOPE_MM, strict=True)
    return _if(any(ours > theirs for ours, theirs in pairs))


def _late_flight_model(letter):
    launches = letter.call.facts.get("launch", {})
    launch = launches.get("current") or launches.get("announced")
    if not launch or letter.fm_delivery is None:
        return None
    # A launch is announced by its year alone, so the year may begin with it.
    return _if(
        letter.fm_delivery > date(launch["year"] - 1, 1, 1), launch=in_language(launch["text"])
    )


def _peak_rate_too_low(letter):
    volume, rate = letter.data_mbit_per_day, letter.data_peak_kbps
    if not volume or not rate:
        return None
    at_most = rate * _SECONDS_A_DAY / 1000
    return _if(volume > at_most, most=plain_number(round(Decimal(at_most), 2)))


RULES = (
    Rule(
        "mass_with_margin",
        ("mass_kg", "margin_percent"),
        _("With its margin the mass is %(kg)s kg: more than the %(most)s kg of one module."),
        _mass_with_margin,
        {"level": Level.SYSTEM, "mass_kg": Decimal("83"), "margin_percent": Decimal(20)},
        {"level": Level.SYSTEM, "mass_kg": Decimal("84"), "margin_percent": Decimal(20)},
    ),
    Rule(
        "mass_at_mission_level",
        ("mass_kg", "level"),
        _(
            "A mission-level project flies by itself and takes no mass of the lander. If something "
            "rides along, the level is another one."
        ),
        lambda letter: _if(letter.level == Level.MISSION and letter.mass_kg is not None),
        {"level": Level.MISSION},
        {"level": Level.MISSION, "mass_kg": Decimal(5)},
    ),
    Rule(
        "envelope_of_the_sister_call",
        ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm"),
        _(
            "The room for an instrument was not published. The call for Chang'e-7 printed "
            "300 × 150 × 150 mm, and this one is larger. Please ask the agency."
        ),
        _envelope,
        {"level": Level.UNIT, "envelope_x_mm": 150, "envelope_y_mm": 300, "envelope_z_mm": 150},
        {"level": Level.UNIT, "envelope_x_mm": 151, "envelope_y_mm": 300, "envelope_z_mm": 150},
    ),
    Rule(
        "power_above_the_reported",
        ("power_average_w", "power_peak_w"),
        _(
            "About %(watts)s W for one payload was reported, not published. "
            "Please confirm with the agency that more is possible."
        ),
        _more_power_than_reported,
        {"power_average_w": Decimal(50), "power_peak_w": Decimal(50)},
        {"power_average_w": Decimal(20), "power_peak_w": Decimal("50.01")},
    ),
    Rule(
        "peak_below_average",
        ("power_peak_w", "power_average_w"),
        _("The peak power is lower than the average power. Please check both numbers."),
        lambda letter: _if(_is_below(letter.power_peak_w, letter.power_average_w)),
        {"power_average_w": Decimal(9), "power_peak_w": Decimal(9)},
        {"power_average_w": Decimal(9), "power_peak_w": Decimal(8)},
    ),
    Rule(
        "radioisotope_without_a_note",
        ("own_power_note", "own_power_source"),
        _("A radioisotope source has to be described: which one, how much, and who licenses it."),
        lambda letter: _if(
            letter.own_power_source == PowerSource.RADIOISOTOPE and not letter.own_power_note
        ),
        {"own_power_source": PowerSource.RADIOISOTOPE, "own_power_note": "Am-241, 3 W"},
        {"own_power_source": PowerSource.RADIOISOTOPE},
    ),
    Rule(
        "night_without_heat",
        ("night_survival", "own_power_source"),
        _(
            "No heat is provided through the lunar night, as reported, and no power source of its "
            "own is named. Say how it stays warm, or that it endures the cold."
        ),
        lambda letter: _if(
            letter.night_survival and letter.own_power_source in ("", PowerSource.NONE)
        ),
        {"night_survival": True, "own_power_source": PowerSource.BATTERY},
        {"night_survival": True, "own_power_source": PowerSource.NONE},
    ),
    Rule(
        "life_beyond_the_day",
        ("lifetime_days", "night_survival"),
        _(
            "A day on the Moon lasts about 14 days on Earth. To work longer, it must survive the "
            "night, and that box is not ticked."
        ),
        lambda letter: _if(
            letter.rides_on_the_lander
            and _is_below(_LUNAR_DAY, letter.lifetime_days)
            and not letter.night_survival
        ),
        {"level": Level.UNIT, "lifetime_days": 14},
        {"level": Level.UNIT, "lifetime_days": 15},
    ),
    Rule(
        "operating_range_reversed",
        ("operating_max_c", "operating_min_c"),
        _("The highest operating temperature is lower than the lowest one."),
        lambda letter: _if(_is_below(letter.operating_max_c, letter.operating_min_c)),
        {"operating_min_c": Decimal(-20), "operating_max_c": Decimal(50)},
        {"operating_min_c": Decimal(50), "operating_max_c": Decimal(-20)},
    ),
    Rule(
        "survival_range_reversed",
        ("survival_max_c", "survival_min_c"),
        _("The highest survival temperature is lower than the lowest one."),
        lambda letter: _if(_is_below(letter.survival_max_c, letter.survival_min_c)),
        {"survival_min_c": Decimal(-180), "survival_max_c": Decimal(80)},
        {"survival_min_c": Decimal(80), "survival_max_c": Decimal(-180)},
    ),
    Rule(
        "survival_narrower_than_operation",
        ("survival_min_c", "survival_max_c", "operating_min_c", "operating_max_c"),
        _("It would work at temperatures that it does not survive. Please check both ranges."),
        lambda letter: _if(
            _is_below(letter.operating_min_c, letter.survival_min_c)
            or _is_below(letter.survival_max_c, letter.operating_max_c)
        ),
        {"operating_min_c": Decimal(-20), "survival_min_c": Decimal(-20)},
        {"operating_min_c": Decimal(-20), "survival_min_c": Decimal(-10)},
    ),
    Rule(
        "night_colder_than_survived",
        ("survival_min_c", "night_survival"),
        _(
            "How cold it gets was not published. The call for Chang'e-7 printed −180 °C, and this "
            "one survives less. Please ask the agency."
        ),
        lambda letter: _if(
            letter.night_survival and _is_below(_SISTER_COLDEST_C, letter.survival_min_c)
        ),
        {"night_survival": True, "survival_min_c": Decimal(-180)},
        {"night_survival": True, "survival_min_c": Decimal(-150)},
    ),
    Rule(
        "more_data_than_the_peak_carries",
        ("data_peak_kbps", "data_mbit_per_day"),
        _(
            "At this peak rate a whole day carries %(most)s Mbit at most: "
            "less than the daily volume."
        ),
        _peak_rate_too_low,
        {"data_mbit_per_day": Decimal("86.4"), "data_peak_kbps": Decimal(1)},
        {"data_mbit_per_day": Decimal(87), "data_peak_kbps": Decimal(1)},
    ),
    Rule(
        "separation_at_unit_level",
        ("separation_needed", "level"),
        _(
            "At unit level the instrument stays on the lander. What separates after landing is a "
            "system-level project."
        ),
        lambda letter: _if(letter.level == Level.UNIT and letter.separation_needed),
        {"level": Level.SYSTEM, "separation_needed": True, "wireless_link": True},
        {"level": Level.UNIT, "separation_needed": True, "wireless_link": True},
    ),
    Rule(
        "no_separation_at_system_level",
        ("separation_needed", "level"),
        _(
            "At system level the module separates from the lander after landing and works alone, "
            "and that box is not ticked. What stays on the lander is a unit-level project."
        ),
        # Before there is a mass, the section has hardly been begun.
        lambda letter: _if(
            letter.level == Level.SYSTEM
            and letter.mass_kg is not None
            and not letter.separation_needed
        ),
        {"level": Level.SYSTEM, "mass_kg": Decimal(20), "separation_needed": True},
        {"level": Level.SYSTEM, "mass_kg": Decimal(20)},
    ),
    Rule(
        "separated_without_a_link",
        ("wireless_link", "separation_needed"),
        _(
            "Once it has left the lander there is no cable. "
            "How does it send its data without a wireless link?"
        ),
        lambda letter: _if(letter.separation_needed and not letter.wireless_link),
        {"separation_needed": True, "wireless_link": True},
        {"separation_needed": True},
    ),
    Rule(
        "unready_at_delivery",
        ("trl_delivery",),
        _("Level 6 or more is expected at delivery: a model shown to work in such conditions."),
        lambda letter: _if(_is_below(letter.trl_delivery, _LEAST_TRL_AT_DELIVERY)),
        {"trl_delivery": 6},
        {"trl_delivery": 5},
    ),
    Rule(
        "readiness_falls",
        ("trl_delivery", "trl_now"),
        _("It would be less ready at delivery than it is now. Please check both levels."),
        lambda letter: _if(_is_below(letter.trl_delivery, letter.trl_now)),
        {"trl_now": 7, "trl_delivery": 7},
        {"trl_now": 8, "trl_delivery": 7},
    ),
    Rule(
        "models_out_of_order",
        ("em_delivery", "qm_delivery", "fm_delivery"),
        _("The engineering, the qualification and the flight model are delivered in this order."),
        lambda letter: _if(
            _is_below(letter.qm_delivery, letter.em_delivery)
            or _is_below(letter.fm_delivery, letter.qm_delivery)
            or _is_below(letter.fm_delivery, letter.em_delivery)
        ),
        {"em_delivery": date(2025, 1, 1), "fm_delivery": date(2025, 1, 1)},
        {"em_delivery": date(2025, 1, 2), "fm_delivery": date(2025, 1, 1)},
    ),
    Rule(
        "late_flight_model",
        ("fm_delivery",),
        _(
            "The launch is planned for %(launch)s. Delivered then, the flight model may come less "
            "than twelve months before it, and there is little time to build it in and test it."
        ),
        _late_flight_model,
        {"fm_delivery": date(2028, 1, 1)},
        {"fm_delivery": date(2028, 1, 2)},
    ),
    Rule(
        "category_for_elsewhere",
        ("planetary_protection",),
        _(
            "The landing site lies near the south pole, for which COSPAR's category is IIb. IIa "
            "needs a reason."
        ),
        lambda letter: _if(letter.planetary_protection == PlanetaryProtection.IIA),
        {"planetary_protection": PlanetaryProtection.IIB},
        {"planetary_protection": PlanetaryProtection.IIA},
    ),
)
