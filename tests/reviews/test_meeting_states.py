"""Whatever chairs and agencies do in whatever order, nobody hears of a letter who must not."""

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviews import actions, minutes, screens
from reviews.attendance import attendees
from reviews.models import ConflictCheck, Meeting
from reviews.states import ItemState
from tests.reviews.panel_in_session import DAY, MINUTE, Session

pytestmark = pytest.mark.django_db

_STEPS = (
    *("call", "left", "open", "put_back", "decide", "end", "back", "attend"),
    *("conflict", "withdraw", "move", "close"),
)
STEP = st.tuples(
    # What is done most makes the longest stories.
    st.sampled_from([*_STEPS, "call", "left", "left", "open", "open", "end", "end"]),
    # Mostly the first letter, which is shut to two, and mostly the chair who may hear of it.
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from([False, False, False, True]),
    st.sets(st.integers(0, 4), max_size=5),
)


class Story:
    """A meeting to which steps happen; the moment goes on by a minute with each."""

    def __init__(self, panel, meeting):
        self.panel, self.meeting = panel, meeting
        self.at = panel.at + DAY

    def take(self, step):
        """Do one step; what is refused did nothing."""
        do, number, by_deputy, people = step
        self.at += MINUTE
        self.meeting = Meeting.objects.select_related("round__call").get(pk=self.meeting.pk)
        actor = self.panel.deputy if by_deputy else self.panel.chair
        letter = (self.panel.first, self.panel.second, self.panel.third)[number]
        ids = {self.panel.people[at].pk for at in people}
        try:
            with transaction.atomic():
                self.do(do, letter, ids, {"actor": actor, "at": self.at})
        except actions.Refused:
            return

    def do(self, do, letter, ids, who):
        meeting, actor = self.meeting, who["actor"]
        item = self.panel.item(meeting, letter)
        if do in ("left", "open", "put_back", "decide", "end") and meeting.current:
            item = meeting.current
        match do:
            case "call":
                actions.call_item(meeting, item, seen=meeting.current_id, **who)
            case "left":
                everybody = {one.pk for one in self.panel.people}
                actions.confirm_left(meeting, item, ids or everybody, **who)
            case "open":
                self.nobody_listens(actions.open_item(meeting, item, **who), actor)
            case "put_back":
                actions.put_back(meeting, item, **who)
            case "decide" | "end":
                what = {"decision": "SCORED", "more": 0, "reason": "", "note": "So it is."}
                ends = do == "end"
                was = item.decision
                item = actions.record_item(meeting, item, **what, ends=ends, **who)
                if not was:
                    self.nobody_listens(item, actor)
            case "back":
                actions.confirm_back(meeting, ids, **who)
            case "attend":
                actions.note_attendance(meeting, ids, **who)
            case "conflict":
                self.come_into_conflict(letter, ids, who)
            case "withdraw":
                letter.state = "WITHDRAWN"
                letter.save(update_fields=["state"])
            case "move":
                actions.move_item(meeting, item, up=True, actor=actor)
            case "close":
                actions.close_meeting(meeting, leaving=True, **who)

    def come_into_conflict(self, letter, ids, who):
        free = ConflictCheck.objects.filter(letter=letter, reviewer__in=ids, source="")
        for check in free.exclude(reviewer=self.panel.chair):
            actions.record_conflict(check, kind="OTHER", strength="HARD", note="", **who)

    def nobody_listens(self, item, actor):
        """At the moment of opening and of deciding."""
        assert not any(one.must_leave for one in attendees(self.meeting, item))
        assert self.meeting.items.open_to(actor).contains(item)

    def holds(self):
        """What is true after every step."""
        meeting = Meeting.objects.select_related("round__call").get(pk=self.meeting.pk)
        taken = meeting.items.filter(state__in=[ItemState.CALLED, ItemState.OPEN])
        assert [item.pk for item in taken] == ([meeting.current_id] if meeting.current_id else [])
        for person in self.panel.people:
            open_to = meeting.items.open_to(person)
            screen = screens.screen_of(meeting, person)
            assert [item.pk for item in screen.items] == [item.pk for item in open_to]
            hidden = meeting.current_id not in {None, *(item.pk for item in open_to)}
            assert screen.leaves == hidden
            assert not (hidden and (screen.current or screen.reads_marks or screen.facts))
            whole = minutes.content_of(meeting)
            if meeting.started_at:
                said = json.dumps(minutes.for_reader(whole, person))
                for item in meeting.items.exclude(pk__in=open_to.values("pk")):
                    assert str(item.letter_id) not in said


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=6, max_size=18))
def test_no_order_of_steps_lets_anybody_hear_who_must_not(it_is, steps):
    with transaction.atomic():
        panel = Session()
        it_is(panel.at + DAY)
        story = Story(panel, panel.held())
        for step in steps:
            story.take(step)
            story.holds()
        transaction.set_rollback(True)
