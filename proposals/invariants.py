"""What must always hold in this room."""

from datetime import datetime

from django.db.models import Count, F, Q

from audit.models import Entry
from proposals import content, files, receipts, signing
from proposals.models import (
    Attachment,
    Call,
    CallRound,
    FullerReceipt,
    FullerVersion,
    LetterOfIntent,
    LetterVersion,
    Opening,
    Receipt,
    SubmitAttempt,
)
from proposals.states import Answer, LetterState, RoundKind


def findings(*, at):
    """One sentence for each thing that should not be."""
    yield from _letters()
    yield from _versions()
    yield from _receipts()
    yield from _attempts()
    yield from _due_changes()
    for sha256 in Attachment.objects.values_list("sha256", flat=True).distinct():
        if not files.is_whole(sha256):
            yield f"proposals: the attached file {sha256} is missing or damaged"
    early = Opening.objects.filter(answer=Answer.YES, answered_at__lt=F("call__closes_at"))
    for opening in early.select_related("call"):
        yield f"proposals: {opening.call.code} was opened before its cutoff"
    for letter in LetterOfIntent.objects.filter(screening__isnull=False).exclude(
        call__in=Call.objects.opened().values("pk")
    ):
        yield f"proposals: {letter.reference} was screened before its call was opened"
    for call in Call.objects.filter(seal__isnull=False).select_related("seal"):
        late = call.letters.filter(versions__accepted_at__gte=call.closes_at).count()
        if late:
            yield f"proposals: {call.code} holds {late} letters accepted after its cutoff"
        if call.letters.exclude(state=LetterState.DRAFT).count() < call.seal.letters:
            yield f"proposals: {call.code} has fewer letters than were sealed"


def _letters():
    filed = LetterOfIntent.objects.exclude(state=LetterState.DRAFT)
    for letter in filed.annotate(n=Count("versions")).filter(n=0):
        yield f"proposals: {letter.reference} left draft without a filed version"
    last_moves = LetterOfIntent.objects.filter(events__isnull=False).distinct()
    for letter in last_moves.prefetch_related("events"):
        if list(letter.events.all())[-1].to_state != letter.state:
            yield f"proposals: {letter.reference} is not where its last event left it"

    sealed = LetterOfIntent.objects.reopened().filter(call__seal__isnull=False)
    for letter in sealed:
        yield f"proposals: {letter.reference} is still reopened though its call is sealed"
    # What the panel reads and computes with are the columns; what was filed is the version.
    standing = LetterOfIntent.objects.filed().filter(reopened_at=None, versions__isnull=False)
    for letter in standing.select_related("call", "agency").distinct():
        filed = letter.versions.last().content
        if not content.same(content.of(letter, version=0), filed):
            yield f"proposals: {letter.reference} does not say what its last version says"


def _receipts():
    """A receipt says what its rows say, and its signature fits."""
    keys = signing.public_keys()
    receipts_made = (
        receipt
        for model in (Receipt, FullerReceipt)
        for receipt in model.objects.select_related("version__letter__call").iterator()
    )
    for receipt in receipts_made:
        said, version = receipt.document, receipt.version
        if not receipt.signature:
            yield f"proposals: the receipt of {version} is not signed"
        elif receipts.fault_in(receipts.signed(receipt), keys):
            yield f"proposals: the signature on the receipt of {version} does not fit"
        elif (said["version"], said["sha256"], said["code"]) != (
            version.number,
            version.sha256,
            receipt.code,
        ):
            yield f"proposals: the receipt of {version} speaks of another version"


def _attempts():
    """Every version was accepted in one attempt, and every acceptance made one version."""
    attempts = SubmitAttempt.objects.filter(outcome="accepted")
    accepted = set(attempts.values_list("letter", "idempotency_key"))
    if len(accepted) != attempts.count():
        yield "proposals: an attempt to submit was accepted twice"
    filed = {
        (version.letter_id, version.idempotency_key): version
        for version in LetterVersion.objects.select_related("letter").defer("content")
    }
    for key in filed.keys() - accepted:
        yield f"proposals: no attempt to submit {filed[key]} is on record"
    for letter_id, _key in accepted - filed.keys():
        yield f"proposals: an attempt to submit {letter_id} was accepted and made no version"


def _versions():
    anchored = {
        "letter.submitted": LetterVersion.objects.all(),
        "fuller.filed": FullerVersion.objects.all(),
    }
    for action, versions in anchored.items():
        for version in versions.filter(receipt__isnull=True).select_related("letter"):
            yield f"proposals: {version} has no receipt"
        anchors = dict(Entry.objects.filter(action=action).values_list("seq", "hash"))
        receipted = versions.select_related("letter", "receipt").exclude(receipt=None)
        for version in receipted.iterator():
            yield from _version(version, anchors)
    outside = LetterVersion.objects.filter(
        Q(accepted_at__gte=F("letter__call__closes_at"))
        | Q(accepted_at__lt=F("letter__call__opens_at"))
    )
    for version in outside.select_related("letter"):
        yield f"proposals: {version} was accepted outside its call's window"
    late = FullerVersion.objects.filter(
        letter__call__rounds__kind=RoundKind.FINAL,
        accepted_at__gte=F("letter__call__rounds__proposals_due_at"),
    )
    for version in late.select_related("letter"):
        yield f"proposals: {version} was accepted after it was due"


def _due_changes():
    entries = Entry.objects.filter(action="fuller.due_moved").values_list("data", flat=True)
    logged = {
        entry["change"]: tuple(datetime.fromisoformat(entry[key]) for key in ("from", "to"))
        for entry in entries
    }
    for call_round in CallRound.objects.filter(due_changes__isnull=False).distinct():
        changes = list(call_round.due_changes.order_by("changed_at", "pk"))
        for change in changes:
            if logged.get(change.pk) != (change.due_before, change.due_at):
                yield f"proposals: that {change} was moved is not in the record"
        ends = [change.due_at for change in changes]
        begins = [change.due_before for change in changes[1:]]
        if ends != [*begins, call_round.proposals_due_at]:
            yield f"proposals: the due instant of {call_round} moved without a reason"


def _version(version, anchors):
    if content.digest(version.content) != version.sha256:
        yield f"proposals: the content of {version} is not what was receipted"
    if anchors.get(version.receipt.audit_seq) != version.receipt.audit_head:
        yield f"proposals: the receipt of {version} is not anchored in the audit chain"
    for item in version.content["attachments"]:
        if not files.is_whole(item["sha256"]):
            yield f"proposals: a file of {version} is missing or damaged"
