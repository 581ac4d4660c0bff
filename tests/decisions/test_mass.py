"""200 kg: what counts towards them, and what two people let through."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import Role
from decisions import actions, exceptions, invariants, rounds
from decisions.actions import Refused
from decisions.models import Decision, DecisionLetter
from decisions.states import ExceptionKind, Outcome
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


def test_a_merger_takes_no_mass_out_of_the_limit():
    call_round, [lead, letter] = stage.final(Outcome.SELECTED, Outcome.SELECTED, mass_kg=90)
    assert rounds.mass_on_the_lander(call_round) == 180
    merged = stage.merge(call_round, letter, lead)
    assert merged.mass_kg == 90
    assert rounds.mass_on_the_lander(call_round) == 180
    stage.consent(call_round, letter)
    publication = stage.propose(call_round)
    told = DecisionLetter.objects.get(publication=publication, decision=merged, language="en")
    assert told.facts["mass_allocated_kg"] == "90.000"


def test_a_mission_that_is_merged_weighs_nothing_on_the_lander():
    call_round, [lead, letter] = stage.final(Outcome.SELECTED, None, mass_kg=90)
    type(letter).objects.filter(pk=letter.pk).update(level="MISSION")
    letter.refresh_from_db()
    assert stage.merge(call_round, letter, lead).mass_kg is None


class Heavy:
    """Three projects of 67 kg each, which two people let through, released."""

    def __init__(self):
        self.round, self.letters = stage.final(*[Outcome.SELECTED] * 3, mass_kg=67)
        self.let_through(self.round)
        self.publication = stage.release(stage.rendered(self.round))

    @staticmethod
    def let_through(call_round):
        at = stage.late(call_round.call)
        asked = actions.ask_exception(
            call_round,
            kind=ExceptionKind.MASS,
            reason="The ascender carries two kilograms.",
            actor=make.user(Role.CHAIR),
            at=at,
        )
        actions.answer_exception(asked, agrees=True, actor=make.user(Role.PUBLISHER), at=at)

    def correct(self, **fields):
        at = self.publication.released_at + stage.MINUTE
        fields = {"outcome": Outcome.SELECTED, "reason": stage.REASON, "mass_kg": 67} | fields
        made = actions.propose_correction(
            self.round,
            self.letters[0],
            why="A word was wrong.",
            actor=make.user(Role.PUBLISHER),
            at=at,
            **fields,
        )
        for letter in made.letters.all():
            actions.render_letter(letter.pk, at=at)
        return actions.release_correction(
            made,
            confirmed_reference=self.letters[0].reference,
            actor=make.user(Role.PUBLISHER),
            at=at + stage.MINUTE,
        )


def test_words_can_be_corrected_after_a_mass_was_let_through():
    heavy = Heavy()
    heavy.correct(reason="The panel weighed it twice.")
    decision = Decision.objects.get(letter=heavy.letters[0])
    assert (decision.reason, decision.mass_kg) == ("The panel weighed it twice.", 67)
    assert exceptions.missing(heavy.round) == []
    assert list(invariants.findings(at=heavy.publication.released_at)) == []


@pytest.mark.parametrize(("kg", "fits"), [("66", True), ("67.001", False)])
def test_a_correction_makes_it_lighter_and_not_heavier(kg, fits):
    heavy = Heavy()
    if fits:
        heavy.correct(mass_kg=Decimal(kg))
        assert rounds.mass_on_the_lander(heavy.round) == 200
        return
    with pytest.raises(Refused, match=r"weigh 201\.001 kg") as refusal:
        heavy.correct(mass_kg=Decimal(kg))
    assert refusal.value.code == "too_heavy"


def test_the_gauge_calls_too_heavy_only_what_nobody_let_through(client):
    call_round, _letters = stage.final(*[Outcome.SELECTED] * 3, mass_kg=67)
    client.force_login(make.user(Role.PUBLISHER))
    pages = [reverse("decisions:home"), reverse("decisions:round", args=[call_round.kind])]
    for page in pages:
        assert "Too heavy" in client.get(page).content.decode()
    Heavy.let_through(call_round)
    for page in pages:
        assert "Too heavy" not in client.get(page).content.decode()
