"""Calls whose process ended long ago are archived."""

from datetime import timedelta

from decisions import rounds
from proposals import actions as letters_room
from proposals.models import Call


def archive_due(*, at) -> int:
    """Archive every call that ended as many days ago as it says; how many that were.

    Twice and late is fine: a call is archived once.
    """
    count = 0
    for call in Call.objects.filter(archived_at__isnull=True).prefetch_related("rounds"):
        ended = rounds.ended_at(call)
        if ended is not None and at >= ended + timedelta(days=call.archive_days):
            count += letters_room.archive(call, at=at)
    return count
