"""Submitting: the working copy becomes an immutable version with a receipt."""

import secrets

from django.db import transaction

from proposals import content
from proposals.actions.moments import draft_moment, lock
from proposals.actions.record import log, move, tell_members
from proposals.actions.refusal import Changed, Incomplete
from proposals.models import LetterVersion, Receipt
from proposals.sections import missing
from proposals.states import LetterState

# Without 0, 1, I and O: people read these codes to each other on the telephone.
_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@transaction.atomic
def submit(letter, *, actor, idempotency_key, seen=None) -> Receipt:
    """File the working copy as an immutable version and answer with its receipt.

    A reopened letter is filed anew as its next version. The same `idempotency_key` again answers
    with the same receipt. `seen` is the SHA-256 of what the person was shown. Raises `Refused` from
    `closes_at` on, by the database's clock read after the locks, `Incomplete` if answers are
    missing, and `Changed` if this is not what was seen.
    """
    letter = lock(letter)
    filed = Receipt.objects.filter(
        version__letter=letter, version__idempotency_key=idempotency_key
    ).first()
    if filed:
        return filed
    at = draft_moment(letter)
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
    entry = _let_it_count(letter, version, actor=actor, at=at)
    receipt = Receipt.objects.create(
        version=version, code=verification_code(), audit_seq=entry.seq, audit_head=entry.hash
    )
    tell_members(
        letter,
        key=f"letter-{letter.pk}-v{number}-submitted",
        template="letter_submitted",
        context={"receipt": receipt, "version": version},
        at=at,
    )
    return receipt


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
