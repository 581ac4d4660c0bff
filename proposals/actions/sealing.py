"""The call has closed: what was filed is counted and the count is anchored."""

from django.db import connection, transaction

from accounts import actions as people_room
from accounts.models import Agency
from audit import chain
from chang_e8_portal import clock
from proposals.actions.reopening import put_back_at_the_seal
from proposals.models import Call, CallSeal


def seal(call, *, at) -> CallSeal | None:
    """After the closing instant: count what was filed and anchor the count, once.

    Letters that were being rewritten are put back first, each in a transaction of its own: whoever
    submits locks the letter and then the call, and so must we.
    """
    # The clock of a machine that is a day ahead must not close a call that still takes letters.
    at = min(at, clock.database_now())
    if at >= call.closes_at:
        for letter in call.letters.reopened():
            put_back_at_the_seal(letter, at=at)
    return _count(call, at=at)


@transaction.atomic
def _count(call, *, at) -> CallSeal | None:
    # The lock waits for every submission that was already inside, so the count is final. With a
    # storm at the door that takes longer than a page may wait for a lock, and nobody waits for us.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
    call = Call.objects.select_for_update().get(pk=call.pk)
    if at < call.closes_at or CallSeal.objects.filter(call=call).exists():
        return None
    if call.letters.reopened().exists():
        return None  # reopened in the very last instant: the next sweep puts it back
    standing = call.letters.standing_at(call.closes_at)
    people_room.fix_agencies(Agency.objects.filter(letters__in=standing), at=at)
    count = standing.count()
    entry = chain.append("call.sealed", subject=f"call:{call.pk}", at=at, data={"letters": count})
    return CallSeal.objects.create(call=call, sealed_at=at, letters=count, audit_head=entry.hash)
