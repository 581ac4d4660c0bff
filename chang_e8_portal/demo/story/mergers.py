"""Two letters become one project: both lead agencies are asked in confidence, and consent."""

from accounts.states import Role, Seat
from chang_e8_portal import clock
from chang_e8_portal.demo.story import who_and_when
from decisions import actions as decisions_room
from decisions import mergers
from decisions.models import MergeConsent

# Days until whoever leads the project answers, and until whoever joins it does.
_DAYS = {True: 1, False: 3}


def settle(call_round, *, at) -> None:
    """Ask whoever was not asked yet, by the story or by hand; everybody consents, one by one."""
    chair = who_and_when.first_with(Role.CHAIR)
    to_ask = [merger.decision.letter for merger in mergers.of(call_round) if merger.can_ask]
    if to_ask:
        clock.travel_to(max(clock.now(), at))
    for letter in to_ask:
        decisions_room.ask_consents(call_round, letter, actor=chair, at=clock.now())
    awaited = MergeConsent.objects.awaited().filter(round=call_round)
    awaited = awaited.select_related("agency", "lead").order_by("asked_at", "agency__name")
    for consent in sorted(awaited, key=_leads, reverse=True):
        day = who_and_when.days_from(at, _DAYS[_leads(consent)])
        clock.travel_to(max(clock.now(), day))
        decisions_room.answer_consent(
            consent,
            agrees=True,
            reason="",
            actor=who_and_when.member_of(consent.agency, Seat.REPRESENTATIVE),
            at=clock.now(),
        )


def _leads(consent) -> bool:
    return consent.agency_id == consent.lead.agency_id
