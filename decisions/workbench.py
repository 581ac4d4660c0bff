"""A scenario as its page shows it: gauges, three columns, one letter explained, the curve.

Reads rows and decides nothing. Everything comes from what was stored with the scenario, so that a
page shows what was computed and not what became of it since.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from decisions import portfolio, portfolio_check, portfolio_words
from decisions.models import PortfolioScenario
from decisions.portfolio import Standing
from decisions.portfolio_input import POWER
from proposals.models import LetterOfIntent
from proposals.states import Level

_COLUMNS = (
    *("reference", "title", "title_zh", "level"),
    *("agency__name", "agency__name_zh", "agency__country", "agency__country_text"),
)
_INSIDE, _OUTSIDE = gettext_lazy("In the set"), gettext_lazy("Not in the set")
_WIDTH, _HEIGHT = 640, 220


@dataclass(frozen=True)
class Card:
    """A candidate: a letter, or a project of two.

    `mass` in kg as it counts, `share` of the limit in %, `frequency` 0 to 1.
    """

    letters: list[LetterOfIntent]
    data: dict
    mass: Decimal
    share: Decimal
    inside: bool
    frequency: float | None
    pin: dict | None
    as_scored: bool

    @property
    def key(self) -> str:
        return self.data["key"]

    @property
    def level(self) -> str:
        return Level(self.data["level"].upper()).label

    @property
    def merit(self) -> float:
        return self.data["merit"]

    @property
    def percent(self) -> int | None:
        return None if self.frequency is None else round(100 * self.frequency)

    @property
    def standing(self) -> Standing | None:
        return None if self.frequency is None else Standing.of(self.frequency)

    @property
    def out_because(self) -> str:
        return portfolio_words.reason(self.data.get("ineligible", ""))


@dataclass(frozen=True)
class Column:
    name: str
    hint: str
    cards: list[Card]

    @property
    def mass(self) -> Decimal:
        return sum((card.mass for card in self.cards if card.inside), Decimal(0))


@dataclass(frozen=True)
class Gauge:
    """So many of so many, in words as well; `warning` where a soft limit is exceeded."""

    label: str
    text: str
    value: object
    most: object
    warning: bool = False
    lines: list[tuple[str, bool]] = field(default_factory=list)


class Workbench:
    """What one page about a scenario says."""

    def __init__(self, scenario: PortfolioScenario):
        self.scenario = scenario
        self.data, self.result = scenario.data, scenario.result
        self.rules, self.call = scenario.data["rules"], scenario.round.call

    @cached_property
    def letters(self) -> dict:
        keys = [one["key"] for one in self.data["candidates"]]
        found = LetterOfIntent.objects.filter(reference__in=keys).select_related("agency")
        return {letter.reference: letter for letter in found.only(*_COLUMNS)}

    @cached_property
    def cards(self) -> list[Card]:
        """In the order of their frequencies and merits."""
        chosen, pins = set(self.scenario.chosen), {p["letter"]: p for p in self.scenario.pins}
        often = {
            one["key"]: one["frequency"] for one in self.scenario.frequencies.get("candidates", ())
        }
        uncalibrated, limit = set(self.scenario.as_scored), Decimal(str(self.rules["mass"]))
        cards = []
        for one in self.data["candidates"]:
            mass = Decimal(0)
            if one["level"] != "mission":
                mass = portfolio_check.counted(one, self.rules)
            cards.append(
                Card(
                    letters=[self.letters[key] for key in one.get("merges", [one["key"]])],
                    data=one,
                    mass=mass,
                    share=min(Decimal(100), 100 * mass / limit) if limit else Decimal(0),
                    inside=one["key"] in chosen,
                    frequency=often.get(one["key"]),
                    pin=pins.get(one["key"]),
                    as_scored=one["key"] in uncalibrated,
                )
            )
        return sorted(cards, key=lambda c: (-(c.frequency or 0), not c.inside, -c.merit, c.key))

    @cached_property
    def columns(self) -> list[Column]:
        """Core, open and out by the frequencies; without these, in the set and not."""
        if not self.scenario.frequencies:
            inside = [card for card in self.cards if card.inside]
            others = [card for card in self.cards if not card.inside]
            return [Column(str(_INSIDE), "", inside), Column(str(_OUTSIDE), "", others)]
        names = {
            Standing.CORE: (_("Core"), _("in four of five draws or more: firm")),
            Standing.OPEN: (_("Open"), _("in between: the panel's judgement")),
            Standing.OUT: (_("Out"), _("in fewer than one of five draws")),
        }
        return [
            Column(*words, [card for card in self.cards if card.standing == standing])
            for standing, words in names.items()
        ]

    def card(self, key) -> Card | None:
        return next((card for card in self.cards if card.key == key), None)

    def why(self, key) -> list[str]:
        """Sentences on why this letter is in or out; none where the report stopped at the set."""
        about = next((a for a in self.result.get("explanations", ()) if a["key"] == key), None)
        return portfolio_words.why(about, self.data, self.call) if about else []

    # --- gauges ---

    @cached_property
    def mass(self) -> dict:
        """Kilograms: stated, margins and interfaces, free; and each as a share of the limit, %."""
        limit = Decimal(str(self.rules["mass"]))
        counted, stated = (
            Decimal(str(number))
            for number in (self.result["set"]["mass"], self.result["mass_stated"])
        )
        part = (100 / limit) if limit else Decimal(0)
        return {
            "limit": limit,
            "counted": counted,
            "stated": stated,
            "margin": counted - stated,
            "free": limit - counted,
            "stated_share": round(stated * part, 2),
            "margin_share": round((counted - stated) * part, 2),
        }

    @cached_property
    def gauges(self) -> list[Gauge]:
        chosen = [card for card in self.cards if card.inside]
        return [
            self._power(),
            self._number(chosen),
            self._groups(chosen, "agencies", _("Agencies"), self.rules.get("agency_max")),
            self._groups(chosen, "countries", _("Countries"), self.rules.get("country_max")),
            self._objectives(),
            *self._categories(chosen),
        ]

    @cached_property
    def warnings(self) -> list[str]:
        said = []
        for one in self.result.get("warnings", ()):
            _rules, _limits, name, bound = one["rule"].split(".")
            figures = {
                "limit": portfolio_words.sentence(portfolio_words.limit(name, bound, one["limit"])),
                "used": portfolio_words.figure(one["used"]),
                "letter": one.get("key", ""),
            }
            if figures["letter"]:
                said.append(_("%(letter)s needs %(used)s W. %(limit)s") % figures)
            else:
                said.append(_("The set needs %(used)s W. %(limit)s") % figures)
        return said

    def _power(self):
        limits = self.rules.get("limits", {}).get(POWER, {})
        used, most = self.result["uses"].get(POWER, 0), limits.get("total")
        shown = portfolio_words.figure(used)
        text = (
            _("%(used)s W")
            if most is None
            else _("%(used)s of %(most)s W") % {"used": shown, "most": portfolio_words.figure(most)}
        )
        return Gauge(
            _("Average power"),
            text % {"used": shown} if most is None else text,
            min(used, most) if most else used,
            most or max(used, 1),
            warning=most is not None and used > most,
        )

    def _number(self, chosen):
        span = self.rules.get("count", {})
        most = span.get("max") or len(self.cards)
        text = _("%(number)s of %(most)s") % {"number": len(chosen), "most": most}
        return Gauge(_("Letters"), text, len(chosen), most)

    def _groups(self, chosen, kind, label, most):
        """How many different ones, and how many letters of each where there are several."""
        times: dict = {}
        for card in chosen:
            for name in card.data[kind]:
                times[name] = times.get(name, 0) + 1
        possible = {name for card in self.cards for name in card.data[kind]}
        lines = [
            (f"{countries.name(name) or name} × {number}", True)
            for name, number in sorted(times.items())
            if number > 1
        ]
        text = str(len(times))
        if most:
            text = _("%(number)s, at most %(most)s of each") % {"number": len(times), "most": most}
        return Gauge(label, text, len(times), max(1, len(possible)), lines=lines)

    def _objectives(self):
        covered = set(self.result["objectives"])
        lines = [
            (portfolio_words.objective_name(self.call, one["code"]), one["code"] in covered)
            for one in self.call.objectives
        ]
        done = sum(1 for _name, there in lines if there)
        text = _("%(number)s of %(most)s") % {"number": done, "most": len(lines)}
        return Gauge(_("Objectives covered"), text, done, max(1, len(lines)), lines=lines)

    def _categories(self, chosen):
        for one in self.call.priorities:
            code = one["code"]
            number = sum(1 for card in chosen if code in card.data["categories"])
            span = self.rules.get("categories", {}).get(code, {})
            text = str(number)
            if span.get("min"):
                text = _("%(number)s, at least %(least)s") % {
                    "number": number,
                    "least": span["min"],
                }
            elif span.get("max") is not None:
                text = _("%(number)s, at most %(most)s") % {
                    "number": number,
                    "most": span["max"],
                }
            name = portfolio_words.category_name(self.call, code)
            yield Gauge(name, text, number, max(1, len(chosen)))

    # --- what stands below ---

    @cached_property
    def conflict(self) -> list[str]:
        rows = self.result.get("conflict", ())
        return [portfolio_words.rule(row["rule"], self.data, self.call) for row in rows]

    @cached_property
    def prices(self) -> list[tuple[str, str]]:
        """What each rule costs in points, the dearest first; only those that cost something."""
        rows = sorted(self.result.get("prices", ()), key=lambda row: -row["price"])
        return [
            (
                portfolio_words.rule(row["rule"], self.data, self.call),
                portfolio_words.points_of(row["price"]),
            )
            for row in rows
            if row["price"] > 0
        ]

    @cached_property
    def best_sets(self) -> list[dict]:
        return [
            {
                "number": number,
                "change": portfolio_words.difference(
                    row["difference"]["entering"], row["difference"]["leaving"]
                ),
                "value": portfolio_words.points_of(row["value"]),
                "lost": portfolio_words.points_of(-row["difference"]["value"]),
                "mass": portfolio_words.figure(row["mass"]),
            }
            for number, row in enumerate(self.result.get("best_sets", ()), 1)
        ]

    @cached_property
    def curve(self) -> dict | None:
        """The worth of the best set for each mass limit: points of a line, and the same as rows."""
        points = self.result.get("capacity_curve")
        if not points:
            return None
        most = max((p["set"]["value"] for p in points if p["set"]), default=0)
        low, high = points[0]["mass_limit"], points[-1]["mass_limit"]

        def across(kg):
            return round(_WIDTH * (kg - low) / (high - low), 1) if high > low else 0

        def up(value):
            return round(_HEIGHT - _HEIGHT * max(0, value) / most, 1) if most > 0 else _HEIGHT

        there = [p for p in points if p["set"]]
        return {
            "line": " ".join(f"{across(p['mass_limit'])},{up(p['set']['value'])}" for p in there),
            "top": portfolio_words.points_of(most),
            "here": across(min(high, max(low, float(self.rules["mass"])))),
            "ticks": [(across(kg), portfolio_words.figure(kg)) for kg in _spread(points)],
            "rows": [
                {
                    "mass": portfolio_words.figure(p["mass_limit"]),
                    "value": portfolio_words.points_of(p["set"]["value"]) if p["set"] else "–",
                    "count": p["set"]["count"] if p["set"] else "–",
                    "used": portfolio_words.figure(p["set"]["mass"]) if p["set"] else "–",
                }
                for p in points
            ],
        }


def compared(scenarios: list[PortfolioScenario]) -> dict:
    """Scenarios side by side: a line for each letter in any set, and what differs from the first.

    Points of another scenario's set are counted by the rules of the first, or two scenarios with
    different zero points could not be compared at all.
    """
    first, *others = scenarios
    benches = [Workbench(one) for one in scenarios]
    cards = {card.key: card for bench in reversed(benches) for card in bench.cards}
    sets = [set(one.chosen) for one in scenarios]
    problem = portfolio.Problem(portfolio.read(first.data))
    lines = [
        {
            "card": card,
            "cells": [
                (one.name, key in chosen) for one, chosen in zip(scenarios, sets, strict=True)
            ],
        }
        for key, card in cards.items()
        if any(key in chosen for chosen in sets)
    ]
    lines.sort(
        key=lambda line: (
            -sum(inside for _name, inside in line["cells"]),
            -line["card"].merit,
            line["card"].key,
        )
    )
    every = zip(*(bench.gauges for bench in benches), strict=True)
    return {
        "gauges": [
            (
                gauges[0].label,
                [(one.name, gauge.text) for one, gauge in zip(scenarios, gauges, strict=True)],
            )
            for gauges in every
        ],
        "benches": benches,
        "lines": lines,
        "differences": [_difference(problem, first, other) for other in others],
    }


def _difference(problem, first, other) -> dict:
    here, there = set(first.chosen), set(other.chosen)
    found = {
        "scenario": other,
        "change": portfolio_words.difference(sorted(there - here), sorted(here - there)),
    }
    if not here | there <= problem.place.keys():
        # Letters that the first one does not know have no value by its rules.
        return found
    change = problem.difference(first.chosen, other.chosen)
    return found | {
        "value": portfolio_words.signed(round(change.value, 2)),
        "mass": portfolio_words.signed(change.mass),
        "breaks": bool(portfolio_check.faults(first.data, other.chosen)),
    }


def _spread(points) -> list[float]:
    """Five mass limits, evenly apart, to label the axis."""
    last = len(points) - 1
    return [points[round(last * quarter / 4)]["mass_limit"] for quarter in range(5)]
