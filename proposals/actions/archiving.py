"""A call is over for good: what its panel wrote goes into the archive."""

from django.db import transaction

from audit import chain
from proposals.models import Call


@transaction.atomic
def archive(call, *, at) -> bool:
    """Archive a call, once; whether it was this time.

    When that is due, the room of decisions knows (`decisions.actions.archive_due`).
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.archived_at is not None:
        return False
    call.archived_at = at
    call.save(update_fields=["archived_at"])
    chain.append("call.archived", subject=f"call:{call.pk}", at=at)
    return True
