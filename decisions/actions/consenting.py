"""Asking two lead agencies, in confidence, whether their letters may become one project.

The record cannot name the letter or who answered: the auditor reads it before the world is told,
and that anybody was asked is half of the outcome. So it gets a hash over the row, whose random id
nobody can guess; the row itself tells who and when.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Seat
from audit import chain
from decisions import letter_facts
from decisions.actions.deciding import refuse_locked
from decisions.actions.refusal import Refused
from decisions.models import Decision, MergeConsent
from decisions.states import ConsentState, Outcome
from notifications import outbox
from proposals.models import CallRound


@transaction.atomic
def ask_consents(call_round, letter, *, actor, at) -> list[MergeConsent]:
    """Ask each lead agency of a merger that has neither consented nor been asked.

    Their representatives get a mail that says only that something waits. Refused unless the letter
    is decided as merged, while a publication is proposed, and if nobody is left to be asked.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    refuse_locked(call_round)
    decision = (
        Decision.objects.filter(round=call_round, letter=letter, outcome=Outcome.MERGED)
        .select_related("letter__agency", "merged_with__agency")
        .first()
    )
    if decision is None:
        raise Refused(_("This letter is not decided as merged."))
    asked = []
    for agency in dict.fromkeys([decision.merged_with.agency, decision.letter.agency]):
        consent, is_new = MergeConsent.objects.get_or_create(
            round=call_round,
            letter=decision.letter,
            lead=decision.merged_with,
            agency=agency,
            state__in=(ConsentState.ASKED, ConsentState.GIVEN),
            defaults={"asked_by": actor, "asked_at": at},
        )
        if is_new:
            asked.append(consent)
    if not asked:
        raise Refused(_("Every agency of this merger has been asked already."))
    for consent in asked:
        tell(consent, event="asked", at=at)
    for consent in asked:
        _log(consent, at=at)
    return asked


@transaction.atomic
def answer_consent(consent, *, agrees: bool, reason: str, actor, at) -> MergeConsent:
    """Write down what an agency's representative answers, once; declining needs a reason.

    Whoever asked is told by mail that an answer is there.
    """
    CallRound.objects.select_for_update().get(pk=consent.round_id)
    consent = MergeConsent.objects.select_for_update().get(pk=consent.pk)
    if consent.state != ConsentState.ASKED:
        raise Refused(_("This question has been answered or taken back."), code="answered")
    if not agrees and not reason.strip():
        raise Refused(_("Say why you decline; only the secretariat reads it."))
    consent.state = ConsentState.GIVEN if agrees else ConsentState.DECLINED
    consent.reason, consent.answered_by, consent.answered_at = reason.strip(), actor, at
    consent.save(update_fields=["state", "reason", "answered_by", "answered_at"])
    outbox.enqueue(
        key=f"confidential-{consent.pk}-answered",
        recipient=consent.asked_by,
        template="confidential_answer",
        at=at,
    )
    _log(consent, at=at)
    return consent


def tell(consent, *, event, at) -> None:
    """Owe the agency's representatives a mail that something waits for them, and nothing more."""
    outbox.enqueue_all(
        {
            f"confidential-{consent.pk}-{event}-{person.pk}": (person, {})
            for person in representatives_of(consent.agency)
        },
        template="confidential_question",
        at=at,
    )


def representatives_of(agency):
    """Those who may speak for an agency, in a fixed order."""
    return (
        User.objects.active()
        .filter(memberships__agency=agency, memberships__seat=Seat.REPRESENTATIVE)
        .order_by("pk")
    )


def _log(consent, *, at):
    said = {
        "consent": str(consent.pk),
        "state": consent.state,
        "reason": consent.reason,
        "by": str(consent.answered_by_id or consent.asked_by_id),
        "at": at.isoformat(),
    }
    chain.append(
        "decision.noted",
        subject=f"round:{consent.round_id}",
        at=at,
        data={"sha256": letter_facts.digest(said)},
    )
