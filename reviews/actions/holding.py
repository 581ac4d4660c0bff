"""Holding a meeting: who is there, which item is taken, who leaves for it, what is decided.

The row of the meeting is locked first, then the checks of the letter's conflicts: whoever comes
into conflict at the same moment is either seen here or waits.
"""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.states import LetterState
from reviews.actions.meetings import lock, log
from reviews.actions.refusal import Refused
from reviews.attendance import Attendee, attendees, outside_of
from reviews.models import Absence, AgendaItem, Assignment, Consensus, Meeting, Ranking
from reviews.states import Decision, ItemState, MeetingState

MOST_MORE = 9
_AWAY = gettext_lazy("Another chair leads an item now. Wait outside until you are called back.")


@transaction.atomic
def start_meeting(meeting, present, *, actor, at) -> Meeting:
    """Begin. `present` are the ids of the people who are there; the chair who begins is."""
    meeting = lock(meeting, actor)
    if not meeting.can_move_to(MeetingState.RUNNING):
        raise Refused(_("This meeting has begun already."), code="begun")
    _take_part(meeting, actor, at)
    meeting.state, meeting.started_at = MeetingState.RUNNING, at
    meeting.save(update_fields=["state", "started_at"])
    meeting.participants.filter(person__in=present, arrived_at=None).update(arrived_at=at)
    there = meeting.participants.filter(arrived_at__isnull=False).count()
    log("meeting.started", meeting, actor=actor, at=at, present=there)
    return meeting


@transaction.atomic
def note_attendance(meeting, present, *, actor, at) -> None:
    """Note who came and who went since. `present` are the ids of everybody who is there now.

    Refused while somebody would come in to an item that she or he must not hear.
    """
    meeting = running(meeting, actor, at)
    barred = {}
    if meeting.current is not None:
        barred = {one.person.pk: one for one in attendees(meeting, meeting.current) if one.because}
    changed = []
    for one in meeting.participants.select_related("person"):
        if one.is_there == (one.person_id in present) or one.person_id == actor.pk:
            continue
        if one.is_there:
            one.gone_at = at
        elif one.person_id in barred:
            raise Refused(_("%(name)s may come in only after this item.") % {"name": one.person})
        else:
            one.arrived_at, one.gone_at = one.arrived_at or at, None
        changed.append(one)
    meeting.participants.bulk_update(changed, ["arrived_at", "gone_at"])


@transaction.atomic
def call_item(meeting, item, *, seen, actor, at) -> AgendaItem:
    """Take an item. It is open at once where nobody must leave for it.

    `seen` is the id of the item that lay on the screen of whoever asks, None where there was none:
    of two who press "next" at once, one is told that the meeting has moved on.
    """
    meeting = running(meeting, actor, at)
    if meeting.current_id != seen:
        raise Refused(_("The meeting has moved on meanwhile. Look again."), code="moved_on")
    if meeting.current_id is not None:
        raise Refused(_("End the item that is on the screens first."))
    item = _item(meeting, item, actor)
    _refuse_withdrawn(item)
    if not item.can_move_to(ItemState.CALLED):
        raise Refused(_("This item cannot be called now."))
    item.state, item.led_by = ItemState.CALLED, actor
    item.save(update_fields=["state", "led_by"])
    meeting.current = item
    meeting.save(update_fields=["current"])
    people = attendees(meeting, item, locked=True)
    # Whoever is outside still, for an item before, need not come in to leave.
    out = [one for one in people if one.because and one.outside]
    _minute_leaving(meeting, item, out, actor=actor, at=at)
    if not any(one.must_leave for one in attendees(meeting, item)):
        _open(meeting, item, actor=actor, at=at)
    else:
        log("item.called", meeting, actor=actor, at=at, item=str(item.pk))
    return item


@transaction.atomic
def confirm_left(meeting, item, people, *, actor, at) -> list[Absence]:
    """Minute that these people, by id, have left the room for the item that is on the screens."""
    meeting = running(meeting, actor, at)
    item = _current(meeting, item, actor)
    leaving = [one for one in attendees(meeting, item, locked=True) if one.must_leave]
    gone = [one for one in leaving if one.person.pk in people]
    if not gone:
        raise Refused(_("Tick who has left."))
    return _minute_leaving(meeting, item, gone, actor=actor, at=at)


@transaction.atomic
def open_item(meeting, item, *, actor, at) -> AgendaItem:
    """Begin the discussion of the item that was called, once everybody in conflict has left."""
    meeting = running(meeting, actor, at)
    item = _current(meeting, item, actor)
    if not item.can_move_to(ItemState.OPEN):
        raise Refused(_("This item is open already."))
    _refuse_withdrawn(item)
    _refuse_unless_left(meeting, item)
    return _open(meeting, item, actor=actor, at=at)


@transaction.atomic
def put_back(meeting, item, *, actor, at) -> AgendaItem:
    """Take an item that was called, and not opened, from the screens again."""
    meeting = running(meeting, actor, at)
    item = _current(meeting, item, actor)
    if not item.can_move_to(ItemState.WAITING):
        raise Refused(_("This item is open already."))
    item.state = ItemState.WAITING
    item.save(update_fields=["state"])
    _clear_screens(meeting)
    log("item.put_back", meeting, actor=actor, at=at, item=str(item.pk))
    return item


@transaction.atomic
def confirm_back(meeting, people, *, actor, at) -> int:
    """Minute that these people, by id, are back in the room. Returns how many were out.

    Of an item that `actor` may not know of nobody is outside for her or him.
    """
    meeting = running(meeting, actor, at)
    seen = meeting.items.open_to(actor).values("pk")
    out = set(people) & set(outside_of(meeting, seen))
    if not out:
        raise Refused(_("Tick who has come back."))
    if meeting.current is not None:
        for one in attendees(meeting, meeting.current):
            if one.because and one.person.pk in out:
                raise Refused(
                    _("%(name)s may come in only after this item.") % {"name": one.person}
                )
    absences = Absence.objects.filter(item__meeting=meeting, back_at=None, person__in=out)
    absences.update(back_at=at)
    names = sorted(map(str, out))
    log("people.back", meeting, actor=actor, at=at, people=names)
    return len(out)


@transaction.atomic
def record_item(
    meeting, item, *, decision, more, reason, note, ends=False, actor, at
) -> AgendaItem:
    """Record what was decided about the open item, and the note for the minutes.

    `decision` is a `Decision`, or empty for undecided; `more` counts where more reviews are wanted.
    With `ends` the item is over. Of an item that is over only the note can still change.
    """
    meeting = running(meeting, actor, at)
    item = _item(meeting, item, actor)
    given = (decision, more if decision == Decision.MORE else 0, reason if decision else "")
    if given != (item.decision, item.more, item.reason):
        item = _current(meeting, item, actor)
        _decide(meeting, item, *given, actor=actor, at=at)
    elif item.state not in (ItemState.OPEN, ItemState.DONE):
        raise Refused(_("Open this item first."))
    item.note = note
    item.save(update_fields=["note"])
    if ends:
        _end(meeting, _current(meeting, item, actor), actor=actor, at=at)
    return item


@transaction.atomic
def finish_item(meeting, item, *, actor, at) -> AgendaItem:
    """End the open item. A letter needs a decision, and be it that there is none and why."""
    meeting = running(meeting, actor, at)
    return _end(meeting, _current(meeting, item, actor), actor=actor, at=at)


def _end(meeting, item, *, actor, at) -> AgendaItem:
    if not item.can_move_to(ItemState.DONE):
        raise Refused(_("Open this item first."))
    gone = item.letter is not None and item.letter.state == LetterState.WITHDRAWN
    if item.letter is not None and not item.decision and not gone:
        raise Refused(
            _("Record a decision first, or that the item is left without one and why."),
            code="undecided",
        )
    item.state, item.done_at = ItemState.DONE, at
    item.save(update_fields=["state", "done_at"])
    _clear_screens(meeting)
    log("item.done", meeting, actor=actor, at=at, item=str(item.pk), decision=item.decision)
    return item


def running(meeting, actor, at) -> Meeting:
    """The row of a meeting that is being held, locked, with its current item.

    Refused to a chair who is out of the room: not even what comes next is hers or his to say.
    """
    meeting = lock(meeting, actor)
    if meeting.state != MeetingState.RUNNING:
        raise Refused(_("This meeting has not begun."), code="not_begun")
    _take_part(meeting, actor, at)
    if meeting.current_id is not None:
        rows = meeting.items.open_to(actor).select_related("letter")
        meeting.current = rows.filter(pk=meeting.current_id).first()
        if meeting.current is None:
            raise Refused(_AWAY, code="away")
    return meeting


def _take_part(meeting, actor, at):
    """Whoever leads is there, and on the list: conflicts are looked for among those on it."""
    own = meeting.participants.filter(person=actor)
    if not own.exists():
        raise Refused(_("You are not invited to this meeting. Add yourself to the list first."))
    own.filter(arrived_at=None).update(arrived_at=at)
    own.filter(gone_at__isnull=False).update(gone_at=None)


def _item(meeting, item, actor) -> AgendaItem:
    rows = meeting.items.open_to(actor).select_related("letter")
    found = rows.filter(pk=item.pk).first()
    if found is None:
        raise Refused(_("This item is no longer on the agenda."))
    return found


def _current(meeting, item, actor) -> AgendaItem:
    if meeting.current_id != item.pk:
        raise Refused(_("The meeting has moved on meanwhile. Look again."), code="moved_on")
    return _item(meeting, item, actor)


def _open(meeting, item, *, actor, at) -> AgendaItem:
    item.state, item.led_by = ItemState.OPEN, actor
    item.opened_at = item.opened_at or at
    item.save(update_fields=["state", "led_by", "opened_at"])
    letter = str(item.letter_id) if item.letter_id else ""
    log("item.opened", meeting, actor=actor, at=at, item=str(item.pk), letter=letter)
    return item


def _minute_leaving(meeting, item, people: list[Attendee], *, actor, at) -> list[Absence]:
    if not people:
        return []
    made = Absence.objects.bulk_create(
        Absence(item=item, person=one.person, because=one.because, left_at=at)
        for one in people
        if not one.has_left
    )
    names = sorted(str(one.person_id) for one in made)
    log("people.left", meeting, actor=actor, at=at, item=str(item.pk), people=names)
    return made


def _decide(meeting, item, decision, more, reason, *, actor, at):
    if item.state != ItemState.OPEN or item.letter is None:
        raise Refused(_("Call this item again to decide about it."))
    _refuse_withdrawn(item)
    _refuse_unless_left(meeting, item)
    wanted = 0
    match decision:
        case Decision.CONSENSUS:
            about = Consensus.objects.filter(round=meeting.round_id, letter=item.letter_id)
            if not about.exists():
                raise Refused(_("Write the consensus first."))
        case Decision.MORE:
            if not 1 <= more <= MOST_MORE:
                raise Refused(_("Say how many more reviews, from 1 to 9."))
            if Ranking.objects.filter(round=meeting.round_id).exists():
                raise Refused(
                    _("The ranking of this round is frozen: no review can be added."),
                    code="frozen",
                )
            held = Assignment.objects.active().filter(round=meeting.round_id, letter=item.letter_id)
            wanted = held.count() + more
    if decision in (Decision.MORE, Decision.LEFT) and not reason.strip():
        raise Refused(_("Say why."))
    item.decision, item.more, item.wanted, item.reason = decision, more, wanted, reason
    item.decided_by, item.decided_at = (actor, at) if decision else (None, None)
    item.save(update_fields=["decision", "more", "wanted", "reason", "decided_by", "decided_at"])
    log(
        "item.decided",
        meeting,
        actor=actor,
        at=at,
        item=str(item.pk),
        letter=str(item.letter_id),
        decision=decision,
        more=more,
    )


def _clear_screens(meeting):
    meeting.current = None
    meeting.save(update_fields=["current"])


def _refuse_unless_left(meeting, item):
    here = [one.person for one in attendees(meeting, item, locked=True) if one.must_leave]
    if here:
        raise Refused(
            _("First these people must leave the room: %(names)s.")
            % {"names": ", ".join(map(str, here))},
            code="conflict",
        )


def _refuse_withdrawn(item):
    if item.letter is not None and item.letter.state == LetterState.WITHDRAWN:
        raise Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
