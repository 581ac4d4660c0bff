"""`manage.py sweep` does once what beat and the workers do all the time."""

import json
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from accounts.states import Seat
from chang_e8_portal import clock
from notifications import outbox
from notifications.models import Message
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db


def sweep(capsys) -> dict:
    call_command("sweep")
    return json.loads(capsys.readouterr().out)


def test_with_nothing_due_it_does_nothing(capsys):
    assert set(sweep(capsys).values()) == {0}


def test_it_reminds_seals_and_sends_and_a_second_run_adds_nothing(capsys, mailoutbox):
    call = make.call()
    agency = make.agency()
    make.member(agency, Seat.EDITOR, email="editor@example.org")
    make.letter(call=call, agency=agency)
    clock.travel_to(call.closes_at - timedelta(hours=5))

    first = sweep(capsys)
    assert (first["draft_reminders"], first["mails_sent"]) == (1, 1)
    assert [mail.to for mail in mailoutbox] == [["editor@example.org"]]
    assert set(sweep(capsys).values()) == {0}

    clock.travel_to(call.closes_at + timedelta(seconds=1))
    second = sweep(capsys)
    assert (second["sealed"], second["mails_sent"]) == (1, 0)
    assert sweep(capsys)["sealed"] == 0
    assert Message.objects.count() == 1


def test_it_looks_for_names_in_anonymous_letters(capsys):
    letter = make.eligible_letter()
    make.member(letter.agency)
    papers.filed(letter)
    call_round = make.first_round(letter.call)
    call_round.double_anonymous = True
    call_round.save(update_fields=["double_anonymous"])
    assert [sweep(capsys)["names_searched"] for _ in range(2)] == [1, 0]


def test_it_sends_what_the_mail_server_takes_in_a_minute(capsys, settings, mailoutbox):
    settings.MAILS_A_MINUTE = 2
    for key in "abc":
        outbox.enqueue(key=key, recipient=make.user(), template="welcome", at=clock.now())
    assert sweep(capsys)["mails_sent"] == 2
    assert sweep(capsys)["mails_sent"] == 1
    assert len(mailoutbox) == 3


def test_expired_sessions_and_what_is_noted_of_them_are_deleted(capsys):
    long_ago = clock.machine_now() - timedelta(hours=13)
    ended, living = _signed_in(), _signed_in()
    Session.objects.filter(pk=ended).update(expire_date=long_ago)
    UserSession.objects.update(last_seen_at=long_ago)
    assert sweep(capsys)["sessions_forgotten"] == 1
    assert [one.session_key for one in Session.objects.all()] == [living]
    assert [one.session_key for one in UserSession.objects.all()] == [living]


def test_what_is_noted_of_a_session_that_is_being_written_stays(capsys):
    _noted(make.user(), "not-written-yet")
    assert sweep(capsys)["sessions_forgotten"] == 0
    assert UserSession.objects.count() == 1


def _signed_in() -> str:
    """The key of a session of somebody."""
    browser, person = Client(), make.user()
    browser.force_login(person)
    _noted(person, browser.session.session_key)
    return browser.session.session_key


def _noted(person, key):
    UserSession.objects.create(user=person, ip="192.0.2.1", session_key=key)
