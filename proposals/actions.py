"""Every change to a letter of intent that means something to a person.

Each action is one transaction in the same order: lock, read the clock, guard, write named fields,
append the event and the audit entry, write the message that is owed.
"""

import secrets

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import refusal
from audit import chain
from chang_e8_portal import clock
from notifications import outbox
from proposals import content
from proposals.models import (
    Attachment,
    Call,
    CallSeal,
    LetterEvent,
    LetterOfIntent,
    LetterVersion,
    Receipt,
    Screening,
)
from proposals.sections import SECTIONS, missing
from proposals.states import Eligibility, LetterState

# Without 0, 1, I and O: people read these codes to each other on the telephone.
_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Refused(refusal.Refused):
    """A change to a letter that is not possible now."""


class Stale(Refused):
    """Somebody else saved meanwhile. `current` is the letter as it now stands."""

    code = "stale"

    def __init__(self, current):
        super().__init__(
            _(
                "Somebody saved this section after you opened it. "
                "Your text is kept here; compare it with theirs before you save again."
            )
        )
        self.current = current


class Incomplete(Refused):
    """The letter lacks what a submission needs. `fields` maps section keys to field names."""

    code = "incomplete"

    def __init__(self, fields):
        super().__init__(_("Some required answers are still missing."))
        self.fields = fields


class Changed(Refused):
    """The working copy is no longer what the person looked at before submitting."""

    code = "changed"

    def __init__(self):
        super().__init__(
            _(
                "Somebody changed this letter after you opened this page. Nothing was submitted. "
                "Please look at it again: below is what would be filed now."
            )
        )


@transaction.atomic
def start_draft(call, agency, *, actor, changes=None) -> LetterOfIntent:
    """Begin a letter. Refused outside the call's window."""
    at = _open_moment(call)
    letter = LetterOfIntent(
        call=call,
        agency=agency,
        reference=_free_reference(call),
        created_at=at,
        updated_at=at,
        **{"margin_percent": 20, **(changes or {})},
    )
    letter.save(force_insert=True)
    _log("letter.started", letter, actor=actor, at=at)
    return letter


@transaction.atomic
def save_draft(letter, *, changes, revision, actor) -> LetterOfIntent:
    """Write the named fields of the working copy if nobody saved their sections since `revision`.

    What does not differ is not written, so a save that is repeated because its answer was lost
    succeeds. Raises `Stale` with the present letter if somebody saved meanwhile, `Refused` if the
    letter was submitted or the call is closed.
    """
    letter = _lock(letter)
    at = _draft_moment(letter)
    changes = {name: value for name, value in changes.items() if getattr(letter, name) != value}
    if not changes:
        return letter
    touched = [key for key, section in SECTIONS.items() if changes.keys() & set(section.fields)]
    saved_at = max((letter.section_revisions.get(key, 1) for key in touched), default=1)
    if not saved_at <= revision <= letter.revision:
        raise Stale(letter)
    for name, value in changes.items():
        setattr(letter, name, value)
    letter.revision, letter.updated_at = letter.revision + 1, at
    letter.section_revisions |= dict.fromkeys(touched, letter.revision)
    letter.save(update_fields=[*changes, "revision", "section_revisions", "updated_at"])
    return letter


@transaction.atomic
def attach(letter, *, kind, stored, name, actor) -> Attachment:
    """Put a stored and checked file in the place of its kind; `stored` comes from `files.store`."""
    letter = _lock(letter)
    at = _draft_moment(letter)
    letter.attachments.filter(kind=kind).delete()
    attachment = Attachment.objects.create(
        letter=letter,
        kind=kind,
        name=name,
        size=stored.size,
        pages=stored.pages,
        sha256=stored.sha256,
        uploaded_at=at,
        uploaded_by=actor,
    )
    _log("letter.file_attached", letter, actor=actor, at=at, data={"sha256": stored.sha256})
    return attachment


@transaction.atomic
def remove_attachment(attachment, *, actor) -> None:
    """Take a file out of the working copy. Its bytes stay as long as any version needs them."""
    letter = _lock(attachment.letter)
    at = _draft_moment(letter)
    letter.attachments.filter(pk=attachment.pk).delete()
    _log("letter.file_removed", letter, actor=actor, at=at, data={"sha256": attachment.sha256})


@transaction.atomic
def submit(letter, *, actor, idempotency_key, seen=None) -> Receipt:
    """File the working copy as an immutable version and answer with its receipt.

    The same `idempotency_key` again answers with the same receipt. `seen` is the SHA-256 of what
    the person was shown. Raises `Refused` from `closes_at` on, by the database's clock read after
    the locks, `Incomplete` if answers are missing, and `Changed` if this is not what was seen.
    """
    letter = _lock(letter)
    filed = Receipt.objects.filter(
        version__letter=letter, version__idempotency_key=idempotency_key
    ).first()
    if filed:
        return filed
    at = _draft_moment(letter)
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
    letter.submitted_at = at
    entry = _move(
        letter,
        LetterState.SUBMITTED,
        actor=actor,
        at=at,
        fields=["submitted_at"],
        data={"version": number, "sha256": version.sha256},
    )
    receipt = Receipt.objects.create(
        version=version, code=verification_code(), audit_seq=entry.seq, audit_head=entry.hash
    )
    _tell_members(
        letter,
        key=f"letter-{letter.pk}-v{number}-submitted",
        template="letter_submitted",
        context={"receipt": receipt, "version": version},
        at=at,
    )
    return receipt


@transaction.atomic
def seal(call, *, at) -> CallSeal | None:
    """After the closing instant: count what was filed and anchor the count, once.

    The lock waits for every submission that was already inside, so the count is final.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if at < call.closes_at or CallSeal.objects.filter(call=call).exists():
        return None
    count = call.letters.filed().count()
    entry = chain.append("call.sealed", subject=f"call:{call.pk}", at=at, data={"letters": count})
    return CallSeal.objects.create(call=call, sealed_at=at, letters=count, audit_head=entry.hash)


@transaction.atomic
def screen(letter, *, outcome, rule="", reason="", actor, at) -> Screening:
    """Say whether a filed letter may be assessed. It can be said anew until assessment begins."""
    letter = _lock(letter)
    if not CallSeal.objects.filter(call=letter.call).exists():
        raise Refused(_("Letters can be screened once the call has closed."))
    if letter.state != LetterState.SUBMITTED:
        raise Refused(_("Only a submitted letter can be screened."))
    if outcome == Eligibility.INELIGIBLE and not (rule.strip() and reason.strip()):
        raise Refused(_("Name the rule that is not met, and say why."))
    screening, _created = Screening.objects.update_or_create(
        letter=letter,
        defaults={
            "outcome": outcome,
            "rule": rule,
            "reason": reason,
            "screened_by": actor,
            "screened_at": at,
        },
    )
    _log("letter.screened", letter, actor=actor, at=at, data={"outcome": str(outcome)})
    return screening


@transaction.atomic
def announce(letter, *, state, round_kind, actor, at) -> None:
    """Let the agency know: the published outcome becomes the letter's own state.

    Called by publication alone, inside its transaction. The mail says only that there is something
    to read.
    """
    letter = _lock(letter)
    _move(letter, state, actor=actor, at=at, data={"round": str(round_kind)})
    _tell_members(
        letter,
        key=f"letter-{letter.pk}-{round_kind}-announced",
        template="decision_ready",
        context={},
        at=at,
    )


def ensure_open(call) -> None:
    """Raise `Refused` if nothing can be written to this call's letters right now."""
    _open_moment(call)


def ensure_draft(letter) -> None:
    """Raise `Refused` if this letter cannot be changed right now."""
    _draft_moment(letter)


def verification_code() -> str:
    """Twenty letters in groups of four: a hundred bits that a person can type."""
    groups = ("".join(secrets.choice(_CODE_LETTERS) for _ in range(4)) for _ in range(5))
    return "-".join(groups)


def _lock(letter) -> LetterOfIntent:
    rows = LetterOfIntent.objects.select_for_update(of=("self",))
    return rows.select_related("call", "agency").get(pk=letter.pk)


def _open_moment(call):
    """The moment of this write by the database's clock, or `Refused` outside the window.

    The share lock makes the sealer wait for us and us for the sealer; the clock is read after it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT opens_at, closes_at FROM proposals_call WHERE id = %s FOR SHARE", [call.pk]
        )
        opens_at, closes_at = cursor.fetchone()
    at = clock.database_now()
    if at < opens_at:
        raise Refused(_("This call is not open yet."), code="call_not_open")
    if at >= closes_at:
        raise Refused(
            _("This call closed at the cutoff and accepts no changes. Nothing was stored."),
            code="call_closed",
        )
    return at


def _draft_moment(letter):
    if not letter.is_draft:
        raise Refused(
            _("This letter has been submitted and can no longer be edited."), code="submitted"
        )
    return _open_moment(letter.call)


def _move(letter, state, *, actor, at, fields=(), data=None):
    if not letter.can_move_to(state):
        raise Refused(
            _("A letter that is “%(state)s” cannot be moved there.")
            % {"state": letter.get_state_display()}
        )
    previous, letter.state = letter.state, state
    letter.save(update_fields=["state", *fields])
    LetterEvent.objects.create(
        letter=letter, actor=actor, from_state=previous, to_state=state, at=at
    )
    return _log(f"letter.{str(state).lower()}", letter, actor=actor, at=at, data=data or {})


def _log(action, letter, *, actor, at, data=None):
    return chain.append(
        action, subject=f"letter:{letter.pk}", actor=str(actor.pk), at=at, data=data
    )


def _tell_members(letter, *, key, template, context, at):
    for membership in letter.agency.memberships.select_related("user").order_by("pk"):
        outbox.enqueue(
            key=f"{key}-{membership.user_id}",
            recipient=membership.user,
            template=template,
            context={"letter": letter, **context},
            at=at,
        )


def _free_reference(call) -> str:
    taken = set(call.letters.values_list("reference", flat=True))
    while True:
        reference = f"{call.code}-{secrets.randbelow(9999) + 1:04d}"
        if reference not in taken:
            return reference
