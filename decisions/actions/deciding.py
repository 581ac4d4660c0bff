from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from decisions import letter_facts, rounds
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
    call_round,
    letter,
    *,
    outcome,
    reason="",
    strengths="",
    weaknesses="",
    seen_version=None,
    actor,
    at,
    **details,
) -> Decision:
    """Record, or revise, what the panel decided about one letter.

    Needs a frozen ranking; refused once the round is published. A revision raises the decision's
    version and voids a proposal that has not been released, whose approval no longer holds.
    `seen_version` is the version the person looked at (0: none); refused as "stale" if it has
    changed since, and not asked about if None.
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
        fields["mass_kg"] = rounds.mass_stated(letter) if letter.rides_on_the_lander else None
    decision = Decision.objects.filter(round=call_round, letter=letter).first()
    if seen_version not in (None, decision.version if decision else 0):
        raise Refused(
            _("Somebody decided about this letter after you opened it. Look, then save again."),
            code="stale",
        )
    if decision is None:
        decision = Decision.objects.create(round=call_round, letter=letter, **fields)
    else:
        decision.version += 1
        for name, value in fields.items():
            setattr(decision, name, value)
        decision.save(update_fields=[*fields, "version"])
    if publication:
        reason = _("The decision on %(reference)s changed.") % {"reference": letter.reference}
        void(publication, reason=reason, actor=actor, at=at)
    chain.append(
        "decision.made",
        subject=f"letter:{letter.pk}",
        actor=str(actor.pk),
        at=at,
        # The hash and not the outcome: auditors read the chain before the world is told.
        data={
            "round": call_round.kind,
            "version": decision.version,
            "sha256": letter_facts.decision_hash(decision),
        },
    )
    return decision


@transaction.atomic
def decide_several(
    call_round, letters, *, outcome, reason, comments=None, seen_versions=None, actor, at
) -> list[Decision]:
    """Decide the same about several letters, or about none of them.

    What was written for the applicant before stays; `comments` gives (strengths, weaknesses) by
    letter id to those that have neither. `seen_versions` is as in `decide`, by letter id. A refusal
    names the letter that caused it.
    """
    written = {
        decision.letter_id: (decision.strengths, decision.weaknesses)
        for decision in Decision.objects.filter(round=call_round, letter__in=letters)
        if decision.strengths or decision.weaknesses
    }
    words = (comments or {}) | written
    made = []
    for letter in letters:
        strengths, weaknesses = words.get(letter.pk, ("", ""))
        try:
            decision = decide(
                call_round,
                letter,
                outcome=outcome,
                reason=reason,
                strengths=strengths,
                weaknesses=weaknesses,
                seen_version=(seen_versions or {}).get(letter.pk),
                actor=actor,
                at=at,
            )
        except Refused as refusal:
            raise Refused(f"{letter.reference}: {refusal}", code=refusal.code) from refusal
        made.append(decision)
    return made


def void(publication, *, reason, actor, at):
    """A proposal whose content changed is no longer what anybody approved."""
    publication.state = PublicationState.VOID
    publication.void_reason = reason
    publication.save(update_fields=["state", "void_reason"])
    # Nothing is about to be said, so agencies may withdraw their letters again.
    CallRound.objects.filter(pk=publication.round_id).update(decisions_locked_at=None)
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
    if outcome == Outcome.MERGED:
        lead = details.get("merged_with")
        others = LetterOfIntent.objects.to_decide_in(call_round).exclude(pk=letter.pk)
        if lead is None or not others.filter(pk=lead.pk).exists():
            raise Refused(_("Name the other project this one is merged with."))
