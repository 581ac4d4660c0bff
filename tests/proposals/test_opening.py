"""The letters of a call are opened by two publishers, after the cutoff, or not at all."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from proposals import actions, invariants
from proposals.models import CallSeal, LetterOfIntent, Opening
from proposals.states import Answer, Eligibility, LetterState
from tests import make

pytestmark = pytest.mark.django_db
MICROSECOND = make.SECOND / 1_000_000
OFFICERS = (Role.CHAIR, Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR)


@pytest.fixture
def filed(cast):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="k")
    return cast


@pytest.fixture
def publishers():
    return make.user(Role.PUBLISHER), make.user(Role.PUBLISHER)


def readable_to(person):
    return LetterOfIntent.objects.visible_to(person).count()


def test_before_the_cutoff_nobody_can_even_propose(filed, publishers, it_is, nothing_written):
    it_is(filed.call.closes_at - MICROSECOND)
    with nothing_written(), pytest.raises(actions.Refused, match="still open") as refusal:
        actions.propose_opening(filed.call, actor=publishers[0])
    assert refusal.value.code == "call_open"
    assert not Opening.objects.exists()


def test_two_publishers_open_the_letters(filed, publishers, it_is):
    first, second = publishers
    people = [make.user(role) for role in OFFICERS]
    it_is(filed.call.closes_at)
    actions.seal(filed.call, at=filed.call.closes_at)
    assert [readable_to(person) for person in people] == [0, 0, 0, 0]

    opening = actions.propose_opening(filed.call, actor=first)
    assert [readable_to(person) for person in people] == [0, 0, 0, 0]
    assert not filed.call.is_opened()

    actions.approve_opening(opening, actor=second)
    assert [readable_to(person) for person in people] == [1, 1, 1, 1]
    assert filed.call.is_opened()
    assert readable_to(filed.stranger) == readable_to(make.user(Role.REVIEWER)) == 0
    assert list(Entry.objects.order_by("seq").values_list("action", "actor"))[-2:] == [
        ("opening.proposed", str(first.pk)),
        ("call.opened", str(second.pk)),
    ]


def test_an_opening_says_who_is_asked_and_who_may_begin(filed, publishers, it_is):
    chair = make.user(Role.CHAIR)
    gone = make.user(Role.PUBLISHER, is_active=False)
    it_is(filed.call.closes_at)
    Message.objects.all().delete()

    opening = actions.propose_opening(filed.call, actor=publishers[0])
    [asked] = Message.objects.all()
    assert (asked.recipient, asked.template) == (publishers[1], "opening_proposed")
    assert publishers[0].name in asked.body
    assert gone != asked.recipient

    actions.approve_opening(opening, actor=publishers[1])
    told = Message.objects.exclude(pk=asked.pk).get()
    assert (told.recipient, told.template) == (chair, "letters_opened")
    assert "1 letter stood" in told.body


def test_a_call_nobody_sealed_yet_is_sealed_by_the_proposal(filed, publishers, it_is):
    it_is(filed.call.closes_at)
    actions.propose_opening(filed.call, actor=publishers[0])
    assert CallSeal.objects.get().letters == 1


def test_nobody_approves_what_they_proposed(filed, publishers, it_is, nothing_written):
    it_is(filed.call.closes_at)
    opening = actions.propose_opening(filed.call, actor=publishers[0])
    with nothing_written(), pytest.raises(actions.Refused) as refusal:
        actions.approve_opening(opening, actor=publishers[0])
    assert refusal.value.code == "same_person"
    opening.refresh_from_db()
    assert opening.answer == Answer.AWAITED


def test_the_database_refuses_one_person_and_two_openings(filed, publishers):
    first, second = publishers
    fields = {
        "call": filed.call,
        "proposed_by": first,
        "proposed_at": filed.call.closes_at,
        "answer": Answer.YES,
        "answered_at": filed.call.closes_at,
    }
    with transaction.atomic(), pytest.raises(IntegrityError):
        Opening.objects.create(**fields, answered_by=first)
    connection.needs_rollback = False
    Opening.objects.create(**fields, answered_by=second)
    with transaction.atomic(), pytest.raises(IntegrityError):
        Opening.objects.create(**fields, answered_by=second)
    connection.needs_rollback = False


def test_only_one_proposal_waits_at_a_time(filed, publishers, it_is, nothing_written):
    it_is(filed.call.closes_at)
    actions.propose_opening(filed.call, actor=publishers[0])
    with nothing_written(), pytest.raises(actions.Refused) as refusal:
        actions.propose_opening(filed.call, actor=publishers[1])
    assert refusal.value.code == "already_proposed"
    assert Opening.objects.count() == 1


@pytest.mark.parametrize(("who", "answer"), [(0, Answer.TAKEN_BACK), (1, Answer.NO)])
def test_a_proposal_can_be_taken_back_and_made_anew(filed, publishers, it_is, who, answer):
    it_is(filed.call.closes_at)
    opening = actions.propose_opening(filed.call, actor=publishers[0])
    assert actions.take_back_opening(opening, actor=publishers[who]).answer == answer
    with pytest.raises(actions.Refused):
        actions.approve_opening(opening, actor=publishers[1])
    assert not filed.call.is_opened()

    again = actions.propose_opening(filed.call, actor=publishers[1])
    actions.approve_opening(again, actor=publishers[0])
    # Two rows of one call must not show a letter twice.
    assert readable_to(make.user(Role.CHAIR)) == 1


def test_approving_twice_is_approving_once(filed, publishers, it_is, nothing_written):
    it_is(filed.call.closes_at)
    opening = actions.propose_opening(filed.call, actor=publishers[0])
    actions.approve_opening(opening, actor=publishers[1])
    with nothing_written():
        actions.approve_opening(opening, actor=publishers[1])
    with pytest.raises(actions.Refused):
        actions.approve_opening(opening, actor=make.user(Role.PUBLISHER))
    with pytest.raises(actions.Refused) as refusal:
        actions.propose_opening(filed.call, actor=publishers[0])
    assert refusal.value.code == "opened"


def test_a_sealed_letter_cannot_be_screened(filed, it_is, nothing_written):
    it_is(filed.call.closes_at)
    actions.seal(filed.call, at=filed.call.closes_at)
    chair = make.user(Role.CHAIR)
    with nothing_written(), pytest.raises(actions.Refused, match="opened"):
        actions.screen(
            filed.letter, outcome=Eligibility.ELIGIBLE, actor=chair, at=filed.call.closes_at
        )


def test_a_screening_without_an_opening_brings_no_letter_into_a_round(db):
    letter = make.eligible_letter()
    first = make.first_round(letter.call)
    assert LetterOfIntent.objects.in_round(first).count() == 1
    assert LetterOfIntent.objects.to_decide_in(first).count() == 1
    Opening.objects.all().delete()
    assert LetterOfIntent.objects.in_round(first).count() == 0
    assert LetterOfIntent.objects.to_decide_in(first).count() == 0
    found = list(invariants.findings(at=letter.call.closes_at))
    assert any("screened before its call was opened" in finding for finding in found)


def test_an_opening_before_the_cutoff_is_a_finding(db):
    call = make.call()
    opening = make.opened(call)
    Opening.objects.update(answered_at=call.closes_at - MICROSECOND)
    assert opening.call == call
    found = list(invariants.findings(at=call.closes_at))
    assert f"proposals: {call.code} was opened before its cutoff" in found


def test_a_withdrawn_letter_is_known_to_the_chair_and_the_auditor_alone(filed, it_is):
    it_is(filed.call.closes_at)
    LetterOfIntent.objects.update(state=LetterState.WITHDRAWN)
    make.opened(filed.call)
    assert [readable_to(make.user(role)) for role in OFFICERS] == [1, 0, 1, 0]


def test_a_draft_stays_with_its_agency_after_the_opening(cast, it_is):
    make.opened(cast.call)
    assert [readable_to(make.user(role)) for role in OFFICERS] == [0, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_two_publishers_who_approve_at_once_open_once(it_is):
    call = make.call()
    it_is(call.closes_at)
    opening = actions.propose_opening(call, actor=make.user(Role.PUBLISHER))
    people = [make.user(Role.PUBLISHER) for _ in range(4)]
    gate, outcomes = threading.Barrier(4), []

    def approve(person):
        try:
            gate.wait()
            actions.approve_opening(opening, actor=person)
            outcomes.append("opened")
        except actions.Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["not_proposed"] * 3 + ["opened"]
    assert Entry.objects.filter(action="call.opened").count() == 1
