from datetime import timedelta

import pytest

from notifications.models import Message
from reviews import actions, reminders
from reviews.models import Assignment
from tests import make

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def given():
    """A letter given out thirty days before it is due."""
    made = make.assignment()
    Assignment.objects.update(assigned_at=made.due_at - 30 * DAY)
    return Assignment.objects.get()


def sent():
    return Message.objects.filter(template="review_due").count()


@pytest.mark.parametrize("step", [14 * DAY, 7 * DAY, 2 * DAY, -DAY])
def test_each_step_is_reached_at_its_instant(given, step):
    reminders.queue_due(at=given.due_at - 14 * DAY - SECOND)
    before = sent()
    for earlier in (14 * DAY, 7 * DAY, 2 * DAY, -DAY):
        if earlier > step:
            reminders.queue_due(at=given.due_at - earlier)
    so_far = sent()
    reminders.queue_due(at=given.due_at - step - SECOND)
    assert (before, sent()) == (0, so_far)
    reminders.queue_due(at=given.due_at - step)
    assert sent() == so_far + 1


def test_each_person_and_step_is_reminded_once_however_often_it_runs(given):
    at = given.due_at - 20 * DAY
    while at < given.due_at + 5 * DAY:
        reminders.queue_due(at=at)
        at += timedelta(hours=6)
    assert sent() == 4


def test_ten_letters_are_one_mail(given):
    other = make.assignment(
        letter=make.eligible_letter(call=given.letter.call), reviewer=given.reviewer
    )
    Assignment.objects.update(assigned_at=given.assigned_at)

    reminders.queue_due(at=given.due_at - 7 * DAY)

    body = Message.objects.get(template="review_due").body
    assert given.letter.reference in body
    assert other.letter.reference in body


def test_a_step_that_passed_before_the_letter_was_given_out_is_not_owed(given):
    Assignment.objects.update(assigned_at=given.due_at - 5 * DAY)
    reminders.queue_due(at=given.due_at - 5 * DAY)
    assert sent() == 0
    reminders.queue_due(at=given.due_at - 2 * DAY)
    assert sent() == 1


def test_a_machine_that_was_away_for_a_day_still_reminds(given):
    reminders.queue_due(at=given.due_at - 6 * DAY)
    assert sent() == 1


def test_nobody_is_reminded_of_a_review_that_is_in_waived_or_in_conflict(given):
    make.rubric(given.letter.call)
    make.review(of=given)
    waived = make.assignment(letter=make.eligible_letter(call=given.letter.call))
    actions.waive(waived, reason="Ill.", actor=waived.assigned_by, at=waived.assigned_at)
    barred = make.assignment(letter=make.eligible_letter(call=given.letter.call))
    answer = {barred.letter_id: ("MONEY", "")}
    actions.answer_conflicts(barred.reviewer, answer, at=barred.assigned_at)

    for days in (14, 7, 2, -1):
        reminders.queue_due(at=given.due_at - days * DAY)
    assert sent() == 0


def test_more_time_brings_the_reminders_of_the_new_date(given):
    reminders.queue_due(at=given.due_at - 2 * DAY)
    due_at = given.due_at + 10 * DAY
    actions.give_more_time(given, due_at=due_at, actor=given.assigned_by, at=given.assigned_at)
    reminders.queue_due(at=due_at - 2 * DAY)
    assert sent() == 2
