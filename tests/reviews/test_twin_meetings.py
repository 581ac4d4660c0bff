"""Whatever is said and decided about an item, whoever must leave for it gets the same bytes.

The worlds grow from one meeting inside savepoints, so that all ids are the same, and go on alike
but for what happens while the item is taken. Status, headers and bytes of every page of the meeting
are compared: while the person is outside, afterwards, and once the minutes stand.
"""

import re
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from notifications.models import Message
from reviews import actions
from reviews.models import ConflictCheck
from tests import make
from tests.reviews.panel_in_session import DAY, MINUTE, Session

pytestmark = [pytest.mark.django_db, pytest.mark.long]
_RESTLESS = {"Date", "Expires", "Set-Cookie", "Content-Length"}
STAGES = ("called", "outside", "over", "back", "closed")


@pytest.fixture
def panel(it_is):
    found = Session()
    it_is(found.at + DAY)
    found.meeting = found.held()
    found.start = found.at + DAY + MINUTE
    # A second letter that both may not know of waits on the agenda in some of the worlds.
    found.hidden = make.eligible_letter(call=found.call, chair=found.chair, title="Hidden one")
    for person in (found.cleo, found.deputy):
        make.check(person, found.hidden, conflicted=True)
    make.check(found.ana, found.hidden)
    return found


# --- what differs ---


def decided(decision, **recorded):
    def happen(panel, item):
        if decision == "CONSENSUS":
            panel.agreed(panel.first)
        what = {"more": 0, "reason": "", "note": "", **recorded}
        who = {"actor": panel.chair, "at": panel.start}
        actions.record_item(panel.meeting, item, decision=decision, **what, **who)

    return happen


def withdrawn(panel, item):
    item.letter.state = "WITHDRAWN"
    item.letter.save(update_fields=["state"])


def somebody_else_leaves(panel, item):
    check = ConflictCheck.objects.get(reviewer=panel.ben, letter=panel.first)
    who = {"actor": panel.chair, "at": panel.start}
    actions.record_conflict(check, kind="MONEY", strength="HARD", note="", **who)
    actions.confirm_left(panel.meeting, item, {panel.ben.pk}, **who)
    decided("SCORED")(panel, item)


def another_waits(panel, item):
    actions.add_letters(panel.meeting, [panel.hidden], actor=panel.chair)
    decided("SCORED")(panel, item)


WORLDS = {
    "stands": decided("SCORED"),
    "agreed": decided("CONSENSUS", note="A long and good talk, word for word."),
    "more": decided("MORE", more=3, reason="Nobody knows the sensor."),
    "left": decided("LEFT", reason="Out of time."),
    "withdrawn": withdrawn,
    "another leaves": somebody_else_leaves,
    "another waits": another_waits,
}


@contextmanager
def world(panel, happen):
    """The item is taken, `happen`, and it is over: a generator of the stages it goes through."""
    with transaction.atomic():
        yield stages(panel, happen)
        transaction.set_rollback(True)


def stages(panel, happen):
    meeting, who = panel.meeting, {"actor": panel.chair, "at": panel.start}
    meeting.refresh_from_db()
    panel.first.refresh_from_db()
    item = panel.called(meeting, panel.first, at=panel.start)
    yield "called"
    actions.confirm_left(meeting, item, {panel.cleo.pk, panel.deputy.pk}, **who)
    item = actions.open_item(meeting, item, **who)
    happen(panel, item)
    yield "outside"
    actions.finish_item(meeting, item, **who)
    yield "over"
    actions.confirm_back(meeting, {panel.cleo.pk, panel.deputy.pk}, **who)
    yield "back"
    actions.close_meeting(meeting, leaving=True, **who)
    yield "closed"


# --- what is asked ---


def addresses(panel, person):
    meeting, item = panel.meeting, panel.item(panel.meeting, panel.first)
    names = ("meeting", "meeting_screen", "meeting_minutes", "meeting_minutes_pdf")
    if not person.has_role(Role.CHAIR):
        yield from (reverse("reviews:meetings"), reverse("reviews:queue"))
        yield from (reverse(f"reviews:{name}", args=[meeting.pk]) for name in names)
        yield reverse("reviews:meeting_consensus", args=[meeting.pk, item.pk])
        return
    there = ["preliminary", meeting.pk]
    yield from (
        reverse(f"panel:{name}", args=there)
        for name in (*names, "meeting_change", "meeting_people", "meeting_agenda")
    )
    yield reverse("panel:meeting_consensus", args=[*there, item.pk])
    yield from (
        reverse(f"panel:{name}", args=["preliminary"])
        for name in ("meetings", "assignment", "plans", "discussions")
    )


def seen_by(panel, person):
    client = Client()
    client.force_login(person)
    answers = {}
    for address in addresses(panel, person):
        response = client.get(address)
        headers = {k: v for k, v in response.headers.items() if k not in _RESTLESS}
        text = response.content.decode(errors="surrogateescape")
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
        answers[address] = (response.status_code, headers, text)
    return answers


def history(panel, happen, people):
    """Stage to what each of these people gets then, and the mails that were owed to them."""
    with world(panel, happen) as going:
        seen = {
            stage: {person.name: seen_by(panel, person) for person in people} for stage in going
        }
        mails = Message.objects.filter(recipient__in=people).order_by("key")
        return seen, list(mails.values_list("key", "subject", "body"))


def differences(one, other):
    return sorted(
        (stage, name, address)
        for stage in STAGES
        for name, answers in one[stage].items()
        for address in answers
        if answers[address] != other[stage][name][address]
    )


def test_whoever_left_gets_the_same_bytes_whatever_happened(panel):
    people = (panel.cleo, panel.deputy)
    first, *others = (history(panel, happen, people) for happen in WORLDS.values())
    for name, other in zip(list(WORLDS)[1:], others, strict=True):
        assert differences(first[0], other[0]) == [], name
        assert first[1] == other[1], name
    seen = first[0]
    screens = {stage: seen[stage]["Cleo Reader"] for stage in STAGES}
    own = reverse("reviews:meeting", args=[panel.meeting.pk])
    assert "Please leave the room now" in screens["outside"][own][2]
    assert "You may come back" in screens["over"][own][2]
    minutes = screens["closed"][reverse("reviews:meeting_minutes", args=[panel.meeting.pk])]
    assert "An item from which you were absent" in minutes[2]
    for stage in STAGES:
        for answers in seen[stage].values():
            for address, (_status, _headers, body) in answers.items():
                for secret in ("Ice drill", panel.first.reference, "Hidden one"):
                    assert secret not in body, address


def test_whoever_stays_does_see_it_and_the_comparison_would(panel):
    one, other = (
        history(panel, WORLDS[name], (panel.ana, panel.chair))[0] for name in ("stands", "agreed")
    )
    found = {(stage, name) for stage, name, _address in differences(one, other)}
    assert {("outside", "Chao Chair"), ("outside", "Ana Reader"), ("closed", "Ana Reader")} <= found
