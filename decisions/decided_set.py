"""What a round decided, held against the set that its panel adopted and the rules it signed.

A letter that joins a project flies as that project: one candidate with the mass, the agencies and
the objectives of all who join it. Masses are those allotted; margins and interfaces come on top, as
the rules say.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from decisions import (
    portfolio,
    portfolio_check,
    portfolio_input,
    portfolio_projects,
    portfolio_words,
    rounds,
)
from decisions.models import PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.states import POSITIVE, Outcome


@dataclass(frozen=True)
class Kept:
    """Rules beside the decided letters: what of them does not hold, a sentence each.

    `mass` is in kg as the rules count it, `sha256` names all that was looked at.
    """

    name: str
    broken: list[str]
    mass: Decimal
    sha256: str


@dataclass(frozen=True)
class Adopted:
    """The adopted set beside the decided letters: references of those that are in one alone."""

    scenario: PortfolioScenario
    entering: list[str]
    leaving: list[str]
    kept: Kept

    @property
    def agrees(self) -> bool:
        return not (self.entering or self.leaving or self.kept.broken)

    @property
    def change(self) -> str:
        return portfolio_words.difference(self.entering, self.leaving)


def adopted_in(call_round) -> Adopted | None:
    """How the decisions of a round stand to the set adopted last.

    None if none was adopted, and as long as a letter is undecided.
    """
    adoption = (
        PortfolioAdoption.objects.filter(scenario__round=call_round)
        .select_related("scenario__rules")
        .first()
    )
    if adoption is None or rounds.undecided_in(call_round).exists():
        return None
    scenario, decided = adoption.scenario, _Decided(call_round)
    flying, chosen = set(decided.allotted), scenario.letters_inside
    return Adopted(
        scenario=scenario,
        entering=sorted(flying - chosen),
        leaving=sorted(chosen - flying),
        kept=decided.beside(scenario.rules, scenario.pins),
    )


def signed_in(call_round) -> list[Kept]:
    """The decided letters beside every version of the signed rules, newest first."""
    signed = list(PortfolioRules.objects.filter(round=call_round))
    if not signed or rounds.undecided_in(call_round).exists():
        return []
    decided = _Decided(call_round)
    return [decided.beside(rules) for rules in signed]


class _Decided:
    """What goes forward in a round: kilograms by reference, and which letter joins which."""

    def __init__(self, call_round):
        rows = rounds.decisions_of(call_round).filter(outcome__in=POSITIVE)
        rows = list(rows.select_related("letter", "merged_with").order_by("letter__reference"))
        self.call = call_round.call
        self.allotted = {one.letter.reference: one.mass_kg for one in rows}
        self.lead_of = {
            one.letter.reference: one.merged_with.reference
            for one in rows
            if one.outcome == Outcome.MERGED
        }
        self.letters = portfolio_input.all_candidates(call_round)

    def beside(self, rules: PortfolioRules, pins=()) -> Kept:
        about = portfolio_input.rules_about(self.letters, rules.content, pins)
        said = rules.content.get(portfolio_projects.LETTERS, {})
        letters = portfolio_projects.adjusted(self.letters, said, about)
        letters = [one for one in letters if "merges" not in one]
        data = {
            "candidates": _projects(letters, self.allotted, self.lead_of, about),
            "rules": _about_projects(about, self.lead_of),
        }
        known = {one["key"] for one in data["candidates"]}
        keys = sorted({self.lead_of.get(key, key) for key in self.allotted} & known)
        problem = portfolio.Problem(portfolio.read(data)) if known else None
        chosen = problem.places(keys) if problem else frozenset()
        each = problem.rules if problem else ()
        paths = [rule.path for rule in each if not rule.holds_for(chosen)]
        broken = [portfolio_words.rule(path, data, self.call) for path in paths]
        mass = problem.mass(chosen) if problem else Decimal(0)
        looked_at = {
            "decided": sorted(self.allotted),
            "joins": self.lead_of,
            "rules": rules.sha256,
            "pins": list(pins),
            "broken": paths,
            "mass": str(mass),
        }
        return Kept(
            name=rules.name,
            # The second opinion has its say, too: its own words where the first finds nothing.
            broken=broken or portfolio_check.faults(data, keys),
            mass=mass,
            sha256=portfolio_input.fingerprint(looked_at),
        )


def _projects(candidates, allotted, lead_of, rules) -> list[dict]:
    """The candidates with the mass they were allotted, joined ones within the one they join."""
    candidates = [_with_its_mass(one, allotted) for one in candidates]
    joining = defaultdict(list)
    for one in candidates:
        if one["key"] in lead_of:
            joining[lead_of[one["key"]]].append(one)
    projects = [
        _project(one, joining[one["key"]], rules) if joining[one["key"]] else one
        for one in candidates
        if one["key"] not in lead_of
    ]
    # A scenario knows no candidate that weighs nothing.
    least = portfolio_input.UNSTATED
    return [one | {"mass": max(one["mass"], least)} if "mass" in one else one for one in projects]


def _with_its_mass(one, allotted) -> dict:
    given = allotted.get(one["key"])
    if given is None or "mass" not in one:
        return one
    one = {**one, "mass": float(given)}
    if given and one.get("ineligible") == portfolio_input.NO_MASS:
        del one["ineligible"]
    return one


def _project(lead, joining, rules) -> dict:
    """One candidate in the place of several; one that brings its own launcher takes all of them."""
    together = portfolio_projects.together([lead, *joining], rules)
    if "mass" not in lead:
        together = {name: together[name] for name in together.keys() & lead.keys()}
    return lead | together


def _about_projects(rules, lead_of) -> dict:
    """The rules about letters, where one that joins a project is that project."""

    def flies_as(key):
        return lead_of.get(key, key)

    about = dict(rules)
    about["exclusive"] = [
        group
        for keys in rules["exclusive"]
        if len(group := sorted({flies_as(key) for key in keys})) > 1
    ]
    about["needs"] = [
        {"letter": flies_as(need["letter"]), "needs": sorted({flies_as(k) for k in need["needs"]})}
        for need in rules["needs"]
    ]
    about["needs"] = [need for need in about["needs"] if need["letter"] not in need["needs"]]
    # Points change no rule.
    about["synergies"] = []
    for field in ("must", "barred"):
        about[field] = [{**pin, "letter": flies_as(pin["letter"])} for pin in rules[field]]
    return about
