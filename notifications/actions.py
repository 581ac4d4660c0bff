"""What a person has done with a mail that has come to an end."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import refusal
from audit import chain
from notifications.models import Message
from notifications.states import MessageState

# What has come to an end, and can be owed once more. What is lapsed is no longer needed.
ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN)


class Refused(refusal.Refused):
    """A mail that cannot be sent again, or that nobody need look at."""


@transaction.atomic
def send_again(message, *, reason, actor, at) -> Message:
    """Owe an ended mail once more, under the Message-ID it had: a copy is recognised as one.

    That it may arrive twice is on purpose and on record. Refused for a mail whose text was wiped
    because it held a code, and for one that would come too late to be of use.
    """
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.state not in ENDED:
        raise Refused(_("This mail waits already, is being sent, or is no longer needed."))
    if message.secret:
        raise Refused(_("This mail held a code and its text was wiped. Ask for a new code."))
    if message.expires_at and message.expires_at <= at:
        raise Refused(_("This mail would come too late to be of use."))
    was = {"state": str(message.state), "sent_at": message.sent_at and message.sent_at.isoformat()}
    message.state, message.due_at, message.attempts = MessageState.QUEUED, at, 0
    message.sent_at = message.settled_at = message.retry_at = None
    message.last_error = ""
    changed = ["state", "due_at", "retry_at", "attempts", "sent_at", "settled_at", "last_error"]
    message.save(update_fields=changed)
    _log("message.sent_again", message, actor=actor, at=at, reason=reason, was=was)
    return message


@transaction.atomic
def send_failed_again(messages, *, expected, reason, actor, at) -> int:
    """Owe every refused mail among `messages` once more, but those that cannot be: all or none.

    `expected` is how many the person was shown; refused as "changed" if there are others by now.
    Mails that were perhaps sent are not among them: each of them is looked at by itself.
    """
    failed = list(messages.to_send_again(at=at).order_by("due_at", "pk"))
    if len(failed) != expected:
        raise Refused(
            _("There are other mails by now. Look at the list once more."), code="changed"
        )
    for message in failed:
        send_again(message, reason=reason, actor=actor, at=at)
    return len(failed)


@transaction.atomic
def note_bounce(message, *, reason, actor, at) -> Message:
    """Say that a mail which the server had taken came back; `reason` is what the bounce said."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.state != MessageState.SENT:
        raise Refused(_("Only a mail that was sent comes back."))
    message.state, message.settled_at = MessageState.FAILED, None
    message.last_error = reason[:300]
    message.save(update_fields=["state", "settled_at", "last_error"])
    _log("message.bounced", message, actor=actor, at=at, reason=reason)
    return message


@transaction.atomic
def leave(message, *, reason, actor, at) -> Message:
    """Say that a mail that failed, or may have, stays as it is: nobody need look at it again."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if not message.needs_somebody:
        raise Refused(_("Nobody need look at this mail."))
    message.settled_at = at
    message.save(update_fields=["settled_at"])
    _log("message.left", message, actor=actor, at=at, reason=reason, was=str(message.state))
    return message


def _log(action, message, *, actor, at, **data):
    chain.append(
        action,
        subject=f"message:{message.pk}",
        actor=str(actor.pk),
        at=at,
        data={"kind": message.template, **data},
    )
