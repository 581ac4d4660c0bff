from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from audit import chain
from decisions import letter_facts, pdf_signature, rendering
from decisions.actions.refusal import Refused
from decisions.models import DecisionLetter, Dossier, ResultsPaper
from decisions.states import NO_KEY, NO_STAMP, PublicationState, RenderState
from proposals import files, named_files
from proposals.files import orphans
from reviews.models import Assignment, CommitteePack

MOST_ATTEMPTS = 3


def render_letter(letter_id, *, at) -> bool:
    """Claim one owed letter, render it, sign it and store its bytes; False if nothing came of it.

    The claim is a compare-and-swap, so two workers never both render; a claim left by a worker that
    died lapses after the lease. A letter whose text fails the check, that cannot be rendered or
    signed, or that takes its worker down with it, is set aside after three tries and holds up
    nobody but itself. A time-stamp service that is away, or a key that cannot sign, costs no try:
    the letter stays owed, with the reason.
    """
    if pdf_signature.waits_for_stamps():
        return False
    claimed = (
        DecisionLetter.objects.renderable(at=at)
        .filter(pk=letter_id)
        .update(state=RenderState.RENDERING, claimed_at=at, attempts=F("attempts") + 1)
    )
    if claimed != 1:
        return False
    letter = DecisionLetter.objects.get(pk=letter_id)
    if letter.attempts > MOST_ATTEMPTS:
        _set_aside(letter, letter.last_error or "the worker stopped while it was rendering")
        return False
    facts = letter_facts.from_json(letter.facts)
    try:
        # Asked first, for nothing: every few seconds each letter that is owed comes by here.
        pdf_signature.ensure_usable(at=at)
        pdf = rendering.render(facts)
        # Read before it is signed: the key signs nothing that was not read. These very bytes then
        # begin the signed file, and a rehearsal reads that one, as it is stored, once more.
        findings = rendering.findings(pdf, facts, never=reviewers_named())
        signed = b"" if findings else pdf_signature.signed(pdf, at=at)
    except pdf_signature.StampUnavailable as error:
        _leave_owed(letter, f"{NO_STAMP}: {error}")
        return False
    except pdf_signature.KeyUnusable as error:
        _leave_owed(letter, f"{NO_KEY}: {error}")
        return False
    except Exception as error:
        # Out of the way before anybody sees the traceback, so that the others go on.
        _set_aside(letter, f"{type(error).__name__}: {error}")
        raise
    if findings:
        _set_aside(letter, "; ".join(findings))
        return False
    return _finish(letter, signed, at=at)


@transaction.atomic
def retry_letter(letter, *, actor, at, reason="") -> DecisionLetter:
    """Owe a letter that was set aside once more, with three new tries."""
    letter = DecisionLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    proposed = letter.correction or letter.publication
    if proposed.state != PublicationState.PROPOSED or letter.state != RenderState.FAILED:
        raise Refused(_("Only a letter that failed, of an open proposal, can be tried again."))
    letter.state, letter.attempts, letter.last_error = RenderState.OWED, 0, ""
    letter.save(update_fields=["state", "attempts", "last_error"])
    chain.append(
        "decision_letter.retried",
        subject=f"round:{letter.publication.round_id}",
        actor=str(actor.pk),
        at=at,
        data={
            "letter": str(letter.pk),
            "number": letter.number,
            **({"reason": reason} if reason else {}),
        },
    )
    return letter


def sweep_files() -> int:
    """Delete stored files that nothing has named for a day. Returns how many."""

    def named(hashes):
        rendered = DecisionLetter.objects.filter(sha256__in=hashes)
        papers = ResultsPaper.objects.filter(sha256__in=hashes)
        packs = CommitteePack.objects.filter(sha256__in=hashes)
        dossiers = Dossier.objects.filter(sha256__in=hashes)
        return (
            named_files.among(hashes)
            | set(rendered.values_list("sha256", flat=True))
            | set(papers.values_list("sha256", flat=True))
            | set(packs.values_list("sha256", flat=True))
            | set(dossiers.values_list("sha256", flat=True))
        )

    return orphans.sweep(named)


def reviewers_named() -> set[str]:
    """Names that no letter may tell: of whoever is or was a reviewer."""
    assigned = Assignment.objects.values("reviewer")
    people = User.objects.filter(Q(roles__contains=[Role.REVIEWER]) | Q(pk__in=assigned))
    return set(people.exclude(name="").values_list("name", flat=True))


@transaction.atomic
def _finish(letter, signed, *, at) -> bool:
    """Store the file and name it, unless another worker has taken the letter over meanwhile.

    Two signatures never have the same bytes. So the file is stored under the lock of its row: of
    two workers on one letter, one stores.
    """
    own = letter.claimed_at
    letter = DecisionLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if (letter.state, letter.claimed_at) != (RenderState.RENDERING, own):
        return False
    letter.state, letter.size = RenderState.READY, len(signed)
    letter.sha256 = files.store_bytes(signed)
    letter.certificate = pdf_signature.look(signed).fingerprint
    letter.rendered_at, letter.last_error = at, ""
    letter.save(
        update_fields=["state", "size", "sha256", "certificate", "rendered_at", "last_error"]
    )
    # The release compares with this entry: a file put under another letter's name is noticed.
    chain.append(
        "decision_letter.rendered",
        subject=f"round:{letter.publication.round_id}",
        at=at,
        data={
            "letter": str(letter.pk),
            "number": letter.number,
            "sha256": letter.sha256,
            "certificate": letter.certificate,
        },
    )
    return True


def _leave_owed(letter, error):
    """Give the claim back with its try."""
    _own(letter).update(state=RenderState.OWED, attempts=F("attempts") - 1, last_error=error[:500])


def _set_aside(letter, error):
    spent = letter.attempts >= MOST_ATTEMPTS
    _own(letter).update(
        state=RenderState.FAILED if spent else RenderState.OWED, last_error=error[:500]
    )


def _own(letter):
    """The letter, while one's own claim holds: another worker may have taken it over."""
    return DecisionLetter.objects.filter(
        pk=letter.pk, state=RenderState.RENDERING, claimed_at=letter.claimed_at
    )
