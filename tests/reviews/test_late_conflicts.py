"""A conflict that is known only after the reviewer's review stands in a frozen ranking."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role
from reviews import actions, invariants
from reviews.attendance import attendees
from reviews.models import Assignment, ConflictCheck, Ranking, Review, ReviewerProfile
from tests import make

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=80)
DAY = timedelta(days=1)


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


@pytest.fixture
def counted(chair):
    """A filed review of a frozen first round; its reviewer has the letter in the final one, too."""
    letter = make.shortlisted_letter()
    make.rubric(letter.call)
    given = make.assignment(letter=letter, round=make.first_round(letter.call))
    make.review(of=given)
    Ranking.objects.create(round=given.round, frozen_at=AT, frozen_by=chair, rubric=[])
    make.assignment(letter=letter, round=make.final_round(letter.call), reviewer=given.reviewer)
    return given


def declare(given, chair):
    actions.answer_conflicts(given.reviewer, {given.letter_id: ("MONEY", "")}, at=AT)


def record(given, chair):
    told = {"kind": "MONEY", "strength": "HARD", "note": ""}
    actions.record_conflict(ConflictCheck.objects.get(), **told, actor=chair, at=AT)


def harden(given, chair):
    told = {"kind": "MONEY", "strength": "SOFT", "note": ""}
    check = actions.record_conflict(ConflictCheck.objects.get(), **told, actor=chair, at=AT)
    actions.harden_conflict(check, reason="After all.", actor=chair, at=AT)


def show(given, chair):
    """The records show it: a new employer is the letter's agency."""
    agency = given.letter.agency
    fields = {"country": "FR", "employer": agency.name, "agency": agency, "expertise": "ENGINEER"}
    ReviewerProfile.objects.create(user=given.reviewer, **fields)
    actions.open_conflict_checks(make.final_round(given.letter.call), actor=chair, at=AT)


@pytest.mark.parametrize("how", [declare, record, harden, show])
def test_it_ends_what_goes_on_and_keeps_what_was_counted(counted, chair, client, how):
    client.force_login(counted.reviewer)
    page = reverse("reviews:review", args=[counted.pk])
    assert client.get(page).status_code == 200
    how(counted, chair)
    assert ConflictCheck.objects.get().conflicted
    [still] = Assignment.objects.active()
    assert (still, still.counted, still.conflicted) == (counted, True, None)
    assert list(Review.objects.submitted()) == [counted.review]
    assert Assignment.objects.get(ended_at=AT).round.is_final
    # The reviewer has no way to the letter any more.
    assert client.get(page).status_code == 404
    assert counted.letter.title not in client.get(reverse("reviews:queue")).content.decode()
    assert not list(invariants.findings(at=AT))


def test_other_answers_on_the_same_screen_are_not_lost(counted):
    other = make.check(counted.reviewer, make.eligible_letter(call=counted.letter.call))
    ConflictCheck.objects.filter(pk=other.pk).update(answered_at=None)
    answers = {counted.letter_id: ("MONEY", ""), other.letter_id: None}
    actions.answer_conflicts(counted.reviewer, answers, at=AT)
    other.refresh_from_db()
    assert other.answered_at == AT


def test_who_declares_it_leaves_the_meeting(counted, chair):
    meeting = actions.make_meeting(
        counted.round, title="Panel", place="", starts_at=AT + DAY, actor=chair, at=AT
    )
    actions.invite_to_meeting(meeting, [chair, counted.reviewer], actor=chair, at=AT)
    [item] = actions.add_letters(meeting, [counted.letter], actor=chair)
    declare(counted, chair)
    meeting.refresh_from_db()
    actions.start_meeting(meeting, [counted.reviewer.pk], actor=chair, at=AT)
    item = actions.call_item(meeting, item, seen=None, actor=chair, at=AT)
    assert item.state == "CALLED", "it waits until the reviewer is outside"
    assert [one.person for one in attendees(meeting, item) if one.because] == [counted.reviewer]


def test_the_database_ties_every_other_active_assignment_to_its_check(counted):
    """Also the counted one, as long as there is no conflict."""
    for change in ({"conflicted": None}, {"counted": True, "ended_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.filter(pk=counted.pk).update(**change)
