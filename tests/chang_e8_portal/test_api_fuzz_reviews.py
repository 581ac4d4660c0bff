"""Hostile requests to the calls about reviews, as a reviewer and as the chair, in this process.

As in test_api_fuzz.py: every answer is one that is described, none is an error of ours, without the
token nothing is answered, and a review of somebody else answers as if it did not exist.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import bearer
from accounts.states import Role
from reviews.models import Review
from tests import make
from tests.chang_e8_portal.test_api_fuzz import OTHERS
from tests.fuzzing import CHECKED, QUIET, SignalsOff, made_of, operations_for
from tests.programs import Program
from tests.reviews import papers

pytestmark = pytest.mark.django_db

SECRET_WORDS = "the stranger must never read this"
REVIEW = "/api/v1/reviews/{review_id}"
ABOUT_A_REVIEW = [
    *(f"GET {REVIEW}", f"PUT {REVIEW}", f"PUT {REVIEW}/conflict"),
    *(f"POST {REVIEW}/submit", f"POST {REVIEW}/reopen", f"GET {REVIEW}/files/{{kind}}"),
]
OPERATIONS = [
    *ABOUT_A_REVIEW,
    *("GET /api/v1/reviews", "GET /api/v1/panel/ranking", "GET /api/v1/panel/assignments"),
    "GET /api/v1/decisions",
]


class World:
    """A reviewer and a chair with programs, a stranger among the reviewers, and three letters."""

    def __init__(self, it_is):
        self.call = make.call()
        make.rubric(self.call)
        reviewer = make.reviewer()
        self.programs = {
            "reviewer": Program(reviewer),
            "chair": Program(make.user(Role.CHAIR)),
            "stranger": Program(make.reviewer()),
        }
        self.given = [self.assigned(reviewer) for _number in range(3)]
        # One not begun, one begun and complete, one that is filed.
        make.review(of=self.given[1], submitted=False, strengths=SECRET_WORDS)
        make.review(of=self.given[2], strengths=SECRET_WORDS)
        it_is(self.given[0].due_at - papers.DAY)
        self.operations = operations_for(self.programs["chair"])

    def assigned(self, reviewer):
        agency = make.agency()
        make.member(agency)
        letter = make.eligible_letter(call=self.call, agency=agency, summary=SECRET_WORDS)
        papers.filed(letter, pdf=True)
        return make.assignment(letter=letter, reviewer=reviewer)


@pytest.fixture
def world(it_is, monkeypatch):
    monkeypatch.setattr(bearer, "MOST_A_MINUTE", 10**6)
    made = World(it_is)
    with SignalsOff():
        yield made


def cases(operation, world):
    """Each about one of the reviewer's letters."""

    def about(case, assignment):
        known = {"review_id": str(assignment.pk), "kind": "letter"}
        for name in case.path_parameters or {}:
            case.path_parameters[name] = known[name]
        return case

    return st.builds(about, made_of(operation), st.sampled_from(world.given))


def test_every_call_is_tried(world):
    assert set(OPERATIONS) == {
        label for label in world.operations if label.split()[1].startswith(OTHERS)
    }


@pytest.mark.parametrize("who", ["reviewer", "chair"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_a_call_or_gets_past_its_door(world, label, who):
    headers = {"Authorization": f"Bearer {world.programs[who].secret}"}

    @QUIET
    @given(case=cases(world.operations[label], world))
    def holds(case):
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKED, headers=headers)

    holds()


@pytest.mark.parametrize("who", ["stranger", "chair"])
@pytest.mark.parametrize("label", ABOUT_A_REVIEW)
def test_a_stranger_is_told_what_is_told_of_a_review_that_does_not_exist(world, label, who):
    headers = {"Authorization": f"Bearer {world.programs[who].secret}"}
    before, nothing = list(Review.objects.order_by("pk").values()), None

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
    assert list(Review.objects.order_by("pk").values()) == before
