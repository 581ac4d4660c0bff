"""Which mergers of a round wait for whose consent, and which have it."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Agency
from decisions import rounds
from decisions.models import Decision, MergeConsent
from decisions.states import ConsentState, Outcome
from proposals.models import LetterOfIntent


@dataclass(frozen=True)
class Side:
    """One lead agency of a merger, and the last thing it was asked; None: not asked yet."""

    agency: Agency
    consent: MergeConsent | None

    @property
    def is_given(self) -> bool:
        return self.consent is not None and self.consent.state == ConsentState.GIVEN


@dataclass(frozen=True)
class Merger:
    decision: Decision
    sides: list[Side]

    @property
    def missing(self) -> list[Side]:
        return [side for side in self.sides if not side.is_given]

    @property
    def can_ask(self) -> bool:
        """Whether an agency is left that was not asked, or that declined."""
        return any(side.consent is None or _declined(side) for side in self.sides)


def of(call_round, without=()) -> list[Merger]:
    """The mergers of a round by reference; those with a letter of `without` are left out."""
    decisions = list(
        rounds.decisions_of(call_round, without)
        .filter(outcome=Outcome.MERGED)
        .exclude(merged_with__in=without)
        .select_related("letter__agency", "merged_with__agency")
        .order_by("letter__reference")
    )
    consents = MergeConsent.objects.filter(
        round=call_round, letter__in=[decision.letter_id for decision in decisions]
    ).exclude(state=ConsentState.TAKEN_BACK)
    newest = {}
    for consent in consents.select_related("answered_by").order_by("asked_at"):
        newest[consent.letter_id, consent.lead_id, consent.agency_id] = consent
    return [_merger(decision, newest) for decision in decisions]


def waiting(call_round, without=()) -> list[str]:
    """Whose consent is missing: "CE8-2023-0007: Demo Space Agency" each."""
    return [
        f"{merger.decision.letter.reference}: {side.agency.name}"
        for merger in of(call_round, without)
        for side in merger.missing
    ]


def joining(call_round) -> dict[UUID, list[LetterOfIntent]]:
    """Which letters join a project, by the id of the letter that leads it, in the results' order.

    Only with every consent: to be asked told both agencies of each other, and nobody else.
    """
    found = defaultdict(list)
    for merger in of(call_round):
        if not merger.missing:
            found[merger.decision.merged_with_id].append(merger.decision.letter)
    return {
        lead: sorted(letters, key=lambda letter: (letter.title, letter.reference))
        for lead, letters in found.items()
    }


def _merger(decision, newest) -> Merger:
    letter, lead = decision.letter, decision.merged_with
    agencies = dict.fromkeys([lead.agency, letter.agency])
    return Merger(
        decision,
        [Side(agency, newest.get((letter.pk, lead.pk, agency.pk))) for agency in agencies],
    )


def _declined(side) -> bool:
    return side.consent is not None and side.consent.state == ConsentState.DECLINED
