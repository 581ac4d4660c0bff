"""What was decided is held against the set that the panel adopted, and against its rules."""

import pytest
from django.urls import reverse

from accounts.states import Role
from decisions import actions, decided_set, exceptions
from decisions.models import Decision, GrantedException
from decisions.states import ExceptionKind, Outcome
from proposals.models import LetterOfIntent
from reviews.models import RankedLetter
from tests import make
from tests.decisions import stage, tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]
WHY = "The first project was withdrawn in all but name."


class Table:
    """Five ranked letters, of which 200 kg carry the first two; a chair and a publisher."""

    def __init__(self):
        self.round, self.letters = tables.ranked()
        self.chair, self.other = make.user(Role.CHAIR), make.user(Role.PUBLISHER)
        self.at = stage.late(self.round.call)

    def adopt(self, **options):
        self.scenario = tables.ready(self.round, self.chair, **options)
        tables.adopted(self.scenario, self.chair)

    def decide(self, *selected, **masses):
        """These places are selected, at the mass of `kg3=12` and so on, and the others not."""
        for place, letter in enumerate(self.letters):
            chosen = place in selected
            actions.decide(
                self.round,
                letter,
                outcome=Outcome.SELECTED if chosen else Outcome.NOT_SELECTED,
                reason=stage.REASON,
                mass_kg=masses.get(f"kg{place}"),
                actor=self.chair,
                at=self.at,
            )

    def references(self, *places):
        return [self.letters[place].reference for place in places]

    def ask(self, kind=ExceptionKind.SET):
        return actions.ask_exception(
            self.round, kind=kind, reason=WHY, actor=self.chair, at=self.at
        )

    def grant(self, kind=ExceptionKind.SET):
        actions.answer_exception(self.ask(kind), agrees=True, actor=self.other, at=self.at)

    def page(self, client, name="publication"):
        client.force_login(self.other)
        return client.get(reverse(f"decisions:{name}", args=[self.round.kind])).content.decode()


@pytest.fixture
def table():
    return Table()


def test_the_adopted_set_needs_no_reason(table, client):
    table.adopt()
    assert table.scenario.chosen == table.references(0, 1)
    assert decided_set.adopted_in(table.round) is None, "nothing is decided yet"
    assert "The panel adopted the set “Merit only”" in table.page(client)
    table.decide(0, 1)
    found = decided_set.adopted_in(table.round)
    assert (found.agrees, found.kept.mass) == (True, 200)
    assert exceptions.of(table.round) == []
    assert "It is the set that the panel adopted, by its rules: “Merit only”" in table.page(client)
    stage.propose(table.round)


def test_another_set_needs_a_reason_and_a_second_person(table, client):
    table.adopt()
    table.decide(0, 3)
    [case] = exceptions.of(table.round)
    new, gone = table.references(3, 1)
    assert case.what == (
        f"Not the set “Merit only” that the panel adopted: + {{{new}}} − {{{gone}}}"
    )
    for step in (lambda: None, table.ask):
        step()
        with pytest.raises(actions.Refused, match="Not the set") as refusal:
            stage.propose(table.round)
        assert refusal.value.code == "no_exception"
        assert case.what in table.page(client)
    asked = GrantedException.objects.get()
    actions.answer_exception(asked, agrees=True, actor=table.other, at=table.at)
    publication = stage.rendered(table.round)
    # The second publisher reads what the first two agreed to.
    client.force_login(make.user(Role.PUBLISHER))
    page = client.get(reverse("decisions:release", args=[table.round.kind])).content.decode()
    assert case.what in page
    assert WHY in page
    assert publication.positive_count == 2


def test_that_nothing_flies_needs_a_reason_too(table):
    table.adopt()
    table.decide()
    [case] = exceptions.of(table.round)
    assert case.what.startswith("Not the set “Merit only”")
    table.grant()
    assert exceptions.missing(table.round) == []


def test_what_was_agreed_to_holds_for_that_set_alone(table):
    table.adopt()
    table.decide(0, 3)
    table.grant()
    assert exceptions.missing(table.round) == []
    table.decide(0, 4)
    assert len(exceptions.missing(table.round)) == 1
    table.decide(0, 3)
    assert exceptions.missing(table.round) == []
    table.decide(0, 3, kg3=59)
    assert len(exceptions.missing(table.round)) == 1


def test_rules_are_kept_with_the_mass_that_was_allotted_and_its_margin(table):
    table.adopt()
    table.decide(0, 1, kg1=91)
    [case] = exceptions.of(table.round)
    assert case.what == (
        "Against rules of “Merit only” (201 kg with margins): "
        "at most 200 kg on the lander, margins included"
    )
    # The first may grow by a tenth: 50 kg are 55.
    table.decide(0, 1, kg0=50, kg1=91)
    assert decided_set.adopted_in(table.round).kept.mass == 146


def test_signed_rules_are_compared_where_no_set_was_adopted(table, client):
    assert "The panel adopted no set" in table.page(client)
    tables.rules(table.round, table.chair)
    tables.rules(table.round, table.chair, name="Three at least", count={"min": 3})
    table.decide(0, 1)
    page = table.page(client)
    assert "“Three at least” does not hold: at least 3: letters in all; “Merit only” holds" in page
    stage.propose(table.round)  # nothing waits for it


def joined(table, *, kg=None, **content):
    """The second letter joins the project of the first, under adopted rules."""
    table.adopt(**content)
    table.decide(0)
    actions.decide(
        table.round,
        table.letters[1],
        outcome=Outcome.MERGED,
        merged_with=table.letters[0],
        mass_kg=kg,
        reason=stage.REASON,
        actor=table.chair,
        at=table.at,
    )
    return decided_set.adopted_in(table.round)


def test_letters_that_join_fly_as_one_project(table):
    agency = table.letters[0].agency
    LetterOfIntent.objects.filter(pk=table.letters[1].pk).update(agency=agency)
    needs = [{"letter": table.letters[1].reference, "needs": table.references(0)}]
    pins = [tables.pin(table.letters[1])]
    found = joined(table, needs=needs, agency_max=None, pins=pins)
    assert (found.agrees, found.kept.mass) == (True, 200)


def test_a_project_of_two_is_one_letter_of_its_agency(table):
    found = joined(table, agency_max=1, count={"min": 1, "max": 2})
    assert found.agrees
    LetterOfIntent.objects.filter(pk=table.letters[1].pk).update(agency=table.letters[0].agency)
    assert decided_set.adopted_in(table.round).agrees


def test_a_merged_letter_brings_its_mass_with_it(table):
    found = joined(table, kg=95)
    assert found.kept.mass == 110 + 95
    assert found.kept.broken == ["at most 200 kg on the lander, margins included"]
    actions.decide(
        table.round,
        table.letters[1],
        outcome=Outcome.MERGED,
        merged_with=table.letters[0],
        mass_kg=0,  # the lead's mass is that of both
        reason=stage.REASON,
        actor=table.chair,
        at=table.at,
    )
    assert decided_set.adopted_in(table.round).kept.mass == 110


def test_an_instrument_without_a_stated_mass_can_be_allotted_one(table):
    LetterOfIntent.objects.filter(pk=table.letters[4].pk).update(mass_kg=None)
    table.adopt()
    table.decide(0, 1)
    Decision.objects.filter(letter=table.letters[1]).update(mass_kg=40)
    table.decide(0, 1, 4, kg1=40, kg4=5)
    assert decided_set.adopted_in(table.round).kept.broken == []


def test_a_letter_without_a_place_counts_when_it_is_decided(table):
    """Too few reviews judged it to rank it, and the panel lets it fly all the same."""
    table.adopt()
    RankedLetter.objects.filter(letter=table.letters[4]).update(position=None)
    table.decide(0, 1, 4)
    found = decided_set.adopted_in(table.round)
    assert (found.entering, found.kept.mass) == (table.references(4), 250)


def test_the_second_opinion_is_asked_too(table, monkeypatch):
    table.adopt()
    table.decide(0, 1)
    monkeypatch.setattr(decided_set.portfolio_check, "faults", lambda *_: ["7 of XY"])
    assert decided_set.adopted_in(table.round).kept.broken == ["7 of XY"]


@pytest.mark.parametrize("letters", [1, 3])
def test_it_costs_the_same_however_many_letters(letters, django_assert_num_queries):
    call_round, _letters = tables.ranked(masses=tables.MASSES[:letters])
    chair = make.user(Role.CHAIR)
    tables.adopted(tables.ready(call_round, chair), chair)
    stage.decide(call_round, _letters, [Outcome.SELECTED] * letters)
    # adoption, undecided, decisions, board, fuller proposals, letters
    with django_assert_num_queries(6):
        decided_set.adopted_in(call_round)
