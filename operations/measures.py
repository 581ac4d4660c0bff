"""What a monitor watches, as numbers. docs/operations.md says when to be woken by which."""

import shutil
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from audit.models import Entry
from chang_e8_portal import clock
from decisions.models import DecisionLetter
from notifications.models import Message
from notifications.states import MessageState
from operations import failures, timetable
from operations.models import ChainCheck
from proposals.models import Attachment
from proposals.states import ScanState

# Entries of the audit record that are worth a look when there are more than usual.
COUNTED = (
    "person.roles_changed",
    "person.second_factor_removed",
    "person.closed",
    "person.signing_in_changed",
)


@dataclass(frozen=True)
class Measure:
    """One number with its name, what it means, and a value for each set of labels."""

    name: str
    help: str
    values: list[tuple[dict, float]] = field(default_factory=list)
    type: str = "gauge"


def taken() -> list[Measure]:
    """Every measure, now. Times of the call by the portal's clock, of the machine by its own."""
    return [*_owed(), *_failed(), *_tasks(), *_record(), *_machine()]


def _owed():
    now = clock.now()
    mails = Message.objects.openly()
    oldest = mails.due(at=now).aggregate(due=Min("due_at"))["due"]
    rows = mails.aggregate(
        queued=Count("pk", filter=Q(state=MessageState.QUEUED)),
        sending=Count("pk", filter=Q(state=MessageState.SENDING)),
    )
    yield _one(
        "portal_outbox_oldest_due_seconds",
        "How long the mail that is due the longest has waited to be sent; 0 if none is due.",
        _age(oldest, now),
    )
    yield Measure(
        "portal_mails",
        "Mails that are owed, by state.",
        [({"state": state}, number) for state, number in rows.items()],
    )
    scan = Attachment.every.filter(scan=ScanState.OWED).aggregate(came=Min("uploaded_at"))["came"]
    yield _one(
        "portal_scan_oldest_seconds",
        "How long the file that waits the longest for the malware scanner has waited; 0 if none.",
        _age(scan, now) if settings.CLAMAV_ADDRESS else 0,
    )
    letter = DecisionLetter.objects.renderable(at=now).aggregate(
        since=Min(Coalesce("correction__proposed_at", "publication__proposed_at"))
    )["since"]
    yield _one(
        "portal_letters_oldest_owed_seconds",
        "How long decision letters have waited to be set in type; 0 if none waits.",
        _age(letter, now),
    )


def _failed():
    number = failures.mails().values_list("state").annotate(Count("pk"))
    states = dict.fromkeys((MessageState.FAILED, MessageState.UNKNOWN), 0) | dict(number)
    yield Measure(
        "portal_mails_needing_somebody",
        "Mails that were refused, or may have been sent, and nobody has seen to.",
        [({"state": str(state).lower()}, count) for state, count in states.items()],
    )
    yield Measure(
        "portal_jobs_failed",
        "Jobs that failed and wait for the operator.",
        [({"kind": kind}, number) for kind, number in failures.counts().items() if kind != "mail"],
    )


def _tasks():
    found = timetable.standings(at=clock.machine_now())
    ran = [one for one in found if one.run]
    yield Measure(
        "portal_task_last_run_timestamp_seconds",
        "When a task of the timetable last ended.",
        [({"task": one.task}, one.run.ended_at.timestamp()) for one in ran],
    )
    yield Measure(
        "portal_task_period_seconds",
        "How often a task of the timetable is rung for.",
        [({"task": one.task}, one.period) for one in found],
    )
    yield Measure(
        "portal_task_overdue",
        "1 if a task has not ended for twice its period, two minutes at the least.",
        [({"task": one.task}, float(one.overdue)) for one in found],
    )
    yield Measure(
        "portal_task_failed",
        "1 if the last run of a task was a failure.",
        [({"task": one.task}, float(one.run.failed)) for one in ran],
    )


def _record():
    # Not how many entries there are: their number would tell of decisions before their release.
    check = ChainCheck.objects.latest_one()
    if check:
        yield _one(
            "portal_audit_chain_whole",
            "1 if the last walk along the audit chain found every entry as it was written.",
            float(not check.fault),
        )
        yield _one(
            "portal_audit_chain_checked_timestamp_seconds",
            "When the audit chain was last walked.",
            check.checked_at.timestamp(),
        )
    number = Entry.objects.filter(action__in=COUNTED).values_list("action").annotate(Count("pk"))
    counted = dict.fromkeys(COUNTED, 0) | dict(number.order_by())
    yield Measure(
        "portal_audit_events_total",
        "Entries of the audit record that are worth a look, by action.",
        [({"action": action}, number) for action, number in counted.items()],
        type="counter",
    )


def _machine():
    before = clock.now()
    apart = abs((clock.database_now() - before).total_seconds())
    yield _one(
        "portal_clock_difference_seconds",
        "How far the database's clock stands from this machine's, with the time of one question.",
        apart,
    )
    disk = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/")
    yield _one(
        "portal_disk_free_ratio",
        "How much of the disk that holds private files is free, between 0 and 1.",
        disk.free / disk.total,
    )


def _one(name, words, value) -> Measure:
    return Measure(name, words, [({}, value)])


def _age(since, now) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
