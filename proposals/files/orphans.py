"""What lies in the store and is named by no row: removed after a day.

A file is put down before its row is written, so a browser that left in between, a removed file and
a deleted draft all leave bytes behind. They are taken away late and one by one, each under a lock
that whoever is just storing the same bytes holds too, and only if they are still old then.
"""

import shutil
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import connection, transaction

from proposals.files.intake import lock_key
from proposals.files.store import store

GRACE = timedelta(hours=24)
_BATCH = 500


def sweep(named) -> int:
    """Delete old files that no row names, and what was left of broken uploads. Returns how many.

    `named` takes a set of hashes and returns those that a row somewhere names.
    """
    place = store()
    # By the clock that dates the files: the portal's own can travel.
    limit = place.now() - GRACE
    old = (sha256 for sha256, modified in place.listing() if modified <= limit)
    swept = 0
    while batch := set(islice(old, _BATCH)):
        for sha256 in sorted(batch - named(batch)):
            swept += _delete(place, sha256, named, limit)
    for path in (settings.PRIVATE_FILES / "incoming").glob("*"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) <= limit:
            # A folder is the workshop of a worker that died.
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            swept += 1
    return swept


@transaction.atomic
def _delete(place, sha256, named, limit) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key(sha256)])
        if not cursor.fetchone()[0]:
            return 0  # somebody is storing these very bytes
    modified = place.modified(sha256)
    if modified is None or modified > limit or named({sha256}):
        return 0
    place.delete(sha256)
    return 1
