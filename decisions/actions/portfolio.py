"""The portfolio: rules that a chair signs, scenarios that a worker computes, a set that is adopted.

None of it decides about a letter. That is done by a person, letter by letter or in bulk.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from audit import chain
from chang_e8_portal import clock
from decisions import portfolio, portfolio_check, portfolio_input, rounds
from decisions.actions.refusal import Refused
from decisions.models import (
    PortfolioAdoption,
    PortfolioRules,
    PortfolioScenario,
    Publication,
)
from decisions.querysets import conflicts_of
from decisions.states import ScenarioState
from proposals.models import CallRound, LetterOfIntent
from reviews.models import Ranking

# The standard error of a frequency is then 0.035 at most.
DRAWS = 200
# Reasons take a few searches for each letter: with more letters than this the set and its
# frequencies are there first, and with very many nothing else is computed.
_EXPLAINED_AT_ONCE, _MOST_EXPLAINED = 150, 2000
_MOST_ATTEMPTS = 3
# Of one person: what a worker has in hand for minutes.
_MOST_WAITING = 6


class Unsound(RuntimeError):
    """The independent check found a fault in a set, which is therefore not kept."""


@transaction.atomic
def sign_rules(call_round, *, name, content, reason="", actor, at) -> PortfolioRules:
    """Sign rules for the portfolios of a round, as another version beside those there are.

    `content` is the `rules` of a scenario (docs/arithmetic.md). Once scores are visible a `reason`
    is needed, and the version says for ever that it came after them.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    _refuse_when_told(call_round)
    named = portfolio_input.named_in(content)
    _refuse_unknown(call_round, named, actor)
    late = rounds.scores_visible(call_round)
    if late and not reason.strip():
        raise Refused(
            _("Scores are visible already. Say why the rules change now; it is kept on record."),
            code="reason",
        )
    earlier = PortfolioRules.objects.filter(round=call_round)
    rules = PortfolioRules.objects.create(
        round=call_round,
        number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
        name=name,
        content=content,
        letters=named,
        sha256=portfolio_input.fingerprint(content),
        signed_by=actor,
        signed_at=at,
        after_scores=late,
        reason=reason.strip() if late else "",
    )
    chain.append(
        "portfolio.rules_changed_after_scores_were_visible" if late else "portfolio.rules_signed",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={
            "round": call_round.kind,
            "version": rules.number,
            "sha256": rules.sha256,
            "reason": rules.reason,
        },
    )
    return rules


@transaction.atomic
def ask_for_scenario(rules, *, name, pins=(), actor, at) -> PortfolioScenario:
    """Owe a chair the best set under these rules and pins, over the letters she or he may judge.

    What it is computed from is kept as it stands now. Asked again for the same thing under the same
    name, the scenario that is there already comes back.
    """
    call_round = CallRound.objects.select_for_update(no_key=True).get(pk=rules.round_id)
    _refuse_when_told(call_round)
    if not Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("Freeze the ranking first: the values of letters are made of its scores."))
    if not PortfolioRules.objects.visible_to(actor).filter(pk=rules.pk).exists():
        raise Refused(
            _("You have a conflict of interest with a letter of these rules."), code="conflict"
        )
    made = portfolio_input.made_for(actor, call_round, rules.content, pins)
    if not made.references:
        raise Refused(_("There is no letter to choose from."))
    _refuse_strange_pins(made, pins)
    try:
        portfolio.read(made.data)
    except portfolio.Unreadable as fault:
        raise Refused(
            _("The portfolio cannot be computed from this: %(fault)s.") % {"fault": fault.faults[0]}
        ) from fault
    about = {*made.references, *rules.letters}
    scenarios = PortfolioScenario.objects.filter(round=call_round)
    same = scenarios.filter(input_sha256=made.sha256, name=name, rules=rules)
    if known := same.visible_to(actor).exclude(state=ScenarioState.FAILED).first():
        return known
    if scenarios.waited_for().filter(asked_by=actor).count() >= _MOST_WAITING:
        raise Refused(_("Several scenarios of yours are being computed. Wait until one is there."))
    scenario = PortfolioScenario.objects.create(
        round=call_round,
        rules=rules,
        name=name,
        pins=list(pins),
        letters=sorted(about),
        data=made.data,
        as_scored=made.as_scored,
        input_sha256=made.sha256,
        run=made.run,
        asked_by=actor,
        asked_at=at,
    )
    chain.append(
        "portfolio.scenario_asked",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={
            "round": call_round.kind,
            "rules": rules.number,
            "input_sha256": scenario.input_sha256,
            "pins": len(scenario.pins),
        },
    )
    return scenario


def compute_due_scenarios(*, at) -> int:
    """Compute every scenario that waits; return how many became ready."""
    due = PortfolioScenario.objects.computable(at=at).order_by("asked_at", "name")
    return sum(compute_scenario(pk, at=at) for pk in due.values_list("pk", flat=True))


def compute_scenario(scenario_id, *, at) -> bool:
    """Claim one waiting scenario and compute it; False if it did not become ready.

    The claim is a compare-and-swap and is renewed on the way: two workers never both write, and
    what was left by one that died is taken up by another, which goes on from the set if that was
    saved. After three such deaths the scenario has failed.
    """
    claimed = (
        PortfolioScenario.objects.computable(at=at)
        .filter(pk=scenario_id)
        .update(state=ScenarioState.RUNNING, claimed_at=at, attempts=F("attempts") + 1)
    )
    if claimed != 1:
        return False
    scenario = PortfolioScenario.objects.select_related("run").get(pk=scenario_id)
    if scenario.attempts > _MOST_ATTEMPTS:
        _finish(scenario, ScenarioState.FAILED)
        return False
    try:
        state = _computed(scenario)
    except _Lost:
        return False
    except Exception:
        # Out of the way before anybody sees the traceback, so that the chair can ask anew.
        _finish(scenario, ScenarioState.FAILED)
        raise
    return _finish(scenario, state)


@transaction.atomic
def adopt_scenario(scenario, *, minute, actor, at) -> PortfolioAdoption:
    """Record that the panel voted for a set. No letter is decided by it.

    Refused for one that is not ready or out of date, and to whoever is in conflict with one of its
    letters. The set is checked once more.
    """
    call_round = CallRound.objects.select_for_update(no_key=True).get(pk=scenario.round_id)
    scenario = PortfolioScenario.objects.select_related("rules", "asked_by").get(pk=scenario.pk)
    _refuse_when_told(call_round)
    if scenario.state != ScenarioState.READY:
        raise Refused(_("There is no set to adopt here."))
    if conflicts_of(actor).filter(letter__reference__in=scenario.letters).exists():
        raise Refused(
            _("You have a conflict of interest with a letter of this scenario."), code="conflict"
        )
    if not minute.strip():
        raise Refused(_("Write down how the panel decided."), code="minute")
    if is_out_of_date(scenario):
        raise Refused(
            _("Letters, masses or scores have changed since this was computed. Ask for it again."),
            code="stale",
        )
    latest = PortfolioAdoption.objects.filter(scenario__round=call_round).first()
    if latest and latest.scenario_id == scenario.pk:
        raise Refused(_("This scenario is adopted already."), code="adopted")
    found = scenario.result["set"]
    _check([(scenario.data, found)])
    adoption = PortfolioAdoption.objects.create(
        scenario=scenario, minute=minute.strip(), adopted_by=actor, adopted_at=at
    )
    chain.append(
        "portfolio.adopted",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        # Hashes and not letters: auditors read the chain before the world is told.
        data={
            "round": call_round.kind,
            "input_sha256": scenario.input_sha256,
            "set_sha256": scenario.set_sha256,
        },
    )
    return adoption


def is_out_of_date(scenario) -> bool:
    """Whether the same person asking for the same thing would ask about something else by now."""
    made = portfolio_input.made_for(
        scenario.asked_by, scenario.round, scenario.rules.content, scenario.pins
    )
    return made.sha256 != scenario.input_sha256


class _Lost(Exception):
    """Another worker has taken this scenario over."""


def _computed(scenario) -> ScenarioState:
    problem = portfolio.Problem(portfolio.read(scenario.data))
    number = len(problem.candidates)
    at_once = number <= _EXPLAINED_AT_ONCE
    later = not at_once and number <= _MOST_EXPLAINED
    shares = _shares(set=at_once, frequencies=scenario.run is not None, reasons=later)
    if not scenario.result:
        told = _reported(scenario, problem, brief=not at_once, within=shares["set"])
        if not told["feasible"]:
            _keep(scenario, result=told)
            return ScenarioState.IMPOSSIBLE
        _keep(scenario, result=told, set_sha256=portfolio_input.fingerprint(told["set"]["keys"]))
    if scenario.run:
        draws = _heard(scenario, _draws(scenario), within=shares["frequencies"])
        _keep(scenario, frequencies=portfolio.as_data(portfolio.firmness(problem, draws)))
    if later:
        told = _reported(scenario, problem, brief=False, within=shares["reasons"])
        _keep(scenario, result=told)
    return ScenarioState.READY


def _shares(**parts) -> dict[str, tuple[float, float]]:
    """From which percent to which each part of the work goes; one that is quick takes none."""
    step, reached, shares = 99 / max(1, sum(parts.values())), 0.0, {}
    for name, takes_long in parts.items():
        shares[name] = (reached, reached + step * takes_long)
        reached = shares[name][1]
    return shares


def _reported(scenario, problem, *, brief, within) -> dict:
    low, high = within
    told = portfolio.report(
        problem,
        brief=brief,
        on_the_way=lambda share: _advance(scenario, low + (high - low) * share),
    )
    if told["feasible"]:
        _check(_sets(scenario.data, told))
    return told


def _sets(data, told):
    """Every set of a report, with the data whose rules it must keep."""
    for found in told.get("best_sets", [told["set"]]):
        yield data, found
    for point in told.get("capacity_curve", ()):
        if point["set"]:
            rules = data["rules"] | {"mass": point["mass_limit"]}
            yield data | {"rules": rules}, point["set"]


def _check(sets):
    """Raise Unsound unless every set passes the check that shares nothing with the solver."""
    for data, found in sets:
        faults = portfolio_check.faults(
            data, found["keys"], value=found["value"], mass=found["mass"]
        )
        if faults:
            raise Unsound("; ".join(faults))


def _draws(scenario) -> list[list[Decimal]]:
    """Merits of all candidates, a row for each draw of the stored run's posterior.

    A letter without a calibrated merit has the same merit in every draw; a project of several
    letters the mean of theirs.
    """
    from reviews.calibration import merit_draws  # noqa: PLC0415 - its libraries take a second

    run, candidates = scenario.run.result, scenario.data["candidates"]
    totals = [(row["letter"], row["reviewer"], row["total"]) for row in run["reviews"]]
    letters = [row["letter"] for row in run["letters"]]
    rated, merits = merit_draws(
        totals, letters=letters, draws=DRAWS, seed=run["parameters"]["seed"]
    )
    ids = LetterOfIntent.objects.filter(reference__in=[one["key"] for one in candidates])
    place = {letter: column for column, letter in enumerate(rated)}
    column_of = {
        reference: place.get(str(pk)) for reference, pk in ids.values_list("reference", "pk")
    }
    stated = {one["key"]: Decimal(str(one["merit"])) for one in candidates}

    def merit(key, row):
        if (column := column_of.get(key)) is None:
            return stated[key]
        return Decimal(str(round(float(row[column]), 4)))

    def merit_of(one, row):
        keys = one.get("merges", [one["key"]])
        return round(sum(merit(key, row) for key in keys) / len(keys), 4)

    return [[merit_of(one, row) for one in candidates] for row in merits]


def _heard(scenario, draws, *, within):
    """The draws one by one, each of which shows how far it is."""
    low, high = within
    for done, draw in enumerate(draws):
        _advance(scenario, low + (high - low) * done / len(draws))
        yield draw


def _mine(scenario):
    """The scenario's row as long as this worker's claim stands."""
    return PortfolioScenario.objects.filter(
        pk=scenario.pk, state=ScenarioState.RUNNING, attempts=scenario.attempts
    )


def _advance(scenario, percent):
    """Show how far it is, which renews the claim."""
    _keep(scenario, progress=int(percent), claimed_at=clock.now())


def _keep(scenario, **found):
    if _mine(scenario).update(**found) != 1:
        raise _Lost


def _finish(scenario, state) -> bool:
    changed = _mine(scenario).update(state=state, finished_at=clock.now(), progress=100)
    return changed == 1 and state == ScenarioState.READY


def _refuse_when_told(call_round):
    if Publication.objects.released().filter(round=call_round).exists():
        raise Refused(_("This round has been published."), code="published")


def _refuse_unknown(call_round, named, actor):
    there = LetterOfIntent.objects.to_decide_in(call_round).exclude(
        pk__in=conflicts_of(actor).values("letter")
    )
    known = set(there.filter(reference__in=named).values_list("reference", flat=True))
    if unknown := sorted(set(named) - known):
        raise Refused(
            _("These are no letters of this round: %(references)s.")
            % {"references": ", ".join(unknown)}
        )


def _refuse_strange_pins(made, pins):
    pinned = [pin["letter"] for pin in pins]
    if set(pinned) - set(made.references) or len(set(pinned)) < len(pinned):
        raise Refused(_("Only letters that can be chosen are pinned, and each of them once."))
    if any(not pin["reason"].strip() for pin in pins):
        raise Refused(_("Give the reason of every pin."), code="reason")
