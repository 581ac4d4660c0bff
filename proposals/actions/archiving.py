"""A call is over for good: what its panel wrote goes into the archive."""

from django.db import transaction

from accounts import actions as people_room
from accounts.models import Agency
from audit import chain
from proposals.models import Call, LetterOfIntent


@transaction.atomic
def archive(call, *, at) -> bool:
    """Archive a call, once; whether it was this time. Its agencies may change their names again.

    When that is due, the room of decisions knows (`decisions.actions.archive_due`).
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.archived_at is not None:
        return False
    call.archived_at = at
    call.save(update_fields=["archived_at"])
    elsewhere = LetterOfIntent.objects.exclude(call=call).filter(
        call__seal__isnull=False, call__archived_at__isnull=True
    )
    agencies = Agency.objects.filter(letters__call=call)
    people_room.free_agencies(agencies.exclude(letters__in=elsewhere))
    chain.append("call.archived", subject=f"call:{call.pk}", at=at)
    return True
