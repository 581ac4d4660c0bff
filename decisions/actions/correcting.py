"""Correcting one decision that was told already: proposed by one publisher, released by another.

Nothing of it is seen outside before its release. The new letters replace the old ones at one
instant, with the decision, the letter's own state and the mail; the old ones verify as superseded.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.states import Language
from audit import chain
from decisions import exceptions, history, letter_facts, letter_texts, results, rounds
from decisions.actions.before_release import LetterToTell, letter_faults, signed_in_the_chain
from decisions.actions.deciding import check_fits, fields_decided, keep_version
from decisions.actions.publishing import letters_for
from decisions.actions.refusal import Refused
from decisions.models import Correction, Decision, DecisionLetter, Publication
from decisions.states import ANNOUNCED_AS, POSITIVE, PUBLIC, Outcome, PublicationState
from decisions.telling import mail
from proposals import actions as letters_room
from proposals.models import CallRound, LetterOfIntent


@transaction.atomic
def propose_correction(
    call_round, letter, *, why, outcome, seen_version=None, actor, at, **details
) -> Correction:
    """Fix what one decision will be and why, and owe the letters that will say it.

    Refused unless the round is released, while another correction of it is open, if nothing would
    change, and for what cannot be put right in this way: an outcome of the first round, a new
    merger, a rank that is taken, more mass than the lander carries or than two people let through.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    publication = Publication.objects.released().filter(round=call_round).first()
    if publication is None:
        raise Refused(_("Only what was released can be corrected."), code="not_released")
    if publication.corrections.filter(state=PublicationState.PROPOSED).exists():
        raise Refused(_("Another correction of this round is still open."), code="already_proposed")
    decision = (
        Decision.objects.filter(round=call_round, letter=letter)
        .select_related("round__call", "letter__agency", "letter__call", "merged_with")
        .first()
    )
    if decision is None or not DecisionLetter.objects.valid().filter(decision=decision).exists():
        raise Refused(_("Nothing was told about this letter in this round."))
    if seen_version not in (None, decision.version):
        raise Refused(
            _("Somebody decided about this letter after you opened it. Look, then save again."),
            code="stale",
        )
    if not why.strip():
        raise Refused(_("Say why the decision is corrected; the agency will read it."))
    before, was = history.content_of(decision), decision.outcome
    told_kg = rounds.mass_on_the_lander(call_round)
    _refuse_beyond(call_round, decision, outcome, details)
    check_fits(call_round, decision.letter, outcome, details)
    for name, value in fields_decided(decision.letter, outcome, details).items():
        setattr(decision, name, value)
    if history.content_of(decision) == before and not _names_others(decision):
        raise Refused(_("Nothing is different from what was told."))
    decision.version = history.number_after(call_round, decision.letter)
    _refuse_overload(call_round, decision, told_kg=told_kg)
    correction = Correction(
        publication=publication,
        decision=decision,
        version=decision.version,
        content=history.content_of(decision),
        reason=why.strip(),
        is_public=bool({was, outcome} & set(PUBLIC)),
        proposed_by=actor,
        proposed_at=at,
    )
    others = rounds.decisions_of(call_round).exclude(pk=decision.pk)
    positive = others.filter(outcome__in=POSITIVE).count() + (outcome in POSITIVE)
    rows = list(
        letters_for(publication, [decision], positive=positive, at=at, correction=correction)
    )
    if correction.is_public:
        correction.page = results.page_of(call_round, instead=decision)
    correction.content_hash = content_hash(correction, rows)
    correction.save(force_insert=True)
    DecisionLetter.objects.bulk_create(rows)
    versions = letter_texts.versions_in(call_round)
    _log("correction.proposed", correction, actor=actor, at=at, wording=versions)
    return correction


@transaction.atomic
def release_correction(correction, *, confirmed_reference, key="", actor, at) -> Correction:
    """Tell the agency, and the world where it concerns it, what holds from now on.

    Another person than the proposer, who re-types the letter's reference. All at one commit: the
    decision, its history, the old letters, the new ones, the letter's state and the mails.
    """
    call_round = CallRound.objects.select_for_update().get(pk=correction.publication.round_id)
    correction = _locked(correction)
    if correction.is_released and key and key == correction.release_key:
        return correction
    if correction.state != PublicationState.PROPOSED:
        raise Refused(_("This correction is no longer open."), code="not_proposed")
    if correction.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must release what you proposed."), code="same_person")
    decision = correction.decision
    refuse_wrong_reference(correction, confirmed_reference)
    LetterOfIntent.objects.select_for_update().get(pk=decision.letter_id)
    for name, value in history.fields_of(correction.content).items():
        setattr(decision, name, value)
    decision.version = correction.version
    faults = correction_faults(correction)
    if faults:
        raise Refused(faults[0], code="not_ready")
    correction.state = PublicationState.RELEASED
    correction.released_by, correction.released_at, correction.release_key = actor, at, key
    correction.save(update_fields=["state", "released_by", "released_at", "release_key"])
    decision.decided_by, decision.decided_at = correction.proposed_by, at
    decision.save(update_fields=[*history.fields_of(correction.content), *_SIGNED])
    DecisionLetter.objects.valid().filter(decision=decision).update(superseded_at=at)
    correction.letters.update(told_at=at)
    keep_version(decision, actor=actor, at=at)
    _log("correction.released", correction, actor=actor, at=at)
    letter = decision.letter
    letters_room.announce_correction(
        letter,
        state=_state_after(call_round, decision),
        round_kind=call_round.kind,
        version=correction.version,
        first=mail.first_words(letter.reference, letter.agency.letter_language),
        actor=actor,
        at=at,
    )
    return correction


def refuse_wrong_reference(correction, confirmed_reference: str) -> None:
    """Raise what `release_correction` would say of what was typed, before more is asked."""
    if confirmed_reference.strip() != correction.decision.letter.reference:
        raise Refused(
            _("The reference you typed is not that of the letter."), code="wrong_reference"
        )


@transaction.atomic
def withdraw_correction(correction, *, actor, at) -> Correction:
    """Take an open correction back; what was told before stays."""
    CallRound.objects.select_for_update().get(pk=correction.publication.round_id)
    correction = _locked(correction)
    if correction.state != PublicationState.PROPOSED:
        raise Refused(_("This correction is no longer open."), code="not_proposed")
    correction.state = PublicationState.VOID
    correction.save(update_fields=["state"])
    _log("correction.withdrawn", correction, actor=actor, at=at)
    return correction


def correction_faults(correction) -> list[str]:
    """What keeps a correction, whose decision already holds its new values, from being released."""
    decision = correction.decision
    stored = correction.letters.order_by("number")
    letters = [LetterToTell.of(letter, decision) for letter in stored]
    counts = rounds.counts_of(correction.letters)
    faults = []
    if counts["ready"] != counts["all"]:
        faults.append(_("%(ready)s of %(all)s letters are rendered. Wait for the others.") % counts)
    hashed = content_hash(correction, letters)
    signed = signed_in_the_chain(correction, decision.round_id)
    if not hashed == correction.content_hash == signed:
        faults.append(_("The letters are not those that were proposed."))
    call_round = correction.publication.round
    now = results.page_of(call_round, instead=decision) if correction.page else {}
    if correction.page != now:
        faults.append(_("The results page would tell something else than what was proposed."))
    return faults + letter_faults(correction.publication, letters)


def content_hash(correction, letters) -> str:
    """What both publishers sign: the new decision, why, the facts of its letters, and what the
    results page will tell.
    """
    said = sorted([row.number, letter_facts.digest(row.facts)] for row in letters)
    signed = {"decision": correction.content, "reason": correction.reason, "letters": said}
    return letter_facts.digest(signed | ({"page": correction.page} if correction.page else {}))


_SIGNED = ("version", "decided_by", "decided_at")


def _locked(correction) -> Correction:
    rows = Correction.objects.select_for_update(of=("self",))
    return rows.select_related(
        "publication__round__call", "decision__letter__agency", "decision__round"
    ).get(pk=correction.pk)


def _state_after(call_round, decision):
    """The first round's words can be corrected while the letter is further on by now."""
    return ANNOUNCED_AS[decision.outcome] if call_round.is_final else decision.letter.state


def _refuse_beyond(call_round, decision, outcome, details):
    if not call_round.is_final and outcome != decision.outcome:
        raise Refused(
            _("In the first round the words of a decision can be corrected, not its outcome.")
        )
    lead = details.get("merged_with")
    if outcome == Outcome.MERGED and decision.merged_with_id != getattr(lead, "pk", None):
        raise Refused(_("A merger needs the consent of both agencies; no correction can make one."))
    members = Decision.objects.filter(round=call_round, merged_with=decision.letter_id)
    if outcome not in (Outcome.SELECTED, Outcome.CONDITIONAL) and members.exists():
        raise Refused(_("Other letters are merged into this project. Correct them first."))
    reserve = Decision.objects.filter(round=call_round, outcome=Outcome.RESERVE)
    taken = reserve.filter(reserve_rank=details.get("reserve_rank")).exclude(pk=decision.pk)
    if outcome == Outcome.RESERVE and taken.exists():
        raise Refused(
            _("Rank %(rank)s on the reserve list is taken by %(reference)s.")
            % {"rank": details["reserve_rank"], "reference": taken.first().letter.reference}
        )


def _names_others(decision) -> bool:
    """Whether its letter names others than those who join its project by now.

    That is so once the letter of one of them was corrected, and then it can be written anew.
    """
    letter = DecisionLetter.objects.valid().get(decision=decision, language=Language.ENGLISH)
    told = letter_facts.from_json(letter.facts).joined_by
    return told != letter_facts.joined_now(decision, Language.ENGLISH)


def _refuse_overload(call_round, decision, *, told_kg):
    """Refused if the selected projects become too heavy by it; what two people agreed to holds."""
    mass = rounds.mass_on_the_lander(call_round, [decision.letter_id])
    if decision.outcome in PUBLIC and decision.letter.rides_on_the_lander:
        mass += decision.mass_kg or 0
    limit = call_round.call.lander_mass_kg
    if mass > max(limit, told_kg) and not exceptions.mass_is_granted(call_round, mass):
        raise Refused(
            _("The selected projects weigh %(mass)s kg; the lander carries %(limit)s kg.")
            % {"mass": rounds.plain(mass), "limit": rounds.plain(limit)},
            code="too_heavy",
        )


def _log(action, correction, *, actor, at, **data):
    chain.append(
        action,
        subject=f"round:{correction.publication.round_id}",
        actor=str(actor.pk),
        at=at,
        data={"correction": str(correction.pk), "content": correction.content_hash, **data},
    )
