"""What was decided: the panel's list, and after the release an agency's own."""

from collections import defaultdict
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from accounts import paging
from accounts.bodies import only_in_address
from decisions import rounds
from decisions.models import Decision
from decisions.permissions import admit, can
from decisions.querysets import letters_barred_to
from decisions.states import Outcome, PublicationState
from proposals.states import Level, RoundKind

router = Router(tags=["Decisions"])


class DecidedLetter(Schema):
    id: UUID = Field(
        description="The letter's own id.", examples=["6f0f0a0e-1d2c-4a8e-9d6b-0a4f6a3c2b11"]
    )
    reference: str = Field(description="How people name it.", examples=["CE8-2023-0417"])
    title: str = Field(description="As filed, in English.", examples=["Dust sensor"])
    agency: str = Field(description="Who leads.", examples=["Demo Space Agency"])
    level: Literal[tuple(Level.values)] = Field(description="Cooperation level.", examples=["UNIT"])


class ConditionOut(Schema):
    text: str = Field(description="What is asked.", examples=["Show the thermal model."])
    due: date | None = Field(description="By when.", examples=["2025-03-31"])


class JoinedOut(Schema):
    title: str = Field(description="As filed, in English.", examples=["Seismometer"])
    agency: str = Field(description="Whose letter it was.", examples=["Demo Agency of Laputa"])


class DecisionOut(Schema):
    """One letter's decision in one round, in the words that the agency reads after the release."""

    round: Literal[tuple(RoundKind.values)] = Field(
        description="Which round of the call.", examples=["FINAL"]
    )
    letter: DecidedLetter
    outcome: Literal[tuple(Outcome.values)] = Field(
        description="What was decided.", examples=["SELECTED"]
    )
    released: bool = Field(
        description="Whether the agency has been told. Until then it may change.", examples=[False]
    )
    reason: str = Field(description="Of the panel.", examples=["It fits the objectives."])
    strengths: str = Field(
        description="Cleared for the agency by the chair.", examples=["A team that has flown."]
    )
    weaknesses: str = Field(
        description="Cleared for the agency by the chair.", examples=["A tight schedule."]
    )
    conditions: list[ConditionOut] = Field(
        description="Numbered in this order.",
        examples=[[{"text": "Show the thermal model.", "due": "2025-03-31"}]],
    )
    merged_with: str | None = Field(
        description="Title of the project it joins, if you may know of it.",
        examples=["Seismometer"],
    )
    joined_by: list[JoinedOut] = Field(
        description="The letters that become one project with this one and are led by it, if you "
        "may know of them.",
        examples=[[]],
    )
    reserve_rank: int | None = Field(description="Place on the reserve list.", examples=[2])
    reserve_until: date | None = Field(description="How long.", examples=["2025-06-30"])
    mass_kg: float | None = Field(description="Allotted on the lander.", examples=[6.5])
    version: Annotated[int, Field(description="Counts every change.", examples=[1])]
    decided_at: datetime = Field(description="When.", examples=["2024-08-30T09:00:00Z"])


class DecisionPage(Schema):
    items: list[DecisionOut] = Field(description="By round and reference.", examples=[[]])
    page: int = Field(description="Which one this is, from 1.", examples=[1])
    pages: int = Field(description="How many there are.", examples=[1])
    count: int = Field(description="Items on all pages.", examples=[41])


@router.get(
    "/decisions",
    response=DecisionPage,
    url_name="decisions",
    summary="List decisions",
    openapi_extra={"query": ["call", "any_round", "page", "page_size"]},
)
def decisions(request: HttpRequest):
    """For the chair and publishers what was decided so far; for the auditor what was released.

    After the release agencies find their own decision here, and reviewers those on letters that
    they assessed; before it there is nothing (404). A letter you are in conflict with is left out.
    """
    only_in_address(request, "call", "round", "page", "page_size")
    rows = _decisions(request.user, _rounds_in(request)).select_related(
        "letter__agency", "round", "merged_with"
    )
    rows = rows.order_by("round__announced_for", "letter__reference", "pk")
    page = paging.page_of(request, rows)
    released = {
        found.round_id
        for found in map(rounds.latest_publication, {row.round for row in page})
        if found and found.is_released
    }
    hidden = set(letters_barred_to(request.user).values_list("letter", flat=True))
    joined = _joined(page, hidden)
    return paging.of(
        page,
        lambda row: _written(
            row,
            hidden,
            joined_by=joined[row.round_id, row.letter_id],
            released=row.round_id in released,
        ),
    )


def _rounds_in(request):
    """The rounds that the address asks for: one by its name, or all; 404 where there is none."""
    word = request.GET.get("round")
    found = rounds.rounds_of(request.GET.get("call", ""))
    if word is not None:
        found = [one for one in found if one.kind == word.upper()]
    if not found:
        raise Http404
    return found


def _decisions(user, asked):
    """Those that `user` may read: by office, round for round, or else what she or he was told."""
    seen = [one for one in asked if can(user, "see", rounds.latest_publication(one))]
    if seen:
        barred = letters_barred_to(user)
        counting = reduce(or_, (rounds.decisions_of(one, barred) for one in seen))
        return Decision.objects.visible_to(user).filter(pk__in=counting.values("pk"))
    told = Decision.objects.visible_to(user).filter(
        round__in=asked, round__publications__state=PublicationState.RELEASED
    )
    try:
        admit(user, "see")
    except Http404:
        if not told.exists():
            raise
    return told


def _joined(page, hidden) -> dict:
    """Who joins the projects on a page, by (round, letter that leads), in the results' order."""
    found = defaultdict(list)
    counting = (rounds.decisions_of(one, hidden) for one in {row.round for row in page})
    rows = reduce(or_, counting, Decision.objects.none()).filter(
        outcome=Outcome.MERGED, merged_with__in=[row.letter_id for row in page]
    )
    rows = rows.select_related("letter__agency").order_by("letter__title", "letter__reference")
    for row in rows:
        joined = {"title": row.letter.title, "agency": row.letter.agency.name}
        found[row.round_id, row.merged_with_id].append(joined)
    return found


def _written(row, hidden, *, joined_by, released) -> dict:
    letter, lead = row.letter, row.merged_with
    return {
        "round": row.round.kind,
        "letter": {
            "id": letter.pk,
            "reference": letter.reference,
            "title": letter.title,
            "agency": letter.agency.name,
            "level": letter.level,
        },
        "outcome": row.outcome,
        "released": released,
        "reason": row.reason,
        "strengths": row.strengths,
        "weaknesses": row.weaknesses,
        "conditions": [{"text": one["text"], "due": one.get("due")} for one in row.conditions],
        "merged_with": lead.title if lead and lead.pk not in hidden else None,
        "joined_by": joined_by,
        # Ranks are counted among all letters: a gap would tell of the one left out.
        "reserve_rank": None if hidden else row.reserve_rank,
        "reserve_until": row.reserve_until,
        "mass_kg": None if row.mass_kg is None else float(row.mass_kg),
        "version": row.version,
        "decided_at": row.decided_at,
    }
