"""Meetings: planned, held with people in conflict outside, decided, closed, minuted."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from reviews import actions, minutes, plan_pool
from reviews.actions.meetings import lot
from reviews.models import (
    Absence,
    AgendaItem,
    AssignmentPlan,
    ConflictCheck,
    Meeting,
    Minutes,
    Ranking,
)
from reviews.states import (
    ITEM_MOVES,
    MEETING_MOVES,
    Decision,
    ItemState,
)
from tests import make
from tests.reviews.panel_in_session import DAY, MINUTE, Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(it_is):
    found = Session()
    it_is(found.at + DAY)
    return found


@pytest.fixture
def meeting(panel):
    return panel.held()


def order(meeting, user):
    return [str(item) for item in meeting.items.open_to(user)]


@pytest.mark.parametrize("moves", [MEETING_MOVES, ITEM_MOVES])
def test_every_state_has_its_moves(moves):
    (states,) = {type(state) for state in moves}
    assert set(moves) == set(states)
    assert {end for ends in moves.values() for end in ends} <= set(states)


# --- planned --------------------------------------------------------------------------------------


def test_everybody_invited_gets_one_mail_with_the_time_in_the_own_zone_and_one_where_it_moves(
    panel,
):
    panel.ana.time_zone = "America/Lima"
    panel.ana.save(update_fields=["time_zone"])
    meeting = panel.planned(invited=[panel.ana, panel.chair])
    said = {message.recipient: message.body for message in Message.objects.all()}
    assert set(said) == {panel.ana, panel.chair}
    assert f"/reviews/meetings/{meeting.pk}/" in said[panel.ana]
    address = f"/panel/{meeting.round.call.code}/preliminary/meeting/{meeting.pk}/"
    assert address in said[panel.chair]
    assert "11:00 (UTC-05:00)" in said[panel.ana]
    with pytest.raises(actions.Refused, match="not invited yet"):
        actions.invite_to_meeting(meeting, [panel.ana], actor=panel.chair, at=panel.at)
    same = {"title": "Panel meeting", "place": "Room 5", "starts_at": meeting.starts_at}
    who = {"actor": panel.chair, "at": panel.at}
    actions.change_meeting(meeting, **{**same, "title": "Second meeting"}, **who)
    assert Message.objects.count() == 2
    later = {**same, "starts_at": meeting.starts_at + DAY}
    actions.change_meeting(meeting, **later, **who)
    moved = Message.objects.filter(template="meeting_moved")
    assert {message.recipient for message in moved} == {panel.ana, panel.chair}
    actions.change_meeting(meeting, **{**later, "place": "Room 6"}, **who)
    assert moved.all().count() == 4


def test_a_cancelled_meeting_is_told_once_and_stays_as_it_is(panel):
    meeting = panel.planned(invited=[panel.ana, panel.chair])
    who = {"actor": panel.chair, "at": panel.at}
    actions.cancel_meeting(meeting, **who)
    told = Message.objects.filter(template="meeting_cancelled")
    assert {message.recipient for message in told} == {panel.ana, panel.chair}
    for act in (
        lambda: actions.cancel_meeting(meeting, **who),
        lambda: actions.start_meeting(meeting, set(), **who),
        lambda: actions.invite_to_meeting(meeting, [panel.ben], **who),
        lambda: actions.add_subject(meeting, subject="X", actor=panel.chair),
    ):
        with pytest.raises(actions.Refused, match="was cancelled"):
            act()
    held = panel.held()
    with pytest.raises(actions.Refused, match="has begun"):
        actions.cancel_meeting(held, **who)


def test_a_meeting_begins_in_the_future_and_is_not_moved_once_it_began(panel):
    meeting = panel.planned()
    where = {"title": "T", "place": "P"}
    for starts_at in (panel.at, panel.at - DAY):
        with pytest.raises(actions.Refused, match="has not passed"):
            actions.make_meeting(
                panel.round, **where, starts_at=starts_at, actor=panel.chair, at=panel.at
            )
        with pytest.raises(actions.Refused, match="has not passed"):
            actions.change_meeting(
                meeting, **where, starts_at=starts_at, actor=panel.chair, at=panel.at
            )
    actions.start_meeting(meeting, set(), actor=panel.chair, at=panel.at)
    with pytest.raises(actions.Refused, match="has begun"):
        actions.change_meeting(
            meeting, **where, starts_at=panel.at + 9 * DAY, actor=panel.chair, at=panel.at
        )
    assert Meeting.objects.get().title == "Panel meeting"


def test_only_the_panel_is_invited(panel):
    meeting = panel.planned(invited=[])
    gone = make.reviewer(is_active=False)
    for stranger in (make.user(Role.PUBLISHER), make.member(), gone):
        with pytest.raises(actions.Refused, match="Only reviewers and chairs"):
            actions.invite_to_meeting(meeting, [stranger], actor=panel.chair, at=panel.at)
    assert not meeting.participants.exists()


def test_flagged_letters_are_proposed_in_an_order_that_no_mark_has_a_part_in(panel):
    meeting = panel.planned()
    meeting.items.all().delete()
    assert actions.proposed_letters(meeting, panel.chair) == [panel.first]
    # Who is in conflict with it is proposed nothing, and cannot put it on by name.
    assert actions.proposed_letters(meeting, panel.deputy) == []
    with pytest.raises(actions.Refused, match="No other letter is flagged"):
        actions.propose_agenda(meeting, actor=panel.deputy)
    with pytest.raises(actions.Refused, match="Choose letters"):
        actions.add_letters(meeting, [panel.first, panel.second], actor=panel.deputy)
    actions.propose_agenda(meeting, actor=panel.chair)
    assert order(meeting, panel.chair) == [panel.first.reference]
    actions.add_letters(meeting, [panel.second, panel.third], actor=panel.chair)
    drawn = sorted([panel.second, panel.third], key=lambda one: lot(meeting.pk, one.pk))
    assert order(meeting, panel.chair)[1:] == [letter.reference for letter in drawn]


def test_items_are_moved_among_those_that_one_sees_and_taken_off(panel):
    meeting = panel.planned()
    actions.add_subject(meeting, subject="Any other business", actor=panel.chair)
    first, second, third = (one.reference for one in (panel.first, panel.second, panel.third))
    assert order(meeting, panel.deputy) == [second, third, "Any other business"]
    # Up to the place of the item before it that is seen, past none that is not.
    actions.move_item(meeting, panel.item(meeting, panel.third), up=True, actor=panel.deputy)
    assert order(meeting, panel.chair) == [first, third, second, "Any other business"]
    actions.move_item(meeting, panel.item(meeting, panel.third), up=True, actor=panel.deputy)
    actions.move_item(meeting, panel.item(meeting, panel.first), up=False, actor=panel.chair)
    assert order(meeting, panel.chair) == [third, first, second, "Any other business"]
    for act in (
        lambda: actions.remove_item(meeting, panel.item(meeting, panel.first), actor=panel.deputy),
        lambda: actions.move_item(
            meeting, panel.item(meeting, panel.first), up=True, actor=panel.deputy
        ),
    ):
        with pytest.raises(actions.Refused, match="no longer on the agenda"):
            act()
    actions.remove_item(meeting, panel.item(meeting, panel.first), actor=panel.chair)
    assert order(meeting, panel.chair) == [third, second, "Any other business"]
    with pytest.raises(actions.Refused, match="Write what"):
        actions.add_subject(meeting, subject="  ", actor=panel.chair)


def test_nobody_but_a_chair_and_nothing_once_it_is_closed(panel, meeting):
    for act in (
        lambda actor: actions.add_subject(meeting, subject="X", actor=actor),
        lambda actor: actions.invite_to_meeting(meeting, [panel.ana], actor=actor, at=panel.at),
        lambda actor: actions.start_meeting(meeting, set(), actor=actor, at=panel.at),
        lambda actor: actions.close_meeting(meeting, leaving=True, actor=actor, at=panel.at),
    ):
        with pytest.raises(actions.Refused, match="Only a chair"):
            act(panel.ana)
    actions.close_meeting(meeting, leaving=True, actor=panel.chair, at=panel.at + 2 * DAY)
    item = panel.item(meeting, panel.second)
    who = {"actor": panel.chair, "at": panel.at + 2 * DAY}
    for act in (
        lambda: actions.add_subject(meeting, subject="X", actor=panel.chair),
        lambda: actions.move_item(meeting, item, up=True, actor=panel.chair),
        lambda: actions.remove_item(meeting, item, actor=panel.chair),
        lambda: actions.call_item(meeting, item, seen=None, **who),
        lambda: actions.note_attendance(meeting, set(), **who),
        lambda: actions.close_meeting(meeting, **who),
        lambda: actions.change_meeting(
            meeting, title="T", place="P", starts_at=panel.at + 9 * DAY, **who
        ),
    ):
        with pytest.raises(actions.Refused, match="its minutes stand"):
            act()


# --- held -----------------------------------------------------------------------------------------


def test_an_item_is_open_only_after_everybody_in_conflict_has_left(panel, meeting):
    item = panel.called(meeting, panel.first)
    who = {"actor": panel.chair, "at": panel.at + DAY + 2 * MINUTE}
    assert item.state == ItemState.CALLED
    with pytest.raises(actions.Refused, match="must leave the room: Cleo Reader, Dora Deputy"):
        actions.open_item(meeting, item, **who)
    with pytest.raises(actions.Refused, match="Tick who has left"):
        actions.confirm_left(meeting, item, {panel.ana.pk}, **who)
    actions.confirm_left(meeting, item, {panel.cleo.pk}, **who)
    with pytest.raises(actions.Refused, match="must leave the room: Dora Deputy"):
        actions.open_item(meeting, item, **who)
    actions.confirm_left(meeting, item, {panel.deputy.pk, panel.ana.pk}, **who)
    assert actions.open_item(meeting, item, **who).state == ItemState.OPEN
    assert set(Absence.objects.values_list("person", "because", "left_at", "back_at")) == {
        (person.pk, "CONFLICT", who["at"], None) for person in (panel.cleo, panel.deputy)
    }
    entries = Entry.objects.filter(subject=f"meeting:{meeting.pk}").order_by("seq")
    assert list(entries.values_list("action", flat=True))[-4:] == [
        *("item.called", "people.left", "people.left", "item.opened"),
    ]


def test_where_nobody_must_leave_an_item_is_open_at_once(panel, meeting):
    assert panel.called(meeting, panel.third).state == ItemState.OPEN


def test_whoever_is_not_there_need_not_leave_and_may_not_come_in(panel):
    meeting = panel.held(present=[panel.chair, panel.ana])
    assert panel.called(meeting, panel.first).state == ItemState.OPEN
    who = {"actor": panel.chair, "at": panel.at + DAY + 2 * MINUTE}
    with pytest.raises(actions.Refused, match="Cleo Reader may come in only after this item"):
        actions.note_attendance(meeting, {panel.cleo.pk, panel.ben.pk}, **who)
    actions.note_attendance(meeting, {panel.ben.pk}, **who)
    there = {one.person_id for one in meeting.participants.all() if one.is_there}
    # The one who leads cannot untick herself; Ana has gone.
    assert there == {panel.chair.pk, panel.ben.pk}


def test_a_conflict_declared_while_an_item_is_open_shuts_it(panel, meeting):
    item = panel.opened(meeting, panel.first)
    answer = {panel.first.pk: ("FAMILY", "")}
    check = ConflictCheck.objects.get(reviewer=panel.ben, letter=panel.first)
    check.answered_at = None
    check.save(update_fields=["answered_at"])
    actions.answer_conflicts(panel.ben, answer, at=panel.at + DAY)
    who = {"actor": panel.chair, "at": panel.at + DAY + 2 * MINUTE}
    what = {"decision": "SCORED", "more": 0, "reason": "", "note": ""}
    with pytest.raises(actions.Refused, match="must leave the room: Ben Reader"):
        actions.record_item(meeting, item, **what, **who)
    actions.confirm_left(meeting, item, {panel.ben.pk}, **who)
    assert actions.record_item(meeting, item, **what, **who).decision == Decision.SCORED


def test_whoever_has_not_answered_the_question_leaves_too_and_the_minutes_say_that(panel, meeting):
    new = make.reviewer(name="Nia New")
    make.check(new, panel.third, answered=False)
    who = {"actor": panel.chair, "at": panel.at + DAY}
    actions.invite_to_meeting(meeting, [new], **who)
    everybody = {one.pk for one in (*panel.people, new)}
    actions.note_attendance(meeting, everybody, **who)
    item = panel.called(meeting, panel.third)
    with pytest.raises(actions.Refused, match="Nia New"):
        actions.open_item(meeting, item, **who)
    actions.confirm_left(meeting, item, {new.pk}, **who)
    assert Absence.objects.get().because == "UNANSWERED"


def test_a_chair_in_conflict_leads_nothing_while_the_other_does(panel, meeting):
    item = panel.item(meeting, panel.first)
    who = {"actor": panel.deputy, "at": panel.at + DAY + 2 * MINUTE}
    with pytest.raises(actions.Refused, match="no longer on the agenda"):
        actions.call_item(meeting, item, seen=None, **who)
    panel.opened(meeting, panel.first)
    second = panel.item(meeting, panel.second)
    for act in (
        lambda: actions.call_item(meeting, second, seen=None, **who),
        lambda: actions.call_item(meeting, second, seen=item.pk, **who),
        lambda: actions.finish_item(meeting, item, **who),
        lambda: actions.put_back(meeting, item, **who),
        lambda: actions.confirm_left(meeting, item, {panel.cleo.pk}, **who),
        lambda: actions.confirm_back(meeting, {panel.deputy.pk}, **who),
        lambda: actions.note_attendance(meeting, set(), **who),
        lambda: actions.close_meeting(meeting, leaving=True, **who),
        lambda: actions.record_item(
            meeting, item, decision="SCORED", more=0, reason="", note="", **who
        ),
    ):
        with pytest.raises(actions.Refused, match="Another chair leads an item now"):
            act()
    item.refresh_from_db()
    assert (item.state, item.decision) == (ItemState.OPEN, "")


def test_whoever_presides_in_conflict_hands_the_item_to_the_deputy(panel):
    """The other way round: the one who began the meeting is the one who must leave."""
    meeting = panel.held()
    make.check(panel.chair, panel.third, conflicted=True)
    item = panel.item(meeting, panel.third)
    with pytest.raises(actions.Refused, match="no longer on the agenda"):
        actions.call_item(meeting, item, seen=None, actor=panel.chair, at=panel.at + DAY)
    item = panel.settled(meeting, panel.third, actor=panel.deputy)
    assert (item.led_by, item.decided_by) == (panel.deputy, panel.deputy)


def test_people_come_back_and_stay_outside_where_the_next_item_is_shut_to_them_too(panel, meeting):
    ConflictCheck.objects.filter(reviewer=panel.cleo, letter=panel.third).update(
        conflicted=True, source="DECLARED", kind="OTHER"
    )
    panel.settled(meeting, panel.first)
    at = panel.at + DAY + 9 * MINUTE
    who = {"actor": panel.chair, "at": at}
    item = panel.called(meeting, panel.third, at=at)
    # She is outside already, so nobody has to leave.
    assert item.state == ItemState.OPEN
    assert set(Absence.objects.filter(person=panel.cleo).values_list("left_at", "back_at")) == {
        (panel.at + DAY + MINUTE, None),
        (at, None),
    }
    with pytest.raises(actions.Refused, match="Cleo Reader may come in only after"):
        actions.confirm_back(meeting, {panel.cleo.pk}, **who)
    actions.record_item(
        meeting, item, decision="SCORED", more=0, reason="", note="", ends=True, **who
    )
    with pytest.raises(actions.Refused, match="Tick who has come back"):
        actions.confirm_back(meeting, {panel.ana.pk}, **who)
    assert actions.confirm_back(meeting, {panel.cleo.pk}, **who) == 1
    assert not Absence.objects.filter(person=panel.cleo, back_at=None).exists()


def test_of_two_who_press_next_at_once_one_is_told_that_the_meeting_has_moved_on(panel, meeting):
    who = {"at": panel.at + DAY}
    second, third = (panel.item(meeting, one) for one in (panel.second, panel.third))
    actions.call_item(meeting, second, seen=None, actor=panel.chair, **who)
    for item in (second, third):
        with pytest.raises(actions.Refused, match="moved on"):
            actions.call_item(meeting, item, seen=None, actor=panel.deputy, **who)
    meeting.refresh_from_db()
    assert meeting.current == second
    assert Entry.objects.filter(action="item.opened").count() == 1
    with pytest.raises(actions.Refused, match="End the item"):
        actions.call_item(meeting, third, seen=second.pk, actor=panel.chair, **who)


def test_an_item_that_was_called_can_wait_and_be_called_again(panel, meeting):
    item = panel.called(meeting, panel.first)
    who = {"actor": panel.chair, "at": panel.at + DAY}
    actions.put_back(meeting, item, **who)
    meeting.refresh_from_db()
    assert meeting.current is None
    assert panel.opened(meeting, panel.first).state == ItemState.OPEN
    with pytest.raises(actions.Refused, match="open already"):
        actions.put_back(meeting, item, **who)
    with pytest.raises(actions.Refused, match="open already"):
        actions.open_item(meeting, item, **who)


def test_a_letter_withdrawn_while_on_the_agenda_is_not_called_and_needs_no_decision(panel, meeting):
    who = {"actor": panel.chair, "at": panel.at + DAY}
    item = panel.opened(meeting, panel.first)
    for letter in (panel.first, panel.second):
        letter.state = "WITHDRAWN"
        letter.save(update_fields=["state"])
    with pytest.raises(actions.Refused, match="withdrawn this letter"):
        actions.record_item(meeting, item, decision="SCORED", more=0, reason="", note="", **who)
    actions.finish_item(meeting, item, **who)
    with pytest.raises(actions.Refused, match="withdrawn this letter"):
        panel.called(meeting, panel.second)
    with pytest.raises(actions.Refused, match=rf"decision: {panel.third.reference}\."):
        actions.close_meeting(meeting, **who)


# --- decided --------------------------------------------------------------------------------------


def test_no_item_about_a_letter_ends_without_a_decision_or_a_word_why(panel, meeting):
    item = panel.opened(meeting, panel.second)
    who = {"actor": panel.chair, "at": panel.at + DAY}
    with pytest.raises(actions.Refused, match="Record a decision first"):
        actions.finish_item(meeting, item, **who)
    what = {"more": 0, "reason": "", "note": "Long talk."}
    for decision in ("LEFT", "MORE"):
        with pytest.raises(actions.Refused, match="Say"):
            actions.record_item(meeting, item, decision=decision, **what, **who)
    with pytest.raises(actions.Refused, match="Write the consensus first"):
        actions.record_item(meeting, item, decision="CONSENSUS", **what, **who)
    actions.record_item(meeting, item, decision="", **what, **who)
    with pytest.raises(actions.Refused, match="Record a decision first"):
        actions.finish_item(meeting, item, **who)
    reason = {**what, "reason": "Nobody knows the sensor."}
    actions.record_item(meeting, item, decision="LEFT", **reason, ends=True, **who)
    item.refresh_from_db()
    assert (item.state, item.decision, item.note) == ("DONE", "LEFT", "Long talk.")


def test_a_free_item_has_a_note_and_nothing_to_decide(panel, meeting):
    item = actions.add_subject(meeting, subject="Welcome", actor=panel.chair)
    who = {"actor": panel.chair, "at": panel.at + DAY}
    actions.call_item(meeting, item, seen=None, **who)
    with pytest.raises(actions.Refused, match="decide about it"):
        actions.record_item(meeting, item, decision="SCORED", more=0, reason="", note="", **who)
    actions.record_item(
        meeting, item, decision="", more=0, reason="", note="Hello.", ends=True, **who
    )
    item.refresh_from_db()
    assert (item.state, item.note) == (ItemState.DONE, "Hello.")
    # Its note may still be put right; what was decided may not, unless it is called again.
    actions.record_item(meeting, item, decision="", more=0, reason="", note="Hello!", **who)
    done = panel.settled(meeting, panel.second)
    with pytest.raises(actions.Refused, match="moved on"):
        actions.record_item(meeting, done, decision="LEFT", more=0, reason="x", note="", **who)


@pytest.mark.parametrize("more", [0, -1, 10])
def test_more_reviews_are_one_to_nine(panel, meeting, more):
    item = panel.opened(meeting, panel.second)
    with pytest.raises(actions.Refused, match="from 1 to 9"):
        actions.record_item(
            meeting,
            item,
            decision="MORE",
            more=more,
            reason="Open.",
            note="",
            actor=panel.chair,
            at=panel.at + DAY,
        )


def test_more_reviews_wanted_reach_the_assignment_and_its_plan(panel, meeting):
    panel.settled(meeting, panel.second, decision="MORE", more=3, reason="Open.")
    # Two read it already.
    assert list(AgendaItem.objects.wanted(panel.round)) == [
        {"letter": panel.second.pk, "number": 5}
    ]
    plan = actions.ask_for_plan(
        panel.round,
        numbers=actions.planning.DEFAULTS,
        actor=panel.chair,
        at=panel.at + DAY,
    )
    gathered = plan_pool.gather(AssignmentPlan.objects.get(pk=plan.pk), at=panel.at + DAY)
    wanted = dict(zip(gathered.pool.letters, gathered.pool.wanted, strict=True))
    assert wanted == {
        str(panel.first.pk): 3,
        str(panel.second.pk): 5,
        str(panel.third.pk): 3,
    }


def test_a_frozen_ranking_takes_no_more_reviews_and_lets_the_meeting_go_on(panel, meeting):
    Ranking.objects.create(round=panel.round, frozen_at=panel.at, frozen_by=panel.chair, rubric=[])
    item = panel.opened(meeting, panel.second)
    who = {"actor": panel.chair, "at": panel.at + DAY}
    with pytest.raises(actions.Refused, match="ranking of this round is frozen"):
        actions.record_item(meeting, item, decision="MORE", more=1, reason="Open.", note="", **who)
    panel.agreed(panel.second)
    actions.record_item(
        meeting, item, decision="CONSENSUS", more=0, reason="", note="", ends=True, **who
    )


# --- closed ---------------------------------------------------------------------------------------


def test_it_is_not_closed_silently_over_what_is_undecided(panel, meeting):
    who = {"actor": panel.chair, "at": panel.at + 2 * DAY}
    panel.opened(meeting, panel.third)
    with pytest.raises(actions.Refused, match="End the item"):
        actions.close_meeting(meeting, **who)
    item = panel.item(meeting, panel.third)
    what = {"more": 0, "reason": "No.", "note": ""}
    actions.record_item(meeting, item, decision="LEFT", **what, ends=True, **who)
    named = f"{panel.first.reference}, {panel.second.reference}"
    with pytest.raises(actions.Refused, match=rf"Without a decision: {named}\."):
        actions.close_meeting(meeting, **who)
    made = actions.close_meeting(meeting, leaving=True, **who)
    assert [one["decision"] for one in made.content["items"]] == ["", "", "LEFT"]
    assert minutes.digest(made.content) == made.sha256
    assert Entry.objects.get(action="meeting.closed").data == {"sha256": made.sha256}


def test_a_chair_in_conflict_does_not_close_it_over_what_the_other_has_to_take(panel, meeting):
    for letter in (panel.second, panel.third):
        panel.settled(meeting, letter)
    who = {"actor": panel.deputy, "at": panel.at + 2 * DAY}
    with pytest.raises(actions.Refused, match="an item that another chair leads") as refusal:
        actions.close_meeting(meeting, leaving=True, **who)
    assert panel.first.reference not in str(refusal.value)
    # Where nobody else is there to take it, it does not keep the meeting open.
    everybody = {panel.deputy.pk}
    actions.note_attendance(meeting, everybody, **who)
    assert actions.close_meeting(meeting, **who)


def test_minutes_never_change(panel, meeting):
    made = actions.close_meeting(meeting, leaving=True, actor=panel.chair, at=panel.at + 2 * DAY)
    for change in (
        lambda: Minutes.objects.filter(pk=made.pk).update(sha256="0" * 64),
        lambda: Minutes.objects.filter(pk=made.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()


def test_each_reader_has_the_minutes_that_are_hers(panel, meeting):
    late = make.assignment(letter=panel.third, reviewer=panel.ben, assigned_by=panel.chair)
    panel.agreed(panel.first)
    panel.settled(meeting, panel.first, decision="CONSENSUS", note="All were heard.")
    who = {"actor": panel.chair, "at": panel.at + DAY + 9 * MINUTE}
    actions.confirm_back(meeting, {panel.cleo.pk, panel.deputy.pk}, **who)
    panel.agreed(panel.third)
    panel.settled(meeting, panel.third, decision="CONSENSUS")
    made = actions.close_meeting(meeting, leaving=True, actor=panel.chair, at=panel.at + 2 * DAY)
    whole = made.content
    assert minutes.for_reader(whole, panel.chair) == whole
    assert minutes.for_reader(whole, panel.ana) == whole
    first = whole["items"][0]
    assert first["consensus"]["minority_view"] == "Too heavy, says one."
    assert {(gone["name"], gone["because"]) for gone in first["left"]} == {
        ("Cleo Reader", "CONFLICT"),
        ("Dora Deputy", "CONFLICT"),
    }
    for absent in (panel.cleo, panel.deputy):
        items = minutes.for_reader(whole, absent)["items"]
        assert items == [{"absent": True}, *whole["items"][1:]]
    # Who still owes a review of a letter is told no number of the group.
    owing = minutes.for_reader(whole, panel.ben)["items"][2]
    assert (owing["consensus"], owing["owing"]) == (None, True)
    make.review(of=late)
    assert minutes.for_reader(whole, panel.ben) == whole
    # A conflict found afterwards takes the item away: she was not absent.
    check = ConflictCheck.objects.get(reviewer=panel.ana, letter=panel.second)
    actions.record_conflict(
        check, kind="OTHER", strength="HARD", note="", actor=panel.chair, at=who["at"]
    )
    letters = [one["letter"] for one in minutes.for_reader(whole, panel.ana)["items"]]
    assert letters == [str(panel.first.pk), str(panel.third.pk)]


# --- the database keeps the last word -------------------------------------------------------------


def test_the_database_refuses_what_no_action_does(panel, meeting):
    item = panel.item(meeting, panel.first)
    items, absences = AgendaItem.objects.filter(pk=item.pk), {"item": item, "person": panel.ana}
    Absence.objects.create(**absences, because="CONFLICT", left_at=panel.at)
    for change in (
        lambda: items.update(subject="Both"),
        lambda: items.update(letter=None),
        lambda: items.update(decision="SCORED"),
        lambda: items.update(more=2),
        lambda: Absence.objects.create(**absences, because="CONFLICT", left_at=panel.at),
        lambda: Absence.objects.update(back_at=F("left_at") - timedelta(seconds=1)),
        lambda: Meeting.objects.update(state="CLOSED"),
        lambda: Meeting.objects.update(state="PLANNED"),
        lambda: AgendaItem.objects.create(meeting=meeting, letter=panel.first, position=9),
        lambda: meeting.participants.update(gone_at=panel.at - DAY),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_two_chairs_pressing_next_at_the_same_instant_move_it_once():
    panel = Session()
    meeting = panel.held()
    targets = [panel.item(meeting, letter) for letter in (panel.second, panel.third)]
    gate, answers = threading.Barrier(2), []

    def press(item, actor):
        try:
            gate.wait()
            actions.call_item(meeting, item, seen=None, actor=actor, at=panel.at + DAY)
            answers.append("moved")
        except actions.Refused as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    people = (panel.chair, panel.deputy)
    threads = [
        threading.Thread(target=press, args=pair) for pair in zip(targets, people, strict=True)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == ["moved", "moved_on"]
    assert Entry.objects.filter(action="item.opened").count() == 1
    assert AgendaItem.objects.exclude(state=ItemState.WAITING).count() == 1
