from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from proposals.actions import moments
from proposals.models import Screening
from proposals.states import Eligibility
from reviews import actions
from reviews.models import Assignment, Ranking
from tests import make

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=5)
DAY = timedelta(days=1)


def test_assigning_records_who_when_and_tells_the_reviewer():
    letter, reviewer, chair = make.eligible_letter(), make.reviewer(), make.user(Role.CHAIR)
    make.check(reviewer, letter)
    call_round = make.first_round(letter.call)

    given = actions.assign(call_round, letter, reviewer, actor=chair, at=AT)

    assert (given.assigned_by, given.assigned_at, given.due_at) == (
        chair,
        AT,
        call_round.reviews_due_at,
    )
    assert list(Message.objects.values_list("recipient", "template")) == [
        (reviewer.pk, "review_assigned")
    ]
    # The operator reads subjects in the ledger, and must not learn who reads what.
    assert letter.reference not in Message.objects.get().subject
    assert list(Entry.objects.values_list("action", "actor")) == [
        ("assignment.made", str(chair.pk))
    ]


def test_after_the_rounds_due_date_a_review_has_one_of_its_own():
    letter, reviewer, chair = make.eligible_letter(), make.reviewer(), make.user(Role.CHAIR)
    make.check(reviewer, letter)
    call_round = make.first_round(letter.call)
    late = call_round.reviews_due_at

    for due_at in (None, late):
        with pytest.raises(actions.Refused) as refusal:
            actions.assign(call_round, letter, reviewer, due_at=due_at, actor=chair, at=late)
        assert refusal.value.code == "due_passed"
    assert not Message.objects.exists()

    given = actions.assign(
        call_round, letter, reviewer, due_at=late + DAY, actor=chair, at=late + DAY / 2
    )
    assert given.due_at == late + DAY
    assert f"{late + DAY:%Y-%m-%d %H:%M} UTC" in Message.objects.get().body


def test_the_question_may_still_be_open_when_a_letter_is_given_out():
    letter, reviewer = make.eligible_letter(), make.reviewer()
    make.check(reviewer, letter, answered=False)
    call_round = make.first_round(letter.call)
    assert actions.assign(call_round, letter, reviewer, actor=make.user(Role.CHAIR), at=AT)


def in_conflict(letter, reviewer, chair):
    make.check(reviewer, letter, conflicted=True)


def never_asked(letter, reviewer, chair):
    """No conflict check of the pair."""


def given_before(letter, reviewer, chair):
    make.assignment(letter=letter, reviewer=reviewer)


def no_reviewer(letter, reviewer, chair):
    make.check(reviewer, letter)
    reviewer.roles = []
    reviewer.save(update_fields=["roles"])


def not_in_the_round(letter, reviewer, chair):
    make.check(reviewer, letter)
    Screening.objects.filter(letter=letter).delete()


def frozen(letter, reviewer, chair):
    make.check(reviewer, letter)
    call_round = make.first_round(letter.call)
    Ranking.objects.create(round=call_round, frozen_at=AT, frozen_by=chair, rubric=[])


@pytest.mark.parametrize(
    "why", [in_conflict, never_asked, given_before, no_reviewer, not_in_the_round, frozen]
)
def test_an_assignment_is_refused_and_nothing_is_written(why):
    letter, reviewer, chair = make.eligible_letter(), make.reviewer(), make.user(Role.CHAIR)
    why(letter, reviewer, chair)
    before = Assignment.objects.count()

    with pytest.raises(actions.Refused):
        actions.assign(make.first_round(letter.call), letter, reviewer, actor=chair, at=AT)

    assert Assignment.objects.count() == before
    assert not Entry.objects.exists()
    assert not Message.objects.exists()


def test_nobody_assigns_a_letter_to_oneself():
    letter, both = make.eligible_letter(), make.user(Role.CHAIR, Role.REVIEWER)
    make.check(both, letter)
    with pytest.raises(actions.Refused):
        actions.assign(make.first_round(letter.call), letter, both, actor=both, at=AT)


def test_several_are_assigned_together_or_not_at_all():
    letter, chair = make.eligible_letter(), make.user(Role.CHAIR)
    free, barred = make.reviewer(), make.reviewer()
    make.check(free, letter)
    make.check(barred, letter, conflicted=True)
    call_round = make.first_round(letter.call)

    with pytest.raises(actions.Refused):
        actions.assign_many(call_round, letter, [free, barred], actor=chair, at=AT)
    assert not Assignment.objects.exists()
    assert not Message.objects.exists()
    with pytest.raises(actions.Refused):
        actions.assign_many(call_round, letter, [], actor=chair, at=AT)

    assert len(actions.assign_many(call_round, letter, [free], actor=chair, at=AT)) == 1


def test_a_waived_review_ends_with_its_reason_and_can_be_assigned_anew():
    given, chair = make.assignment(), make.user(Role.CHAIR)

    with pytest.raises(actions.Refused):
        actions.waive(given, reason=" ", actor=chair, at=AT)
    actions.waive(given, reason="Ill.", actor=chair, at=AT)
    with pytest.raises(actions.Refused):
        actions.waive(given, reason="Ill.", actor=chair, at=AT)

    given.refresh_from_db()
    assert (given.ended_at, given.ended_because) == (AT, "Ill.")
    [mail] = Message.objects.filter(recipient=given.reviewer)
    assert mail.template == "review_waived"
    assert given.letter.reference in mail.body
    assert given.letter.reference not in mail.subject
    assert "Ill." not in mail.body
    assert actions.assign(given.round, given.letter, given.reviewer, actor=chair, at=AT)


@pytest.mark.parametrize(("later", "accepted"), [(DAY, True), (0 * DAY, False), (-DAY, False)])
def test_more_time_is_later_than_before(later, accepted):
    given, chair = make.assignment(), make.user(Role.CHAIR)
    due_at = given.due_at + later
    if accepted:
        actions.give_more_time(given, due_at=due_at, actor=chair, at=AT)
    else:
        with pytest.raises(actions.Refused):
            actions.give_more_time(given, due_at=due_at, actor=chair, at=AT)
    given.refresh_from_db()
    assert (given.due_at == due_at) == (accepted or not later)
    told = Message.objects.filter(recipient=given.reviewer, template="review_extended")
    assert [f"{due_at:%Y-%m-%d %H:%M} UTC" in mail.body for mail in told] == [True] * accepted


# --- screening ------------------------------------------------------------------------------------


def test_letters_are_screened_together_or_not_at_all():
    chair, call = make.user(Role.CHAIR), make.call()
    submitted = [make.letter(call=call, state="SUBMITTED") for _ in range(2)]
    make.opened(call)
    announced = make.letter(call=call, state="NOT_SHORTLISTED")

    with pytest.raises(Exception, match="Only a submitted letter"):
        actions.screen_letters(
            [*submitted, announced], outcome=Eligibility.ELIGIBLE, actor=chair, at=AT
        )
    assert not Screening.objects.exists()
    assert not Entry.objects.exists()

    actions.screen_letters(submitted, outcome=Eligibility.ELIGIBLE, actor=chair, at=AT)
    assert Screening.objects.count() == 2


def test_a_letter_that_is_being_read_does_not_become_ineligible():
    given, chair = make.assignment(), make.user(Role.CHAIR)

    with pytest.raises(actions.Refused, match=given.letter.reference):
        actions.screen_letters(
            [given.letter],
            outcome=Eligibility.INELIGIBLE,
            rule="Mass",
            reason="Too heavy.",
            actor=chair,
            at=AT,
        )

    assert Screening.objects.get().outcome == Eligibility.ELIGIBLE


@pytest.mark.django_db(transaction=True)
def test_assigning_does_not_wait_for_whoever_writes_to_the_letter():
    """It would wait at commit, with the audit chain in its hands, which the other waits for."""
    letter, reviewer, chair = make.eligible_letter(), make.reviewer(), make.user(Role.CHAIR)
    make.check(reviewer, letter)

    def assign():
        try:
            actions.assign(make.first_round(letter.call), letter, reviewer, actor=chair, at=AT)
        finally:
            connection.close()

    other = Thread(target=assign)
    with transaction.atomic():
        moments.lock(letter)
        other.start()
        other.join(3)
        waits = other.is_alive()
    other.join()
    assert not waits
    assert Assignment.objects.count() == 1
