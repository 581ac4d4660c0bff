"""What goes against the rules of a round needs a reason and a second person."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role
from decisions import actions, exceptions
from decisions.actions import Refused
from decisions.models import GrantedException
from decisions.states import ExceptionKind, Outcome
from reviews.models import RankedLetter
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]
WHY = "Nobody else measures the dust."


class Low:
    """A selected letter whose total does not pass, and another that does."""

    def __init__(self):
        self.round, self.letters = stage.final(Outcome.SELECTED, Outcome.SELECTED)
        self.letter = self.letters[1]
        RankedLetter.objects.filter(letter=self.letter).update(total=60)
        self.chair, self.other = make.user(Role.CHAIR), make.user(Role.PUBLISHER)
        self.at = stage.late(self.round.call)

    def ask(self, **options):
        options = {
            "kind": ExceptionKind.TOTAL,
            "letter": self.letter,
            "reason": WHY,
            "actor": self.chair,
            "at": self.at,
        } | options
        return actions.ask_exception(self.round, **options)

    def answer(self, asked, *, agrees=True, actor=None):
        return actions.answer_exception(asked, agrees=agrees, actor=actor or self.other, at=self.at)


@pytest.fixture
def low():
    return Low()


def test_a_total_that_does_not_pass_needs_a_reason_and_a_second_person(low):
    for step in (lambda: None, low.ask):
        step()
        with pytest.raises(Refused, match=r"total of 60; 66\.7 passes") as refusal:
            stage.propose(low.round)
        assert refusal.value.code == "no_exception"
    low.answer(GrantedException.objects.get())
    assert exceptions.missing(low.round) == []
    assert stage.propose(low.round).positive_count == 2


def test_nobody_agrees_with_oneself_and_an_answer_stands(low):
    with pytest.raises(Refused, match="Say why"):
        low.ask(reason=" ")
    asked = low.ask()
    with pytest.raises(Refused) as refusal:
        low.answer(asked, actor=low.chair)
    assert refusal.value.code == "same_person"
    rows = GrantedException.objects.filter(pk=asked.pk)
    with pytest.raises(IntegrityError, match="by_two_people"), transaction.atomic():
        rows.update(answer="YES", answered_by=low.chair)
    with pytest.raises(Refused, match="Nothing here waits"):
        low.ask()
    low.answer(asked, agrees=False)
    with pytest.raises(Refused, match="answered already"):
        low.answer(asked)
    low.answer(low.ask())
    assert exceptions.missing(low.round) == []


def test_it_holds_for_the_decision_that_was_looked_at_alone(low):
    low.answer(low.ask())
    stage.decide(low.round, [low.letter], [Outcome.SELECTED])
    assert len(exceptions.missing(low.round)) == 1
    stage.decide(low.round, [low.letter], [Outcome.NOT_SELECTED])
    assert exceptions.of(low.round) == []


def test_more_mass_than_the_lander_carries_goes_the_same_way():
    call_round, letters = stage.final(*[Outcome.SELECTED] * 3, mass_kg=67)
    chair, other = make.user(Role.CHAIR), make.user(Role.PUBLISHER)
    at = stage.late(call_round.call)
    asked = actions.ask_exception(
        call_round, kind=ExceptionKind.MASS, reason=WHY, actor=chair, at=at
    )
    actions.answer_exception(asked, agrees=True, actor=other, at=at)
    assert exceptions.missing(call_round) == []
    # For this mass and less, not for more.
    actions.decide(
        call_round,
        letters[0],
        outcome=Outcome.SELECTED,
        reason=stage.REASON,
        mass_kg=70,
        actor=chair,
        at=at,
    )
    assert "weigh 204 kg" in exceptions.missing(call_round)[0]


def test_a_chair_asks_and_a_publisher_agrees_on_the_page(client, low):
    page, ask = (
        reverse(f"decisions:{name}", args=[low.round.kind])
        for name in ("exceptions", "ask_exception")
    )
    client.force_login(low.chair)
    assert "total of 60" in client.get(page).content.decode()
    sent = {"kind": "TOTAL", "letter": str(low.letter.pk), "reason": WHY}
    assert client.post(ask, sent | {"reason": " "}).status_code == 422
    assert client.post(ask, sent).status_code == 302
    assert client.post(ask, sent).status_code == 409
    answer = reverse(
        "decisions:answer_exception", args=[low.round.kind, GrantedException.objects.get().pk]
    )
    assert client.post(answer, {"answer": "yes"}).status_code == 403
    client.force_login(low.other)
    assert client.post(ask, sent).status_code == 403
    assert "I agree" in client.get(page).content.decode()
    assert client.post(answer, {"answer": "yes"}).status_code == 302
    assert client.post(answer, {"answer": "yes"}).status_code == 409
    assert WHY in client.get(page).content.decode()


def test_a_chair_in_conflict_learns_nothing_of_a_case(client, low):
    barred = make.user(Role.CHAIR)
    make.check(barred, low.letter, conflicted=True)
    asked = low.ask()
    client.force_login(barred)
    for name in ("exceptions", "publication"):
        page = client.get(reverse(f"decisions:{name}", args=[low.round.kind]))
        assert low.letter.reference not in page.content.decode()
    ask = reverse("decisions:ask_exception", args=[low.round.kind])
    sent = {"kind": "TOTAL", "letter": str(low.letter.pk), "reason": WHY}
    assert client.post(ask, sent).status_code == 404
    for kind in ("MASS", "SET"):
        assert client.post(ask, {"kind": kind, "reason": WHY}).status_code == 403
    answer = reverse("decisions:answer_exception", args=[low.round.kind, asked.pk])
    assert client.post(answer, {"answer": "yes"}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many(client, number, django_assert_num_queries):
    call_round, _letters = stage.final(*[Outcome.SELECTED] * number)
    RankedLetter.objects.update(total=50)
    client.force_login(make.user(Role.CHAIR))
    with django_assert_num_queries(15):
        page = client.get(reverse("decisions:exceptions", args=[call_round.kind]))
    assert len(page.context["cases"]) == number
