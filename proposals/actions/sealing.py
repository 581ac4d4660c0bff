"""The call has closed: what was filed is counted and the count is anchored."""

from django.db import transaction

from audit import chain
from proposals.models import Call, CallSeal


@transaction.atomic
def seal(call, *, at) -> CallSeal | None:
    """After the closing instant: count what was filed and anchor the count, once.

    The lock waits for every submission that was already inside, so the count is final.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if at < call.closes_at or CallSeal.objects.filter(call=call).exists():
        return None
    count = call.letters.filed().count()
    entry = chain.append("call.sealed", subject=f"call:{call.pk}", at=at, data={"letters": count})
    return CallSeal.objects.create(call=call, sealed_at=at, letters=count, audit_head=entry.hash)
