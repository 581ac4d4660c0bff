"""Masses in the final decisions: as stated last, in the fuller proposal or else in the letter."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import Role
from decisions import actions, rounds
from decisions.models import Decision
from decisions.states import Outcome
from proposals.models import CallRound, FullerVersion
from proposals.states import RoundKind
from tests import make
from tests.decisions import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed():
    """Two letters of 6.5 kg in the final round; the first states 7.25 kg in its fuller proposal."""
    call_round, letters = stage.final(None, None)
    due = call_round.call.closes_at + timedelta(days=166)
    CallRound.objects.filter(kind=RoundKind.FINAL).update(proposals_due_at=due)
    call_round.refresh_from_db()
    for number, mass in enumerate(("9", "7.25"), 1):
        FullerVersion.objects.create(
            letter=letters[0],
            number=number,
            content={"fields": {"mass_kg": mass}, "attachments": []},
            sha256="a" * 64,
            accepted_at=due - timedelta(days=1),
            submitted_by=letters[0].agency.members.get(),
            idempotency_key=str(number),
        )
    return call_round, letters


def decide(call_round, letter, **details):
    return actions.decide(
        call_round,
        letter,
        outcome=Outcome.SELECTED,
        reason=stage.REASON,
        actor=make.user(Role.CHAIR),
        at=stage.late(call_round.call),
        **details,
    )


def test_the_mass_stated_last_is_allotted_and_summed_up(listed):
    call_round, letters = listed
    for letter in letters:
        decide(call_round, letter)
    assert [Decision.objects.get(letter=one).mass_kg for one in letters] == [
        Decimal("7.25"),
        Decimal("6.5"),
    ]
    assert rounds.mass_on_the_lander(call_round) == Decimal("13.75")


def test_what_the_chair_allots_goes_before(listed):
    call_round, letters = listed
    assert decide(call_round, letters[0], mass_kg=Decimal(5)).mass_kg == 5


def test_a_proposal_without_a_mass_leaves_the_letters(listed):
    call_round, letters = listed
    version = FullerVersion.objects.get(letter=letters[0], number=2)
    FullerVersion.objects.create(
        letter=letters[0],
        number=3,
        content={"fields": {"mass_kg": None}, "attachments": []},
        sha256="b" * 64,
        accepted_at=version.accepted_at,
        submitted_by=version.submitted_by,
        idempotency_key="3",
    )
    assert rounds.mass_stated(letters[0]) == Decimal("6.5")
    assert decide(call_round, letters[0]).mass_kg == Decimal("6.5")


def test_the_pages_show_both_masses_and_who_filed_none(client, listed):
    call_round, letters = listed
    client.force_login(make.user(Role.CHAIR))
    page = client.get(reverse("decisions:round", args=[call_round.kind])).content.decode()
    assert ">7.25<" in page
    assert page.count("No fuller proposal") == 1
    one = client.get(reverse("decisions:letter", args=[call_round.kind, letters[0].pk]))
    text = one.content.decode()
    assert "6.5 kg" in text
    assert "in the fuller proposal" in text
    assert one.context["form"]["mass_kg"].value() == "7.25"
    other = client.get(reverse("decisions:letter", args=[call_round.kind, letters[1].pk]))
    assert "No fuller proposal" in other.content.decode()


def test_the_first_round_says_nothing_of_it(client):
    call_round, _letters = stage.preliminary(None)
    CallRound.objects.update(proposals_due_at=stage.late(call_round.call))
    client.force_login(make.user(Role.CHAIR))
    page = client.get(reverse("decisions:round", args=[call_round.kind])).content.decode()
    assert "uller proposal" not in page
