"""The chapters, one a phase: what happens between the phase before and this one."""

from datetime import timedelta

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content, people
from chang_e8_portal.demo.story import (
    conflicts,
    decisions,
    fuller,
    letters,
    meetings,
    mergers,
    portfolio,
    reviews,
    talks,
    who_and_when,
)
from proposals import actions as letters_room
from proposals.models import Call
from proposals.states import Answer, Eligibility, RoundKind
from reviews import actions as panel


def tell(*, to: str) -> None:
    """Bring the world to a phase from wherever it stands, and the clock with it."""
    chapters = {
        "intake": _intake,
        "closed": _closed,
        "review": _review,
        "shortlist": _shortlist,
        "selection": _selection,
        "published": _published,
    }
    for phase in who_and_when.PHASES[: who_and_when.PHASES.index(to) + 1]:
        if clock.now() < who_and_when.moment_of(phase) or not Call.objects.exists():
            chapters[phase](who_and_when.moment_of(phase))
            clock.travel_to(who_and_when.moment_of(phase))


def _intake(until):
    if not Call.objects.exists():
        clock.travel_to(who_and_when.moment_in(content.call()["opens_at"]))
        panel.announce_call(content.call(), content.rubric(), at=clock.now())
        people.settle(at=clock.now())
    letters.write(until)


def _closed(until):
    letters.write(until)
    the_call = who_and_when.the_call()
    clock.travel_to(the_call.closes_at + timedelta(seconds=5))
    letters_room.seal(the_call, at=clock.now())
    panel.ask_chairs(at=clock.now())


def _review(until):
    the_call, chair = who_and_when.the_call(), who_and_when.first_with(Role.CHAIR)
    clock.travel_to(who_and_when.days_from(until, -41))
    _open(the_call)
    clock.travel_to(who_and_when.days_from(until, -40))
    refused = {row["form"]["title"]: row["ineligible"] for row in content.letters()}
    for letter in the_call.letters.filed().filter(screening__isnull=True).order_by("reference"):
        fault = refused.get(letter.title)
        letters_room.screen(
            letter,
            outcome=Eligibility.INELIGIBLE if fault else Eligibility.ELIGIBLE,
            rule=fault["rule"] if fault else "",
            reason=fault["reason"]["en"] if fault else "",
            actor=chair,
            at=clock.now(),
        )
    portfolio.sign(
        who_and_when.the_round(RoundKind.PRELIMINARY), at=who_and_when.days_from(until, -39)
    )
    conflicts.invite(who_and_when.the_round(RoundKind.PRELIMINARY))
    reviews.assign_all(
        who_and_when.the_round(RoundKind.PRELIMINARY), start=who_and_when.days_from(until, -37)
    )
    reviews.file_some(
        who_and_when.the_round(RoundKind.PRELIMINARY),
        since=who_and_when.days_from(until, -30),
        until=who_and_when.days_from(until, -2),
        share=0.5,
    )
    talks.talk(
        who_and_when.the_round(RoundKind.PRELIMINARY), since=who_and_when.days_from(until, -1)
    )
    meetings.plan(
        who_and_when.the_round(RoundKind.PRELIMINARY), at=who_and_when.days_from(until, -0.25)
    )


def _open(the_call):
    """Two publishers open the letters, unless whoever tries the demo has done so."""
    if the_call.is_opened():
        return
    opening = the_call.openings.filter(answer=Answer.AWAITED).first()
    if opening is None:
        opening = letters_room.propose_opening(
            the_call, actor=who_and_when.first_with(Role.PUBLISHER)
        )
    other = User.objects.with_role(Role.PUBLISHER).exclude(pk=opening.proposed_by_id)
    letters_room.approve_opening(opening, actor=other.order_by("email").first())


def _shortlist(until):
    preliminary = who_and_when.the_round(RoundKind.PRELIMINARY)
    reviews.finish(preliminary)
    portfolio.weigh(preliminary, at=who_and_when.days_from(until, -9))
    decisions.decide_all(preliminary, at=who_and_when.days_from(until, -8))
    decisions.propose(preliminary, at=who_and_when.days_from(until, -2))


def _selection(until):
    decisions.release(
        who_and_when.the_round(RoundKind.PRELIMINARY), at=who_and_when.days_from(until, -130)
    )
    final = who_and_when.the_round(RoundKind.FINAL)
    fuller.file_all(final, at=who_and_when.days_from(until, -95))
    portfolio.sign(final, at=who_and_when.days_from(until, -80))
    reviews.assign_all(final, start=who_and_when.days_from(until, -78))
    reviews.finish(final)
    portfolio.weigh(final, at=who_and_when.days_from(until, -9))
    portfolio.adopt(final, at=who_and_when.days_from(until, -9))
    decisions.decide_all(final, at=who_and_when.days_from(until, -8))
    mergers.settle(final, at=who_and_when.days_from(until, -7))
    decisions.propose(final, at=who_and_when.days_from(until, -1))


def _published(until):
    final = who_and_when.the_round(RoundKind.FINAL)
    # Whoever tries the demo may have withdrawn the proposal and decided another merger.
    mergers.settle(final, at=who_and_when.days_from(until, -8))
    decisions.release(final, at=who_and_when.days_from(until, -2))
