"""The cutoff moves later for everybody, by two publishers, or it does not move."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse

from accounts.states import Role, Seat
from audit.models import Entry
from notifications.models import Message
from proposals import actions, reminders
from proposals.models import Call, Extension
from proposals.states import Answer
from tests import make

pytestmark = pytest.mark.django_db
MICROSECOND = make.SECOND / 1_000_000
DAY = timedelta(days=1)
LATER = make.CLOSES + 3 * DAY
REASON = "The portal could not be reached for 50 minutes."


@pytest.fixture
def publishers():
    return make.user(Role.PUBLISHER), make.user(Role.PUBLISHER)


def propose(call, actor, **fields):
    return actions.propose_extension(
        call, **{"closes_at": LATER, "reason": REASON, **fields}, actor=actor
    )


def extend(call, publishers, **fields):
    extension = propose(call, publishers[0], **fields)
    return actions.approve_extension(extension, actor=publishers[1])


def test_two_publishers_move_the_cutoff(cast, publishers, it_is):
    before = cast.call.closes_at
    extension = propose(cast.call, publishers[0])
    cast.call.refresh_from_db()
    assert cast.call.closes_at == before

    actions.approve_extension(extension, actor=publishers[1])
    cast.call.refresh_from_db()
    extension.refresh_from_db()
    assert (cast.call.closes_at, extension.closed_before) == (LATER, before)
    entry = Entry.objects.order_by("seq").last()
    assert (entry.action, entry.data["to"]) == ("call.extended", LATER.isoformat())
    assert (entry.data["from"], entry.data["reason"]) == (before.isoformat(), REASON)

    it_is(before)
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="k")
    it_is(LATER)
    with pytest.raises(actions.Refused):
        actions.start_draft(cast.call, cast.agency, actor=cast.editor)


def test_everybody_who_holds_a_letter_is_told_once(cast, publishers):
    draft = make.letter(call=cast.call, agency=cast.agency, title="A second one")
    other = make.letter(call=cast.call, state="SUBMITTED")
    neighbour = make.member(other.agency, Seat.VIEWER, language="zh-hans")
    idle, gone = make.member(), make.member(cast.agency, Seat.EDITOR, is_active=False)
    cast.editor.time_zone = "America/Lima"
    cast.editor.save(update_fields=["time_zone"])

    extension = propose(cast.call, publishers[0])
    assert {m.recipient for m in Message.objects.all()} == {publishers[1]}
    actions.approve_extension(extension, actor=publishers[1])

    told = {m.recipient: m for m in Message.objects.filter(template="call_extended")}
    assert set(told) == {cast.representative, cast.editor, cast.viewer, neighbour}
    assert not {idle, gone, cast.stranger} & set(told)
    body = told[cast.editor].body
    assert REASON in body
    assert "31 December 2023, 24:00 Beijing time" in body
    assert "3 January 2024, 24:00 Beijing time" in body
    assert "2024-01-03 11:00 America/Lima" in body
    assert cast.letter.reference in body
    assert draft.reference in body
    assert other.reference not in body
    assert other.reference in told[neighbour].body
    assert told[neighbour].language == "zh-hans"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closes_at": make.CLOSES}, "not_later"),
        ({"closes_at": make.CLOSES - make.SECOND}, "not_later"),
        ({"closes_at": make.CLOSES + 200 * DAY}, "too_late"),
        ({"reason": " \n"}, "refused"),
    ],
)
def test_what_cannot_be_proposed(cast, publishers, nothing_written, changes, code):
    with nothing_written(), pytest.raises(actions.Refused) as refusal:
        propose(cast.call, publishers[0], **changes)
    assert refusal.value.code == code
    assert not Extension.objects.exists()


def test_from_the_cutoff_on_nothing_moves_it(cast, publishers, it_is, nothing_written):
    extension = propose(cast.call, publishers[0])
    it_is(cast.call.closes_at - MICROSECOND)
    assert Extension.objects.get().answer == Answer.AWAITED
    it_is(cast.call.closes_at)
    with nothing_written():
        for act in (
            lambda: actions.approve_extension(extension, actor=publishers[1]),
            lambda: propose(cast.call, publishers[1]),
        ):
            with pytest.raises(actions.Refused) as refusal:
                act()
            assert refusal.value.code == "call_closed"
    assert Call.objects.get().closes_at == make.CLOSES


def test_a_sealed_call_stays_closed_though_the_clock_goes_back(cast, publishers, it_is):
    # Bad input ID10.
    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    it_is(cast.call.closes_at - timedelta(hours=1))
    with pytest.raises(actions.Refused):
        propose(cast.call, publishers[0])


def test_a_machine_whose_clock_is_ahead_seals_nothing(cast, it_is):
    # Bad input ID11.
    it_is(cast.call.closes_at - MICROSECOND)
    assert actions.seal(cast.call, at=cast.call.closes_at + DAY) is None


def test_nobody_approves_what_they_proposed(cast, publishers, nothing_written):
    extension = propose(cast.call, publishers[0])
    with nothing_written(), pytest.raises(actions.Refused) as refusal:
        actions.approve_extension(extension, actor=publishers[0])
    assert refusal.value.code == "same_person"
    assert Call.objects.get().closes_at == make.CLOSES


def test_one_at_a_time_and_twice_is_once(cast, publishers, nothing_written):
    extension = propose(cast.call, publishers[0])
    with nothing_written(), pytest.raises(actions.Refused) as refusal:
        propose(cast.call, publishers[1])
    assert refusal.value.code == "already_proposed"
    actions.approve_extension(extension, actor=publishers[1])
    with nothing_written():
        actions.approve_extension(extension, actor=publishers[1])
    # It can move again, only later still.
    with pytest.raises(actions.Refused):
        propose(cast.call, publishers[0], closes_at=LATER)
    extend(cast.call, publishers, closes_at=LATER + DAY)
    assert Call.objects.get().closes_at == LATER + DAY


@pytest.mark.parametrize(("who", "answer"), [(0, Answer.TAKEN_BACK), (1, Answer.NO)])
def test_a_proposal_taken_back_moves_nothing(cast, publishers, who, answer):
    extension = propose(cast.call, publishers[0])
    assert actions.take_back_extension(extension, actor=publishers[who]).answer == answer
    with pytest.raises(actions.Refused):
        actions.approve_extension(extension, actor=publishers[1])
    assert Call.objects.get().closes_at == make.CLOSES
    assert not Message.objects.filter(template="call_extended").exists()


def test_reminders_of_the_old_cutoff_do_not_stand_in_the_way_of_the_new(cast, publishers):
    assert reminders.queue_due(at=make.CLOSES - DAY) == 2
    extend(cast.call, publishers)
    assert reminders.queue_due(at=LATER - 7 * DAY) == 2
    assert reminders.queue_due(at=LATER - DAY) == 2
    assert reminders.queue_due(at=LATER - DAY) == 0


def test_everybody_reads_the_old_cutoff_the_new_one_and_the_reason(cast, publishers, client):
    extend(cast.call, publishers)
    cast.call.refresh_from_db()
    client.force_login(cast.editor)
    for address in (reverse("call"), reverse("promises")):
        said = client.get(address).content.decode()
        assert cast.call.closing_sentence in said
        assert "from 31 December 2023, 24:00 Beijing time to 3 January 2024, 24:00" in said
        assert REASON in said
    for address in (reverse("call"), reverse("proposals:detail", args=[cast.letter.pk])):
        said = client.get(address).content.decode()
        assert "Moved for everybody; it was 31 December 2023, 24:00 Beijing time." in said


def test_a_proposal_is_read_by_nobody_outside(cast, publishers, client):
    propose(cast.call, publishers[0])
    assert REASON not in client.get(reverse("call")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_is_being_filed_makes_the_extension_wait(it_is, publishers):
    letter = make.letter()
    person = make.member(letter.agency)
    it_is(make.CLOSES - make.SECOND)
    extension = propose(letter.call, publishers[0])
    filed, approved = threading.Event(), threading.Event()
    order = []

    def approve():
        filed.wait()
        actions.approve_extension(extension, actor=publishers[1])
        order.append("approved")
        approved.set()
        connection.close()

    thread = threading.Thread(target=approve)
    thread.start()
    with transaction.atomic():
        actions.submit(letter, actor=person, idempotency_key="k")
        filed.set()
        assert not approved.wait(0.5)
        order.append("filed")
    thread.join()
    assert order == ["filed", "approved"]
