"""The results as a program reads them: the same bytes for all until they are published."""

import pytest
from django.test import Client

from accounts.states import Role
from decisions.states import Outcome
from tests import make
from tests.decisions import stage
from tests.programs import ROOT, Program, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

SENT = ({}, {"Accept-Language": "zh-hans"}, {"Accept": "text/html"}, {"Authorization": "Bearer x"})


def test_until_the_release_everybody_is_told_the_same(client):
    answers = [Client().get(f"{ROOT}/results", headers=headers) for headers in SENT]
    _publication, [letter, _other] = stage.ready()
    answers += [Client().get(f"{ROOT}/results", headers=headers) for headers in SENT]
    people = [make.user(role, language="zh-hans") for role in Role] + [
        letter.agency.members.first()
    ]
    for person in people:
        answers.append(Program(person).get("/results"))
        client.force_login(person)
        answers.append(client.get(f"{ROOT}/results"))
    assert {refusal(answer) for answer in answers} == {(404, "not_published")}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["Content-Length"] for answer in answers}) == 1
    assert not any("ETag" in answer.headers for answer in answers)


def test_after_the_release_the_projects_and_nothing_of_the_others():
    publication, letters = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED, title_zh="月震仪")
    stage.release(publication)
    response = Client().get(f"{ROOT}/results")
    body = response.json()
    assert response.status_code == 200
    assert (body["letters_received"], body["letters_forward"]) == (2, 1)
    [project] = body["projects"]
    assert (project["title_zh"], project["agency"]) == ("月震仪", letters[0].agency.name)
    assert (project["level"], project["partners"]) == ("UNIT", [])
    assert project["joined_by"] == []
    page = response.content.decode()
    for silent in (letters[1].agency.name, letters[1].reference, letters[0].reference):
        assert silent not in page
