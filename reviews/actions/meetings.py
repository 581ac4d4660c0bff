"""A meeting of the panel before it is held: when and where, who is invited, what is planned."""

import hashlib

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import LetterOfIntent
from proposals.states import LetterState
from reviews import flags, permissions, scoreboards
from reviews.actions.refusal import Refused
from reviews.addresses import named
from reviews.grounds import aim_of
from reviews.models import AgendaItem, Criterion, Meeting, Participant
from reviews.states import ItemState, MeetingState

# More than any day holds; a program gone wild stops here.
MOST_ITEMS = 200


@transaction.atomic
def make_meeting(call_round, *, title, place, starts_at, actor, at) -> Meeting:
    """Plan a meeting of a round. Nobody is invited by it."""
    _refuse_past(starts_at, at)
    meeting = Meeting.objects.create(
        round=call_round, title=title, place=place, starts_at=starts_at, made_by=actor, made_at=at
    )
    log("meeting.made", meeting, actor=actor, at=at, starts_at=starts_at.isoformat())
    return meeting


@transaction.atomic
def change_meeting(meeting, *, title, place, starts_at, actor, at) -> Meeting:
    """Change what was said of a meeting that has not begun.

    Where the time or the place is another one, everybody invited gets a mail.
    """
    meeting = lock(meeting, actor)
    if meeting.state != MeetingState.PLANNED:
        raise Refused(_("This meeting has begun; its time and place stand."), code="begun")
    moved = (meeting.starts_at, meeting.place) != (starts_at, place)
    if meeting.starts_at != starts_at:
        _refuse_past(starts_at, at)
    meeting.title, meeting.place, meeting.starts_at = title, place, starts_at
    meeting.moves += moved
    meeting.save(update_fields=["title", "place", "starts_at", "moves"])
    if moved:
        _tell(meeting, f"moved-{meeting.moves}", template="meeting_moved", at=at)
    log("meeting.changed", meeting, actor=actor, at=at, starts_at=starts_at.isoformat())
    return meeting


@transaction.atomic
def cancel_meeting(meeting, *, actor, at) -> Meeting:
    """A meeting that has not begun does not take place; everybody invited gets a mail."""
    meeting = lock(meeting, actor)
    if not meeting.can_move_to(MeetingState.CANCELLED):
        raise Refused(_("This meeting has begun. Close it."), code="begun")
    meeting.state = MeetingState.CANCELLED
    meeting.save(update_fields=["state"])
    _tell(meeting, "cancelled", template="meeting_cancelled", at=at)
    log("meeting.cancelled", meeting, actor=actor, at=at)
    return meeting


@transaction.atomic
def invite_to_meeting(meeting, people, *, actor, at) -> list[Participant]:
    """Invite those of these people who were not yet; one mail each. Returns the new ones."""
    meeting = lock(meeting, actor)
    known = set(meeting.participants.values_list("person", flat=True))
    new = [person for person in people if person.pk not in known]
    if not new:
        raise Refused(_("Choose somebody who is not invited yet."))
    for person in new:
        panel = person.has_role(Role.REVIEWER) or person.has_role(Role.CHAIR)
        if not (panel and person.is_active):
            raise Refused(_("Only reviewers and chairs can be invited."))
    made = Participant.objects.bulk_create(
        Participant(meeting=meeting, person=person, invited_at=at) for person in new
    )
    owed = {
        f"meeting-{meeting.pk}-{person.pk}": (person, _context(meeting, person)) for person in new
    }
    outbox.enqueue_all(owed, template="meeting_invited", at=at)
    people_ids = sorted(str(person.pk) for person in new)
    log("meeting.invited", meeting, actor=actor, at=at, people=people_ids)
    return made


def proposed_letters(meeting, user) -> list[LetterOfIntent]:
    """Letters worth talking about that are not on the agenda, in the order of the lot.

    Those whose reviews lie apart (`reviews.flags`) and those that hang on one reviewer. Only of
    letters over which `user` presides, and worked out over these alone.
    """
    letters = list(permissions.presided_by(user, free_letters(meeting)))
    everything = LetterOfIntent.objects.in_round(meeting.round)
    presided = list(permissions.presided_by(user, everything))
    criteria = Criterion.objects.filter(call=meeting.round.call_id)
    weights = {criterion.code: criterion.weight for criterion in criteria}
    found = flags.flags_of(
        flags.sheets_of(meeting.round, presided),
        presided,
        weights,
        passes=aim_of(meeting.round).threshold,
    )
    board = scoreboards.board_of(user, meeting.round)
    hinges = set()
    if board is not None:
        lines = board.lines.visible_to(user).filter(hinges=True)
        hinges = set(lines.values_list("letter", flat=True))
    worth = [letter for letter in letters if found[letter.pk] or letter.pk in hinges]
    return sorted(worth, key=lambda letter: lot(meeting.pk, letter.pk))


def lot(meeting_id, letter_id) -> str:
    """Where a letter stands in a meeting: drawn once by these two alone, so nothing else counts.

    What is taken first sets the scale for what follows, so neither marks nor places may say it.
    Source: science of reviewing, section 5.
    """
    return hashlib.sha256(f"{meeting_id}/{letter_id}".encode()).hexdigest()


def free_letters(meeting):
    """Letters of the round that are not on the agenda and were not withdrawn."""
    on = AgendaItem.objects.of_letters().filter(meeting=meeting)
    letters = LetterOfIntent.objects.in_round(meeting.round).exclude(state=LetterState.WITHDRAWN)
    return letters.exclude(pk__in=on.values("letter"))


@transaction.atomic
def propose_agenda(meeting, *, actor) -> list[AgendaItem]:
    """Put every letter that is worth talking about on the agenda, after what is there."""
    meeting = lock(meeting, actor)
    letters = proposed_letters(meeting, actor)
    if not letters:
        raise Refused(_("No other letter is flagged."))
    return _put_on(meeting, [{"letter": letter} for letter in letters])


@transaction.atomic
def add_letters(meeting, letters, *, actor) -> list[AgendaItem]:
    """Put these letters on the agenda, in the order of the lot."""
    meeting = lock(meeting, actor)
    ids = {letter.pk for letter in letters}
    free = permissions.presided_by(actor, free_letters(meeting)).filter(pk__in=ids)
    found = sorted(free, key=lambda letter: lot(meeting.pk, letter.pk))
    if not ids or len(found) != len(ids):
        raise Refused(_("Choose letters of this round that are not on the agenda yet."))
    return _put_on(meeting, [{"letter": letter} for letter in found])


@transaction.atomic
def add_subject(meeting, *, subject, actor) -> AgendaItem:
    """Put something other than a letter on the agenda."""
    meeting = lock(meeting, actor)
    if not subject.strip():
        raise Refused(_("Write what the item is about."))
    return _put_on(meeting, [{"subject": subject.strip()}])[0]


@transaction.atomic
def move_item(meeting, item, *, up, actor) -> None:
    """Change places with the item before it, or after it, that `actor` sees; none is no fault.

    Items that `actor` does not see keep their places.
    """
    meeting = lock(meeting, actor)
    seen = list(meeting.items.open_to(actor))
    if not up:
        seen.reverse()
    at = next((at for at, one in enumerate(seen) if one.pk == item.pk), None)
    if at is None:
        raise Refused(_("This item is no longer on the agenda."))
    if at == 0:
        return
    one, other = seen[at], seen[at - 1]
    one.position, other.position = other.position, one.position
    AgendaItem.objects.bulk_update([one, other], ["position"])


@transaction.atomic
def remove_item(meeting, item, *, actor) -> None:
    """Take an item off the agenda that was not called yet."""
    meeting = lock(meeting, actor)
    item = meeting.items.open_to(actor).filter(pk=item.pk).first()
    if item is None:
        raise Refused(_("This item is no longer on the agenda."))
    if item.state != ItemState.WAITING or item.opened_at or item.absences.exists():
        raise Refused(_("This item was called; it stays in the minutes."))
    item.delete()


def lock(meeting, actor) -> Meeting:
    """The meeting's row for `actor`, who is a chair, to change it; refused once it is closed."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("round__call")
    meeting = rows.get(pk=meeting.pk)
    if not actor.has_role(Role.CHAIR):
        raise Refused(_("Only a chair can do this."))
    if meeting.state == MeetingState.CLOSED:
        raise Refused(_("This meeting is closed; its minutes stand."), code="closed")
    if meeting.state == MeetingState.CANCELLED:
        raise Refused(_("This meeting was cancelled."), code="cancelled")
    return meeting


def log(action, meeting, *, actor, at, **data) -> None:
    """Ids and states, never words. The subject is the meeting: nobody's letter has a log of it."""
    chain.append(action, subject=f"meeting:{meeting.pk}", actor=str(actor.pk), at=at, data=data)


def _put_on(meeting, what) -> list[AgendaItem]:
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    if last + len(what) > MOST_ITEMS:
        raise Refused(_("There is no room for more on this agenda."))
    return AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, position=last + number, **one)
        for number, one in enumerate(what, 1)
    )


def _refuse_past(starts_at, at) -> None:
    if starts_at <= at:
        raise Refused(_("Choose a time that has not passed."))


def _tell(meeting, event, *, template, at) -> None:
    invited = meeting.participants.select_related("person").order_by("pk")
    owed = {
        f"meeting-{meeting.pk}-{event}-{one.person_id}": (one.person, _context(meeting, one.person))
        for one in invited
    }
    outbox.enqueue_all(owed, template=template, at=at)


def _context(meeting, person) -> dict:
    """A mail names the meeting and no letter: what it is about differs from reader to reader."""
    if person.has_role(Role.CHAIR):
        address = reverse("panel:meeting", args=[named(meeting.round), meeting.pk])
    else:
        address = f"/reviews/meetings/{meeting.pk}/"
    return {"meeting": meeting, "call": meeting.round.call, "address": address}
