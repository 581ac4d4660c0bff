"""How the story decides the final round: in which order, and around what was decided by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import decisions, mergers
from decisions import actions, rendering
from decisions.models import Decision, MergeConsent, Publication
from decisions.states import ConsentState, Outcome
from tests import make
from tests.decisions import stage

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
KEYS = (None, "zembla-orbiters", "earthshine-polarimeter", "surface-imager", "dust-shield")
STAFF = ((Role.CHAIR, "chair"), (Role.PUBLISHER, "publisher1"), (Role.PUBLISHER, "publisher2"))
# None is a letter that somebody wrote while trying the demo.
MINE, RESERVE_3, JOINS, LEADS, RESERVE_1 = KEYS


@pytest.fixture
def final(monkeypatch):
    """A frozen final round with the letters of KEYS, whose references are in this order."""
    titles = {row["key"]: row["form"]["title"] for row in content.letters()}
    call = make.call()
    letters = {
        key: make.shortlisted_letter(
            call=call, agency=make.agency(), title=titles.get(key, "A letter of my own")
        )
        for key in KEYS
    }
    for letter in letters.values():
        make.member(of=letter.agency)
    for role, name in STAFF:
        make.user(role, email=f"{name}@portal.example.org")
    call_round = make.final_round(call)
    stage.freeze(call_round, letters.values())
    # The words come from reviews, of which there are none here.
    monkeypatch.setattr(decisions, "_words", lambda *about: {"reason": stage.REASON})
    return call_round, letters


def decided(call_round, letters):
    by_letter = {one.letter_id: one for one in Decision.objects.filter(round=call_round)}
    return {key: by_letter[letter.pk] for key, letter in letters.items()}


def test_a_letter_joins_the_project_that_leads_and_both_agencies_consent(final):
    call_round, letters = final
    decisions.decide_all(call_round, at=stage.late(call_round.call))
    mergers.settle(call_round, at=stage.late(call_round.call))

    made = decided(call_round, letters)
    assert (made[LEADS].outcome, made[LEADS].mass_kg) == (Outcome.SELECTED, Decimal("7.9"))
    assert made[JOINS].outcome == Outcome.MERGED
    assert made[JOINS].merged_with == letters[LEADS]
    consents = MergeConsent.objects.order_by("answered_at")
    assert [one.state for one in consents] == [ConsentState.GIVEN] * 2
    assert [one.agency for one in consents] == [letters[LEADS].agency, letters[JOINS].agency]

    mergers.settle(call_round, at=stage.late(call_round.call))
    assert consents.count() == 2


def test_whoever_nobody_planned_stands_behind_the_planned_on_the_reserve_list(final):
    call_round, letters = final
    decisions.decide_all(call_round, at=stage.late(call_round.call))
    made = decided(call_round, letters)
    assert [made[key].reserve_rank for key in (RESERVE_1, RESERVE_3, MINE)] == [1, 2, 3]


def test_a_letter_whose_project_was_turned_down_by_hand_is_kept_in_reserve(final):
    call_round, letters = final
    stage.decide(call_round, [letters[LEADS]], [Outcome.NOT_SELECTED])
    decisions.decide_all(call_round, at=stage.late(call_round.call))
    made = decided(call_round, letters)
    assert made[JOINS].outcome == Outcome.RESERVE
    assert [made[key].reserve_rank for key in (RESERVE_1, RESERVE_3, JOINS, MINE)] == [1, 2, 3, 4]
    assert not MergeConsent.objects.exists()


def test_a_rank_that_was_given_by_hand_is_not_given_again(final):
    call_round, letters = final
    chair = make.user(Role.CHAIR)
    at = stage.late(call_round.call)
    actions.decide(
        call_round,
        letters[MINE],
        outcome=Outcome.RESERVE,
        reason=stage.REASON,
        reserve_rank=1,
        reserve_until=at.date(),
        actor=chair,
        at=at,
    )
    decisions.decide_all(call_round, at=at)
    made = decided(call_round, letters)
    assert [made[key].reserve_rank for key in (MINE, RESERVE_1, RESERVE_3)] == [1, 2, 3]


def test_a_proposal_that_was_withdrawn_by_hand_is_made_once_more(final, monkeypatch):
    monkeypatch.setattr(rendering, "render", lambda facts: stage.paper(facts.letter_number))
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, **options: [])
    call_round, _letters = final
    at = stage.late(call_round.call)
    decisions.decide_all(call_round, at=at)
    mergers.settle(call_round, at=at)
    decisions.propose(call_round, at=at + 4 * DAY)
    first = Publication.objects.get()
    actions.withdraw_proposal(first, reason="A look.", actor=first.proposed_by, at=at + 5 * DAY)

    decisions.release(call_round, at=at + 9 * DAY)

    assert Publication.objects.released().get() != first
