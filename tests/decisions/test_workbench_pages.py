"""The pages of the portfolio: what they say, to whom, and what their forms do."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from decisions import actions
from decisions.models import Decision, PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.states import Outcome, ScenarioState
from proposals.models import LetterOfIntent
from tests import make
from tests.decisions import stage, tables

pytestmark = pytest.mark.django_db
HOME = "/decisions/final/portfolio/"


@pytest.fixture
def chair(client):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


@pytest.fixture
def table():
    return tables.ranked()


def at(name, scenario, *, kind="FINAL"):
    return reverse(f"decisions:{name}", args=[kind, scenario.pk])


def page(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def rules_typed(**fields):
    typed = {
        **{"name": "Robot floor", "zero_point": "60", "mass": "200", "margin": "20"},
        **{"module_mass": "100", "reason": "The panel asked for it."},
        **{"letters-TOTAL_FORMS": "2", "letters-INITIAL_FORMS": "0"},
    }
    return typed | fields


# --- rules ----------------------------------------------------------------------------------------


def test_rules_are_signed_read_and_begun_from(client, chair, table):
    letters = table[1]
    one, two, three = (letter.reference for letter in letters[:3])
    answer = client.post(
        f"{HOME}rules/",
        rules_typed(
            **{"category_0_min": "1", "objective_0": "2.5", "agency_max": "1", "power_total": "90"},
            **{"letters-TOTAL_FORMS": "3"},
            **{"letters-0-kind": "exclusive", "letters-0-letter": one, "letters-0-other": two},
            **{"letters-1-kind": "needs", "letters-1-letter": one, "letters-1-other": three},
            **{"letters-2-kind": "must", "letters-2-letter": two, "letters-2-reason": "Minute 3."},
        ),
    )
    signed = PortfolioRules.objects.get()
    assert answer.status_code == 302
    assert signed.content["categories"] == {"payloads": {"min": 1}}
    assert signed.content["objectives"] == {"fields": 2.5}
    assert signed.content["limits"] == {"power": {"total": 90.0, "hard": False}}
    assert signed.content["exclusive"] == [sorted([one, two])]
    assert signed.content["needs"] == [{"letter": one, "needs": [three]}]
    assert signed.letters == sorted([one, two, three])
    said = page(client, answer.url)
    for words in ("At least 1: Payloads", "Changed after scores were visible", "Minute 3."):
        assert words in said
    again = client.get(f"{HOME}rules/", {"from": signed.pk})
    assert again.context["form"].initial["mass"] == Decimal("200.0")
    assert again.context["letter_rules"].initial[0]["kind"] == "exclusive"
    assert client.get(f"{HOME}rules/", {"from": "nonsense"}).status_code == 200


def test_rules_give_points_interfaces_and_projects_of_two(client, chair, table):
    call_round, letters = table
    one, two, three, four = (letter.reference for letter in letters[:4])
    rows = [
        {"kind": "merges", "letter": two, "other": one, "number": "60"},
        {"kind": "priority", "letter": three, "number": "3", "reason": "Minute 5."},
        {"kind": "synergy", "letter": three, "other": four, "number": "-0.5"},
        {"kind": "interface", "letter": four, "number": "1.5"},
    ]
    typed = {f"letters-{at}-{name}": v for at, row in enumerate(rows) for name, v in row.items()}
    answer = client.post(
        f"{HOME}rules/", rules_typed(**typed, **{"letters-TOTAL_FORMS": "5", "scope_unit": "2"})
    )
    signed = PortfolioRules.objects.get()
    assert answer.status_code == 302
    assert signed.content["scope"] == {"unit": 2.0}
    assert signed.content["synergies"] == [{"letters": [three, four], "value": -0.5}]
    assert signed.content["letters"] == {
        "merges": [{"letters": [one, two], "kg": 60.0}],
        "priority": [{"letter": three, "points": 3.0, "reason": "Minute 5."}],
        "interface": [{"letter": four, "kg": 1.5}],
    }
    assert signed.letters == [one, two, three, four]
    said = page(client, answer.url)
    for words in (
        f"{one} + {two} may fly as one project of 60 kg",
        f"{three}: +3 points: Minute 5.",
        f"{three} + {four}: −0.5 points if both fly",
        f"{four}: the lander adds 1.5 kg for it",
        "Unit level: its points count 2 times",
    ):
        assert words in said
    again = client.get(f"{HOME}rules/", {"from": signed.pk})
    assert again.context["form"].initial["scope_unit"] == 2
    kinds = [row["kind"] for row in again.context["letter_rules"].initial]
    assert kinds == ["priority", "synergy", "interface", "merges"]

    # 72 kg with their margin, which leaves room for the third and the fifth.
    scenario = tables.ready(call_round, chair, signed=signed)
    both = f"{one} + {two}"
    assert scenario.chosen == [both, three, letters[4].reference]
    assert scenario.letters_inside == {one, two, three, letters[4].reference}
    bench = page(client, at("scenario", scenario), letter=both)
    for words in (
        "Instrument 1 + Instrument 2",
        "60 kg stated, 72 kg with margin",
        "To the letter",
    ):
        assert words in bench
    table_of_all = client.get(at("scenario_csv", scenario)).getvalue().decode()
    assert f"{both},Instrument 1 + Instrument 2" in table_of_all
    tables.adopted(scenario, chair)
    several = reverse("decisions:several", args=["FINAL"])
    for side, expected in (("in", letters[2::2]), ("out", [letters[3]])):
        proposed = client.get(
            several, {"scenario": scenario.pk, "proposal": side, "outcome": "SELECTED"}
        )
        assert [letter.reference for letter in proposed.context["letters"]] == [
            letter.reference for letter in expected
        ]


def test_a_project_without_a_mass_of_its_own_weighs_what_its_letters_weigh(chair, table):
    call_round, letters = table
    pair = sorted(letter.reference for letter in letters[:2])
    scenario = tables.ready(call_round, chair, letters={"merges": [{"letters": pair}]})
    project = next(one for one in scenario.data["candidates"] if "merges" in one)
    assert (project["mass"], project["margin"], project["interface"]) == (190.0, 0, 10.0)
    assert project["merit"] == 90
    # Whoever may not know of one of the two knows of no project either.
    make.check(other := make.user(Role.CHAIR), letters[0], conflicted=True)
    assert not PortfolioRules.objects.visible_to(other).exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"zero_point": ""}, "This field is required"),
        ({"scope_unit": "0"}, "0.01"),
        ({"letters-0-number": "3"}, "Choose the rule"),
        ({"letters-0-kind": "priority", "letters-0-reason": "r"}, "Say how many"),
        ({"letters-0-kind": "interface", "letters-0-number": "-1"}, "not below 0"),
        ({"letters-0-kind": "merges", "letters-0-number": "0"}, "weighs something"),
        (
            {f"letters-{at}-kind": "synergy" for at in (0, 1)},
            "said in a row above already",
        ),
        ({"mass": "2,5"}, "Write a plain number"),
        ({"count_min": "3", "count_max": "2"}, "The most is less than the least."),
        ({"reason": ""}, "This field is required"),
        ({"letters-0-letter": "X-1"}, "Choose the rule"),
        ({"letters-0-kind": "must", "letters-0-letter": "X-1"}, "Give the reference"),
        ({"letters-0-kind": "barred", "letters-0-letter": "X-1"}, "Give the reason"),
        ({"letters-TOTAL_FORMS": "many"}, "ManagementForm"),
    ],
)
def test_what_makes_no_sense_is_refused_and_what_was_typed_is_kept(
    client, chair, table, fields, says
):
    response = client.post(f"{HOME}rules/", rules_typed(**fields))
    assert response.status_code == 422
    text = response.content.decode()
    assert says in text
    assert "Robot floor" in text
    assert not PortfolioRules.objects.exists()


def test_the_page_asks_for_everything_that_the_rules_need(client, chair, table):
    response = client.get(f"{HOME}rules/")
    said = response.content.decode()
    assert [name for name in response.context["form"].fields if f'name="{name}"' not in said] == []
    assert 'name="reason"' in said


def test_a_review_that_comes_in_meanwhile_asks_for_the_reason(client, chair):
    call_round = make.first_round(make.call())
    address = "/decisions/preliminary/portfolio/rules/"
    typed = rules_typed(reason="")
    assert "No score is visible yet" in page(client, address)
    stage.freeze(call_round, [])
    response = client.post(address, typed)
    assert response.status_code == 422
    assert "Scores are visible already" in response.content.decode()


# --- scenarios ------------------------------------------------------------------------------------


def test_the_way_from_rules_to_an_adopted_set_and_its_decisions(client, chair, table):
    call_round, letters = table
    signed = tables.rules(call_round, chair)
    asked = client.post(HOME, {"rules": signed.pk, "name": ""})
    scenario = PortfolioScenario.objects.get()
    assert (asked.status_code, scenario.name) == (302, "Merit only")
    assert "The set is being computed" in page(client, asked.url)
    state = client.get(at("scenario_state", scenario))
    assert "HX-Refresh" not in state.headers
    actions.compute_scenario(scenario.pk, at=stage.late(call_round.call))
    assert client.get(at("scenario_state", scenario)).headers["HX-Refresh"] == "true"

    said = page(client, asked.url)
    assert "200 of 200 kg" in said
    assert "The panel voted for this set" in said
    assert "Decide the letters in the set" not in said
    adopting = at("adopt_scenario", scenario)
    assert letters[0].reference in page(client, adopting)
    assert client.post(adopting, {"minute": ""}).status_code == 422
    assert client.post(adopting, {"minute": "Nine to one."}).status_code == 302
    assert client.post(adopting, {"minute": "Again."}).status_code == 409
    assert PortfolioAdoption.objects.get().minute == "Nine to one."
    assert not Decision.objects.exists()

    said = page(client, asked.url)
    assert "Nine to one." in said
    several = f"/decisions/final/several/?scenario={scenario.pk}"
    assert f"{several}&amp;proposal=in&amp;outcome=SELECTED" in said
    inside = client.get(f"{several}&proposal=in&outcome=SELECTED")
    assert {letter.pk for letter in inside.context["letters"]} == {one.pk for one in letters[:2]}
    assert inside.context["form"]["outcome"].value() == "SELECTED"
    outside = client.get(f"{several}&proposal=out&outcome=NOT_SELECTED")
    assert {one.pk for one in outside.context["letters"]} == {one.pk for one in letters[2:]}
    assert not Decision.objects.exists()


def test_a_set_that_was_not_adopted_fills_no_form(client, chair, table):
    scenario = tables.ready(table[0], chair)
    several = "/decisions/final/several/"
    for name in (scenario.pk, "nonsense", "11111111-2222-4333-8444-555555555555"):
        response = client.get(several, {"scenario": name, "proposal": "in"})
        assert response.status_code == 302


@pytest.mark.parametrize("place", [0, 2])
def test_a_letter_is_explained(client, chair, table, place):
    scenario = tables.ready(table[0], chair)
    letter = table[1][place]
    response = client.get(at("scenario", scenario), {"letter": letter.reference})
    said = response.content.decode()
    assert response.context["card"].letters == [letter]
    if place == 0:
        # The set without it holds the second, fourth and fifth.
        assert "Without it the set would be worth 2 points less." in said
        assert f"{table[1][3].reference}, {table[1][4].reference} would enter." in said
        assert "It may lose 2 points of merit and stay." in said
    else:
        assert "With it the set would be worth" in said
        assert "points of merit more." in said
        assert "kg or less it would be in; it states 70 kg." in said
    assert client.get(at("scenario", scenario), {"letter": "X-1"}).context["card"] is None


def test_the_rule_that_bars_a_letter_is_said_first(client, chair, table):
    scenario = tables.ready(table[0], chair, threshold=77)
    said = client.get(at("scenario", scenario), {"letter": table[1][4].reference}).context["why"]
    assert said == ["It cannot fly, whatever its merit.", "A merit of at least 77."]


def test_what_holds_a_letter_is_named_by_its_rule(client, chair, table):
    letters = table[1]
    scenario = tables.ready(table[0], chair, pins=[tables.pin(letters[2]), tables.pin(letters[3])])
    inside = client.get(at("scenario", scenario), {"letter": letters[2].reference})
    assert inside.context["why"][0] == "No set without it keeps all rules:"
    assert "must be in: Minute 4." in inside.context["why"][1]
    outside = client.get(at("scenario", scenario), {"letter": letters[0].reference})
    assert outside.context["why"][0] == "No set with it keeps all rules, whatever its merit:"


def test_a_pin_asks_for_another_scenario_and_can_be_taken_back(client, chair, table):
    scenario, letter = tables.ready(table[0], chair), table[1][2]
    address = at("scenario", scenario)
    typed = {"letter": letter.reference, "name": "With 3", "reason": "Minute 4.", "way": "in"}
    for missing in ("reason", "way", "name"):
        response = client.post(address, typed | {missing: ""})
        assert response.status_code == 422
    response = client.post(address, typed | {"letter": "X-1"})
    assert response.status_code == 409
    assert PortfolioScenario.objects.count() == 1
    made = client.post(address, typed)
    pinned = PortfolioScenario.objects.get(name="With 3")
    assert made.url == at("scenario", pinned)
    assert pinned.pins == [tables.pin(letter)]
    assert pinned.rules == scenario.rules
    actions.compute_scenario(pinned.pk, at=stage.late(table[0].call))
    assert "pinned in" in page(client, made.url)
    client.post(made.url, {"letter": letter.reference, "name": "Free again", "way": "free"})
    assert PortfolioScenario.objects.get(name="Free again").pins == []


def test_a_conflict_of_rules_is_shown_by_name(client, chair, table):
    pins = [tables.pin(letter) for letter in table[1][:3]]
    scenario = tables.ready(table[0], chair, pins=pins)
    said = page(client, at("scenario", scenario))
    assert "These cannot be kept together" in said
    assert "at most 200 kg on the lander" in said
    assert client.get(at("scenario_csv", scenario)).status_code == 404


def test_scenarios_that_wait_failed_or_are_out_of_date_say_so(client, chair, table):
    scenario = tables.asked(table[0], chair)
    rows = PortfolioScenario.objects.filter(pk=scenario.pk)
    rows.update(state=ScenarioState.FAILED)
    assert "could not be computed" in page(client, at("scenario", scenario))
    assert client.get(at("adopt_scenario", scenario)).status_code == 200
    assert client.post(at("adopt_scenario", scenario), {"minute": "m"}).status_code == 409
    other = tables.ready(table[0], chair, name="Other")
    LetterOfIntent.objects.filter(pk=table[1][0].pk).update(mass_kg=1)
    for address in (at("scenario", other), at("adopt_scenario", other)):
        assert "no longer adopted" in page(client, address)


def test_with_a_calibration_letters_stand_in_core_open_and_out(it_is, client, chair):
    call_round, letters = tables.marked(it_is)
    scenario = tables.ready(call_round, chair)
    response = client.get(at("scenario", scenario, kind="PRELIMINARY"))
    columns = {column.name: column.cards for column in response.context["bench"].columns}
    assert list(columns) == ["Core", "Open", "Out"]
    assert columns["Core"][0].letters == [letters[0]]
    assert columns["Core"][0].percent >= 80
    assert sum(map(len, columns.values())) == len(letters)
    assert "200 draws" in response.content.decode()
    assert "SHORTLISTED" not in response.content.decode()


def test_scenarios_stand_side_by_side_with_what_differs(client, chair, table):
    call_round, letters = table
    signed = tables.rules(call_round, chair)
    first = tables.ready(call_round, chair, signed=signed)
    second = tables.ready(
        call_round, chair, signed=signed, name="With 3", pins=[tables.pin(letters[2])]
    )
    response = client.get(f"{HOME}compare/", {"scenario": [first.pk, second.pk]})
    said = response.content.decode()
    assert response.status_code == 200
    [difference] = response.context["differences"]
    come, gone = letters[2].reference, letters[1].reference
    assert difference["change"] == f"+ {{{come}}} − {{{gone}}}"
    assert (difference["value"], difference["mass"]) == ("−7", "−20")
    assert not difference["breaks"]
    assert "With 3" in said
    for few in ([first.pk], [first.pk, first.pk], ["nonsense", first.pk]):
        assert client.get(f"{HOME}compare/", {"scenario": few}).status_code == 302


def test_sets_of_other_letters_are_compared_without_points(client, chair, table):
    call_round, letters = table
    other = make.user(Role.CHAIR)
    make.check(other, letters[0], conflicted=True)
    theirs = tables.ready(call_round, other, name="Without")
    mine = tables.ready(call_round, chair)
    response = client.get(f"{HOME}compare/", {"scenario": [theirs.pk, mine.pk]})
    assert "points cannot be compared" in response.content.decode()


def test_a_scenario_can_be_taken_along(client, chair, table):
    scenario = tables.ready(table[0], chair, pins=[tables.pin(table[1][0])])
    response = client.get(at("scenario_csv", scenario))
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert response["Cache-Control"] == "private, no-store"
    assert len(lines) == 6
    assert lines[0].startswith("Reference,Title,Agency,Level,In the set,Merit")
    assert lines[1].startswith(table[1][0].reference)
    assert "in: Minute 4." in lines[1]


@pytest.mark.usefixtures("quick_press")
def test_after_the_release_nothing_is_asked_for(client, chair, table):
    call_round, letters = table
    signed = tables.rules(call_round, chair)
    scenario = tables.ready(call_round, chair, signed=signed)
    stage.decide(call_round, letters, [Outcome.NOT_SELECTED] * 5)
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    assert "This round has been published." in page(client, HOME)
    assert client.post(HOME, {"rules": signed.pk}).status_code == 409
    assert client.post(f"{HOME}rules/", rules_typed()).status_code == 409
    assert client.post(at("adopt_scenario", scenario), {"minute": "m"}).status_code == 409
    said = page(client, at("scenario", scenario))
    assert "no longer adopted" not in said
    assert "Pin in" not in said


def test_the_first_page_leads_to_the_round_that_is_being_decided(client, chair):
    assert client.get("/decisions/portfolio/").status_code == 404
    make.call()
    assert client.get("/decisions/portfolio/").url == "/decisions/preliminary/portfolio/"
    said = page(client, "/decisions/preliminary/portfolio/")
    assert "once the ranking is frozen" in said
    assert "/decisions/preliminary/portfolio/" in page(client, "/decisions/preliminary/")
    assert "/decisions/final/portfolio/" in page(client, "/decisions/")


def test_nothing_is_asked_for_without_rules(client, chair, table):
    assert "Rules come first." in page(client, HOME)
    assert client.post(HOME, {"rules": "nonsense"}).status_code == 422


# --- to whom --------------------------------------------------------------------------------------


def routes(scenario):
    """Every address, and what a form there sends."""
    own = f"{HOME}{scenario.pk}/"
    yield "/decisions/portfolio/", None
    yield HOME, {"rules": scenario.rules_id, "name": "n"}
    yield f"{HOME}rules/", rules_typed()
    yield f"{HOME}rules/{scenario.rules_id}/", None
    yield f"{HOME}compare/?scenario={scenario.pk}", None
    yield own, {"letter": scenario.letters[0], "name": "n", "reason": "r", "way": "in"}
    yield f"{own}state/", None
    yield f"{own}adopt/", {"minute": "m"}
    yield f"{HOME}{scenario.pk}.csv", None


CHAIRS_ALONE = ("rules/", "adopt/")


@pytest.mark.parametrize(
    ("role", "look", "act"),
    [
        (Role.CHAIR, (200, 302), (200, 302)),
        (Role.PUBLISHER, (200, 302), (403,)),
        (Role.OPERATOR, (403,), (403,)),
        (Role.AUDITOR, (403,), (404,)),
        (Role.REVIEWER, (404,), (404,)),
        (None, (404,), (404,)),
    ],
)
def test_who_may_look_and_who_may_act(table, role, look, act):
    scenario = tables.ready(table[0], make.user(Role.CHAIR))
    browser = Client()
    browser.force_login(make.user(role) if role else make.member(of=table[1][0].agency))
    for address, sent in routes(scenario):
        alone = address.endswith(CHAIRS_ALONE)
        assert browser.get(address).status_code in (act if alone else look), address
        if sent is None:
            wanted = (405,)
            assert browser.post(address).status_code in wanted, address
        else:
            assert browser.post(address, sent).status_code in act, address
    if act[0] != 200:
        assert PortfolioScenario.objects.count() == PortfolioRules.objects.count() == 1
        assert not PortfolioAdoption.objects.exists()


def test_to_a_chair_in_conflict_scenarios_with_the_letter_are_not_there(client, chair, table):
    call_round, letters = table
    other = make.user(Role.CHAIR)
    whole = tables.ready(call_round, other, name="Whole")
    tables.adopted(whole, other)
    named = tables.rules(
        call_round, other, exclusive=[[letters[0].reference, letters[1].reference]]
    )
    make.check(chair, letters[0], conflicted=True)
    own = tables.ready(call_round, chair, name="Without")
    for address in (
        *(at(name, whole) for name in ("scenario", "scenario_state", "adopt_scenario")),
        *(at("scenario_csv", whole), at("portfolio_rules", named)),
    ):
        assert client.get(address).status_code == 404, address
    assert client.post(at("adopt_scenario", whole), {"minute": "m"}).status_code == 404
    listed = page(client, HOME)
    for secret in ("Whole", letters[0].reference, letters[0].title, "Adopted"):
        assert secret not in listed
    assert "left out of every list and figure" in listed
    assert letters[0].reference not in page(client, at("scenario", own))
    several = client.get(
        "/decisions/final/several/", {"scenario": whole.pk, "proposal": "out"}, follow=True
    )
    assert letters[4].reference not in str(several.context.get("letters", ""))
    known = client.get(f"{HOME}rules/").content.decode()
    assert letters[0].reference not in known
    response = client.post(
        f"{HOME}rules/",
        rules_typed(
            **{"letters-0-kind": "must", "letters-0-letter": letters[0].reference},
            **{"letters-0-reason": "Minute."},
        ),
    )
    assert response.status_code == 422


def test_a_chair_who_publishes_too_reads_all_and_adopts_no_set_with_that_letter(client, table):
    both = make.user(Role.CHAIR, Role.PUBLISHER)
    scenario = tables.ready(table[0], make.user(Role.CHAIR))
    make.check(both, table[1][0], conflicted=True)
    client.force_login(both)
    assert "The panel voted" not in page(client, at("scenario", scenario))
    assert client.post(at("adopt_scenario", scenario), {"minute": "m"}).status_code == 409


@pytest.mark.parametrize("letters", [1, 3])
def test_pages_ask_the_same_however_many_letters(
    client, chair, letters, django_assert_max_num_queries
):
    call_round, _letters = tables.ranked((50,) * letters)
    signed = tables.rules(call_round, chair)
    for number in range(letters):
        scenario = tables.ready(call_round, chair, signed=signed, name=f"Scenario {number}")
    counts = {"home": (HOME, 16), "scenario": (at("scenario", scenario), 20)}
    for address, most in counts.values():
        client.get(address)
        with django_assert_max_num_queries(most):
            client.get(address)


def test_merit_above_the_scale_is_not_asked_for(client, chair):
    """A letter that the best set beats by far would need more than 100 points."""
    call_round, letters = tables.ranked(masses=(100, 100, 100), totals=(99, 98, 61))
    scenario = tables.ready(call_round, chair)
    said = page(client, at("scenario", scenario), letter=letters[2].reference)
    about = next(
        one for one in scenario.result["explanations"] if one["key"] == letters[2].reference
    )
    # 37 points more would do: 61 + 37 is 98.
    assert about["merit_lacking"] == 37
    assert "It would be in with 37 points of merit more." in said
    LetterOfIntent.objects.filter(pk=letters[2].pk).update(margin_percent=99)
    scenario = tables.ready(call_round, chair, name="Heavy")
    said = page(client, at("scenario", scenario), letter=letters[2].reference)
    assert "No merit would bring it in: it lacks 76 points, and 100 is the most." in said
