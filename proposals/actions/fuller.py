"""The fuller proposal of a shortlisted letter: written until it is due, filed with a receipt."""

from django.db import transaction

from proposals import content, receipts
from proposals.actions.filing import make_receipt
from proposals.actions.moments import fuller_moment, lock
from proposals.actions.record import log, stop_reminders, tell_members
from proposals.actions.refusal import Changed, Incomplete, Stale
from proposals.models import FIGURES, FullerProposal, FullerReceipt, FullerVersion
from proposals.places import FULLER_PLACES
from proposals.sections import FULLER, missing_in_fuller
from proposals.states import AttachmentKind

# What a filed proposal cannot be without.
NEEDED_FILE = AttachmentKind.SCHEME


def fuller_of(letter) -> FullerProposal:
    """The letter's fuller proposal; not saved and with the letter's figures, if none is begun."""
    found = FullerProposal.objects.filter(letter=letter).first()
    if found is None:
        found = FullerProposal(**{name: getattr(letter, name) for name in FIGURES})
    found.letter = letter
    return found


@transaction.atomic
def save_fuller(letter, *, changes, revision, actor) -> FullerProposal:
    """Write answers of the fuller proposal that has this revision; the first save begins it.

    Raises `Stale` with the row as it stands if somebody saved meanwhile, `Refused` where none is
    asked for and from the due instant on, and KeyError for a field that it does not have. Without a
    difference nothing is written.
    """
    letter = lock(letter)
    at = fuller_moment(letter)
    proposal = fuller_of(letter)
    if unknown := set(changes) - set(FULLER.fields):
        raise KeyError(", ".join(sorted(unknown)))
    changes = {name: value for name, value in changes.items() if getattr(proposal, name) != value}
    if not changes:
        return proposal
    if revision != proposal.revision:
        raise Stale(proposal)
    begins = proposal.pk is None
    for name, value in changes.items():
        setattr(proposal, name, value)
    proposal.revision, proposal.updated_at = proposal.revision + 1, at
    proposal.save(update_fields=None if begins else [*changes, "revision", "updated_at"])
    if begins:
        # That it is being written; what is typed is nobody's business before it is filed.
        log("fuller.started", letter, actor=actor, at=at)
    return proposal


@transaction.atomic
def file_fuller(letter, *, actor, idempotency_key, seen=None) -> FullerReceipt:
    """File the fuller proposal as an immutable version, and answer with its signed receipt.

    It replaces what was filed before; all versions stay. The same `idempotency_key` again answers
    with the same receipt. Raises `Refused` as `save_fuller` does, `Incomplete` with the names of
    answers and kinds of files that are missing, and `Changed` if `seen`, the SHA-256 of what the
    person was shown, is not what would be filed.
    """
    letter = lock(letter)
    known = FullerReceipt.objects.filter(
        version__letter=letter, version__idempotency_key=idempotency_key
    ).first()
    if known:
        return known
    at = fuller_moment(letter)
    proposal = fuller_of(letter)
    if gaps := gaps_in(proposal):
        raise Incomplete({FULLER.key: gaps})
    number = letter.fuller_versions.count() + 1
    words = content.of_fuller(proposal, version=number)
    sha256 = content.digest(words)
    if seen not in (None, sha256):
        raise Changed
    version = FullerVersion.objects.create(
        letter=letter,
        number=number,
        content=words,
        sha256=sha256,
        accepted_at=at,
        submitted_by=actor,
        idempotency_key=idempotency_key,
    )
    said = {"version": number, "sha256": sha256}
    entry = log("fuller.filed", letter, actor=actor, at=at, data=said)
    receipt = make_receipt(version, entry, model=FullerReceipt)
    stop_reminders(letter)
    tell_members(
        letter,
        key=f"letter-{letter.pk}-fuller-v{number}-filed",
        template="fuller_filed",
        context={
            "receipt": receipt,
            "version": version,
            "text": receipts.as_file(receipt).decode(),
        },
        at=at,
    )
    return receipt


def gaps_in(proposal) -> list[str]:
    """What is missing: names of answers, and the kind of a file in lower case."""
    gaps = missing_in_fuller(proposal)
    there = proposal.letter.attachments.filter(kind__in=FULLER_PLACES)
    if NEEDED_FILE not in there.values_list("kind", flat=True):
        gaps.append(NEEDED_FILE.lower())
    return gaps
