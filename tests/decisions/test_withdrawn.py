"""An agency withdraws its letter while the panel decides: until a proposal locks the round."""

from datetime import timedelta

import pytest

from accounts.states import Role
from decisions import actions, rounds
from decisions.models import Decision
from decisions.states import Outcome
from proposals import actions as letters_room
from proposals.models import LetterOfIntent
from proposals.states import LetterState
from reviews import actions as reviews_room
from reviews.models import Ranking
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


@pytest.fixture(autouse=True)
def the_call_is_closed(it_is):
    it_is(make.CLOSES + timedelta(days=200))


def withdraw(letter):
    person = make.member(of=letter.agency)
    if not letter.versions.exists():
        make.version(letter, {"fields": {}, "attachments": []}, by=person)
    return letters_room.withdraw(letter, actor=person)


def locked(call_round):
    call_round.refresh_from_db()
    return call_round.decisions_locked_at


def test_a_proposal_locks_the_round_and_its_withdrawal_unlocks_it():
    call_round, (letter, _other) = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    assert locked(call_round) is None
    publication = stage.propose(call_round)
    assert locked(call_round) == publication.proposed_at
    with pytest.raises(letters_room.Refused) as refused:
        withdraw(letter)
    assert refused.value.code == "decisions_locked"
    assert LetterOfIntent.objects.get(pk=letter.pk).state == LetterState.SHORTLISTED

    actions.withdraw_proposal(
        publication, reason="A slip.", actor=make.user(), at=publication.proposed_at
    )
    assert locked(call_round) is None
    withdraw(letter)
    assert LetterOfIntent.objects.get(pk=letter.pk).state == LetterState.WITHDRAWN


def test_a_released_round_stays_locked():
    publication, _letters = stage.released()
    assert locked(publication.round) is not None


def test_the_other_round_is_not_locked():
    call_round, (letter,) = stage.preliminary(Outcome.SHORTLISTED)
    call_round.call.rounds.filter(kind="FINAL").update(decisions_locked_at=make.CLOSES)
    assert withdraw(letter).state == LetterState.WITHDRAWN


def test_a_withdrawn_letter_is_owed_no_decision_and_its_decision_does_not_count():
    call_round, (gone, stays) = stage.final(Outcome.SELECTED, None)
    withdraw(gone)
    assert list(LetterOfIntent.objects.to_decide_in(call_round)) == [stays]
    assert list(rounds.undecided_in(call_round)) == [stays]
    assert not rounds.decisions_of(call_round).exists()
    assert rounds.mass_on_the_lander(call_round) == 0
    with pytest.raises(actions.Refused, match="not part of this round"):
        stage.decide(call_round, [gone], [Outcome.NOT_SELECTED])
    # The proposal speaks of the others alone.
    stage.decide(call_round, [stays], [Outcome.NOT_SELECTED])
    publication = stage.propose(call_round)
    assert {row.decision.letter_id for row in publication.letters.all()} == {stays.pk}


def test_a_letter_merged_with_a_withdrawn_one_is_named():
    call_round, (lead, merged) = stage.final(Outcome.SELECTED, None)
    actions.decide(
        call_round,
        merged,
        outcome=Outcome.MERGED,
        merged_with=lead,
        reason=stage.REASON,
        actor=make.user(Role.CHAIR),
        at=stage.late(call_round.call),
    )
    withdraw(lead)
    with pytest.raises(actions.Refused, match="not itself selected"):
        stage.propose(call_round)


def test_a_letter_withdrawn_by_another_way_stops_the_release():
    publication, letters = stage.ready()
    LetterOfIntent.objects.filter(pk=letters[0].pk).update(state=LetterState.WITHDRAWN)
    with pytest.raises(actions.Refused, match="is now “Withdrawn”"):
        stage.release(publication)


def test_a_ranking_is_frozen_without_the_withdrawn_letter():
    call = make.call()
    make.rubric(call)
    call_round = make.first_round(call)
    gone, stays = (make.eligible_letter(call=call, agency=make.agency()) for _ in range(2))
    for _ in range(3):
        make.review(of=make.assignment(letter=stays, round=call_round))
    # Nobody waits for the review of a letter that is no longer there.
    waiting = make.assignment(letter=gone, round=call_round)
    withdraw(gone)
    refusal = reviews_room.closed_because(waiting, at=make.CLOSES)
    assert refusal is None
    waiting.letter.refresh_from_db()
    assert reviews_room.closed_because(waiting, at=make.CLOSES).code == "withdrawn"
    ranking = reviews_room.freeze_ranking(
        call_round, actor=make.user(Role.CHAIR), at=stage.late(call)
    )
    assert [row.letter_id for row in ranking.letters.all()] == [stays.pk]


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PUBLISHER])
def test_every_page_about_the_round_copes_with_a_withdrawn_letter(client, role):
    call_round, (gone, _stays) = stage.final(Outcome.SELECTED, None)
    make.rubric(call_round.call)
    reviewer = make.reviewer()
    assignment = make.assignment(letter=gone, reviewer=reviewer, round=call_round)
    review = make.review(of=assignment, submitted=False)
    rubric = [{**criterion, "short_name": criterion["name"]} for criterion in stage.RUBRIC]
    Ranking.objects.update(rubric=rubric)
    withdraw(gone)
    client.force_login(make.user(role))
    slug = "final"
    for address in (
        "/decisions/",
        f"/decisions/{slug}/",
        f"/decisions/{slug}/{gone.pk}/",
        "/panel/",
        "/panel/screening/",
        f"/panel/{slug}/assignment/",
        f"/panel/{slug}/progress/",
        f"/panel/{slug}/ranking/",
        f"/panel/letters/{gone.pk}/",
        f"/letters/{gone.pk}/",
    ):
        assert client.get(address).status_code < 500, address
    client.force_login(reviewer)
    for address in ("/reviews/", f"/reviews/{assignment.pk}/", f"/reviews/{review.pk}/"):
        assert client.get(address).status_code < 500, address
    assert Decision.objects.count() == 1
