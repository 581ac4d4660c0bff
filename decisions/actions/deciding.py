from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from decisions.actions.refusal import Refused
from decisions.models import Decision, Publication
from decisions.states import OUTCOMES, Outcome, PublicationState
from proposals.models import CallRound, LetterOfIntent
from proposals.states import Eligibility
from reviews.models import Ranking

# What an outcome may carry; everything else is cleared, so that nothing of an earlier decision
# survives in a letter.
_DETAILS = {
    Outcome.SELECTED: ("mass_kg",),
    Outcome.CONDITIONAL: ("mass_kg", "conditions"),
    Outcome.MERGED: ("merged_with",),
    Outcome.RESERVE: ("reserve_rank", "reserve_until"),
}
_EMPTY = {
    "conditions": [],
    "merged_with": None,
    "reserve_rank": None,
    "reserve_until": None,
    "mass_kg": None,
}


@transaction.atomic
def decide(
    call_round, letter, *, outcome, reason="", strengths="", weaknesses="", actor, at, **details
) -> Decision:
    """Record, or revise, what the panel decided about one letter.

    Needs a frozen ranking; refused once the round is published. A revision raises the decision's
    version and voids a proposal that has not been released, whose approval no longer holds.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if not Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("Freeze the ranking before you decide."))
    publication = Publication.objects.live().filter(round=call_round).first()
    if publication and publication.is_released:
        raise Refused(_("This round has been published."), code="published")
    letter = (
        LetterOfIntent.objects.to_decide_in(call_round)
        .select_related("screening", "agency", "call")
        .filter(pk=letter.pk)
        .first()
    )
    if letter is None:
        raise Refused(_("This letter is not part of this round."))
    _check(call_round, letter, outcome, reason, details)
    fields = {
        "outcome": outcome,
        "reason": reason,
        "strengths": strengths,
        "weaknesses": weaknesses,
        **_EMPTY,
        **{name: details[name] for name in _DETAILS.get(outcome, ()) if name in details},
        "decided_by": actor,
        "decided_at": at,
    }
    if fields["mass_kg"] is None and outcome in (Outcome.SELECTED, Outcome.CONDITIONAL):
        fields["mass_kg"] = letter.mass_kg if letter.rides_on_the_lander else None
    decision = Decision.objects.filter(round=call_round, letter=letter).first()
    if decision is None:
        decision = Decision.objects.create(round=call_round, letter=letter, **fields)
    else:
        decision.version += 1
        for name, value in fields.items():
            setattr(decision, name, value)
        decision.save(update_fields=[*fields, "version"])
    if publication:
        void(publication, actor=actor, at=at)
    chain.append(
        "decision.made",
        subject=f"letter:{letter.pk}",
        actor=str(actor.pk),
        at=at,
        data={
            "round": call_round.kind,
            "version": decision.version,
            "outcome": str(outcome),
        },
    )
    return decision


def void(publication, *, actor, at):
    """A proposal whose content changed is no longer what anybody approved."""
    publication.state = PublicationState.VOID
    publication.save(update_fields=["state"])
    chain.append(
        "publication.voided",
        subject=f"round:{publication.round_id}",
        actor=str(actor.pk),
        at=at,
        data={"publication": str(publication.pk)},
    )


def _check(call_round, letter, outcome, reason, details):
    if outcome not in OUTCOMES[call_round.kind]:
        raise Refused(_("This outcome does not belong to this round."))
    screening = getattr(letter, "screening", None)
    ineligible = screening is not None and screening.outcome == Eligibility.INELIGIBLE
    if ineligible != (outcome == Outcome.INELIGIBLE):
        raise Refused(
            _("A letter is declared not eligible by screening, and then nothing else is decided.")
        )
    if not reason.strip():
        raise Refused(_("Give the reason of the decision; the agency will read it."))
    if outcome == Outcome.CONDITIONAL and not details.get("conditions"):
        raise Refused(_("Name at least one condition."))
    if outcome == Outcome.RESERVE and not details.get("reserve_rank"):
        raise Refused(_("Give the rank on the reserve list."))
    if outcome == Outcome.MERGED and details.get("merged_with") in (None, letter):
        raise Refused(_("Name the other project this one is merged with."))
