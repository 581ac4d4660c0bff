"""Reminding those who hold an unsent draft."""

from datetime import timedelta

from accounts.states import Seat
from notifications import outbox
from proposals.models import LetterOfIntent

# Before the cutoff, nearest first.
STEPS = (
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=30),
)


def queue_due(*, at) -> int:
    """Owe each writer of an unsent draft one reminder for the nearest step already reached.

    Late is fine and twice is fine: a step is found by "reached", not by "is today", and the message
    key makes the second run do nothing. A step that passed before the draft existed is not owed.
    Returns how many were new.
    """
    drafts = (
        LetterOfIntent.objects.drafts()
        .filter(call__closes_at__gt=at, call__closes_at__lte=at + max(STEPS))
        .select_related("call", "agency")
        .prefetch_related("agency__memberships__user")
    )
    owed = {}
    for letter in drafts:
        step = next(s for s in STEPS if letter.call.closes_at <= at + s)
        if letter.call.closes_at - step < letter.created_at:
            continue
        for membership in letter.agency.memberships.all():
            if membership.seat != Seat.VIEWER:
                key = f"draft-{letter.pk}-{_name(step)}-{membership.user_id}"
                owed[key] = (membership.user, {"letter": letter, "step": step})
    return outbox.enqueue_new(owed, template="draft_due", at=at)


def _name(step) -> str:
    return f"{step.days}d" if step.days else f"{step.seconds // 3600}h"
