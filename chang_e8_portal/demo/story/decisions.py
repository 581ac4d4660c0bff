"""The end of a round: the chair decides, two publishers propose and release."""

import threading
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import who_and_when
from decisions import actions as decisions_room
from decisions import exceptions
from decisions.models import (
    Decision,
    DecisionLetter,
    GrantedException,
    Publication,
)
from decisions.states import POSITIVE, Outcome, RenderState
from proposals.models import LetterOfIntent
from proposals.states import Answer, Eligibility
from reviews.models import RankedLetter, Review

# What the panel may still fly; below it a letter is not selected.
_GOOD_ENOUGH = Decimal("66.7")
# Half seconds to wait for a letter that a worker has in hand.
_PATIENCE = 240


def decide_all(call_round, *, at):
    """The chair decides every letter of the round that nobody has decided yet."""
    decided = Decision.objects.filter(round=call_round).values("letter")
    undecided = LetterOfIntent.objects.to_decide_in(call_round).exclude(pk__in=decided)
    if not undecided.exists():
        return
    clock.travel_to(at)
    planned = {row["form"]["title"]: row for row in content.letters()}
    ranked = {row.letter_id: row for row in RankedLetter.objects.filter(ranking__round=call_round)}
    letters = undecided.select_related("screening").order_by("reference")
    for letter in sorted(letters, key=lambda letter: _turn(planned.get(letter.title))):
        row = ranked.get(letter.pk)
        outcome, details = _outcome(call_round, letter, planned.get(letter.title), row)
        words = _words(letter, outcome, row)
        decisions_room.decide(
            call_round,
            letter,
            outcome=outcome,
            **words,
            actor=who_and_when.first_with(Role.CHAIR),
            at=clock.now(),
            **details,
        )


def meant_to_fly(call_round) -> list[LetterOfIntent]:
    """The letters that the story selects in the final round, by themselves or in a project."""
    titles = [
        row["form"]["title"]
        for row in content.letters()
        if "merged_with" in row or row.get("outcome_final") in POSITIVE
    ]
    letters = LetterOfIntent.objects.to_decide_in(call_round).filter(title__in=titles)
    return list(letters.order_by("reference"))


def _turn(planned) -> tuple[int, int]:
    """When a letter is decided: the reserve list in its order, what joins a project after that one,
    and last what nobody planned, because it stands behind all others.
    """
    if planned is None:
        return 2, 0
    return int("merged_with" in planned), planned["reserve"]["rank"] if planned["reserve"] else 0


def _outcome(call_round, letter, planned, ranked):
    if letter.screening.outcome == Eligibility.INELIGIBLE:
        return Outcome.INELIGIBLE, {}
    if planned and not call_round.is_final:
        return Outcome(planned["outcome_round1"]), {}
    if planned and "merged_with" in planned:
        lead = _lead(call_round, planned["merged_with"])
        if lead is not None:
            # What the lead is allotted is meant for both.
            return Outcome.MERGED, {"merged_with": lead, "mass_kg": Decimal(0)}
    elif planned:
        return Outcome(planned["outcome_final"]), _details(call_round, planned)
    # A letter written by whoever tries the demo, or whose project to join they turned down, goes by
    # its marks, and then behind the others.
    if not call_round.is_final:
        good = ranked.total >= _GOOD_ENOUGH
        return (Outcome.SHORTLISTED if good else Outcome.NOT_SHORTLISTED), {}
    until = clock.now().date() + timedelta(days=365)
    return Outcome.RESERVE, {"reserve_rank": _next_rank(call_round), "reserve_until": until}


def _details(call_round, planned) -> dict:
    """What the outcome of a planned letter carries beside its reasons."""
    details = {}
    if planned["reserve"]:
        # Ranks may have been given by hand before.
        details["reserve_rank"] = _next_rank(call_round)
        details["reserve_until"] = date.fromisoformat(planned["reserve"]["valid_until"])
    if "mass_allocated_kg" in planned:
        details["mass_kg"] = planned["mass_allocated_kg"]
    return details


def _next_rank(call_round) -> int:
    reserve = Decision.objects.filter(round=call_round, outcome=Outcome.RESERVE)
    return (reserve.aggregate(last=Max("reserve_rank"))["last"] or 0) + 1


def _lead(call_round, key):
    """The letter of this key if its project goes forward in the round, or else None."""
    title = next(row["form"]["title"] for row in content.letters() if row["key"] == key)
    leads = Decision.objects.filter(
        round=call_round, outcome__in=(Outcome.SELECTED, Outcome.CONDITIONAL), letter__title=title
    )
    decision = leads.select_related("letter").first()
    return decision and decision.letter


def _words(letter, outcome, ranked):
    """Reason, strengths and weaknesses as a chair would clear them from the first review."""
    if ranked is None:
        return {"reason": letter.screening.reason}
    first = (
        Review.objects.submitted()
        .filter(assignment__round=ranked.ranking.round_id, assignment__letter=letter)
        .order_by("submitted_at")
        .first()
    )
    return {
        "reason": content.reason_for(str(outcome), who_and_when.key_of(letter)),
        "strengths": f"{first.major_strengths}\n{first.strengths}".strip(),
        "weaknesses": f"{first.major_weaknesses}\n{first.weaknesses}".strip(),
    }


def propose(call_round, *, at):
    """A publisher proposes the decisions, and the decision letters are rendered."""
    if not Publication.objects.live().filter(round=call_round).exists():
        clock.travel_to(at)
        _grant_exceptions(call_round)
        decisions_room.propose(
            call_round, actor=who_and_when.first_with(Role.PUBLISHER), at=clock.now()
        )
    _render_all(call_round)


def _grant_exceptions(call_round):
    """The chair says why a letter goes forward with a low total, and a publisher agrees."""
    for case in exceptions.of(call_round):
        if not case.granted:
            decisions_room.ask_exception(
                call_round,
                kind=case.kind,
                letter=case.decision and case.decision.letter,
                reason="The panel weighed it against the objectives of the mission.",
                actor=who_and_when.first_with(Role.CHAIR),
                at=clock.now(),
            )
    for asked in GrantedException.objects.filter(round=call_round, answer=Answer.AWAITED):
        others = User.objects.with_role(Role.PUBLISHER).exclude(pk=asked.proposed_by_id)
        decisions_room.answer_exception(
            asked, agrees=True, actor=others.order_by("email").first(), at=clock.now()
        )


def _render_all(call_round):
    """Have every letter of the proposal rendered, by us or by a worker who was quicker."""
    letters = DecisionLetter.objects.filter(publication__round=call_round)
    unfinished = letters.filter(state__in=(RenderState.OWED, RenderState.RENDERING))
    pause = threading.Event()
    for _try in range(_PATIENCE):
        for letter_id in unfinished.renderable(at=clock.now()).values_list("pk", flat=True):
            decisions_room.render_letter(letter_id, at=clock.now())
        if not unfinished.exists():
            return
        pause.wait(0.5)


def release(call_round, *, at):
    """Another publisher releases what was proposed; proposed once more, if it was withdrawn."""
    if not Publication.objects.live().filter(round=call_round).exists():
        propose(call_round, at=max(clock.now(), at - timedelta(days=1)))
    publication = Publication.objects.live().get(round=call_round)
    if publication.is_released:
        return
    clock.travel_to(at)
    other = User.objects.with_role(Role.PUBLISHER).exclude(pk=publication.proposed_by_id)
    decisions_room.release(
        publication,
        confirmed_count=publication.positive_count,
        actor=other.order_by("email").first(),
        at=clock.now(),
    )
    decisions_room.mail_told(at=clock.now())
