"""The chair has an assignment proposed, adjusts it and applies it."""

import re

import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.states import Role
from chang_e8_portal import clock
from notifications.models import Message
from reviews import actions
from reviews.models import Assignment, AssignmentPlan, ReviewerProfile
from tests import make

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PASSWORD = "a long test password"


@pytest.fixture
def web(running):
    """Two letters, an engineer and two scientists of three countries; two weeks past the cutoff."""
    letters = [make.eligible_letter(title="Seismometer")]
    letters.append(make.eligible_letter(call=letters[0].call, title="Spectrometer"))
    for name, kind, country in (
        ("Ana Engineer", "ENGINEER", "FR"),
        ("Ben Scientist", "SCIENTIST", "IT"),
        ("Cleo Scientist", "SCIENTIST", "TH"),
    ):
        person = make.reviewer(name=name)
        ReviewerProfile.objects.create(user=person, expertise=kind, country=country)
        for letter in letters:
            make.check(person, letter)
    enrol(
        email="chair@example.org",
        name="Chao Chair",
        password=PASSWORD,
        roles=[Role.CHAIR],
        at=make.OPENS,
    )
    clock.travel_to(make.CLOSES.replace(year=2024, month=1, day=15))
    with running("web") as (portal, tree):
        yield portal
        assert tree.ended() == []


def test_the_chair_proposes_adjusts_and_applies_an_assignment(web):
    with web.visitor("chair@example.org", PASSWORD) as page:
        page.goto("/panel/preliminary/assignment/")
        page.get_by_role("link", name="Plan the assignment").click()
        page.get_by_label("Reviewers a letter").fill("2")
        page.get_by_role("button", name="Compute a plan").click()
        expect(page.get_by_text("The plan is being computed")).to_be_visible()

        # The worker's part; the page asks for itself and then shows the plan.
        actions.compute_due(at=clock.now())
        engineer = page.get_by_label(re.compile("not this pair: .* Ana Engineer"))
        expect(engineer).to_have_count(2, timeout=30_000)
        page.get_by_label(re.compile("not this pair: .* Scientist")).first.check()
        page.get_by_role("button", name="Compute again with these pairs").click()
        expect(page.get_by_text("The plan is being computed")).to_be_visible()
        actions.compute_due(at=clock.now())
        expect(page.get_by_role("group", name="Never together")).to_be_visible(timeout=30_000)
        assert AssignmentPlan.objects.count() == 2

        page.get_by_role("link", name="Apply this plan …").first.click()
        expect(page.get_by_text("4 assignments are made.")).to_be_visible()
        assert not Assignment.objects.exists()
        page.get_by_role("button", name="Assign and send").click()
        expect(page.get_by_text("4 assignments were made.")).to_be_visible()
        assert Assignment.objects.active().count() == 4
        assert Message.objects.filter(template="letters_assigned").count() == len(
            {one.reviewer_id for one in Assignment.objects.all()}
        )
