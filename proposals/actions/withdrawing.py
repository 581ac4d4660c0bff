"""Taking a letter back: a filed one is withdrawn and may be taken up again, a draft deleted."""

from django.db import transaction
from django.utils.translation import gettext as _

from proposals.actions.moments import lock, open_moment, window
from proposals.actions.record import log, move, tell_members
from proposals.actions.refusal import Refused
from proposals.actions.reopening import keep_unfiled
from proposals.models import CallRound, LetterOfIntent
from proposals.states import LetterState, RoundKind


@transaction.atomic
def withdraw(letter, *, actor) -> LetterOfIntent:
    """Take a filed letter out of the call; its versions and receipts stay.

    Possible while the call is open and after it until the decisions of the letter's round are
    locked. Everybody of the agency is told: whoever holds one mailbox must not do it in silence.
    A letter that is already withdrawn stays as it is.
    """
    # Rounds before the letter, as in a release, or the two would wait for each other.
    rounds = {
        one.kind: one
        for one in CallRound.objects.select_for_update().filter(call=letter.call_id).order_by("pk")
    }
    letter = lock(letter)
    if letter.state == LetterState.WITHDRAWN:
        return letter
    at = _withdrawal_moment(letter, rounds)
    version = letter.versions.last()
    if letter.reopened_at:
        keep_unfiled(letter, version, at=at)
        letter.reopened_at = None
    number = version.number if version else 0
    move(
        letter,
        LetterState.WITHDRAWN,
        actor=actor,
        at=at,
        fields=["reopened_at"],
        data={"version": number},
    )
    tell_members(
        letter,
        key=f"letter-{letter.pk}-v{number}-withdrawn",
        template="letter_withdrawn",
        context={"actor": actor, "at": at, "can_return": at < letter.call.closes_at},
        at=at,
    )
    return letter


def ensure_withdrawable(letter) -> None:
    """Raise `Refused` if this letter cannot be withdrawn right now."""
    _withdrawal_moment(letter, {one.kind: one for one in letter.call.rounds.all()})


@transaction.atomic
def take_up_again(letter, *, actor) -> LetterOfIntent:
    """Make a withdrawn letter a draft again, with the text it had. Refused once the call closed."""
    letter = lock(letter)
    at = _return_moment(letter)
    if letter.is_draft:
        return letter
    letter.submitted_at = None
    move(letter, LetterState.DRAFT, actor=actor, at=at, fields=["submitted_at"])
    return letter


def ensure_returnable(letter) -> None:
    """Raise `Refused` if this letter cannot be taken up again right now."""
    _return_moment(letter)


@transaction.atomic
def delete_draft(letter, *, actor) -> None:
    """Remove a draft that was never filed. Refused once the call closed.

    The audit chain keeps the agency, the reference and every attempt to submit it, as it keeps
    everything: without the row, the entry alone says whose letter it was.
    """
    letter = lock(letter)
    at = _deletion_moment(letter)
    attempts = [
        {"id": str(one.pk), "at": one.at.isoformat(), "outcome": one.outcome}
        for one in letter.attempts.order_by("at")
    ]
    letter.attempts.all().delete()
    log(
        "letter.deleted",
        letter,
        actor=actor,
        at=at,
        data={
            "agency": str(letter.agency_id),
            "reference": letter.reference,
            "attempts": attempts,
        },
    )
    letter.delete()


def ensure_deletable(letter) -> None:
    """Raise `Refused` if this letter cannot be deleted right now."""
    _deletion_moment(letter)


def _return_moment(letter):
    at = open_moment(letter.call)
    if letter.state not in (LetterState.WITHDRAWN, LetterState.DRAFT):
        raise Refused(_("Only a withdrawn letter can be taken up again."), code="not_withdrawn")
    return at


def _deletion_moment(letter):
    at = open_moment(letter.call)
    if not letter.is_draft:
        raise Refused(_("Only a draft can be deleted."), code="submitted")
    if letter.versions.exists():
        raise Refused(
            _("This letter was filed before, and what was filed is kept. It cannot be deleted."),
            code="filed_before",
        )
    return at


def _withdrawal_moment(letter, rounds):
    if not letter.can_move_to(LetterState.WITHDRAWN):
        raise Refused(
            _("A letter that is “%(state)s” cannot be withdrawn.")
            % {"state": letter.get_state_display()},
            code="not_submitted",
        )
    _opens_at, closes_at, at = window(letter.call)
    shortlisted = letter.state == LetterState.SHORTLISTED
    current = rounds.get(RoundKind.FINAL if shortlisted else RoundKind.PRELIMINARY)
    if at >= closes_at and current and current.decisions_locked_at:
        raise Refused(
            _(
                "The decisions of this round are locked, so no letter can be withdrawn any more. "
                "Write to the contact of the call."
            ),
            code="decisions_locked",
        )
    return at
