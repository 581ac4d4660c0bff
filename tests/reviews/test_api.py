"""The call as a program reads it."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts import bearer
from proposals.states import RoundKind
from tests import make
from tests.programs import ROOT, Program, refusal

pytestmark = pytest.mark.django_db


def read(**headers):
    return Client().get(f"{ROOT}/call", headers=headers)


def test_anybody_reads_the_call_with_its_clock_its_limits_and_its_criteria(it_is):
    call = make.call()
    make.rubric(call)
    response = read()
    body = response.json()
    assert response.status_code == 200
    assert (body["opens_at"], body["closes_at"]) == ("2023-10-01T16:00:00Z", "2023-12-31T16:00:00Z")
    assert (body["now"], body["phase"]) == ("2023-11-15T12:00:00Z", "OPEN")
    assert body["closing_sentence"] == call.closing_sentence
    assert [level["code"] for level in body["levels"]] == ["MISSION", "SYSTEM", "UNIT"]
    assert (body["limits"]["lander_mass_kg"], body["limits"]["module_mass_kg"]) == (200, 100)
    assert [(one["code"], one["weight"]) for one in body["criteria"]] == [
        ("science", 60),
        ("feasibility", 40),
    ]
    assert body["rounds"][0] == {"kind": RoundKind.PRELIMINARY, "announced_for": "2024-04"}
    assert body["objectives"] == [{"code": "fields", "name": "Physical fields"}]


def test_the_phase_follows_the_clock_to_the_instant(it_is):
    call = make.call()
    phases = []
    for moment in (
        call.opens_at - make.SECOND,
        call.opens_at,
        call.closes_at - timedelta(microseconds=1),
        call.closes_at,
    ):
        it_is(moment)
        phases.append(read().json()["phase"])
    assert phases == ["UPCOMING", "OPEN", "OPEN", "CLOSED"]


def test_texts_are_in_the_language_that_is_asked_for_whoever_is_signed_in(it_is):
    make.call()
    assert read(**{"Accept-Language": "zh-hans"}).json()["title"] == "嫦娥八号征集"
    client = Client()
    client.force_login(make.user(language="zh-hans"))
    assert client.get(f"{ROOT}/call").json()["title"] == "Chang'e-8 call"


def test_without_a_call_there_is_nothing():
    assert refusal(read()) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(method):
    make.call()
    response = getattr(Client(), method)(f"{ROOT}/call")
    assert refusal(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET"


@pytest.mark.parametrize("criteria", [1, 3])
def test_it_costs_the_same_however_many_criteria(criteria, django_assert_num_queries):
    call = make.call()
    make.rubric(call)
    with django_assert_num_queries(3):  # call, rounds, criteria
        read()


def test_an_address_without_a_token_has_a_most_of_requests_of_its_own(monkeypatch, it_is):
    make.call()
    monkeypatch.setattr(bearer, "MOST_A_MINUTE", 2)
    here = Client(REMOTE_ADDR="192.0.2.6")
    statuses = [here.get(f"{ROOT}/call").status_code for _time in range(3)]
    assert statuses == [200, 200, 429]
    slow = here.get(f"{ROOT}/call")
    assert refusal(slow) == (429, "too_many_requests")
    assert 1 <= int(slow.headers["Retry-After"]) <= 60
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(f"{ROOT}/call").status_code == 200
    # A token's count is another one.
    assert Program(make.member()).get("/letters").status_code == 200


def test_a_socket_that_names_no_address_refuses_nobody(monkeypatch, it_is):
    make.call()
    monkeypatch.setattr(bearer, "MOST_A_MINUTE", 2)
    nameless = Client(REMOTE_ADDR="")
    assert [nameless.get(f"{ROOT}/call").status_code for _time in range(3)] == [200, 200, 200]
