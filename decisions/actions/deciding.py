import uuid

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit import chain
from decisions import history, letter_facts, rounds
from decisions.actions.refusal import Refused
from decisions.models import Decision, DecisionVersion, MergeConsent, Publication
from decisions.querysets import conflicts_of
from decisions.states import OUTCOMES, PUBLIC, ConsentState, Outcome, PublicationState
from proposals.models import CallRound, LetterOfIntent
from proposals.states import Eligibility
from reviews.models import Ranking

# What an outcome may carry; everything else is cleared, so that nothing of an earlier decision
# survives in a letter.
_DETAILS = {
    Outcome.SELECTED: ("mass_kg",),
    Outcome.CONDITIONAL: ("mass_kg", "conditions"),
    Outcome.MERGED: ("merged_with", "mass_kg"),
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
    act=None,
    actor,
    at,
    **details,
) -> Decision:
    """Record, or revise, what the panel decided about one letter.

    Needs a frozen ranking; refused while a publication is proposed ("locked") and once it is
    released ("published"). Every call writes one more version, which stays. `seen_version` is the
    version the person looked at (0: none); refused as "stale" if it has changed since, and not
    asked about if None. `act` is the bulk decision this one is part of.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if not Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("Freeze the ranking before you decide."))
    refuse_locked(call_round)
    letter = (
        LetterOfIntent.objects.to_decide_in(call_round)
        .select_related("screening", "agency", "call")
        .filter(pk=letter.pk)
        .first()
    )
    if letter is None:
        raise Refused(_("This letter is not part of this round."))
    texts = {"reason": reason, "strengths": strengths, "weaknesses": weaknesses}
    check_fits(call_round, letter, outcome, details | texts)
    if outcome == Outcome.RESERVE:
        _refuse_rank(call_round, letter, details["reserve_rank"], actor=actor, at=at)
    fields = fields_decided(letter, outcome, details | texts)
    fields |= {"decided_by": actor, "decided_at": at}
    decision = Decision.objects.filter(round=call_round, letter=letter).first()
    if seen_version not in (None, decision.version if decision else 0):
        raise Refused(
            _("Somebody decided about this letter after you opened it. Look, then save again."),
            code="stale",
        )
    fields["version"] = history.number_after(call_round, letter)
    if decision is None:
        decision = Decision.objects.create(round=call_round, letter=letter, **fields)
    else:
        for name, value in fields.items():
            setattr(decision, name, value)
        decision.save(update_fields=list(fields))
    keep_version(decision, actor=actor, at=at, act=act)
    return decision


def fields_decided(letter, outcome, details) -> dict:
    """The columns of a decision from what was typed; what its outcome does not have is emptied."""
    fields = {
        "outcome": outcome,
        **{name: details.get(name, "") for name in ("reason", "strengths", "weaknesses")},
        **_EMPTY,
        **{name: details[name] for name in _DETAILS.get(outcome, ()) if name in details},
    }
    if fields["mass_kg"] is None and outcome in PUBLIC:
        # A merged letter brings its mass into the project that it joins.
        fields["mass_kg"] = rounds.mass_stated(letter) if letter.rides_on_the_lander else None
    return fields


def keep_version(decision, *, actor, at, act=None, undoes=None):
    """Write down what a decision is now, for ever, and that something was decided.

    Agencies that were asked about a merger which is no longer meant are asked no more.
    """
    take_back_questions(decision.round, decision.letter, lead=decision.merged_with)
    DecisionVersion.objects.create(
        round=decision.round,
        letter=decision.letter,
        number=decision.version,
        content=history.content_of(decision),
        **{"act": act, "undoes": undoes, "actor": actor, "at": at},
    )
    log_decided(
        decision.round,
        decision.letter,
        version=decision.version,
        sha256=letter_facts.decision_hash(decision),
        actor=actor,
        at=at,
    )


def take_back_questions(call_round, letter, *, lead=None):
    """End what agencies were asked about mergers of a letter with any other than `lead`."""
    awaited = MergeConsent.objects.awaited().filter(round=call_round, letter=letter)
    awaited.exclude(lead=lead).update(state=ConsentState.TAKEN_BACK)


def log_decided(call_round, letter, *, version, sha256, actor, at):
    chain.append(
        "decision.made",
        subject=f"letter:{letter.pk}",
        actor=str(actor.pk),
        at=at,
        # The hash and not the outcome: auditors read the chain before the world is told.
        data={"round": call_round.kind, "version": version, "sha256": sha256},
    )


def refuse_locked(call_round):
    """Refused while what is decided is proposed or told: nothing may change under it."""
    publication = Publication.objects.live().filter(round=call_round).first()
    if publication is None:
        return
    if publication.is_released:
        raise Refused(_("This round has been published."), code="published")
    raise Refused(
        _(
            "The publication is proposed, so the decisions are locked. A publisher withdraws the "
            "proposal first."
        ),
        code="locked",
    )


@transaction.atomic
def decide_several(
    call_round, letters, *, outcome, reason, comments=None, seen_versions=None, actor, at
) -> list[Decision]:
    """Decide the same about several letters, or about none of them.

    What was written for the applicant before stays; `comments` gives (strengths, weaknesses) by
    letter id to those that have neither. `seen_versions` is as in `decide`, by letter id. A refusal
    names the letter that caused it. `undo_several` takes all of it back.
    """
    written = {
        decision.letter_id: (decision.strengths, decision.weaknesses)
        for decision in Decision.objects.filter(round=call_round, letter__in=letters)
        if decision.strengths or decision.weaknesses
    }
    words = (comments or {}) | written
    made, act = [], uuid.uuid4()
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
                act=act,
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


def check_fits(call_round, letter, outcome, details):
    """Refused unless the outcome belongs to the round and has all that it needs."""
    if outcome not in OUTCOMES[call_round.kind]:
        raise Refused(_("This outcome does not belong to this round."))
    screening = getattr(letter, "screening", None)
    ineligible = screening is not None and screening.outcome == Eligibility.INELIGIBLE
    if ineligible != (outcome == Outcome.INELIGIBLE):
        raise Refused(
            _("A letter is declared not eligible by screening, and then nothing else is decided.")
        )
    if not details.get("reason", "").strip():
        raise Refused(_("Give the reason of the decision; the agency will read it."))
    if outcome == Outcome.CONDITIONAL:
        if not details.get("conditions"):
            raise Refused(_("Name at least one condition."))
        if not all(condition.get("due") for condition in details["conditions"]):
            raise Refused(_("Say by which day each condition must be met."))
    if outcome == Outcome.RESERVE:
        if not details.get("reserve_rank"):
            raise Refused(_("Give the rank on the reserve list."))
        if not details.get("reserve_until"):
            raise Refused(_("Say until when the place on the reserve list is kept."))
    if outcome == Outcome.MERGED:
        lead = details.get("merged_with")
        others = LetterOfIntent.objects.to_decide_in(call_round).exclude(pk=letter.pk)
        if lead is None or not others.filter(pk=lead.pk).exists():
            raise Refused(_("Name the other project this one is merged with."))


def _refuse_rank(call_round, letter, rank, *, actor, at):
    """A rank on the reserve list is given once in a round, by somebody who knows all of it."""
    to_decide = LetterOfIntent.objects.to_decide_in(call_round)
    if conflicts_of(actor).filter(letter__in=to_decide).exists():
        # That a rank is taken would tell of a letter one may not know of.
        raise Refused(
            _("Reserve ranks are given by a chair who has no conflict with a letter of the round.")
        )
    reserve = Decision.objects.filter(round=call_round, outcome=Outcome.RESERVE)
    holder = reserve.filter(reserve_rank=rank).exclude(letter=letter).first()
    if holder is None:
        return
    if to_decide.filter(pk=holder.letter_id).exists():
        raise Refused(
            _("Rank %(rank)s on the reserve list is taken by %(reference)s.")
            % {"rank": rank, "reference": holder.letter.reference}
        )
    # It was withdrawn and waits for nothing: it makes room, and its history says so.
    holder.reserve_rank = reserve.aggregate(last=Max("reserve_rank"))["last"] + 1
    holder.version = history.number_after(call_round, holder.letter)
    holder.save(update_fields=["reserve_rank", "version"])
    keep_version(holder, actor=actor, at=at)
