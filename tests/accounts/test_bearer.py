"""Who a program acts for, and from when on it no longer does."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts import actions, bearer
from accounts.models import ApiToken, Membership
from accounts.states import Role, Seat, TokenScope
from tests import make
from tests.programs import ROOT, Program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(it_is):
    return make.member(seat=Seat.EDITOR)


@pytest.fixture
def letter(person):
    return make.letter(agency=person.agencies.get())


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_required"),
        ({"Authorization": ""}, "token_invalid"),
        ({"Authorization": "Bearer"}, "token_invalid"),
        ({"Authorization": "Bearer ce8_wrong"}, "token_invalid"),
        ({"Authorization": "Basic {secret}"}, "token_invalid"),
        ({"Authorization": "{secret}"}, "token_invalid"),
        ({"Authorization": "Bearer {secret} "}, "token_invalid"),
        ({"Authorization": "Bearer {secret},Bearer {secret}"}, "token_invalid"),
        ({"X-Api-Key": "{secret}"}, "token_required"),
        ({"Cookie": "token={secret}"}, "token_required"),
    ],
)
def test_only_a_whole_token_in_its_header_opens(person, headers, code):
    secret = Program(person).secret
    given = {name: text.format(secret=secret) for name, text in headers.items()}
    response = Client().get(f"{ROOT}/letters", headers=given)
    assert refusal(response) == (401, code)
    assert "Bearer" in response.headers["WWW-Authenticate"]


def test_the_scheme_is_read_in_any_case(person):
    secret = Program(person).secret
    response = Client().get(f"{ROOT}/letters", headers={"Authorization": f"bearer {secret}"})
    assert response.status_code == 200


@pytest.mark.parametrize("name", ["token", "access_token", "TOKEN", "anything"])
def test_a_token_in_the_address_is_refused_even_beside_a_good_header(person, name):
    # Bad input IH22.
    program = Program(person)
    for path in ("/letters", "/call"):
        response = program.get(f"{path}?{name}={program.secret}")
        assert refusal(response) == (400, "token_in_address")
        assert program.secret not in response.content.decode()


def test_a_session_opens_nothing(person):
    client = Client()
    client.force_login(person)
    assert refusal(client.get(f"{ROOT}/letters")) == (401, "token_required")
    assert refusal(client.post(f"{ROOT}/letters")) == (401, "token_required")


def test_whatever_ended_a_token_shows_at_the_next_request_and_looks_the_same(person, letter, it_is):
    operator = make.user(Role.OPERATOR)
    answers = []
    for end in (
        lambda program: actions.revoke_token(program.token, actor=person, at=make.OPENS),
        lambda program: ApiToken.objects.filter(pk=program.token.pk).update(
            expires_at=make.OPENS - timedelta(days=1)
        ),
        lambda program: actions.set_active(person, False, actor=operator, at=make.OPENS),
    ):
        program = Program(person)
        assert program.get("/letters").status_code == 200
        end(program)
        answers.append(program.get("/letters"))
    assert {refusal(answer) for answer in answers} == {(401, "token_invalid")}
    assert len({answer.content for answer in answers}) == 1


def test_a_seat_taken_away_counts_from_the_next_request_on(person, letter):
    # Bad input IH23.
    program = Program(person)
    path = f"/letters/{letter.pk}"
    assert program.get(path).status_code == 200
    Membership.objects.filter(user=person).update(seat=Seat.VIEWER)
    assert refusal(program.patch(path, {"title": "x"}, 1)) == (403, "forbidden")
    Membership.objects.filter(user=person).delete()
    assert refusal(program.get(path)) == (404, "not_found")
    assert program.get("/letters").json()["items"] == []


@pytest.mark.parametrize("role", [None, *Role])
def test_a_token_that_reads_writes_nothing_whosever_it_is(letter, role):
    # Bad input IH23.
    person = make.user(role) if role else make.member(letter.agency)
    program = Program(person, TokenScope.READ)
    before = type(letter).objects.values().get()
    for path in (f"/letters/{letter.pk}", "/letters/11111111-2222-4333-8444-555555555555"):
        answers = [
            program.patch(path, {"title": "x"}, 1),
            program.post(f"{path}/submit", None, **{"Idempotency-Key": "k"}),
            program.post("/letters", {}),
        ]
        assert {refusal(answer) for answer in answers} == {(403, "read_only_token")}
    assert type(letter).objects.values().get() == before
    assert program.get("/letters").status_code == 200


def test_the_last_use_is_noted(person):
    program = Program(person)
    program.get("/letters")
    program.token.refresh_from_db()
    assert program.token.last_used_at is not None


def test_a_token_that_asks_too_often_is_told_when_to_go_on(person, monkeypatch, it_is):
    it_is(make.OPENS)  # a minute that does not end half-way
    monkeypatch.setattr(bearer, "MOST_A_MINUTE", 3)
    program, other = Program(person), Program(make.member())
    statuses = [program.get("/letters").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    slow = program.get("/letters")
    assert refusal(slow) == (429, "too_many_requests")
    assert 1 <= int(slow.headers["Retry-After"]) <= 60
    assert other.get("/letters").status_code == 200
