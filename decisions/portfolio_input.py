"""What the arithmetic of the portfolio is given: the letters of a round as candidates, and rules.

Candidates are the letters of the frozen ranking that still stand, by their references. A letter's
merit is the calibrated one of the board made for the person who asks, or its total as scored where
nothing calibrates it. Whoever is in conflict with letters gets everything as if these were not
there.
"""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal

from decisions import portfolio_projects, rounds
from decisions.portfolio_projects import LETTERS
from decisions.querysets import conflicts_of
from proposals.shortlists import rule_of
from proposals.states import Eligibility, Level
from reviews.models import ScoringRun
from reviews.scoreboards import board_of, whole_board

POWER = "power"
# Reasons of the portal's own are codes, which `portfolio_words` says: in the language of whoever
# asks they would give the same input another hash.
NOT_ELIGIBLE, NO_MASS, NEEDS_MISSING = "NOT_ELIGIBLE", "NO_MASS", "NEEDS_MISSING"
# Kilograms that stand for a mass nobody stated. Such a letter cannot fly before its agency says.
UNSTATED = 0.001
# The capacity curve, in shares of the mass limit: 80 to 300 of 200 kg by 10.
_SHARES = [Decimal(number) / 20 for number in range(8, 31)]
_BEST_SETS = 10
_COLUMNS = (
    *("reference", "title", "title_zh", "level", "submitted_at", "call", "priorities"),
    *("objectives", "mass_kg", "margin_percent", "power_average_w"),
    *("agency__name", "agency__name_zh", "agency__country", "agency__country_text"),
    *("screening__outcome", "screening__reason"),
)


@dataclass(frozen=True)
class Input:
    """`data` of a scenario, and where its merits come from."""

    data: dict
    run: ScoringRun | None
    as_scored: list[str]

    @property
    def references(self) -> list[str]:
        return [one["key"] for one in self.data["candidates"]]

    @property
    def sha256(self) -> str:
        return fingerprint(self.data)


def fingerprint(data) -> str:
    """SHA-256 of plain data, the same for equal data."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def letters_in_question(call_round, without=()):
    """The ranked letters that still stand, in the order in which they came in."""
    return _scored(call_round, without).filter(position__isnull=False)


def _scored(call_round, without=()):
    """The same with those that have a total and no place: too few reviews judged something."""
    return (
        rounds.letters_of(call_round, without)
        .filter(total__isnull=False)
        .select_related("agency", "screening")
        .only(*_COLUMNS)
        .order_by("submitted_at", "reference")
    )


def made_for(user, call_round, rules, pins=()) -> Input:
    """The input of a scenario that `user` asks for: rules as signed, with pins on top."""
    without = conflicts_of(user).values("letter")
    board = board_of(user, call_round)
    ranked = letters_in_question(call_round, without)
    letters, as_scored = _candidates(call_round, ranked, board, without)
    about = rules_about(letters, rules, pins)
    candidates = portfolio_projects.adjusted(letters, rules.get(LETTERS, {}), about)
    capacities = [float(share * Decimal(str(about["mass"]))) for share in _SHARES]
    data = {
        "candidates": candidates,
        "rules": about,
        "capacities": [round(kg, 3) for kg in capacities],
        "best_sets": _BEST_SETS,
    }
    return Input(data, board.run if board else None, as_scored)


def all_candidates(call_round) -> list[dict]:
    """Every letter that can be decided to go forward, by the board that leaves none out."""
    letters, board = _scored(call_round), whole_board(call_round)
    candidates, _as_scored = _candidates(call_round, letters, board, ())
    return candidates


def rules_about(candidates, rules, pins=()) -> dict:
    """Rules as signed without what they say of letters that are not there, with pins on top."""
    rules = {name: said for name, said in rules.items() if name != LETTERS}
    about = _about_known(rules, {one["key"] for one in candidates})
    for pin in pins:
        field = "must" if pin["inside"] else "barred"
        about.setdefault(field, []).append({"letter": pin["letter"], "reason": pin["reason"]})
    return about


def usual_rules(call_round) -> dict:
    """What the call says of itself, for a chair to begin with. Masses in kg, power in watts."""
    call = call_round.call
    mass = call.lander_mass_kg
    if not call_round.is_final:
        # The shortlist is to be some three times what flies.
        mass *= rule_of(call).most
    return {
        "zero_point": 60.0,
        "mass": float(mass),
        "module_mass": float(call.module_mass_kg),
        "margin": 20.0,
        "limits": {POWER: {"each": float(call.payload_power_w), "hard": False}},
        "agency_max": 1,
    }


def named_in(rules) -> list[str]:
    """References of all letters that the rules name."""
    named = {key for group in rules.get("exclusive", ()) for key in group}
    for need in rules.get("needs", ()):
        named |= {need["letter"], *need["needs"]}
    named |= {key for pair in rules.get("synergies", ()) for key in pair["letters"]}
    said = rules.get(LETTERS, {})
    named |= {key for merger in said.get("merges", ()) for key in merger["letters"]}
    for one in (*rules.get("must", ()), *rules.get("barred", ())):
        named.add(one["letter"])
    for one in (*said.get("priority", ()), *said.get("interface", ())):
        named.add(one["letter"])
    return sorted(named)


def _candidates(call_round, letters, board, without):
    """The candidates, and the references of those that count as scored."""
    merits = dict(board.lines.values_list("letter", "merit")) if board else {}
    fuller = rounds.fuller_fields(call_round, without)
    candidates, as_scored = [], []
    for receipt, letter in enumerate(letters, 1):
        merit = merits.get(letter.pk)
        if merit is None:
            merit = float(letter.total)
            as_scored.append(letter.reference)
        candidates.append(_candidate(letter, fuller.get(letter.pk, {}), receipt, merit))
    return candidates, as_scored


def _candidate(letter, fuller, receipt, merit):
    def figure(name):
        stated = fuller.get(name)
        return getattr(letter, name) if stated in (None, "") else Decimal(str(stated))

    flies, mass = letter.rides_on_the_lander, figure("mass_kg")
    one = {
        "key": letter.reference,
        "receipt": receipt,
        "merit": round(merit, 4),
        "level": (letter.level or Level.UNIT).lower(),
        "agencies": [letter.agency.name],
        "countries": _country(letter.agency),
        "categories": sorted(letter.priorities),
        "objectives": sorted(letter.objectives),
    }
    if flies:
        one["mass"] = float(mass) if mass else UNSTATED
        if (margin := figure("margin_percent")) is not None:
            one["margin"] = float(margin)
        one["uses"] = {POWER: round(float(figure("power_average_w") or 0), 3)}
    if reason := _why_not(letter, flies=flies, mass=mass):
        one["ineligible"] = reason[:500]
    return one


def _why_not(letter, *, flies, mass) -> str:
    screening = getattr(letter, "screening", None)
    if screening is not None and screening.outcome == Eligibility.INELIGIBLE:
        return screening.reason or NOT_ELIGIBLE
    return NO_MASS if flies and not mass else ""


def _country(agency) -> list[str]:
    """The code of its country, or a region's name; nothing of an international organisation."""
    return [found] if (found := agency.country.code or agency.country_text) else []


def _about_known(rules, known) -> dict:
    """The rules without what they say of letters that are not there (any more)."""
    about = dict(rules)
    groups = [[key for key in group if key in known] for group in rules.get("exclusive", ())]
    about["exclusive"] = [group for group in groups if len(group) > 1]
    about["needs"], barred = [], list(rules.get("barred", ()))
    for need in rules.get("needs", ()):
        there = [key for key in need["needs"] if key in known]
        if need["letter"] in known and there:
            about["needs"].append({"letter": need["letter"], "needs": there})
        elif need["letter"] in known:
            barred.append({"letter": need["letter"], "reason": NEEDS_MISSING})
    about["synergies"] = [
        pair for pair in rules.get("synergies", ()) if set(pair["letters"]) <= known
    ]
    about["must"] = [pin for pin in rules.get("must", ()) if pin["letter"] in known]
    about["barred"] = [pin for pin in barred if pin["letter"] in known]
    # Uses are written for every candidate; a resource without a limit is one nobody asked about.
    about["limits"] = {POWER: {}} | rules.get("limits", {})
    return about
