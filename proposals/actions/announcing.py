"""The published outcome becomes the letter's own state."""

from django.db import transaction

from proposals.actions.moments import lock
from proposals.actions.record import move, tell_members


@transaction.atomic
def announce(letter, *, state, round_kind, actor, at) -> None:
    """Let the agency know: the published outcome becomes the letter's own state.

    Called by publication alone, inside its transaction. The mail says only that there is something
    to read.
    """
    letter = lock(letter)
    move(letter, state, actor=actor, at=at, data={"round": str(round_kind)})
    tell_members(
        letter,
        key=f"letter-{letter.pk}-{round_kind}-announced",
        template="decision_ready",
        context={},
        at=at,
    )
