"""What must always hold in this room."""

from notifications.models import Message
from notifications.states import MessageState


def findings(*, at):
    """One sentence for each thing that should not be."""
    for message in Message.objects.lost(at=at):
        yield f"notifications: {message.key} has been in sending since {message.claimed_at}"
    for message in Message.objects.filter(state=MessageState.SENT, sent_at__isnull=True):
        yield f"notifications: {message.key} is sent without a time"
    for message in Message.objects.filter(secret=True, state=MessageState.SENT).exclude(body=""):
        yield f"notifications: {message.key} still holds its one-time code"
