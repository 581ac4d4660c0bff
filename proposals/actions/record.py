"""The last lines of every action: move the state, write the audit entry, owe the mails."""

from django.utils.translation import gettext as _

from audit import chain
from notifications import outbox
from proposals.actions.refusal import Refused
from proposals.models import LetterEvent
from proposals.states import LetterState


def move(letter, state, *, actor, at, fields=(), data=None):
    ensure_movable(letter, state)
    if state == LetterState.WITHDRAWN:
        stop_reminders(letter)
    previous, letter.state = letter.state, state
    letter.save(update_fields=["state", *fields])
    LetterEvent.objects.create(
        letter=letter, actor=actor, from_state=previous, to_state=state, at=at
    )
    return chain.append(**moving(letter, state, actor=actor, at=at, data=data))


def ensure_movable(letter, state) -> None:
    if not letter.can_move_to(state):
        raise Refused(
            _("A letter that is “%(state)s” cannot be moved there.")
            % {"state": letter.get_state_display()}
        )


def moving(letter, state, *, actor, at, data=None) -> dict:
    """What the audit chain says of a letter that is moved to a state."""
    return _entry(f"letter.{str(state).lower()}", letter, actor=actor, at=at, data=data)


def log(action, letter, *, actor, at, data=None):
    return chain.append(**_entry(action, letter, actor=actor, at=at, data=data))


def _entry(action, letter, *, actor, at, data) -> dict:
    return {
        "action": action,
        "subject": f"letter:{letter.pk}",
        "actor": str(actor.pk) if actor else "",
        "at": at,
        "data": data,
    }


def stop_reminders(letter) -> None:
    """What still waits to be sent about an unsubmitted text is not sent any more."""
    outbox.call_off(f"draft-{letter.pk}-")
    outbox.call_off(f"fuller-{letter.pk}-")


def tell_members(letter, *, key, template, context, at):
    members = letter.agency.memberships.select_related("user").order_by("pk")
    owed = {
        f"{key}-{membership.user_id}": (membership.user, {"letter": letter, **context})
        for membership in members
    }
    outbox.enqueue_all(owed, template=template, at=at, about=letter.pk)
