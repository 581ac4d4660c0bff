"""The chair asks an agency; the panel reads question and answer beside the letter."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.states import Role
from proposals import actions as letters_room
from proposals.models import Clarification
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FORM = {"question": "How is it kept warm?", "due_at": "2024-03-10T18:00"}


@pytest.fixture
def chair(client, assignment):
    client.force_login(assignment.assigned_by)
    return assignment.assigned_by


def ask_at(assignment):
    return reverse("panel:question", args=[assignment.letter.pk])


def test_the_chair_asks_with_a_due_date(client, assignment, chair):
    assert client.get(ask_at(assignment)).status_code == 200
    answer = client.post(ask_at(assignment), FORM, follow=True)
    assert FORM["question"] in answer.content.decode()
    asked = Clarification.objects.get()
    # Typed without an offset: the call's zone.
    assert asked.due_at == datetime(2024, 3, 10, 10, tzinfo=UTC)
    assert asked.asked_by == chair


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"due_at": "10/03/2024"}, 422),
        ({"due_at": ""}, 422),
        ({"question": " \u200b"}, 422),
        ({"due_at": "2023-03-10T18:00"}, 409),
    ],
)
def test_what_is_refused_keeps_what_was_typed(client, assignment, chair, changes, status):
    answer = client.post(ask_at(assignment), FORM | changes)
    assert answer.status_code == status
    assert (FORM | changes)["due_at"] in answer.content.decode()
    assert not Clarification.objects.exists()


def test_a_chair_in_conflict_does_not_ask(client, assignment, chair):
    make.check(chair, assignment.letter, conflicted=True)
    assert client.get(ask_at(assignment)).status_code == 403
    assert client.post(ask_at(assignment), FORM).status_code == 403
    assert not Clarification.objects.exists()


def test_the_letter_s_reviewers_read_it_and_no_other_do(client, assignment, chair):
    asked = letters_room.ask_clarification(
        assignment.letter,
        question=FORM["question"],
        due_at=assignment.due_at - DAY,
        actor=chair,
    )
    other = make.eligible_letter(call=assignment.letter.call, agency=assignment.letter.agency)
    papers.filed(other)
    elsewhere = make.assignment(letter=other)
    editor = assignment.letter.agency.members.get()
    letters_room.answer_clarification(asked, answer="By a heater.", actor=editor)

    client.force_login(assignment.reviewer)
    said = client.get(reverse("reviews:review", args=[assignment.pk])).content.decode()
    assert FORM["question"] in said
    assert "By a heater." in said
    client.force_login(elsewhere.reviewer)
    page = reverse("reviews:review", args=[elsewhere.pk])
    assert FORM["question"] not in client.get(page).content.decode()
    assert client.get(reverse("reviews:review", args=[assignment.pk])).status_code == 404


def test_before_the_question_of_conflict_nothing_is_read(client, assignment, chair):
    letters_room.ask_clarification(
        assignment.letter,
        question=FORM["question"],
        due_at=assignment.due_at - DAY,
        actor=chair,
    )
    waiting = make.reviewer()
    make.check(waiting, assignment.letter, answered=False)
    given = make.assignment(letter=assignment.letter, reviewer=waiting)
    client.force_login(waiting)
    page = client.get(reverse("reviews:review", args=[given.pk]), follow=True)
    assert FORM["question"] not in page.content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REVIEWER, 403),
        (Role.PUBLISHER, 403),
        (Role.AUDITOR, 403),
        (Role.OPERATOR, 403),
        (None, 404),
    ],
)
def test_nobody_else_asks(client, assignment, role, status):
    client.force_login(make.user(role) if role else make.member())
    assert client.get(ask_at(assignment)).status_code == status
    assert client.post(ask_at(assignment), FORM).status_code == status
    assert not Clarification.objects.exists()
