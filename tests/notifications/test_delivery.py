"""What becomes of a mail when its server is well, refuses, or vanishes."""

import email
import email.policy
import threading
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import connection

from notifications import delivery, outbox, tasks
from notifications.models import Message
from notifications.states import MOVES, MessageState
from tests import make

pytestmark = pytest.mark.django_db

AT = make.OPENS


def owed(*, secret=False, **fields):
    given = {
        "key": f"test-{Message.objects.count()}",
        "address": "somebody@example.org",
        "language": "en",
        "template": "test",
        "subject": "Grüße 嫦娥",
        "body": "Your code: ABC-123\n",
        "queued_at": AT,
        "due_at": AT,
        "message_id": f"<{Message.objects.count()}@example.org>",
        "secret": secret,
    }
    return Message.objects.create(**given | fields)


def outcome(message):
    message.refresh_from_db()
    pause = message.retry_at and message.retry_at - AT
    return message.state, message.attempts, pause, bool(message.last_error)


@pytest.fixture
def away(settings):
    """A mail server that nobody reaches."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    reopen()


def reopen():
    """The time is over in which nobody knocks again."""
    cache.delete(delivery._server())


NOW, LATER = None, timedelta(seconds=10)


@pytest.mark.parametrize(
    ("mode", "expected", "copies"),
    [
        ("ok", (MessageState.SENT, 1, NOW, False), 1),
        ("451 to the address", (MessageState.QUEUED, 1, LATER, True), 0),
        ("550 to the address", (MessageState.FAILED, 1, NOW, True), 0),
        ("451 to the text", (MessageState.QUEUED, 1, LATER, True), 0),
        ("550 to the text", (MessageState.FAILED, 1, NOW, True), 0),
        ("drop before the text", (MessageState.QUEUED, 1, LATER, True), 0),
        ("drop after the text", (MessageState.UNKNOWN, 1, NOW, True), 1),
    ],
)
def test_the_state_says_what_is_known(sink, mode, expected, copies):
    # Bad input IR13.
    sink.mode = mode
    message = owed()

    sent = delivery.deliver(message.pk, at=AT)

    assert sent is (mode == "ok")
    assert outcome(message) == expected
    assert len(sink.taken) == copies


def tried_until(message, *, end):
    """The pauses between the tries of a mail that never gets through, up to `end`."""
    at, pauses = AT, []
    while at <= end and message.state == MessageState.QUEUED:
        reopen()  # the ten seconds are over long before
        delivery.deliver(message.pk, at=at)
        message.refresh_from_db()
        if message.state == MessageState.QUEUED:
            pauses.append((message.retry_at - at).total_seconds())
            at = message.retry_at
    return pauses


@pytest.mark.usefixtures("away")
def test_a_day_without_a_server_loses_no_mail_and_its_return_is_noticed_soon(sink_later):
    # Bad input IR14, promise R12.
    message = owed(secret=True)
    pauses = tried_until(message, end=AT + timedelta(days=1))
    assert pauses[:6] == [10, 20, 40, 80, 160, 300]
    assert set(pauses[6:]) == {300}
    assert (message.state, message.due_at) == (MessageState.QUEUED, AT)
    handler = sink_later()
    assert delivery.deliver(message.pk, at=message.retry_at)
    assert len(handler.taken) == 1


@pytest.mark.parametrize("mode", ["away", "451 to the address"])
def test_after_five_days_a_mail_is_given_up_and_a_person_is_told(request, mode):
    # RFC 5321, section 4.5.4.1
    if mode == "away":
        request.getfixturevalue("away")
    else:
        request.getfixturevalue("sink").mode = mode
    message = owed(secret=True)
    Message.objects.update(attempts=1000, retry_at=AT + timedelta(days=5))
    for at, state in (
        (AT + timedelta(days=5) - timedelta(seconds=1), MessageState.QUEUED),
        (AT + timedelta(days=5), MessageState.FAILED),
    ):
        Message.objects.update(retry_at=at)
        reopen()
        assert not delivery.deliver(message.pk, at=at)
        message.refresh_from_db()
        assert message.state == state
    assert (message.body, message.attempts) == ("", 1002)
    assert message.needs_somebody


@pytest.mark.usefixtures("away")
def test_one_worker_knocks_at_a_server_that_does_not_open_and_the_others_go_on():
    first, second = owed(), owed()
    assert not delivery.deliver(first.pk, at=AT)
    assert not delivery.deliver(second.pk, at=AT)
    assert outcome(first)[1:3] == (1, LATER)
    assert outcome(second) == (MessageState.QUEUED, 0, NOW, False)
    assert delivery.is_shut()


@pytest.mark.parametrize("where", ["open", "send_messages"])
def test_a_server_that_says_nothing_until_the_worker_must_stop_is_tried_later(
    sink, monkeypatch, where
):
    def silent(*_):
        raise SoftTimeLimitExceeded

    message = owed()
    monkeypatch.setattr(f"django.core.mail.backends.smtp.EmailBackend.{where}", silent)
    assert not delivery.deliver(message.pk, at=AT)
    assert outcome(message) == (MessageState.QUEUED, 1, LATER, True)
    assert delivery.is_shut()


def test_a_sweep_hands_out_what_the_server_takes_and_nothing_to_one_that_is_shut(
    settings, monkeypatch, it_is
):
    it_is(AT)
    handed = []
    monkeypatch.setattr(
        tasks.deliver_message, "delay", lambda message_id: handed.append(message_id)
    )
    settings.MAILS_A_MINUTE = 24  # two in five seconds
    for _ in range(3):
        owed()
    tasks.deliver_queued_mail()
    assert len(handed) == 2
    settings.EMAIL_PORT = 9  # of nobody else's test
    delivery._note_shut()
    tasks.deliver_queued_mail()
    assert len(handed) == 2


def test_mails_wait_in_a_queue_of_their_own(settings):
    from chang_e8_portal.celery import app  # noqa: PLC0415 - reads the settings

    for name, queue in (("deliver_message", "mail"), ("deliver_queued_mail", "portal")):
        route = app.amqp.router.route({}, f"notifications.tasks.{name}")
        assert route["queue"].name == queue


def test_a_retry_that_succeeds_sends_one_copy_with_the_first_message_id(sink):
    message = owed()
    sink.mode = "451 to the text"
    delivery.deliver(message.pk, at=AT)
    sink.mode = "ok"

    assert not delivery.deliver(message.pk, at=AT)  # not due yet
    assert delivery.deliver(message.pk, at=AT + LATER)

    mail = email.message_from_bytes(sink.taken[0].content, policy=email.policy.default)
    assert len(sink.taken) == 1
    assert sink.taken[0].rcpt_tos == ["somebody@example.org"]
    assert (mail["Message-ID"], mail["Subject"]) == ("<0@example.org>", "Grüße 嫦娥")
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "en")
    assert mail.get_content().strip() == "Your code: ABC-123"


@pytest.mark.parametrize("mode", ["ok", "550 to the text", "drop after the text"])
def test_a_code_leaves_the_ledger_with_its_mail(sink, mode):
    sink.mode = mode
    message = owed(secret=True)
    delivery.deliver(message.pk, at=AT)
    message.refresh_from_db()
    assert message.body == ""


def test_a_text_that_may_be_kept_is_kept(sink):
    message = owed()
    delivery.deliver(message.pk, at=AT)
    message.refresh_from_db()
    assert message.body == "Your code: ABC-123\n"


def test_a_mail_that_cannot_be_built_is_moved_out_of_the_way_and_said_loudly(sink):
    poisoned = owed(subject="Two\nlines")
    with pytest.raises(ValueError, match="newline"):
        delivery.deliver(poisoned.pk, at=AT)
    assert outcome(poisoned)[0] == MessageState.FAILED
    assert delivery.deliver(owed().pk, at=AT)


@pytest.mark.parametrize("state", sorted(set(MessageState) - {MessageState.QUEUED}))
def test_only_a_waiting_message_is_sent(sink, state):
    message = owed(state=state)
    assert not delivery.deliver(message.pk, at=AT)
    assert not sink.taken


def test_a_message_that_is_gone_is_nobodys_fault(sink):
    # Bad input IR12.
    message = owed()
    message.delete()
    assert not delivery.deliver(message.pk, at=AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends(sink):
    # Bad input IR11.
    message = owed()
    barrier, results = threading.Barrier(2), []

    def work():
        barrier.wait()
        try:
            results.append(delivery.deliver(message.pk, at=AT))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(results) == [False, True]
    assert len(sink.taken) == 1


def test_a_message_whose_worker_died_is_handed_to_a_person_after_its_lease():
    lost = owed(state=MessageState.SENDING, claimed_at=AT - timedelta(minutes=15), secret=True)
    busy = owed(state=MessageState.SENDING, claimed_at=AT - timedelta(minutes=14, seconds=59))

    assert delivery.give_up_lost(at=AT) == 1

    lost.refresh_from_db()
    assert (lost.state, lost.body) == (MessageState.UNKNOWN, "")
    assert outcome(busy)[0] == MessageState.SENDING


def test_every_change_above_is_a_legal_move():
    ends = {state for state, moves in MOVES.items() if not moves}
    sent = {MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN}
    assert ends == {MessageState.LAPSED}
    again = {MessageState.QUEUED}
    assert all(MOVES[state] == again for state in sent - {MessageState.SENT})
    assert MOVES[MessageState.SENT] == again | {MessageState.FAILED}
    assert MOVES[MessageState.SENDING] == sent | {MessageState.QUEUED}
    assert MOVES[MessageState.QUEUED] == {MessageState.SENDING, MessageState.LAPSED}


def test_what_came_to_be_of_no_use_lapses_and_nothing_else_does():
    person = make.user()
    for key, expires_at in (("soon", AT + timedelta(hours=1)), ("kept", None)):
        outbox.enqueue(key=key, recipient=person, template="welcome", at=AT, expires_at=expires_at)
    assert delivery.let_lapse(at=AT + timedelta(minutes=59)) == 0
    assert delivery.let_lapse(at=AT + timedelta(hours=1)) == 1
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {"soon": MessageState.LAPSED, "kept": MessageState.QUEUED}


def test_calling_off_stops_what_waits_and_not_what_has_left():
    person = make.user()
    for key in ("draft-1-a", "draft-1-b", "draft-10-a"):
        outbox.enqueue(key=key, recipient=person, template="welcome", at=AT)
    delivery.deliver(Message.objects.get(key="draft-1-a").pk, at=AT)
    assert outbox.call_off("draft-1-") == 1
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {
        "draft-1-a": MessageState.SENT,
        "draft-1-b": MessageState.LAPSED,
        "draft-10-a": MessageState.QUEUED,
    }


def test_what_is_queued_for_later_waits():
    person = make.user()
    outbox.enqueue(
        key="later", recipient=person, template="welcome", at=AT, due_at=AT + timedelta(hours=1)
    )
    due = Message.objects.deliverable
    assert not due(at=AT + timedelta(minutes=59)).exists()
    assert due(at=AT + timedelta(hours=1)).exists()
