"""What was decided, by program: for the panel; after the release, an agency's own."""

import pytest

from accounts.states import Role
from decisions import actions, exports
from decisions.states import Outcome
from tests import make
from tests.decisions import stage
from tests.programs import Program, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


def references(answer):
    return [item["letter"]["reference"] for item in answer.json()["items"]]


def test_the_panel_reads_what_was_decided_so_far():
    _round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED, None)
    for role in (Role.CHAIR, Role.PUBLISHER):
        answer = Program(make.user(role)).get("/decisions")
        assert references(answer) == [letter.reference for letter in letters[:2]]
        first = answer.json()["items"][0]
        assert (first["outcome"], first["released"], first["round"]) == ("SELECTED", False, "FINAL")
        assert first["reason"] == stage.REASON
        assert "decided_by" not in first
    chair = Program(make.user(Role.CHAIR))
    assert references(chair.get("/decisions?round=preliminary")) == []
    assert len(references(chair.get("/decisions?round=FINAL"))) == 2
    assert refusal(chair.get("/decisions?round=x")) == (404, "not_found")
    assert refusal(chair.get("/decisions?letter=x")) == (400, "bad_request")


def test_a_withdrawn_letter_has_no_decision():
    _round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    letters[0].state = "WITHDRAWN"
    letters[0].save(update_fields=["state"])
    answer = Program(make.user(Role.CHAIR)).get("/decisions")
    assert references(answer) == [letters[1].reference]


def test_a_letter_in_conflict_is_left_out_for_the_chair():
    _round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    chair = make.user(Role.CHAIR)
    make.check(chair, letters[0], conflicted=True)
    assert references(Program(chair).get("/decisions")) == [letters[1].reference]


def test_a_project_and_who_joins_it_do_not_name_each_other_to_one_in_conflict():
    call_round, letters = stage.final(Outcome.SELECTED, None)
    chair = make.user(Role.CHAIR)
    decided = {"outcome": Outcome.MERGED, "merged_with": letters[0], "reason": "They fit."}
    actions.decide(call_round, letters[1], **decided, actor=chair, at=stage.late(call_round.call))
    barred = make.user(Role.CHAIR)
    make.check(barred, letters[0], conflicted=True)
    for person, lead in ((chair, letters[0].title), (barred, None)):
        items = Program(person).get("/decisions").json()["items"]
        assert items[-1]["merged_with"] == lead
        joined = [item["joined_by"] for item in items[:-1]]
        own = {"title": letters[1].title, "agency": letters[1].agency.name}
        assert joined == ([[own]] if lead else [])
    _header, rows = exports.table(barred, call_round)
    assert letters[0].reference not in str(list(rows))
    barred = make.user(Role.CHAIR)
    make.check(barred, letters[1], conflicted=True)
    [item] = Program(barred).get("/decisions").json()["items"]
    assert item["joined_by"] == []


def test_before_the_release_others_are_told_nothing():
    publication, letters = stage.ready()
    agency = letters[0].agency.members.first()
    reviewer = make.reviewer()
    make.assignment(letter=letters[0], reviewer=reviewer, round=publication.round)
    for person in (agency, reviewer, make.member()):
        assert refusal(Program(person).get("/decisions")) == (404, "not_found")
    for role in (Role.AUDITOR, Role.OPERATOR):
        assert refusal(Program(make.user(role)).get("/decisions")) == (403, "forbidden")


def test_after_the_release_an_agency_reads_its_own_and_nothing_else():
    publication, letters = stage.ready()
    reviewer = make.reviewer()
    make.assignment(letter=letters[1], reviewer=reviewer, round=publication.round)
    stage.release(publication)
    for letter in letters:
        answer = Program(letter.agency.members.first()).get("/decisions")
        assert references(answer) == [letter.reference]
        assert answer.json()["items"][0]["released"] is True
    assert references(Program(reviewer).get("/decisions")) == [letters[1].reference]
    assert refusal(Program(make.member()).get("/decisions")) == (404, "not_found")
    assert len(references(Program(make.user(Role.AUDITOR)).get("/decisions"))) == 2
    assert refusal(Program(make.user(Role.OPERATOR)).get("/decisions")) == (403, "forbidden")


@pytest.mark.parametrize("letters", [1, 3])
def test_the_list_costs_the_same_however_long(letters, django_assert_num_queries):
    stage.final(*[Outcome.SELECTED] * letters, mass_kg=1)
    program = Program(make.user(Role.CHAIR))
    program.get("/decisions")
    with django_assert_num_queries(13):
        assert len(references(program.get("/decisions"))) == letters
