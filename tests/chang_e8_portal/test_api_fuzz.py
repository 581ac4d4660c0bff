"""Hostile requests made from the calls' own description, as an agency, in this process.

What is generated is the same each time. Every answer must be one that the description announces, in
its form; none may be an error of ours; without the token nothing is answered; and whatever a
stranger asks about an agency's letter is answered as if the letter did not exist.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import bearer
from accounts.states import Seat
from proposals.models import LetterOfIntent, LetterVersion
from tests import make
from tests.fuzzing import CHECKED, QUIET, SignalsOff, made_of, operations_for
from tests.programs import Program
from tests.proposals import papers

pytestmark = pytest.mark.django_db

SECRET_WORDS = "the stranger must never read this"
# Operations without an id in their address; the others are asked about a letter of one's own.
PUBLIC = {"GET /api/v1/call", "GET /api/v1/results", "GET /api/v1/results/{code}"}
OPERATIONS = [
    *sorted(PUBLIC),
    *("GET /api/v1/letters", "POST /api/v1/letters"),
    *(
        f"{method} /api/v1/letters/{{letter_id}}{call}"
        for method, call in (
            *(("GET", ""), ("PATCH", ""), ("DELETE", "")),
            *(("POST", "/submit"), ("POST", "/withdraw"), ("POST", "/take-up")),
            *(("POST", "/reopen"), ("POST", "/put-back")),
            *(("POST", "/attachments"), ("GET", "/attachments/{attachment_id}")),
            *(("DELETE", "/attachments/{attachment_id}"), ("GET", "/receipts")),
            *(("GET", "/versions"), ("GET", "/versions/{number}")),
        )
    ),
]
# Tried in test_api_fuzz_reviews.py.
OTHERS = ("/api/v1/reviews", "/api/v1/panel", "/api/v1/decisions")
ABOUT_A_LETTER = [label for label in OPERATIONS if "{letter_id}" in label]


class World:
    """An agency with a program and two letters, a stranger with one, and the described calls."""

    def __init__(self):
        call = make.call()
        make.rubric(call)
        agency = make.agency()
        self.program = Program(make.member(agency))
        self.stranger = Program(make.member(seat=Seat.REPRESENTATIVE))
        self.draft = make.letter(agency=agency, call=call, summary=SECRET_WORDS)
        self.filed = make.letter(agency=agency, call=call, summary=SECRET_WORDS)
        answer = self.program.post(
            f"/letters/{self.filed.pk}/submit", **{"Idempotency-Key": "before"}
        )
        assert answer.status_code == 201
        attached = self.program.upload(f"/letters/{self.draft.pk}/attachments", papers.GOOD)
        assert attached.status_code == 201
        self.attachment = attached.json()["id"]
        self.operations = operations_for(self.program)


@pytest.fixture
def world(it_is, monkeypatch):
    monkeypatch.setattr(bearer, "MOST_A_MINUTE", 10**6)
    made = World()
    with SignalsOff():
        yield made


def cases(operation, world):
    """Requests in and out of the described form, each about one of the agency's letters."""

    def about(case, letter, number):
        known = {
            "letter_id": str(letter.pk),
            "attachment_id": world.attachment,
            "number": number,
            "code": letter.call.code,
        }
        for name in case.path_parameters or {}:
            case.path_parameters[name] = known[name]
        return case

    letters, numbers = st.sampled_from([world.draft, world.filed]), st.sampled_from(["1", "2"])
    return st.builds(about, made_of(operation), letters, numbers)


def test_every_call_is_tried(world):
    reviews = {label for label in world.operations if label.split()[1].startswith(OTHERS)}
    assert set(OPERATIONS) == set(world.operations) - reviews


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_a_call_or_gets_past_its_door(world, label):
    headers = {"Authorization": f"Bearer {world.program.secret}"}

    @QUIET
    @given(case=cases(world.operations[label], world))
    def holds(case):
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKED, headers=headers)

    holds()


@pytest.mark.parametrize("label", ABOUT_A_LETTER)
def test_a_stranger_is_told_what_is_told_of_a_letter_that_does_not_exist(world, label):
    headers = {"Authorization": f"Bearer {world.stranger.secret}"}
    rows = LetterOfIntent.objects.order_by("pk").values()
    before, nothing = list(rows), None

    @QUIET
    @given(case=cases(world.operations[label], world))
    def holds(case):
        nonlocal nothing
        response = case.call(headers=headers)
        assert SECRET_WORDS not in response.text
        assert response.status_code in (400, 401, 404, 405)
        if response.status_code == 404:
            nothing = nothing or response.content
            assert (response.content, json.loads(nothing)["code"]) == (nothing, "not_found")

    holds()
    assert nothing
    assert list(rows) == before
    assert LetterVersion.objects.count() == 1
