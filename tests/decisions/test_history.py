"""What a decision was before: its versions, the undo of a bulk decision, and the reserve list."""

from datetime import date

import pytest
from django.db import InternalError, transaction
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from decisions import actions, history, letter_facts
from decisions.actions import Refused
from decisions.models import Decision, DecisionVersion
from decisions.states import Outcome
from proposals.models import LetterOfIntent
from tests import make
from tests.decisions import stage

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 9, 30)


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


def several(call_round, letters, outcome, chair):
    return actions.decide_several(
        call_round,
        letters,
        outcome=outcome,
        reason="The same for all.",
        actor=chair,
        at=stage.late(call_round.call),
    )


def undo(call_round, chair, act=None):
    act = act or history.last_act(call_round, chair)
    return actions.undo_several(call_round, act=act, actor=chair, at=stage.late(call_round.call))


def reserve(call_round, letter, rank, chair):
    return actions.decide(
        call_round,
        letter,
        outcome=Outcome.RESERVE,
        reason=stage.REASON,
        reserve_rank=rank,
        reserve_until=UNTIL,
        actor=chair,
        at=stage.late(call_round.call),
    )


# --- versions ---


def test_every_decision_keeps_what_was_before_and_after():
    call_round, [letter] = stage.final(Outcome.NOT_SELECTED)
    stage.decide(call_round, [letter], [Outcome.SELECTED])

    newest, first = history.steps(call_round, letter)
    assert (newest.version.number, first.version.number) == (2, 1)
    assert ("Outcome", "Not selected", "Selected") in newest.changes
    assert ("Mass allotted", "", "6.5 kg") in newest.changes
    assert ("Outcome", "Not decided yet", "Not selected") in first.changes


def test_a_version_is_never_changed_and_never_deleted():
    stage.final(Outcome.SELECTED)
    for touch in (
        lambda: DecisionVersion.objects.update(number=9),
        lambda: DecisionVersion.objects.all().delete(),
    ):
        with pytest.raises(InternalError, match="never changed"), transaction.atomic():
            touch()


def test_the_record_does_not_confirm_a_guess_of_what_was_decided():
    """The auditor reads it before anything is told, and many letters get the same few words."""
    call_round, [letter] = stage.final(Outcome.NOT_SELECTED)
    decision = Decision.objects.get(letter=letter)
    [entry] = Entry.objects.filter(action="decision.made", subject=f"letter:{letter.pk}")
    known = entry.data["sha256"]
    assert letter_facts.decision_hash(decision) == known

    guessed = Decision(
        round=call_round, letter=letter, outcome=Outcome.NOT_SELECTED, reason=stage.REASON
    )
    assert history.content_of(guessed) | {"salt": decision.salt} == history.content_of(decision)
    assert letter_facts.decision_hash(guessed) != known
    guessed.salt = ""
    assert letter_facts.decision_hash(guessed) != known


def test_the_page_of_the_letter_shows_its_history(client, chair):
    call_round, [letter] = stage.final(Outcome.NOT_SELECTED)
    stage.decide(call_round, [letter], [Outcome.SELECTED])
    client.force_login(chair)
    page = client.get(reverse("decisions:letter", args=[call_round.kind, letter.pk]))
    text = page.content.decode()
    assert "History: 2 versions" in text
    assert "<del>Not selected</del>" in text


# --- the undo ---


def test_the_last_bulk_decision_is_undone_as_a_new_act(chair):
    call_round, letters = stage.final(Outcome.SELECTED, None)
    several(call_round, letters, Outcome.NOT_SELECTED, chair)

    assert undo(call_round, chair) == 2

    assert list(Decision.objects.values_list("letter", "outcome", "version")) == [
        (letters[0].pk, "SELECTED", 3)
    ]
    assert Decision.objects.get().mass_kg == letters[0].mass_kg
    newest, _bulk = history.steps(call_round, letters[1])
    assert newest.version.content is None
    assert newest.version.undoes == _bulk.version.act
    # What follows an undo goes on counting, so no two letters ever have one number.
    stage.decide(call_round, letters[1:], [Outcome.SELECTED])
    assert Decision.objects.get(letter=letters[1]).version == 3


def test_only_the_last_one_of_the_same_person_is_undone_and_once(chair):
    call_round, letters = stage.final(None, None)
    several(call_round, letters[:1], Outcome.SELECTED, chair)
    first = history.last_act(call_round, chair)
    several(call_round, letters[1:], Outcome.SELECTED, chair)
    last = history.last_act(call_round, chair)
    for person, act in ((chair, first), (make.user(Role.CHAIR), last), (chair, None)):
        with pytest.raises(Refused, match="Only the last"):
            actions.undo_several(call_round, act=act, actor=person, at=stage.late(call_round.call))
    undo(call_round, chair, last)
    with pytest.raises(Refused, match="Only the last"):
        undo(call_round, chair, last)
    assert Decision.objects.count() == 1


def test_a_letter_decided_anew_since_is_named_and_nothing_is_undone(chair):
    call_round, letters = stage.final(None, None)
    several(call_round, letters, Outcome.NOT_SELECTED, chair)
    stage.decide(call_round, letters[1:], [Outcome.SELECTED])
    with pytest.raises(Refused, match=f"{letters[1].reference} was decided anew"):
        undo(call_round, chair)
    assert Decision.objects.count() == 2


def test_nothing_is_undone_under_a_proposal_or_after_one(chair):
    call_round, letters = stage.final(None, None)
    several(call_round, letters, Outcome.NOT_SELECTED, chair)
    publication = stage.propose(call_round)
    with pytest.raises(Refused, match="locked"):
        undo(call_round, chair)
    stage.withdraw(publication)
    with pytest.raises(Refused, match="part of a proposal"):
        undo(call_round, chair)
    assert Decision.objects.count() == 2


def test_the_page_shows_the_exact_list_and_then_undoes(client, chair):
    call_round, letters = stage.final(Outcome.SELECTED, None)
    several(call_round, letters, Outcome.NOT_SELECTED, chair)
    client.force_login(chair)
    where = reverse("decisions:undo", args=[call_round.kind])
    assert where in client.get(reverse("decisions:round", args=[call_round.kind])).content.decode()

    page = client.get(where)
    assert [line["version"].letter for line in page.context["lines"]] == letters
    sent = {"act": page.context["form"].initial["act"]}
    assert client.post(where, {"act": "nonsense"}).status_code == 409
    assert client.post(where, sent).status_code == 302
    assert client.post(where, sent).status_code == 409
    assert client.get(where).status_code == 302, "nothing left to undo"
    assert Decision.objects.count() == 1


def test_whoever_came_into_conflict_since_is_not_shown_the_list(client, chair):
    call_round, letters = stage.final(None, None)
    several(call_round, letters, Outcome.NOT_SELECTED, chair)
    make.check(chair, letters[0], conflicted=True)
    client.force_login(chair)
    assert client.get(reverse("decisions:undo", args=[call_round.kind])).status_code == 302


# --- the reserve list ---


def test_a_rank_on_the_reserve_list_is_given_once(chair):
    call_round, letters = stage.final(None, None)
    reserve(call_round, letters[0], 1, chair)
    with pytest.raises(Refused, match=f"taken by {letters[0].reference}"):
        reserve(call_round, letters[1], 1, chair)
    reserve(call_round, letters[0], 1, chair)
    assert Decision.objects.count() == 1


def test_a_withdrawn_letter_makes_room_on_the_reserve_list(chair):
    call_round, letters = stage.final(None, None)
    reserve(call_round, letters[0], 1, chair)
    LetterOfIntent.objects.filter(pk=letters[0].pk).update(state="WITHDRAWN")
    assert reserve(call_round, letters[1], 1, chair).reserve_rank == 1
    assert Decision.objects.get(letter=letters[0]).reserve_rank == 2


def test_a_chair_in_conflict_gives_no_ranks_and_reads_none(client, chair):
    call_round, letters = stage.final(None, None)
    make.check(chair, letters[0], conflicted=True)
    reserve(call_round, letters[1], 2, make.user(Role.CHAIR))
    with pytest.raises(Refused, match="no conflict"):
        reserve(call_round, letters[1], 1, chair)
    client.force_login(chair)
    page = client.get(reverse("decisions:letter", args=[call_round.kind, letters[1].pk]))
    assert "reserve_rank" not in page.context["form"].fields
    assert page.context["decision"].reserve_rank is None
    assert "rank 2" not in page.content.decode()
