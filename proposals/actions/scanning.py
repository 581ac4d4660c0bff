"""What the malware scanner said of a file, and who is told."""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from proposals import files, scanner
from proposals.actions.moments import lock
from proposals.actions.record import log as record
from proposals.actions.record import tell_members
from proposals.models import Attachment
from proposals.states import UNSCANNED, ScanState

log = logging.getLogger(__name__)

# A worker that died gives its files back after this.
LEASE = timedelta(minutes=5)
# How long a scanner that did not answer is left in peace.
PAUSE = timedelta(minutes=1)
_MOST_AT_ONCE = 20
_SECONDS = 25


def scan_due(*, at) -> int:
    """Have every file looked at that the scanner owes an answer for. Returns how many it gave.

    Each file is claimed by compare-and-swap, so two workers never both send it. A scanner that is
    away leaves everything as it was, and is asked again a minute later. Nothing waits for it but
    the handing out of files.
    """
    if not settings.CLAMAV_ADDRESS:
        # Whoever takes the scanner away frees what waits for it.
        Attachment.every.filter(scan=ScanState.OWED).update(scan=ScanState.NOT_ASKED)
        return 0
    due = Attachment.every.to_scan(at)
    claimed = [
        pk
        for pk in due.values_list("pk", flat=True)[:_MOST_AT_ONCE]
        if due.filter(pk=pk).update(scan_after=at + LEASE) == 1
    ]
    until = time.monotonic() + _SECONDS
    for number, pk in enumerate(claimed):
        if time.monotonic() > until:
            Attachment.every.filter(pk__in=claimed[number:]).update(scan_after=None)
            return number
        try:
            _scan(Attachment.every.get(pk=pk), at=at)
        except Attachment.DoesNotExist:
            continue  # its draft was deleted meanwhile
        except scanner.Away as away:
            log.warning("the malware scanner is away: %s", away)
            Attachment.every.filter(scan__in=UNSCANNED).update(scan_after=at + PAUSE)
            return number
    return len(claimed)


def _scan(attachment, *, at):
    """One file. What cannot be read or judged waits for the lease to lapse and holds up nobody."""
    try:
        with files.open_stored(attachment.sha256) as handle:
            found = scanner.look(handle)
    except (OSError, scanner.Unsure) as error:
        log.error("file %s could not be scanned: %s", attachment.sha256, error)
        return
    record_scan(attachment, found=found, at=at)


@transaction.atomic
def record_scan(attachment, *, found, at) -> None:
    """Write down the scanner's answer, once; of malware the agency is told, with the remedy."""
    letter = lock(attachment.letter)
    changed = Attachment.every.filter(pk=attachment.pk, scan__in=UNSCANNED).update(
        scan=ScanState.INFECTED if found else ScanState.CLEAN,
        found=found[:100],
        scanned_at=at,
        scan_after=None,
    )
    if not changed or not found:
        return
    naming = {"attachments": [{"sha256": attachment.sha256}]}
    filed = list(letter.versions.filter(content__contains=naming).values_list("number", flat=True))
    data = {"sha256": attachment.sha256, "found": found[:100], "versions": filed}
    record("letter.file_infected", letter, actor=None, at=at, data=data)
    counts = filed or letter.fuller_versions.filter(content__contains=naming).exists()
    if counts or attachment.removed_at is None:
        tell_members(
            letter,
            key=f"attachment-{attachment.pk}-infected",
            template="file_infected",
            context={"attachment": attachment, "found": found[:100], "filed": filed},
            at=at,
        )
