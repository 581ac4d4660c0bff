"""`manage.py sweep` does once what beat and the workers do all the time."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.states import Seat
from chang_e8_portal import clock
from notifications.models import Message
from tests import make

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
