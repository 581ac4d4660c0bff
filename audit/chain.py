"""The append-only, hash-chained record and its verifier.

Each entry's hash is SHA-256 over the canonical JSON of its content and of the hash before it, so an
edited, inserted or removed row is found at the row. Cutting off the newest rows is invisible to the
chain itself; it shows in any receipt given out meanwhile, since a receipt carries the head.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.models import Entry

GENESIS = "0" * 64
# Any constant will do; it only has to differ from other advisory locks taken by this portal.
_LOCK = 0xCE8_A0D17


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found: `count` good entries, the last of which is `head`."""

    fault: str | None
    count: int
    head: str


# Without a savepoint: inside an action a fault here ends the whole action anyway.
@transaction.atomic(savepoint=False)
def append(action: str, *, subject: str, actor: str = "", at: datetime, data=None) -> Entry:
    """Add one entry at the head of the chain and return it.

    The advisory lock is held to the end of the surrounding transaction, so the order of the chain
    is the order of commits and a rolled-back action leaves no gap. Callers take their row locks
    before they append: whoever holds this lock must not wait for a row.
    """
    last = _lock_the_head()
    entry = _following(last, action=action, subject=subject, actor=actor, at=at, data=data)
    entry.save(force_insert=True)
    return entry


@transaction.atomic(savepoint=False)
def append_many(facts) -> list[Entry]:
    """Add entries in the order given, each a dict of `append`'s arguments, with few statements.

    For whoever brings thousands of facts at once; an action has one and uses `append`.
    """
    entries, last = [], _lock_the_head()
    for fact in facts:
        last = _following(last, **{"actor": "", "data": None, **fact})
        entries.append(last)
    return Entry.objects.bulk_create(entries, batch_size=2000)


def _lock_the_head() -> Entry | None:
    """The newest entry, which stays the newest until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return Entry.objects.order_by("-seq").only("seq", "hash").first()


def _following(last, *, action, subject, actor, at, data) -> Entry:
    entry = Entry(
        seq=last.seq + 1 if last else 1,
        at=at,
        action=action,
        subject=subject,
        actor=actor,
        data=data or {},
        prev_hash=last.hash if last else GENESIS,
    )
    entry.hash = digest(entry)
    return entry


def digest(entry: Entry) -> str:
    """The hash an entry must carry, in lower-case hexadecimal."""
    content = {
        "prev": entry.prev_hash,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "subject": entry.subject,
        "actor": entry.actor,
        "data": entry.data,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def head() -> str:
    """The hash of the newest entry: the anchor that receipts carry."""
    return Entry.objects.order_by("-seq").values_list("hash", flat=True).first() or GENESIS


def verify() -> Verdict:
    """Walk the whole chain and say what is wrong with the first bad row, if any is."""
    before, count = GENESIS, 0
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        fault = None
        if entry.seq != count + 1:
            fault = _("entry %(number)d is missing")
        elif entry.prev_hash != before:
            fault = _("entry %(number)d does not follow the entry before it")
        elif entry.hash != digest(entry):
            fault = _("entry %(number)d was changed after it was written")
        if fault:
            return Verdict(fault % {"number": count + 1}, count, before)
        before, count = entry.hash, count + 1
    return Verdict(None, count, before)
