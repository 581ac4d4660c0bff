"""Submitting: the working copy becomes an immutable version with a receipt."""

import logging
import secrets

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals import content, receipts
from proposals.actions.moments import draft_moment, lock
from proposals.actions.record import log, move, stop_reminders, tell_members
from proposals.actions.refusal import Changed, Incomplete, Refused
from proposals.models import LetterVersion, Receipt, SubmitAttempt
from proposals.sections import missing
from proposals.states import LetterState

logger = logging.getLogger(__name__)

ACCEPTED = "accepted"
# Without 0, 1, I and O: people read these codes to each other on the telephone.
_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def submit(letter, *, actor, idempotency_key, seen=None, only_again=False) -> Receipt:
    """File the working copy as an immutable version and answer with its signed receipt.

    A reopened letter is filed anew as its next version. The same `idempotency_key` again answers
    with the same receipt. `seen` is the SHA-256 of what the person was shown. Raises `Refused` from
    `closes_at` on, by the database's clock read after the locks, and if nothing changed since the
    version that counts, `Incomplete` if answers are missing, and `Changed` if this is not what was
    seen; each carries the recorded `attempt`.
    With `only_again` nothing new is filed: for a click that was let pass as a repetition.
    """
    tried = {"actor": actor, "idempotency_key": idempotency_key}
    try:
        receipt, is_new = _file(letter, seen=seen, only_again=only_again, **tried)
    except Refused as refusal:
        refusal.attempt = record_attempt(letter, outcome=refusal.code, **tried)
        raise
    except Exception:
        record_attempt(letter, outcome="error", **tried)
        raise
    if not is_new:
        record_attempt(letter, outcome="repeated", **tried)
    return receipt


def record_attempt(letter, *, outcome, actor, idempotency_key="") -> SubmitAttempt | None:
    """Put on record that somebody tried to submit and what became of it: a stable code.

    Proof must not be what makes things worse: if the database cannot take it, that is logged.
    """
    try:
        with transaction.atomic():
            return _attempt(letter, outcome, actor, idempotency_key, at=clock.database_now())
    except DatabaseError:
        logger.exception("an attempt to submit %s could not be recorded", letter.pk)
        return None


@transaction.atomic
def _file(letter, *, actor, idempotency_key, seen, only_again) -> tuple[Receipt, bool]:
    """The receipt, and whether it was made just now."""
    letter = lock(letter)
    filed = Receipt.objects.filter(
        version__letter=letter, version__idempotency_key=idempotency_key
    ).first()
    if filed:
        return filed, False
    at = draft_moment(letter)
    if only_again:
        # Reopened since the page looked: nobody was asked for a code, so it is shown again.
        raise Changed
    if letter.reopened_at and content.is_filed_already(letter):
        raise Refused(
            _("Nothing has changed since version %(number)s, which is filed and counts.")
            % {"number": letter.versions.count()},
            code="unchanged",
        )
    gaps = missing(letter)
    if gaps:
        raise Incomplete(gaps)
    number = letter.versions.count() + 1
    words = content.of(letter, version=number)
    sha256 = content.digest(words)
    if seen not in (None, sha256):
        raise Changed
    version = LetterVersion.objects.create(
        letter=letter,
        number=number,
        content=words,
        sha256=sha256,
        accepted_at=at,
        submitted_by=actor,
        idempotency_key=idempotency_key,
    )
    # With the version or not at all: an acceptance is never without its attempt.
    _attempt(letter, ACCEPTED, actor, idempotency_key, at=at)
    entry = _let_it_count(letter, version, actor=actor, at=at)
    receipt = make_receipt(version, entry)
    stop_reminders(letter)
    tell_members(
        letter,
        key=f"letter-{letter.pk}-v{number}-submitted",
        template="letter_submitted",
        context={
            "receipt": receipt,
            "version": version,
            "text": receipts.as_file(receipt).decode(),
        },
        at=at,
    )
    return receipt, True


def make_receipt(version, entry, *, model=Receipt):
    """The signed receipt of a version; `entry` is the audit entry that says it was accepted."""
    code = verification_code()
    said = receipts.document(version, code=code, entry=entry)
    return model.objects.create(
        version=version,
        code=code,
        audit_seq=entry.seq,
        audit_head=entry.hash,
        document=said,
        signature=receipts.sign(said),
    )


def _attempt(letter, outcome, actor, idempotency_key, *, at) -> SubmitAttempt:
    return SubmitAttempt.objects.create(
        letter=letter,
        actor=actor,
        at=at,
        outcome=outcome[:40],
        idempotency_key=idempotency_key[:80],
    )


def _let_it_count(letter, version, *, actor, at):
    """The version is the one that counts from now on; returns the audit entry that says so."""
    said = {"version": version.number, "sha256": version.sha256}
    letter.submitted_at = at
    if letter.is_draft:
        return move(
            letter, LetterState.SUBMITTED, actor=actor, at=at, fields=["submitted_at"], data=said
        )
    # A reopened letter was submitted all the time.
    letter.reopened_at = None
    letter.save(update_fields=["submitted_at", "reopened_at"])
    return log("letter.submitted", letter, actor=actor, at=at, data=said)


def verification_code() -> str:
    """Twenty letters in groups of four: a hundred bits that a person can type."""
    groups = ("".join(secrets.choice(_CODE_LETTERS) for _ in range(4)) for _ in range(5))
    return "-".join(groups)
