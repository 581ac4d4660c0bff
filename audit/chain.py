"""The append-only, hash-chained record and its verifier.

Each entry's hash is SHA-256 over its number, the hash before it and the SHA-256 of what it says, so
an edited, inserted or removed row is found at the row. What an entry says is hashed apart and with
a salt: a dossier shows the entries about one letter in full and of all others that hash alone, from
which nobody can guess what they say, and still every link of the chain can be followed.

Cutting off the newest rows is invisible to the chain itself; it shows in any receipt given out
meanwhile, since a receipt carries the head, and in the heads that are made known to everybody.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from audit.models import Anchor, Entry

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
        salt=secrets.token_hex(16),
    )
    entry.hash = digest(entry)
    return entry


def digest(entry: Entry) -> str:
    """The hash an entry must carry, in lower-case hexadecimal."""
    if entry.salt:
        return link(entry.prev_hash, entry.seq, content_digest(entry))
    # Written before what an entry says was hashed apart.
    said = said_by(entry)
    del said["salt"]
    return _sha256({**said, "prev": entry.prev_hash, "seq": entry.seq})


def content_digest(entry: Entry) -> str:
    """SHA-256 of what an entry says, salted: what a dossier shows of entries about others."""
    return _sha256(said_by(entry))


def link(prev: str, seq: int, content: str) -> str:
    """The hash of entry `seq`, which follows the hash `prev`, from its `content_digest`."""
    return _sha256({"prev": prev, "seq": seq, "content": content})


def said_by(entry: Entry) -> dict:
    """What an entry says, as plain JSON values."""
    return {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "subject": entry.subject,
        "actor": entry.actor,
        "data": entry.data,
        "salt": entry.salt,
    }


def _sha256(content) -> str:
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
    return Verdict(_contradicted(), count, before)


def _contradicted() -> str | None:
    """A head that was made known and is not in the record: it was cut off, or all written anew."""
    kept = Entry.objects.filter(seq=OuterRef("seq"), hash=OuterRef("hash"))
    missing = Anchor.objects.exclude(Exists(kept)).order_by("seq").first()
    if missing is None:
        return None
    return _("entry %(number)d is not the one whose hash was made known") % {"number": missing.seq}


def make_known(*, at) -> Anchor | None:
    """Make the present head known to everybody; None while the chain is empty.

    For whoever has just seen that the chain is whole. `at` is the time that stands beside it; a
    head that is known already keeps its own.
    """
    newest = Entry.objects.order_by("-seq").only("seq", "hash").first()
    if newest is None:
        return None
    known = {"hash": newest.hash, "at": at}
    return Anchor.objects.get_or_create(seq=newest.seq, defaults=known)[0]
