"""What lies on a person's screen in a meeting, and the key by which it is known to be the same."""

import hashlib
import json
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q
from django.utils.translation import get_language

from accounts.states import Role
from proposals.states import LetterState
from reviews.models import (
    Absence,
    AgendaItem,
    Assignment,
    ConflictCheck,
    Consensus,
    Meeting,
    Review,
)
from reviews.states import ItemState, MeetingState


@dataclass
class Screen:
    """`items` are those the reader may know of, `current` the one that is being taken if it is one.

    `leaves`: something is being taken that the reader may not hear. Then the screen says so and
    nothing else, whatever it is and however it goes on. `outside`: the chair has noted that the
    reader left, and not that she or he is back. `facts` is all else that the screen depends on.
    """

    meeting: Meeting
    items: list[AgendaItem]
    current: AgendaItem | None
    leaves: bool
    outside: bool
    # A conflict question of the reader's own is open, whichever letter it is about.
    unanswered: bool
    # The own assignment for the current letter, and whether its review is filed.
    assignment: Assignment | None = None
    has_filed: bool = False
    facts: list = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Before that somebody in conflict may still be in the room, and see a neighbour's screen:
        it shows which letter is called, and nothing more of it.
        """
        return self.current is not None and self.current.state == ItemState.OPEN

    @property
    def reads_marks(self) -> bool:
        return self.is_open and self.has_filed

    @property
    def reads_consensus(self) -> bool:
        """Whoever owes a review of the letter gives marks before reading any of the group."""
        return self.is_open and (self.has_filed or self.assignment is None)

    @property
    def is_withdrawn(self) -> bool:
        return self.current is not None and is_withdrawn(self.current)

    @property
    def key(self) -> str:
        """Two screens with one key are alike. Nothing goes in that the reader does not see."""
        meeting = self.meeting
        said = [
            get_language(),
            [meeting.state, meeting.title, meeting.place, meeting.starts_at.isoformat()],
            [[str(i.pk), i.state, i.decision, i.more, is_withdrawn(i)] for i in self.items],
            str(self.current.pk) if self.current else "",
            [self.leaves, self.outside, self.unanswered, self.has_filed],
            str(self.assignment.pk) if self.assignment else "",
            self.facts,
        ]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def screen_of(meeting: Meeting, user) -> Screen:
    """The screen of `user` now; the same few questions whatever is on it."""
    items = list(meeting.items.open_to(user).for_list())
    current = next((item for item in items if item.pk == meeting.current_id), None)
    is_held = meeting.state == MeetingState.RUNNING
    out = Absence.objects.filter(item__meeting=meeting, person=user, back_at__isnull=True)
    screen = Screen(
        meeting=meeting,
        items=items,
        current=current,
        leaves=meeting.current_id is not None and current is None,
        outside=is_held and out.exists(),
        unanswered=ConflictCheck.objects.unanswered()
        .filter(reviewer=user, letter__call=meeting.round.call_id)
        .exists(),
    )
    if current is not None and current.letter is not None:
        _add_letter(screen, user)
    return screen


def is_withdrawn(item) -> bool:
    return item.letter is not None and item.letter.state == LetterState.WITHDRAWN


def _add_letter(screen, user):
    about = {"round": screen.meeting.round_id, "letter": screen.current.letter_id}
    filed = Review.objects.submitted().filter(
        assignment__round=about["round"], assignment__letter=about["letter"]
    )
    seen = filed.aggregate(
        number=Count("pk"),
        last=Max("updated_at"),
        own=Count("pk", filter=Q(assignment__reviewer=user)),
    )
    if user.has_role(Role.CHAIR):
        screen.has_filed = True
    else:
        own = Assignment.objects.active().own_of(user).filter(**about)
        screen.assignment = own.select_related("round", "letter").first()
        screen.has_filed = screen.assignment is not None and seen["own"] > 0
    if screen.reads_marks:
        screen.facts += [seen["number"], seen["last"]]
    if screen.reads_consensus:
        revision = Consensus.objects.filter(**about).values_list("revision", flat=True)
        screen.facts += [revision.first() or 0]
