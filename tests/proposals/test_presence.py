"""Who has which section open: a hint, not a lock."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chang_e8_portal import clock
from proposals.models import Presence
from tests import make

HEARTBEAT = {"X-Requested-With": "heartbeat", "X-Portal-Poll": "1"}
NOW = make.CLOSES - timedelta(days=3)


@pytest.fixture
def beat(cast, client, it_is):
    it_is(NOW)

    def send(person, key="d", at=NOW):
        it_is(at)
        if person:
            client.force_login(person)
        else:
            client.logout()
        address = reverse("proposals:here", args=[cast.letter.pk, key])
        return client.post(address, headers=HEARTBEAT)

    return send


def test_colleagues_see_each_other_and_where(cast, beat):
    other = cast.colleague()
    assert "open" not in beat(other, "a").content.decode()
    text = beat(cast.editor, "d").content.decode()
    assert f"{other} has section A open." in text
    assert str(cast.editor) not in text
    assert f"{cast.editor} has this section open too." in beat(other, "d").content.decode()


def test_one_row_a_person_and_the_last_section_counts(cast, beat):
    for key in "acd":
        beat(cast.editor, key)
    assert [(row.user, row.section) for row in Presence.objects.all()] == [(cast.editor, "d")]


@pytest.mark.parametrize(("seconds", "seen"), [(59, True), (60, False)])
def test_whoever_is_silent_for_a_minute_is_gone(cast, beat, seconds, seen):
    other = cast.colleague()
    beat(other, "a")
    text = beat(cast.editor, "d", at=NOW + timedelta(seconds=seconds)).content.decode()
    assert (str(other) in text) is seen


def test_the_page_shows_it_without_a_script_too(cast, beat, client):
    other = cast.colleague()
    beat(other, "a")
    client.force_login(cast.editor)
    page = client.get(reverse("proposals:edit", args=[cast.letter.pk, "d"])).content.decode()
    assert f"{other} has section A open." in page


@pytest.mark.parametrize(("person", "status"), [("viewer", 403), ("stranger", 404), (None, 401)])
def test_others_neither_appear_nor_look(cast, beat, person, status):
    beat(cast.editor)
    answer = beat(getattr(cast, person) if person else None)
    assert answer.status_code == status
    assert str(cast.editor) not in answer.content.decode()
    # A page that is left open must not be loaded anew: there may be text in it.
    assert "HX-Refresh" not in answer.headers
    assert Presence.objects.count() == 1


def test_only_a_section_can_be_open_and_only_by_post(cast, beat, client):
    assert beat(cast.editor, "z").status_code == 404
    assert client.get(reverse("proposals:here", args=[cast.letter.pk, "d"])).status_code == 405
    assert not Presence.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_however_many_are_here(cast, beat, number):
    for _one in range(number):
        beat(cast.colleague(), "a")
    beat(cast.editor)
    with CaptureQueriesContext(connection) as asked:
        beat(cast.editor)
    # Besides signing in for the test.
    assert len([q for q in asked if "proposals_" in q["sql"]]) == 4


def test_a_page_left_open_keeps_nobody_signed_in(cast, client, it_is, monkeypatch):
    it_is(NOW)
    start = clock.machine_now()

    def beat_after(minutes, headers):
        later = start + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "machine_now", lambda: later)
        address = reverse("proposals:here", args=[cast.letter.pk, "d"])
        return client.post(address, headers=headers).status_code

    client.force_login(cast.editor)
    page = client.get(reverse("proposals:edit", args=[cast.letter.pk, "d"])).content.decode()
    sent = json.loads(re.search("hx-headers='(.*?)'", page)[1])
    assert sent == HEARTBEAT
    assert [beat_after(minutes, sent) for minutes in (10, 20, 29)] == [200, 200, 200]
    assert beat_after(31, sent) == 401
