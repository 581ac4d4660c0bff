"""Closing a meeting: its minutes stand from then on."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.states import Role
from reviews import minutes, permissions
from reviews.actions.holding import running
from reviews.actions.meetings import log
from reviews.actions.refusal import Refused
from reviews.models import Meeting, Minutes
from reviews.states import MeetingState


@transaction.atomic
def close_meeting(meeting, *, leaving=False, actor, at) -> Minutes:
    """Close the meeting and keep its minutes, with their hash in the record.

    `leaving` says that letters may stay without a decision, which the minutes then say of each. Of
    letters that `actor` does not preside over the refusal tells nothing but that it is so.
    """
    meeting = running(meeting, actor, at)
    if meeting.current_id is not None:
        raise Refused(_("End the item that is on the screens first."))
    open_ = left_open(meeting, actor)
    if open_ and not leaving:
        raise Refused(
            _("Without a decision: %(references)s. Say that they stay so, or decide.")
            % {"references": ", ".join(item.letter.reference for item in open_)},
            code="undecided",
        )
    if _waits_for_another_chair(meeting, actor):
        raise Refused(
            _("The meeting cannot be closed yet, because of an item that another chair leads.")
        )
    meeting.state, meeting.closed_at = MeetingState.CLOSED, at
    meeting.save(update_fields=["state", "closed_at"])
    content = minutes.content_of(meeting)
    made = Minutes.objects.create(
        meeting=meeting, content=content, sha256=minutes.digest(content), closed_by=actor, at=at
    )
    log("meeting.closed", meeting, actor=actor, at=at, sha256=made.sha256)
    return made


def left_open(meeting: Meeting, user) -> list:
    """Items without a decision that `user` may know of."""
    return list(meeting.items.open_to(user).undecided().select_related("letter"))


def _waits_for_another_chair(meeting, actor) -> bool:
    """Whether a letter is undecided from which `actor` is barred and another chair who is here not.

    Where nobody else could lead it, it does not keep the meeting open.
    """
    hidden = meeting.items.undecided().exclude(pk__in=meeting.items.open_to(actor).values("pk"))
    others = [
        one.person
        for one in meeting.participants.select_related("person")
        if one.is_there and one.person.has_role(Role.CHAIR) and one.person_id != actor.pk
    ]
    return any(
        permissions.presides(other, item.letter)
        for item in hidden.select_related("letter")
        for other in others
    )
