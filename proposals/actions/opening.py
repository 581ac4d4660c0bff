"""The letters of a closed call become readable to the panel: one proposes, another approves."""

from django.db import transaction
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals.actions import two_people
from proposals.actions.refusal import Refused
from proposals.actions.sealing import seal
from proposals.models import CallSeal, Opening
from proposals.states import Answer


def ensure_closed(call) -> None:
    """Raise `Refused` while the call's letters cannot be opened yet."""
    _refuse_early(call, clock.database_now())


def propose_opening(call, *, actor) -> Opening:
    """Ask another publisher to open the letters. Refused before the cutoff.

    A call that nobody has sealed yet is sealed first, in transactions of its own: what is opened is
    what was counted.
    """
    seal(call, at=clock.database_now())
    return _propose(call, actor=actor)


@transaction.atomic
def _propose(call, *, actor) -> Opening:
    call, at = two_people.lock_call(call)
    _refuse_early(call, at)
    if not CallSeal.objects.filter(call=call).exists():
        raise Refused(_("The call is being sealed. Try again in a few seconds."), code="not_sealed")
    if call.is_opened():
        raise Refused(_("The letters of this call are open already."), code="opened")
    two_people.refuse_second_proposal(call.openings)
    opening = Opening.objects.create(call=call, proposed_by=actor, proposed_at=at)
    two_people.log("opening.proposed", call, actor=actor, at=at, data={"opening": str(opening.pk)})
    two_people.tell(
        two_people.PUBLISHERS,
        key=f"opening-{opening.pk}-proposed",
        template="opening_proposed",
        context={"call": call, "opening": opening},
        at=at,
        but=[actor],
    )
    return opening


@transaction.atomic
def approve_opening(opening, *, actor) -> Opening:
    """Open the letters: from this commit on the panel may read them. Cannot be undone.

    Refused to whoever proposed it. Approved twice by the same person, the second answer is the
    first one's.
    """
    call, at = two_people.lock_call(opening.call)
    opening = Opening.objects.select_for_update().get(pk=opening.pk)
    if opening.answer == Answer.YES and opening.answered_by_id == actor.pk:
        return opening
    two_people.refuse_unless_awaited(opening)
    two_people.refuse_same_person(opening, actor)
    _refuse_early(call, at)
    two_people.answer(opening, Answer.YES, actor=actor, at=at)
    two_people.log(
        "call.opened",
        call,
        actor=actor,
        at=at,
        data={"opening": str(opening.pk), "letters": call.seal.letters},
    )
    two_people.tell(
        two_people.CHAIRS,
        key=f"opening-{opening.pk}-approved",
        template="letters_opened",
        context={"call": call, "letters": call.seal.letters},
        at=at,
    )
    return opening


@transaction.atomic
def take_back_opening(opening, *, actor) -> Opening:
    """End a proposal: its author takes it back, any other publisher refuses it."""
    call, at = two_people.lock_call(opening.call)
    opening = Opening.objects.select_for_update().get(pk=opening.pk)
    two_people.refuse_unless_awaited(opening)
    own = opening.proposed_by_id == actor.pk
    two_people.answer(opening, Answer.TAKEN_BACK if own else Answer.NO, actor=actor, at=at)
    two_people.log(
        "opening.taken_back" if own else "opening.refused",
        call,
        actor=actor,
        at=at,
        data={"opening": str(opening.pk)},
    )
    return opening


def _refuse_early(call, at) -> None:
    if at < call.closes_at:
        raise Refused(
            _("The call is still open. Letters can be opened once it has closed: %(closing)s.")
            % {"closing": call.closing_words},
            code="call_open",
        )
