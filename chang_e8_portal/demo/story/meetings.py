"""The panel meets about the letters that are flagged, before the ranking is frozen."""

from datetime import timedelta

from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import who_and_when
from reviews import actions as panel
from reviews.attendance import attendees
from reviews.models import Assignment, ConflictCheck, Consensus, Meeting
from reviews.permissions import presided_by
from reviews.states import Decision, MeetingState

# After the reviews are due; the ranking is frozen a day later (`reviews.finish`).
_AFTER = timedelta(days=2, hours=9)


def plan(call_round, *, at):
    """The first chair invites everybody who reads a letter, and takes what is flagged so far."""
    if Meeting.objects.filter(round=call_round).exists():
        return
    clock.travel_to(at)
    words, chair = content.discussion()["meeting"], who_and_when.first_with(Role.CHAIR)
    meeting = panel.make_meeting(
        call_round,
        title=words["title"],
        place=words["place"],
        starts_at=call_round.reviews_due_at + _AFTER,
        actor=chair,
        at=clock.now(),
    )
    given = Assignment.objects.active().filter(round=call_round).select_related("reviewer")
    readers = {one.reviewer_id: one.reviewer for one in given.order_by("reviewer__email")}
    people = [*who_and_when.all_with(Role.CHAIR), *readers.values()]
    panel.invite_to_meeting(meeting, people, actor=chair, at=clock.now())
    panel.add_subject(meeting, subject=words["welcome"], actor=chair)
    for one in who_and_when.all_with(Role.CHAIR):
        if panel.proposed_letters(meeting, one):
            panel.propose_agenda(meeting, actor=one)
    _add_one_in_conflict(meeting, readers, chair)


def _add_one_in_conflict(meeting, readers, chair):
    """A letter for which somebody invited must leave, so that the demo shows how."""
    free = presided_by(chair, panel.free_letters(meeting))
    conflicts = ConflictCheck.objects.conflicted().filter(reviewer__in=readers, letter__in=free)
    found = conflicts.select_related("letter").order_by("letter__reference").first()
    if found is not None:
        panel.add_letters(meeting, [found.letter], actor=chair)


def hold(call_round):
    """The planned meeting is held: whoever is in conflict leaves, each letter is decided."""
    meeting = Meeting.objects.filter(round=call_round, state=MeetingState.PLANNED).first()
    if meeting is None:
        return
    clock.travel_to(max(clock.now(), meeting.starts_at))
    chairs = who_and_when.all_with(Role.CHAIR)
    present = set(meeting.participants.values_list("person", flat=True))
    panel.start_meeting(meeting, present, actor=chairs[0], at=clock.now())
    for item in list(meeting.items.select_related("letter")):
        lead = next((one for one in chairs if meeting.items.open_to(one).contains(item)), None)
        if lead is not None and (item.letter is None or item.letter.state != "WITHDRAWN"):
            _take(meeting, item, lead)
    panel.close_meeting(meeting, leaving=True, actor=chairs[0], at=clock.now())


def _take(meeting, item, lead):
    words = content.discussion()["meeting"]
    item = panel.call_item(meeting, item, seen=None, actor=lead, at=clock.now())
    meeting.refresh_from_db()
    leaving = {one.person.pk for one in attendees(meeting, item) if one.must_leave}
    if leaving:
        clock.travel_to(clock.now() + timedelta(minutes=2))
        panel.confirm_left(meeting, item, leaving, actor=lead, at=clock.now())
        item = panel.open_item(meeting, item, actor=lead, at=clock.now())
    clock.travel_to(clock.now() + timedelta(minutes=15))
    decision, note = "", words["welcome_note"]
    if item.letter is not None:
        about = Consensus.objects.filter(round=meeting.round, letter=item.letter)
        decision = Decision.CONSENSUS if about.exists() else Decision.SCORED
        note = words["note"]
    panel.record_item(
        meeting,
        item,
        **{"decision": decision, "more": 0, "reason": "", "note": note, "ends": True},
        actor=lead,
        at=clock.now(),
    )
    if leaving:
        clock.travel_to(clock.now() + timedelta(minutes=2))
        panel.confirm_back(meeting, leaving, actor=lead, at=clock.now())
