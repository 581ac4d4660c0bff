"""Reminders of what is not submitted: each once, in time, to those who want them."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail, signing
from django.db import connection
from django.test import Client

from accounts.models import Membership
from accounts.states import Seat
from notifications import delivery
from notifications.models import Message
from notifications.states import MessageState
from proposals import actions, reminders
from proposals.models import ReminderMute
from proposals.states import LetterState
from tests import make

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEY = "a-key-of-some-length"


def told(cast, before):
    """Who is owed what new message, this long before the cutoff."""
    known = set(Message.objects.values_list("key", flat=True))
    reminders.queue_due(at=cast.call.closes_at - before)
    return {
        (message.recipient_id, message.key.split("-")[7])
        for message in Message.objects.exclude(key__in=known)
    }


def steps_told(cast, before):
    return {step for _person, step in told(cast, before)}


def test_each_step_is_told_once_to_everybody_who_can_write(cast):
    writers = (cast.representative.pk, cast.editor.pk)
    for step in sorted(reminders.STEPS, reverse=True):
        assert told(cast, step + MINUTE) == set()
        assert {person for person, _step in told(cast, step)} == set(writers)
        assert told(cast, step) == told(cast, step - MINUTE) == set()
    assert Message.objects.count() == len(writers) * len(reminders.STEPS)


def test_a_late_sweep_still_tells_the_nearest_step_and_no_other(cast):
    assert steps_told(cast, 20 * HOUR) == {"1d"}


def test_three_hours_without_a_beat_lose_no_reminder(cast):
    assert steps_told(cast, 6 * HOUR + MINUTE) == {"1d"}
    # Beat was away from six hours and a minute to three hours and a minute before the cutoff.
    assert steps_told(cast, 3 * HOUR + MINUTE) == {"6h"}
    assert steps_told(cast, 3 * HOUR) == set()


def test_a_beat_that_returns_after_the_cutoff_tells_nothing(cast):
    # Bad input ID19.
    assert told(cast, timedelta(0)) == set()
    assert told(cast, -MINUTE) == set()


def test_a_reminder_that_waited_past_the_cutoff_is_not_sent(cast):
    cutoff = cast.call.closes_at
    reminders.queue_due(at=cutoff - 6 * HOUR)
    [first, second] = Message.objects.all()
    assert delivery.deliver(first.pk, at=cutoff - make.SECOND / 1_000_000)
    assert not delivery.deliver(second.pk, at=cutoff)
    assert delivery.let_lapse(at=cutoff) == 1
    second.refresh_from_db()
    assert second.state == MessageState.LAPSED
    assert len(mail.outbox) == 1


def test_submitting_stops_them_and_those_that_wait(cast):
    reminders.queue_due(at=cast.call.closes_at - 7 * DAY)
    other = make.letter(call=cast.call, agency=cast.agency)
    reminders.queue_due(at=cast.call.closes_at - 3 * DAY)
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    waiting = Message.objects.filter(template="draft_due", state=MessageState.QUEUED)
    assert {message.about for message in waiting} == {other.pk}
    assert steps_told(cast, DAY) == {"1d"}
    assert not Message.objects.filter(about=cast.letter.pk, key__contains="-1d-").exists()


def test_a_reopened_letter_is_reminded_of_and_told_what_counts(cast):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    cast.letter.refresh_from_db()
    cast.letter.reopened_at = cast.call.closes_at - 5 * DAY
    cast.letter.save(update_fields=["reopened_at"])
    # The step that passed before it was reopened is not owed.
    assert told(cast, 4 * DAY) == set()
    assert steps_told(cast, 3 * DAY) == {"3d"}
    body = Message.objects.filter(template="draft_due").first().body
    assert "What you filed before stands and counts" in body
    assert "still a draft" not in body


def test_a_withdrawn_letter_is_not_reminded_of(cast):
    reminders.queue_due(at=cast.call.closes_at - 7 * DAY)
    cast.letter.state, cast.letter.submitted_at = LetterState.WITHDRAWN, make.OPENS
    cast.letter.save(update_fields=["state", "submitted_at"])
    assert told(cast, DAY) == set()


def test_a_step_that_passed_before_the_draft_began_is_not_owed(cast):
    cast.letter.created_at = cast.call.closes_at - 5 * DAY
    cast.letter.save(update_fields=["created_at"])
    assert told(cast, 5 * DAY) == set()
    assert steps_told(cast, 3 * DAY) == {"3d"}


def test_nobody_without_a_right_to_write_or_an_account_is_told(cast):
    cast.editor.is_active = False
    cast.editor.save(update_fields=["is_active"])
    assert {person for person, _step in told(cast, DAY)} == {cast.representative.pk}


def test_the_mail_speaks_the_reader_s_language_and_zone(cast):
    cast.editor.language, cast.editor.time_zone = "zh-hans", "America/Lima"
    cast.editor.save(update_fields=["language", "time_zone"])
    told(cast, DAY)
    body = Message.objects.get(recipient=cast.editor).body
    assert "2023-12-31 16:00 UTC; 2023-12-31 11:00 America/Lima" in body
    assert "still a draft" not in body


# The night in which the clocks of four zones change, with a cutoff in the afternoon after it.
@pytest.mark.parametrize(
    ("zone", "cutoff"),
    [
        ("Europe/Berlin", datetime(2024, 3, 31, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2023, 11, 5, 21, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2024, 4, 7, 5, tzinfo=UTC)),
        ("America/Santiago", datetime(2023, 9, 3, 20, tzinfo=UTC)),
    ],
)
def test_a_night_of_clock_changes_adds_none_and_swallows_none(db, zone, cutoff):
    # Bad input ID18.
    call = make.call(zone=zone, opens_at=cutoff - 60 * DAY, closes_at=cutoff)
    local = cutoff.astimezone(ZoneInfo(zone))
    assert local.utcoffset() != (cutoff - DAY).astimezone(ZoneInfo(zone)).utcoffset()
    letter = make.letter(call=call)
    letter.created_at = call.opens_at
    letter.save(update_fields=["created_at"])
    make.member(letter.agency, time_zone=zone)
    at = cutoff - 3 * DAY - HOUR
    sent = []
    while at < cutoff + HOUR:
        if reminders.queue_due(at=at):
            sent.append(cutoff - at)
        at += 30 * MINUTE
    assert sent[1:] == [3 * DAY, DAY, 6 * HOUR]
    assert Message.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_owe_one_mail(it_is):
    letter = make.letter()
    for _ in range(3):
        make.member(letter.agency)
    gate = threading.Barrier(4)

    def beat():
        gate.wait()
        reminders.queue_due(at=letter.call.closes_at - DAY)
        connection.close()

    threads = [threading.Thread(target=beat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.count() == 3


@pytest.mark.parametrize("letters", [1, 3])
def test_the_sweep_asks_the_database_the_same_however_many_drafts(
    cast, letters, django_assert_num_queries
):
    for _ in range(letters - 1):
        make.letter(call=cast.call, agency=cast.agency)
    with django_assert_num_queries(6):  # the last one writes all of them
        assert reminders.queue_due(at=cast.call.closes_at - DAY) == 2 * letters
    with django_assert_num_queries(5):  # a minute later all of it is known
        assert reminders.queue_due(at=cast.call.closes_at - DAY) == 0


# --- no more of them ---


@pytest.fixture
def url(cast):
    return reminders.mute_url(cast.letter, cast.editor).removeprefix("http://127.0.0.1:8000")


def address(cast, person):
    """The path in the last mail to this person."""
    body = Message.objects.filter(recipient=person).order_by("queued_at").last().body
    [line] = [line for line in body.splitlines() if "/reminders/" in line]
    return "/reminders/" + line.split("/reminders/")[1]


def test_a_scanner_that_opens_the_link_changes_nothing(cast, client):
    told(cast, 7 * DAY)
    for ask in (client.get, client.head):
        answer = ask(address(cast, cast.editor))
        assert answer.status_code == 200
    assert not ReminderMute.objects.exists()
    assert (
        "No more reminders about this letter"
        in client.get(address(cast, cast.editor)).content.decode()
    )
    # The page names the letter, and nothing that is written in it.
    assert cast.letter.title not in client.get(address(cast, cast.editor)).content.decode()


def test_the_button_stops_all_but_the_last_for_one_person_and_letter(cast, client):
    told(cast, 7 * DAY)
    other = make.letter(call=cast.call, agency=cast.agency)
    page = client.post(address(cast, cast.editor), {"do": "mute"})
    assert "six hours before the cutoff" in page.content.decode()
    known = set(Message.objects.values_list("key", flat=True))
    reminders.queue_due(at=cast.call.closes_at - 3 * DAY)
    new = Message.objects.exclude(key__in=known)
    assert set(new.values_list("about", "recipient")) == {
        (cast.letter.pk, cast.representative.pk),
        (other.pk, cast.representative.pk),
        (other.pk, cast.editor.pk),
    }
    assert (cast.editor.pk, "6h") in told(cast, 6 * HOUR)


def test_one_click_of_a_mail_program_needs_no_session_and_twice_is_once(cast, settings):
    strict = Client(enforce_csrf_checks=True)
    told(cast, 7 * DAY)
    for _ in range(2):
        answer = strict.post(address(cast, cast.editor), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert ReminderMute.objects.get().user == cast.editor


def test_it_can_be_taken_back(cast, client, url):
    told(cast, 7 * DAY)
    client.post(address(cast, cast.editor), {"do": "mute"})
    client.post(address(cast, cast.editor), {"do": "resume"})
    assert not ReminderMute.objects.exists()
    assert (cast.editor.pk, "3d") in told(cast, 3 * DAY)


def test_the_mail_tells_the_mail_program_and_the_last_one_offers_nothing(cast):
    reminders.queue_due(at=cast.call.closes_at - DAY)
    delivery.deliver(Message.objects.first().pk, at=cast.call.closes_at - DAY)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link in mail.outbox[0].body
    # One line, whatever a mail server thinks of long ones (RFC 5322: 998).
    assert len(link) < 400

    reminders.queue_due(at=cast.call.closes_at - 6 * HOUR)
    last = Message.objects.filter(key__contains="-6h-").first()
    delivery.deliver(last.pk, at=cast.call.closes_at - 6 * HOUR)
    assert "List-Unsubscribe" not in mail.outbox[1].extra_headers
    assert "/reminders/" not in mail.outbox[1].body


def test_an_address_that_is_not_ours_is_not_there(cast, client):
    told(cast, 7 * DAY)
    mine = address(cast, cast.editor)
    token = mine.split("/")[2]
    foreign = signing.dumps([str(cast.letter.pk), str(cast.editor.pk)], salt="another")
    for wrong in ("x", token[:-1], token + "x", foreign, signing.dumps("x")):
        assert client.get(f"/reminders/{wrong}/").status_code == 404
        assert client.post(f"/reminders/{wrong}/").status_code == 404
    assert client.delete(mine).status_code == 405
    assert not ReminderMute.objects.exists()
    cast.editor.is_active = False
    cast.editor.save(update_fields=["is_active"])
    assert client.get(mine).status_code == 404


def test_the_page_speaks_the_language_of_the_mail(cast, client):
    cast.editor.language, cast.editor.time_zone = "zh-hans", "America/Lima"
    cast.editor.save(update_fields=["language", "time_zone"])
    told(cast, 7 * DAY)
    page = client.get(address(cast, cast.editor), headers={"accept-language": "en"})
    assert page.headers["Content-Language"] == "zh-hans"
    assert 'lang="zh-hans"' in page.content.decode()
    assert "2023-12-31 11:00 America/Lima" in page.content.decode()


def test_a_seat_that_was_taken_away_ends_the_reminders(cast):
    Membership.objects.filter(user=cast.editor).update(seat=Seat.VIEWER)
    assert {person for person, _step in told(cast, DAY)} == {cast.representative.pk}
