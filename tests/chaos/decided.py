"""A round on the way to its release, of which `check_invariants` has nothing to say.

The letters of intent are filed by the real action, at the time of their call. The portal's clock is
left standing at the day on which a publisher may propose.
"""

from datetime import timedelta

from accounts.states import Seat
from chang_e8_portal import clock
from decisions.states import Outcome
from proposals import actions
from tests import make
from tests.decisions import stage


def decided(letters):
    """The first round of a call with so many letters; half of the twenty best are shortlisted.

    Each is of an agency of its own with two people: a representative and an editor.
    """
    call = make.call()
    clock.travel_to(call.closes_at - timedelta(days=1))
    filed = [_filed(call) for _number in range(letters)]
    clock.travel_to(stage.late(call))
    call_round = make.first_round(call)
    chosen = [make.screened(letter) for letter in filed]
    stage.freeze(call_round, chosen)
    # Those below have too low a total to go forward without a second person.
    forward = range(0, min(letters, 20), 2)
    outcomes = [
        Outcome.SHORTLISTED if number in forward else Outcome.NOT_SHORTLISTED
        for number in range(letters)
    ]
    stage.decide(call_round, chosen, outcomes)
    return call_round


def _filed(call):
    agency = make.agency()
    representative = make.member(agency)
    make.member(agency, Seat.EDITOR)
    letter = make.letter(call=call, agency=agency)
    actions.submit(letter, actor=representative, idempotency_key=str(letter.pk))
    letter.refresh_from_db()
    return letter
