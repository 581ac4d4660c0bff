"""Rules that are signed, scenarios that workers compute, a set that is adopted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, transaction
from django.db.models import F
from django.utils import translation

from accounts.states import Role
from audit.models import Entry
from decisions import actions, invariants, portfolio_check, portfolio_input, tasks
from decisions.models import Decision, PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.querysets import SCENARIO_LEASE
from decisions.states import SCENARIO_MOVES, Outcome, ScenarioState
from proposals.models import CallRound, FullerVersion, LetterOfIntent
from proposals.states import Eligibility, LetterState, Level
from reviews.models import RankedLetter, Ranking
from tests import make
from tests.decisions import stage, tables
from tests.test_architecture import strays

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


@pytest.fixture
def table():
    return tables.ranked()


def references(letters):
    return [letter.reference for letter in letters]


def last_entry():
    return Entry.objects.order_by("-seq").first()


def refused(code=None):
    class Expected:
        def __enter__(self):
            self.caught = pytest.raises(actions.Refused)
            self.info = self.caught.__enter__()
            return self.info

        def __exit__(self, *raised):
            done = self.caught.__exit__(*raised)
            assert code is None or self.info.value.code == code
            return done

    return Expected()


# --- rules ----------------------------------------------------------------------------------------


def test_rules_signed_before_scores_need_no_reason_and_are_on_record(chair):
    call_round = make.first_round(make.call())
    signed = tables.rules(call_round, chair, reason="")
    assert (signed.number, signed.after_scores, signed.reason) == (1, False, "")
    entry = last_entry()
    assert entry.action == "portfolio.rules_signed"
    assert entry.data["sha256"] == signed.sha256 == portfolio_input.fingerprint(signed.content)
    assert tables.rules(call_round, chair, zero_point=50).number == 2


@pytest.mark.parametrize("seen", ["review", "ranking"])
def test_once_scores_are_visible_a_change_has_a_reason_and_says_that_it_came_after(chair, seen):
    call_round = make.first_round(make.call())
    if seen == "review":
        make.rubric(call_round.call)
        letter = make.eligible_letter(call=call_round.call)
        make.review(of=make.assignment(letter=letter, round=call_round))
    else:
        stage.freeze(call_round, [])
    with refused("reason"):
        tables.rules(call_round, chair, reason=" ")
    signed = tables.rules(call_round, chair, reason="The agency confirmed 150 W.")
    assert signed.after_scores
    entry = last_entry()
    assert entry.action == "portfolio.rules_changed_after_scores_were_visible"
    assert entry.data["reason"] == "The agency confirmed 150 W."


def test_a_draft_of_a_review_shows_no_score(chair):
    call_round = make.first_round(make.call())
    make.rubric(call_round.call)
    letter = make.eligible_letter(call=call_round.call)
    make.review(of=make.assignment(letter=letter, round=call_round), submitted=False)
    assert not tables.rules(call_round, chair, reason="").after_scores


def test_signed_rules_ready_scenarios_and_adoptions_never_change(table, chair):
    scenario = tables.ready(table[0], chair)
    tables.adopted(scenario, chair)
    for rows, field in (
        (PortfolioRules.objects.all(), "name"),
        (PortfolioScenario.objects.all(), "name"),
        (PortfolioAdoption.objects.all(), "minute"),
    ):
        for change in (
            lambda rows=rows, field=field: rows.update(**{field: "x"}),
            rows._raw_delete,
        ):
            arguments = () if change.__name__ == "<lambda>" else (rows.db,)
            with pytest.raises(InternalError, match="never changed"), transaction.atomic():
                change(*arguments)


def test_rules_name_letters_of_the_round_that_the_chair_may_judge(table, chair):
    call_round, letters = table
    with refused():
        tables.rules(call_round, chair, exclusive=[["X-1", letters[0].reference]])
    make.check(chair, letters[1], conflicted=True)
    with refused():
        tables.rules(call_round, chair, exclusive=[references(letters[:2])])
    assert tables.rules(call_round, chair, exclusive=[references(letters[2:4])]).letters


# --- what is computed from ------------------------------------------------------------------------


def test_candidates_are_the_ranked_letters_that_still_stand(table, chair):
    call_round, letters = table
    LetterOfIntent.objects.filter(pk=letters[0].pk).update(state=LetterState.WITHDRAWN)
    LetterOfIntent.objects.filter(pk=letters[1].pk).update(mass_kg=None)
    LetterOfIntent.objects.filter(pk=letters[2].pk).update(level=Level.MISSION, mass_kg=None)
    screening = letters[3].screening
    screening.outcome, screening.rule, screening.reason = Eligibility.INELIGIBLE, "1", "Too late."
    screening.save()
    made = portfolio_input.made_for(chair, call_round, portfolio_input.usual_rules(call_round))
    found = {one["key"]: one for one in made.data["candidates"]}
    assert set(found) == set(references(letters[1:]))
    unstated, mission, ineligible, plain = (found[one.reference] for one in letters[1:])
    assert unstated["ineligible"] == portfolio_input.NO_MASS
    assert (mission["level"], "mass" in mission) == ("mission", False)
    assert ineligible["ineligible"] == "Too late."
    assert (plain["mass"], plain["margin"], plain["merit"]) == (50.0, 0.0, 76.0)
    assert plain["uses"] == {"power": 4.0}
    assert plain["countries"] == ["PE"]
    assert made.as_scored == [one["key"] for one in made.data["candidates"]]


def test_the_fuller_proposal_filed_last_gives_the_figures(table, chair):
    call_round, letters = table
    due = stage.late(call_round.call)
    CallRound.objects.filter(pk=call_round.pk).update(proposals_due_at=due)
    for number, mass in ((1, "40"), (2, "41.5")):
        FullerVersion.objects.create(
            letter=letters[0],
            number=number,
            content={"fields": {"mass_kg": mass, "margin_percent": "10", "power_average_w": None}},
            sha256="d" * 64,
            accepted_at=due - SECOND,
            submitted_by=make.user(),
            idempotency_key=str(number),
        )
    made = portfolio_input.made_for(chair, call_round, portfolio_input.usual_rules(call_round))
    first = next(one for one in made.data["candidates"] if one["key"] == letters[0].reference)
    assert (first["mass"], first["margin"], first["uses"]) == (41.5, 10.0, {"power": 4.0})


def test_what_rules_say_of_a_letter_that_is_gone_is_left_out(table, chair):
    call_round, letters = table
    one, two, three, *_ = references(letters)
    signed = tables.rules(
        call_round,
        chair,
        exclusive=[[one, two]],
        needs=[{"letter": two, "needs": [one]}, {"letter": three, "needs": [one, two]}],
        must=[{"letter": one, "reason": "Minute 1."}],
    )
    LetterOfIntent.objects.filter(pk=letters[0].pk).update(state=LetterState.WITHDRAWN)
    about = portfolio_input.made_for(chair, call_round, signed.content).data["rules"]
    assert (about["exclusive"], about["must"]) == ([], [])
    assert about["needs"] == [{"letter": three, "needs": [two]}]
    assert about["barred"] == [{"letter": two, "reason": portfolio_input.NEEDS_MISSING}]


def test_the_same_letters_have_the_same_hash_in_every_language(table, chair):
    call_round, letters = table
    LetterOfIntent.objects.filter(pk=letters[1].pk).update(mass_kg=None)
    hashes = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            usual = portfolio_input.usual_rules(call_round)
            hashes.add(portfolio_input.made_for(chair, call_round, usual).sha256)
    assert len(hashes) == 1


# --- computing ------------------------------------------------------------------------------------


def test_every_state_of_a_scenario_has_its_moves():
    assert strays(SCENARIO_MOVES) == set()


def test_the_best_set_is_found_checked_and_explained_and_nothing_is_decided(table, chair):
    call_round, letters = table
    scenario = tables.ready(call_round, chair)
    assert scenario.state == ScenarioState.READY
    assert scenario.chosen == references(letters[:2])
    assert scenario.result["set"]["mass"] == 200
    assert portfolio_check.faults(scenario.data, scenario.chosen) == []
    assert len(scenario.result["explanations"]) == 5
    assert scenario.result["capacity_curve"][12]["mass_limit"] == 200
    assert scenario.frequencies == {}
    assert scenario.set_sha256 == portfolio_input.fingerprint(scenario.chosen)
    assert not Decision.objects.exists()
    found = invariants.findings(at=stage.late(call_round.call))
    assert [one for one in found if "portfolio" in one or "scenario" in one] == []


def test_frequencies_are_drawn_from_the_scoring_run_behind_the_ranking(it_is, chair):
    call_round, letters = tables.marked(it_is)
    scenario = tables.ready(call_round, chair)
    assert scenario.as_scored == []
    found = {one["key"]: one for one in scenario.frequencies["candidates"]}
    assert scenario.frequencies["draws"] == actions.portfolio.DRAWS
    assert set(found) == set(references(letters))
    # Three of 7.2 kg fit into 24 kg, and letters stand from good to weak.
    frequencies = [found[letter.reference]["frequency"] for letter in letters]
    assert frequencies[0] > 0.8 > 0.2 > frequencies[5]
    assert any(0 < frequency < 1 for frequency in frequencies)
    assert 2.5 < sum(frequencies) <= 3
    assert tables.ready(call_round, chair, name="Again").frequencies == scenario.frequencies


def test_a_letter_that_nothing_calibrates_counts_as_scored(it_is, chair):
    call_round, letters = tables.marked(it_is)
    run = actions.portfolio.portfolio_input.board_of(chair, call_round)
    run.lines.filter(letter=letters[0]).update(merit=None)
    scenario = tables.asked(call_round, chair)
    assert scenario.as_scored == [letters[0].reference]


def test_rules_that_no_set_keeps_are_an_answer(table, chair):
    call_round, letters = table
    pins = [tables.pin(letter) for letter in letters[:3]]
    scenario = tables.ready(call_round, chair, pins=pins)
    assert scenario.state == ScenarioState.IMPOSSIBLE
    assert {row["rule"] for row in scenario.result["conflict"]} >= {"rules.mass", "rules.must[0]"}
    assert scenario.chosen == []


def test_pins_hold(table, chair):
    call_round, letters = table
    pins = [tables.pin(letters[2]), tables.pin(letters[0], inside=False)]
    scenario = tables.ready(call_round, chair, pins=pins)
    assert letters[2].reference in scenario.chosen
    assert letters[0].reference not in scenario.chosen


def unranked(call_round, letters, chair):
    signed = tables.rules(call_round, chair)
    RankedLetter.objects.all().delete()
    Ranking.objects.all().delete()
    return {"signed": signed}


def no_letter(call_round, letters, chair):
    LetterOfIntent.objects.update(state=LetterState.WITHDRAWN)
    return {}


def strange_pin(call_round, letters, chair):
    return {"pins": [tables.pin(letters[0]) | {"letter": "X-1"}]}


def pinned_twice(call_round, letters, chair):
    return {"pins": [tables.pin(letters[0]), tables.pin(letters[0], inside=False)]}


def pinned_without_a_reason(call_round, letters, chair):
    return {"pins": [tables.pin(letters[0], reason=" ")]}


def rules_of_a_letter_in_conflict(call_round, letters, chair):
    signed = tables.rules(call_round, make.user(Role.CHAIR), exclusive=[references(letters[:2])])
    make.check(chair, letters[0], conflicted=True)
    return {"signed": signed}


def unreadable(call_round, letters, chair):
    return {"mass": 1e9}


def too_many(call_round, letters, chair):
    signed = tables.rules(call_round, chair)
    for number in range(6):
        tables.asked(call_round, chair, signed=signed, name=f"Scenario {number}")
    return {"signed": signed}


def told(call_round, letters, chair):
    signed = tables.rules(call_round, chair)
    stage.decide(call_round, letters, [Outcome.NOT_SELECTED] * 5)
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    return {"signed": signed}


@pytest.mark.usefixtures("quick_press")
@pytest.mark.parametrize(
    "why",
    [
        *(unranked, no_letter, strange_pin, pinned_twice, pinned_without_a_reason),
        *(rules_of_a_letter_in_conflict, unreadable, too_many, told),
    ],
)
def test_a_scenario_is_refused(why, table, chair):
    options = why(*table, chair)
    before = PortfolioScenario.objects.count()
    with refused():
        tables.asked(table[0], chair, **options)
    assert PortfolioScenario.objects.count() == before


def test_asked_twice_for_the_same_it_is_the_same(table, chair):
    signed = tables.rules(table[0], chair)
    first = tables.asked(table[0], chair, signed=signed)
    entries = Entry.objects.count()
    assert tables.asked(table[0], chair, signed=signed) == first
    assert Entry.objects.count() == entries
    assert tables.asked(table[0], chair, signed=signed, name="Other") != first


def test_two_workers_never_both_compute(table, chair):
    scenario = tables.asked(table[0], chair)
    at = stage.late(table[0].call)
    assert actions.compute_scenario(scenario.pk, at=at)
    assert not actions.compute_scenario(scenario.pk, at=at + 2 * SCENARIO_LEASE)


def test_a_scenario_whose_worker_died_is_taken_up_by_the_sweep(table, chair):
    scenario, at = tables.asked(table[0], chair), stage.late(table[0].call)
    rows = PortfolioScenario.objects.filter(pk=scenario.pk)
    rows.update(state=ScenarioState.RUNNING, claimed_at=at, attempts=1)
    assert not actions.compute_scenario(scenario.pk, at=at + SCENARIO_LEASE - SECOND)
    assert actions.compute_due_scenarios(at=at + SCENARIO_LEASE) == 1
    assert rows.get().attempts == 2


def test_one_that_died_after_the_set_goes_on_with_the_frequencies(it_is, chair, monkeypatch):
    call_round, _letters = tables.marked(it_is)
    scenario, at = tables.asked(call_round, chair), stage.late(call_round.call)
    rows = PortfolioScenario.objects.filter(pk=scenario.pk)

    class Killed(BaseException):
        """What no handler of ours sees, as a kill -9 is."""

    def die(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(actions.portfolio, "_draws", die)
        with pytest.raises(Killed):
            actions.compute_scenario(scenario.pk, at=at)
    half = rows.get()
    assert (half.state, bool(half.result), half.frequencies) == (ScenarioState.RUNNING, True, {})
    monkeypatch.setattr(actions.portfolio.portfolio, "report", die)
    rows.update(claimed_at=at)
    assert actions.compute_due_scenarios(at=at + SCENARIO_LEASE) == 1
    assert rows.get().frequencies["draws"] == actions.portfolio.DRAWS


def test_a_worker_whose_claim_was_taken_over_writes_nothing(table, chair, monkeypatch):
    scenario, at = tables.asked(table[0], chair), stage.late(table[0].call)
    report = actions.portfolio.portfolio.report

    def slow(problem, **options):
        PortfolioScenario.objects.filter(pk=scenario.pk).update(attempts=F("attempts") + 1)
        return report(problem, **options)

    monkeypatch.setattr(actions.portfolio.portfolio, "report", slow)
    assert not actions.compute_scenario(scenario.pk, at=at)
    scenario.refresh_from_db()
    assert (scenario.state, scenario.result) == (ScenarioState.RUNNING, {})


def test_a_scenario_that_kills_its_workers_fails_at_last_and_can_be_asked_for_anew(table, chair):
    signed = tables.rules(table[0], chair)
    scenario, at = tables.asked(table[0], chair, signed=signed), stage.late(table[0].call)
    rows = PortfolioScenario.objects.filter(pk=scenario.pk)
    rows.update(state=ScenarioState.RUNNING, claimed_at=at, attempts=3)
    assert not actions.compute_scenario(scenario.pk, at=at + SCENARIO_LEASE)
    assert rows.get().state == ScenarioState.FAILED
    assert tables.ready(table[0], chair, signed=signed).state == ScenarioState.READY


def test_a_set_that_the_check_refuses_is_not_kept(table, chair, monkeypatch):
    scenario = tables.asked(table[0], chair)
    report = actions.portfolio.portfolio.report

    def wrong(problem, **options):
        told = report(problem, **options)
        told["best_sets"][0]["mass"] += 0.001
        return told

    monkeypatch.setattr(actions.portfolio.portfolio, "report", wrong)
    with pytest.raises(actions.Unsound, match="the mass is"):
        actions.compute_scenario(scenario.pk, at=stage.late(table[0].call))
    scenario.refresh_from_db()
    assert (scenario.state, scenario.result) == (ScenarioState.FAILED, {})


def test_the_bell_rings_for_scenarios_that_wait(table, chair, settings, it_is):
    it_is(stage.late(table[0].call))
    scenario = tables.asked(table[0], chair)
    settings.CELERY_TASK_ALWAYS_EAGER = True
    tasks.compute_scenario(scenario_id=str(scenario.pk))
    tasks.compute_scenario(scenario_id="11111111-2222-4333-8444-555555555555")
    scenario.refresh_from_db()
    assert scenario.state == ScenarioState.READY


def test_a_set_that_was_tampered_with_is_found(table, chair):
    at = stage.late(table[0].call)
    scenario = tables.asked(table[0], chair)
    actions.compute_scenario(scenario.pk, at=at)
    copy = PortfolioScenario.objects.get(pk=scenario.pk)
    copy.pk, copy.state, copy.name = "11111111-2222-4333-8444-555555555555", "FAILED", "Copy"
    copy.result["set"]["keys"] = copy.letters
    copy.data["rules"]["mass"] = 201
    copy.save(force_insert=True)
    assert len([one for one in invariants.findings(at=at) if "scenario" in one]) == 3


@pytest.mark.parametrize(("most", "reasons"), [(9, True), (4, False)])
def test_with_many_letters_reasons_come_last_and_with_very_many_not_at_all(
    it_is, monkeypatch, chair, most, reasons
):
    monkeypatch.setattr(actions.portfolio, "_EXPLAINED_AT_ONCE", 3)
    monkeypatch.setattr(actions.portfolio, "_MOST_EXPLAINED", most)
    call_round, letters = tables.marked(it_is)
    kept, keep = [], actions.portfolio._keep
    monkeypatch.setattr(
        actions.portfolio,
        "_keep",
        lambda scenario, **found: (kept.append(found), keep(scenario, **found))[1],
    )
    scenario = tables.ready(call_round, chair)
    parts = [sorted(found) for found in kept if "progress" not in found]
    assert parts[:2] == [["result", "set_sha256"], ["frequencies"]]
    assert parts[2:] == ([["result"]] if reasons else [])
    assert "explanations" not in kept[0]["result"]
    shown = [found["progress"] for found in kept if "progress" in found]
    assert shown == sorted(shown)
    assert shown[-1] <= 99
    explained = {one["key"] for one in scenario.result.get("explanations", ())}
    assert explained == (set(references(letters)) if reasons else set())
    assert scenario.state == ScenarioState.READY


# --- adopting -------------------------------------------------------------------------------------


def test_an_adopted_set_is_on_record_by_its_hash_and_decides_nothing(table, chair):
    scenario = tables.ready(table[0], chair)
    adoption = tables.adopted(scenario, chair)
    entry = last_entry()
    assert (entry.action, entry.data["set_sha256"]) == ("portfolio.adopted", scenario.set_sha256)
    assert table[1][0].reference not in str(entry.data)
    assert adoption.minute == "Nine to one."
    assert not Decision.objects.exists()
    with refused("adopted"):
        tables.adopted(scenario, chair)


def not_ready(table, chair):
    return tables.asked(table[0], chair), chair


def out_of_date(table, chair):
    scenario = tables.ready(table[0], chair)
    LetterOfIntent.objects.filter(pk=table[1][0].pk).update(mass_kg=Decimal("99.9"))
    return scenario, chair


def in_conflict(table, chair):
    scenario = tables.ready(table[0], make.user(Role.CHAIR))
    make.check(chair, table[1][4], conflicted=True)
    return scenario, chair


@pytest.mark.parametrize("why", [not_ready, out_of_date, in_conflict])
def test_an_adoption_is_refused(why, table, chair):
    scenario, actor = why(table, chair)
    with refused():
        tables.adopted(scenario, actor)
    assert not PortfolioAdoption.objects.exists()


# --- who sees it ----------------------------------------------------------------------------------


def test_a_chair_in_conflict_gets_everything_as_if_the_letter_were_not_there(table, chair):
    call_round, letters = table
    other = make.user(Role.CHAIR)
    whole = tables.ready(call_round, other)
    make.check(chair, letters[0], conflicted=True)
    own = tables.ready(call_round, chair, name="Without")
    assert letters[0].reference not in str(own.data) + str(own.result)
    assert own.result["set"]["keys"] == references([letters[1], *letters[3:]])
    seen = PortfolioScenario.objects.visible_to(chair)
    assert list(seen) == [own]
    assert set(PortfolioScenario.objects.visible_to(other)) == {whole, own}
    assert set(PortfolioScenario.objects.visible_to(make.user(Role.PUBLISHER))) == {whole, own}
    named = tables.rules(call_round, other, exclusive=[references(letters[:2])])
    assert named not in PortfolioRules.objects.visible_to(chair)
    assert whole.rules in PortfolioRules.objects.visible_to(chair)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.OPERATOR])
def test_nobody_else_sees_rules_or_scenarios(table, chair, role):
    tables.ready(table[0], chair)
    assert not PortfolioScenario.objects.visible_to(make.user(role)).exists()
    assert not PortfolioRules.objects.visible_to(make.user(role)).exists()
