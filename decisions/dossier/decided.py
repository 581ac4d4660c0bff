"""What was decided on the letter, on what grounds, and how it was told."""

from django.db.models import Q

from decisions import history, letter_facts
from decisions.dossier.scope import Scope, instant
from decisions.models import (
    Correction,
    Decision,
    DecisionLetter,
    DecisionVersion,
    GrantedException,
    MergeConsent,
    PortfolioAdoption,
    PortfolioScenario,
    Publication,
)
from decisions.rounds import plain
from decisions.states import ConsentState, Outcome, PublicationState, Reader


def of_round(scope: Scope, call_round) -> dict:
    """Everything about the decision of one round; empty lists where the reader may not know."""
    knows = scope.knows_the_decision_of(call_round)
    return {
        "decisions": decisions(scope, call_round) if knows else [],
        "overrides": overrides(scope, call_round),
        "scenarios": scenarios(scope, call_round),
        "consents": consents(scope, call_round),
        "publication": publication(scope, call_round) if knows else None,
        "letters": [_letter(one) for one in told_letters(scope, call_round)],
        "corrections": corrections(scope, call_round) if knows else [],
    }


def decisions(scope: Scope, call_round) -> list[dict]:
    """Every version of the decision, oldest first; for the agency those that it was told."""
    rows = DecisionVersion.objects.filter(round=call_round, letter=scope.letter)
    if scope.is_agency:
        return _told_decisions(scope, call_round, rows)
    return [
        {
            "version": one.number,
            "at": instant(one.at),
            "by": scope.person(one.actor),
            "content": _without_hidden(scope, one.content),
        }
        for one in rows.select_related("actor").order_by("number")
    ]


def _told_decisions(scope, call_round, rows) -> list[dict]:
    """For the agency: each version that a letter told, at the instant when it was told.

    Not when it was saved: two agencies that compare would learn that they were decided in one
    stroke. And the project that the letter joins by its title alone, as the decision letter has it.
    """
    told: dict = {}
    for letter in told_letters(scope, call_round):
        told.setdefault(letter.decision_version, letter)
    return [
        {
            "version": one.number,
            "at": instant(told[one.number].told_at),
            "by": scope.person(one.actor),
            "content": _as_the_letter_says(one.content, told[one.number]),
        }
        for one in rows.filter(number__in=told).select_related("actor").order_by("number")
    ]


def _as_the_letter_says(content, letter):
    if not content["merged_with"]:
        return content
    return {
        **history.without_salt(content),
        "merged_with": {"title": letter.facts["merged_with"]},
    }


def _without_hidden(scope, content):
    """As `history.steps` conceals it: whom the letter joins, and ranks among all."""
    if content is None or not scope.hidden:
        return content
    lead = content["merged_with"]
    is_hidden = lead and lead["id"] in {str(key) for key in scope.hidden}
    return {
        **history.without_salt(content),
        "merged_with": None if is_hidden else lead,
        "reserve_rank": None,
    }


def overrides(scope: Scope, call_round) -> list[dict]:
    """Where the panel decided against the rules of the round: why, and who agreed.

    What concerns all selected projects (their mass, the adopted set) is left out for whoever may
    not know of all of them.
    """
    if not scope.knows_the_panel_of(call_round):
        return []
    about = Q(letter=scope.letter)
    if not scope.hidden:
        about |= Q(letter=None)
    rows = GrantedException.objects.filter(about, round=call_round)
    return [
        {
            "kind": one.kind,
            "decision_version": one.version,
            "mass_kg": None if one.mass_kg is None else plain(one.mass_kg),
            "set_sha256": one.set_sha256 or None,
            "reason": one.reason,
            "proposed_by": scope.person(one.proposed_by),
            "proposed_at": instant(one.proposed_at),
            "answer": one.answer,
            "answered_by": scope.person(one.answered_by),
            "answered_at": instant(one.answered_at),
        }
        for one in rows.select_related("proposed_by", "answered_by").order_by("proposed_at", "pk")
    ]


def scenarios(scope: Scope, call_round) -> list[dict]:
    """The computed sets in which the letter was a candidate: whether it was in, and the votes.

    Of other letters nothing is said: what a set holds besides is told by its hash.
    """
    if not scope.knows_the_panel_of(call_round):
        return []
    rows = PortfolioScenario.objects.filter(round=call_round).exclude(set_sha256="")
    if scope.reader == Reader.CHAIR:
        rows = rows.visible_to(scope.user)
    own = scope.letter.reference
    rows = rows.filter(letters__has_key=own).select_related("rules", "asked_by")
    votes = PortfolioAdoption.objects.filter(scenario__in=rows).select_related("adopted_by")
    return [
        {
            "name": one.name,
            "asked_by": scope.person(one.asked_by),
            "asked_at": instant(one.asked_at),
            "rules": {"version": one.rules.number, "sha256": one.rules.sha256},
            "pins": [pin for pin in one.pins if pin["letter"] == own],
            "inside": own in one.letters_inside,
            "input_sha256": one.input_sha256,
            "set_sha256": one.set_sha256,
            "adopted": [
                {"at": instant(vote.adopted_at), "by": scope.person(vote.adopted_by)}
                for vote in sorted(votes, key=lambda vote: vote.adopted_at)
                if vote.scenario_id == one.pk
            ],
        }
        for one in rows.order_by("asked_at", "name", "pk")
    ]


def consents(scope: Scope, call_round) -> list[dict]:
    """What agencies said to a merger of the letter.

    They were asked in confidence. Whoever is not of the panel learns of it where the world does:
    in a merger that was told.
    """
    if not scope.knows_the_panel_of(call_round):
        return []
    rows = MergeConsent.objects.filter(round=call_round, letter=scope.letter)
    rows = rows.exclude(state=ConsentState.TAKEN_BACK).exclude(lead__in=scope.hidden)
    if scope.reader == Reader.AUDITOR:
        merged = Decision.objects.filter(
            round=call_round, letter=scope.letter, outcome=Outcome.MERGED
        )
        rows = rows.filter(state=ConsentState.GIVEN, lead__in=merged.values("merged_with"))
    return [
        {
            "joins": one.lead.reference,
            "agency": one.agency.name,
            "asked_at": instant(one.asked_at),
            "state": one.state,
            "answered_at": instant(one.answered_at),
        }
        for one in rows.select_related("lead", "agency").order_by("asked_at", "agency__name", "pk")
    ]


def publication(scope: Scope, call_round) -> dict | None:
    """How and when the round was told, by which two people."""
    found = (
        Publication.objects.released()
        .filter(round=call_round)
        .select_related("proposed_by", "released_by")
        .first()
    )
    return found and {
        "content_sha256": found.content_hash,
        "proposed_at": instant(found.proposed_at),
        "proposed_by": scope.person(found.proposed_by),
        "released_at": instant(found.released_at),
        "released_by": scope.person(found.released_by),
    }


def told_letters(scope: Scope, call_round) -> list[DecisionLetter]:
    """The decision letters that the agency was sent, those included that hold no more."""
    if call_round.pk not in scope.told:
        return []
    rows = DecisionLetter.objects.released().filter(decision__letter=scope.letter)
    return list(rows.filter(decision__round=call_round).order_by("told_at", "number"))


def letter_name(letter) -> str:
    """Where a decision letter lies in the dossier."""
    return f"told/{letter.number.replace('/', '-')}.pdf"


def _letter(letter) -> dict:
    return {
        "number": letter.number,
        "language": letter.language,
        "code": letter.code,
        "decision_version": letter.decision_version,
        "decision_sha256": letter.facts["sha256_of_decision"],
        # What it says, word for word, and the hash of that.
        "facts": letter.facts,
        "facts_sha256": letter_facts.digest(letter.facts),
        "sha256": letter.sha256,
        "size": letter.size,
        "rendered_at": instant(letter.rendered_at),
        "told_at": instant(letter.told_at),
        "superseded_at": instant(letter.superseded_at),
        "member": letter_name(letter),
    }


def corrections(scope: Scope, call_round) -> list[dict]:
    """What was told anew, and why; outside the panel no proposal that was not released."""
    rows = Correction.objects.filter(
        decision__letter=scope.letter, publication__round=call_round
    ).select_related("proposed_by", "released_by")
    if scope.reader != Reader.CHAIR:
        rows = rows.filter(state=PublicationState.RELEASED)
    return [
        {
            "version": one.version,
            "reason": one.reason,
            "state": one.state,
            "content_sha256": one.content_hash,
            "proposed_at": instant(one.proposed_at),
            "proposed_by": scope.person(one.proposed_by),
            "released_at": instant(one.released_at),
            "released_by": scope.person(one.released_by),
        }
        for one in rows.order_by("proposed_at")
    ]
