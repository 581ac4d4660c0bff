from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from decisions import exceptions, letter_facts
from decisions.actions.deciding import refuse_locked
from decisions.actions.refusal import Refused
from decisions.models import GrantedException
from proposals.models import CallRound
from proposals.states import Answer


@transaction.atomic
def ask_exception(call_round, *, kind, letter=None, reason: str, actor, at) -> GrantedException:
    """Say why the round should be decided against its rules, for a second person to agree.

    Refused unless there is such a case that is neither granted nor asked about.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    refuse_locked(call_round)
    key = letter and letter.pk
    case = next(
        (
            case
            for case in exceptions.of(call_round)
            if case.kind == kind and (case.decision and case.decision.letter_id) == key
        ),
        None,
    )
    if case is None or case.is_granted or case.is_awaited:
        raise Refused(_("Nothing here waits for a reason."))
    if not reason.strip():
        raise Refused(_("Say why the rule should not hold here."))
    asked = GrantedException.objects.create(
        round=call_round,
        kind=kind,
        letter=letter,
        version=case.decision and case.decision.version,
        mass_kg=case.mass,
        set_sha256=case.set_sha256,
        reason=reason.strip(),
        proposed_by=actor,
        proposed_at=at,
    )
    _log(asked, actor=actor, at=at)
    return asked


@transaction.atomic
def answer_exception(asked, *, agrees: bool, actor, at) -> GrantedException:
    """A second person agrees, or not. Refused to whoever asked, and once it is answered."""
    call_round = CallRound.objects.select_for_update().get(pk=asked.round_id)
    refuse_locked(call_round)
    asked = GrantedException.objects.select_for_update().get(pk=asked.pk)
    if asked.answer != Answer.AWAITED:
        raise Refused(_("This has been answered already."), code="answered")
    if asked.proposed_by_id == actor.pk:
        raise Refused(_("Another person must agree to what you asked for."), code="same_person")
    asked.answer = Answer.YES if agrees else Answer.NO
    asked.answered_by, asked.answered_at = actor, at
    asked.save(update_fields=["answer", "answered_by", "answered_at"])
    _log(asked, actor=actor, at=at)
    return asked


def _log(asked, *, actor, at):
    """Noted like a consent: that there is an exception is half of an outcome (see consenting)."""
    said = [
        asked.pk,
        str(asked.letter_id),
        asked.version,
        asked.reason,
        asked.answer,
        str(actor.pk),
    ]
    chain.append(
        "decision.noted",
        subject=f"round:{asked.round_id}",
        at=at,
        data={"sha256": letter_facts.digest([*said, at.isoformat()])},
    )
