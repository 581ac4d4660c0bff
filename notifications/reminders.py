"""Mail that rows of the room below owe by merely existing."""

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Invitation
from notifications import outbox
from notifications.models import Message


def queue_invitations(*, at) -> int:
    """Queue the mail of every open invitation that has none yet; return how many."""
    key = Concat(Value("invitation-"), Cast(OuterRef("pk"), CharField()))
    untold = Invitation.objects.open().filter(~Exists(Message.objects.filter(key=key)))
    count = 0
    for invitation in untold.select_related("agency", "invited_by"):
        outbox.enqueue_to_address(
            key=f"invitation-{invitation.pk}",
            address=invitation.email,
            language=invitation.language,
            template="invitation",
            context={"invitation": invitation},
            at=at,
        )
        count += 1
    return count
