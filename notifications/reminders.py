"""Mail that rows of the room below owe by merely existing."""

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts.models import ApiToken, Invitation, User
from notifications import outbox
from notifications.models import Message


def queue_invitations(*, at) -> int:
    """Queue the mail of everybody who was asked in and not told yet; return how many.

    Asked in are people invited by an agency, and people whom the operator enrolled to serve the
    call, who have no password yet.
    """
    return _invited(at=at) + _enrolled(at=at)


def queue_token_notices(*, at) -> int:
    """Tell people of every token made or revoked in their name; return how many were told."""
    made = ApiToken.objects.filter(~_told("token-made-"))
    revoked = ApiToken.objects.filter(~_told("token-revoked-"), revoked_at__isnull=False)
    count = 0
    for event, tokens in (("made", made), ("revoked", revoked)):
        for token in tokens.select_related("user"):
            outbox.enqueue(
                key=f"token-{event}-{token.pk}",
                recipient=token.user,
                template=f"token_{event}",
                context={"token": token},
                at=at,
            )
            count += 1
    return count


def _invited(*, at) -> int:
    untold = Invitation.objects.open().filter(~_told("invitation-"))
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


def _enrolled(*, at) -> int:
    untold = User.objects.active().without_password().filter(~_told("welcome-"))
    count = 0
    for person in untold:
        outbox.enqueue(key=f"welcome-{person.pk}", recipient=person, template="welcome", at=at)
        count += 1
    return count


def _told(prefix):
    key = Concat(Value(prefix), Cast(OuterRef("pk"), CharField()))
    return Exists(Message.objects.filter(key=key))
