"""Who of a meeting may hear of an item, who must leave the room for it, and who is outside."""

from dataclasses import dataclass

from accounts.states import Role
from reviews.models import Absence, AgendaItem, Assignment, ConflictCheck, Meeting, Participant
from reviews.states import LeftBecause


@dataclass(frozen=True)
class Attendee:
    """One participant, as the chair who leads an item sees her or him.

    `because` is empty for whoever may stay. `soft` and `owes` (an own review that is not filed)
    bar nobody. `outside` are the items for which the person is out of the room.
    """

    participant: Participant
    item: AgendaItem
    because: str
    soft: bool
    owes: bool
    outside: frozenset

    @property
    def person(self):
        return self.participant.person

    @property
    def must_leave(self) -> bool:
        """Whether the item may not be opened before this person has left."""
        here = self.participant.is_there and self.item.pk not in self.outside
        return here and bool(self.because)

    @property
    def has_left(self) -> bool:
        return self.item.pk in self.outside


def attendees(meeting: Meeting, item: AgendaItem, *, locked=False) -> list[Attendee]:
    """Everybody invited, in the order of names. An item about no letter bars nobody.

    With `locked`, inside a transaction, no conflict with the letter changes before its end.
    """
    invited = list(meeting.participants.select_related("person"))
    people = [one.person_id for one in invited]
    checks = ConflictCheck.objects.filter(letter=item.letter_id, reviewer__in=people)
    if locked:
        checks = checks.select_for_update(of=("self",)).order_by("pk")
    by_person = {check.reviewer_id: check for check in checks}
    pending = Assignment.objects.pending().filter(
        round=meeting.round_id, letter=item.letter_id, reviewer__in=people
    )
    owing = set(pending.values_list("reviewer", flat=True))
    outside = outside_of(meeting)
    return [
        Attendee(
            participant=one,
            item=item,
            because=_because(one.person, by_person.get(one.person_id)) if item.letter_id else "",
            soft=(check := by_person.get(one.person_id)) is not None and check.is_soft,
            owes=one.person_id in owing,
            outside=frozenset(outside.get(one.person_id, ())),
        )
        for one in invited
    ]


def outside_of(meeting, items=None) -> dict:
    """Person id to the ids of the items, of all or of `items`, for which she or he is outside."""
    found: dict = {}
    out = Absence.objects.filter(item__meeting=meeting, back_at__isnull=True)
    if items is not None:
        out = out.filter(item__in=items)
    for person, item in out.values_list("person", "item"):
        found.setdefault(person, []).append(item)
    return found


def _because(person, check) -> str:
    """The same rule as `AgendaItemQuerySet.open_to`, with the reason."""
    if check is not None and check.conflicted:
        return LeftBecause.CONFLICT
    if person.has_role(Role.CHAIR) or (check is not None and check.is_clear):
        return ""
    return LeftBecause.UNANSWERED
