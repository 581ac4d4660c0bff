"""The cutoff moves later for everybody: one publisher proposes, another approves."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from chang_e8_portal import clock
from notifications import outbox
from proposals.actions import two_people
from proposals.actions.refusal import Refused
from proposals.models import CallSeal, Extension, LetterOfIntent
from proposals.states import Answer, RoundKind


def ensure_not_closed(call) -> None:
    """Raise `Refused` once the call's cutoff can no longer be moved."""
    _refuse_closed(call, clock.database_now())


@transaction.atomic
def propose_extension(call, *, closes_at, reason, actor) -> Extension:
    """Ask another publisher to move the cutoff to `closes_at`, for a reason everybody will read.

    Refused from the cutoff on, and for an instant that is not later than the present cutoff.
    """
    call, at = two_people.lock_call(call)
    _refuse_unless_later(call, closes_at, at)
    if not reason.strip():
        raise Refused(_("Say why the cutoff moves: everybody will read it."))
    two_people.refuse_second_proposal(call.extensions)
    extension = Extension.objects.create(
        call=call, closes_at=closes_at, reason=reason.strip(), proposed_by=actor, proposed_at=at
    )
    two_people.log(
        "extension.proposed", call, actor=actor, at=at, data=_data(extension, call.closes_at)
    )
    two_people.tell(
        two_people.PUBLISHERS,
        key=f"extension-{extension.pk}-proposed",
        template="extension_proposed",
        context={"call": call, "extension": extension},
        at=at,
        but=[actor],
    )
    return extension


@transaction.atomic
def approve_extension(extension, *, actor) -> Extension:
    """Move the cutoff, and owe a mail to everybody who holds a draft or a filed letter.

    All of it is one transaction under the call's own lock: a letter is refused by the old cutoff
    or accepted by the new one, and there is no moment in between. Refused to whoever proposed it,
    and from the present cutoff on. Approved twice by the same person, the second answer is the
    first one's.
    """
    call, at = two_people.lock_call(extension.call)
    extension = Extension.objects.select_for_update().get(pk=extension.pk)
    if extension.answer == Answer.YES and extension.answered_by_id == actor.pk:
        return extension
    two_people.refuse_unless_awaited(extension)
    two_people.refuse_same_person(extension, actor)
    _refuse_unless_later(call, extension.closes_at, at)
    extension.closed_before = call.closes_at
    extension.save(update_fields=["closed_before"])
    two_people.answer(extension, Answer.YES, actor=actor, at=at)
    call.closes_at = extension.closes_at
    call.save(update_fields=["closes_at"])
    two_people.log(
        "call.extended", call, actor=actor, at=at, data=_data(extension, extension.closed_before)
    )
    _tell_holders(call, extension, at=at)
    return extension


@transaction.atomic
def take_back_extension(extension, *, actor) -> Extension:
    """End a proposal: its author takes it back, any other publisher refuses it."""
    call, at = two_people.lock_call(extension.call)
    extension = Extension.objects.select_for_update().get(pk=extension.pk)
    two_people.refuse_unless_awaited(extension)
    own = extension.proposed_by_id == actor.pk
    two_people.answer(extension, Answer.TAKEN_BACK if own else Answer.NO, actor=actor, at=at)
    two_people.log(
        "extension.taken_back" if own else "extension.refused",
        call,
        actor=actor,
        at=at,
        data=_data(extension, call.closes_at),
    )
    return extension


def holders_of(call):
    """Seats of everybody who holds a letter of the call, whatever its state."""
    agencies = LetterOfIntent.objects.filter(call=call).values("agency")
    return Membership.objects.filter(agency__in=agencies, user__is_active=True)


def _tell_holders(call, extension, *, at) -> None:
    letters = {}
    for letter in LetterOfIntent.objects.filter(call=call).only(
        "id", "agency_id", "reference", "title", "state"
    ):
        letters.setdefault(letter.agency_id, []).append(letter)
    people = {}
    for seat in holders_of(call).select_related("user").order_by("user_id", "agency_id"):
        _person, held = people.setdefault(seat.user_id, (seat.user, []))
        held += letters[seat.agency_id]
    owed = {
        f"extension-{extension.pk}-{person.pk}": (
            person,
            {"call": call, "extension": extension, "letters": held},
        )
        for person, held in people.values()
    }
    outbox.enqueue_all(owed, template="call_extended", at=at)


def _data(extension, before) -> dict:
    return {
        "extension": str(extension.pk),
        "from": before.isoformat(),
        "to": extension.closes_at.isoformat(),
        "reason": extension.reason,
    }


def _refuse_unless_later(call, closes_at, at) -> None:
    _refuse_closed(call, at)
    if closes_at <= call.closes_at:
        raise Refused(
            _("A cutoff only ever moves later. The present one is %(closing)s.")
            % {"closing": call.closing_words},
            code="not_later",
        )
    first = call.rounds.filter(kind=RoundKind.PRELIMINARY).first()
    if first and closes_at >= first.reviews_due_at:
        raise Refused(
            _("The reviews of the first round would be due before the call closes."),
            code="too_late",
        )


def _refuse_closed(call, at) -> None:
    if at >= call.closes_at or CallSeal.objects.filter(call=call).exists():
        raise Refused(
            _("The call has closed: its cutoff can no longer be moved."), code="call_closed"
        )
