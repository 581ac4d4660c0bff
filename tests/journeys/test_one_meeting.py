"""A meeting of a chair and two reviewers, one of whom must leave: each screen follows by itself."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.states import Role
from chang_e8_portal import clock
from reviews.models import Minutes
from tests import make

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PASSWORD = "a long test password"
LEAVE = "Please leave the room now"


@pytest.fixture
def web(running):
    """Two letters: of one the two who filed differ widely, and Cleo is in conflict with it."""
    letter = make.eligible_letter(title="Ice drill")
    other = make.eligible_letter(call=letter.call, title="Dust counter")
    make.rubric(letter.call)
    people = {
        name: enrol(
            email=f"{name.lower()}@example.org",
            name=f"{name} Reader",
            password=PASSWORD,
            roles=[Role.REVIEWER],
            at=make.OPENS,
        )
        for name in ("Ana", "Ben", "Cleo")
    }
    chair = enrol(
        email="chair@example.org",
        name="Chao Chair",
        password=PASSWORD,
        roles=[Role.CHAIR],
        at=make.OPENS,
    )
    make.check(people["Cleo"], letter, conflicted=True)
    low = dict.fromkeys(("science", "feasibility"), Decimal(1))
    for about, name, marks in (
        (letter, "Ana", None),
        (letter, "Ben", low),
        (other, "Cleo", None),
        (other, "Ana", None),
    ):
        own = make.assignment(letter=about, reviewer=people[name], assigned_by=chair)
        make.review(of=own, marks=marks)
    make.check(people["Ben"], other)
    clock.travel_to(make.CLOSES.replace(year=2024, month=3, day=20))
    with running("web") as (portal, tree):
        yield portal
        assert tree.ended() == []


@pytest.mark.long
def test_a_meeting_is_planned_held_and_minuted(web):
    with web.visitor("chair@example.org", PASSWORD) as chair:
        plan(chair)
        with (
            web.visitor("ana@example.org", PASSWORD) as ana,
            web.visitor("cleo@example.org", PASSWORD) as cleo,
        ):
            for page in (ana, cleo):
                page.goto("/reviews/")
                page.get_by_role("link", name="Panel meeting").click()
                expect(page.get_by_text("The meeting has not begun.")).to_be_visible()
            expect(cleo.get_by_text("Ice drill")).to_have_count(0)

            chair.get_by_role("link", name="Tick all").click()
            chair.get_by_role("button", name="Begin now").click()
            expect(ana.get_by_text("No item is being taken just now.")).to_be_visible()
            chair.get_by_role("button", name=re.compile("^Take it next")).click()

            # One leaves, and sees nothing of what for; the other sees for what, and no mark yet.
            expect(cleo.get_by_text(LEAVE)).to_be_visible()
            expect(cleo.get_by_text("Ice drill")).to_have_count(0)
            now = ana.locator(".meeting-now")
            expect(now.get_by_text("Ice drill")).to_be_visible()
            expect(now.get_by_role("table")).to_have_count(0)
            expect(chair.get_by_role("button", name="Begin the discussion")).to_have_count(0)
            chair.get_by_label("Cleo Reader conflict of interest").check()
            chair.get_by_role("button", name="Those ticked have left").click()
            chair.get_by_role("button", name="Begin the discussion").click()
            expect(now.get_by_role("table")).to_be_visible()

            # What one writes the others read.
            ana.get_by_role("link", name="Write the consensus").click()
            ana.get_by_label("Consensus", exact=True).fill("We want it.")
            ana.get_by_label("Minority view").fill("Too heavy, says one.")
            ana.get_by_role("button", name="Save").click()
            expect(chair.get_by_text("We want it.")).to_be_visible()
            chair.get_by_label("What was decided").select_option("CONSENSUS")
            chair.get_by_label("Note for the minutes").fill("Half an hour of talk.")
            chair.get_by_role("button", name="Record and end this item").click()

            expect(cleo.get_by_text("You may come back into the room.")).to_be_visible()
            chair.get_by_role("link", name="Tick all").click()
            chair.get_by_role("button", name="Those ticked are back").click()
            expect(cleo.get_by_text("You may come back into the room.")).to_have_count(0)
            chair.get_by_role("button", name=re.compile("^Take it next")).click()
            # She stays for this one.
            expect(cleo.locator(".meeting-now").get_by_text("Dust counter")).to_be_visible()
            chair.get_by_label("What was decided").select_option("MORE")
            chair.get_by_label("How many more reviews").fill("2")
            chair.get_by_label("Reason").fill("Nobody knows the sensor.")
            chair.get_by_role("button", name="Record and end this item").click()

            chair.get_by_role("link", name="Close the meeting …").click()
            chair.get_by_role("button", name="Close the meeting and keep these minutes").click()
            expect(chair.get_by_role("heading", name="Minutes", exact=True)).to_be_visible()
            assert Minutes.objects.count() == 1
            for page in (ana, cleo):
                page.get_by_role("link", name="Read the minutes").click()
            expect(ana.get_by_text("We want it.")).to_be_visible()
            expect(ana.get_by_text("Cleo Reader left at")).to_be_visible()
            expect(cleo.get_by_text("An item from which you were absent")).to_be_visible()
            expect(cleo.get_by_text("Nobody knows the sensor.")).to_be_visible()
            for gone in ("Ice drill", "We want it.", "Half an hour"):
                expect(cleo.get_by_text(gone)).to_have_count(0)


def plan(page):
    """A meeting of all who are proposed, about the letter that is flagged and the other one."""
    page.goto("/panel/preliminary/meetings/")
    page.get_by_label("What the meeting is called").fill("Panel meeting")
    page.get_by_label("Begins").fill("2024-03-21T09:00")
    page.get_by_label("Place or link").fill("Room 5")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("button", name="Invite those ticked").click()
    page.get_by_role("button", name="Put all of them on the agenda").click()
    page.get_by_text("1 letter is not on the agenda").click()
    page.get_by_label("Dust counter").check()
    page.get_by_role("button", name="Put those ticked on the agenda").click()
    page.get_by_role("link", name="The meeting", exact=True).click()


def test_without_javascript_a_look_again_does_it(web):
    with (
        web.visitor("chair@example.org", PASSWORD, java_script_enabled=False) as chair,
        web.visitor("ana@example.org", PASSWORD, java_script_enabled=False) as ana,
    ):
        plan(chair)
        chair.get_by_role("link", name="Tick all").click()
        chair.get_by_role("button", name="Begin now").click()
        chair.get_by_role("button", name=re.compile("^Take it next")).click()
        ana.goto("/reviews/meetings/")
        ana.get_by_role("link", name="Panel meeting").click()
        expect(ana.locator(".meeting-now").get_by_text("Ice drill")).to_be_visible()
        chair.get_by_label("Cleo Reader conflict of interest").check()
        chair.get_by_role("button", name="Those ticked have left").click()
        chair.get_by_role("button", name="Begin the discussion").click()
        ana.get_by_role("link", name="Look again").click()
        expect(ana.locator(".meeting-now").get_by_role("table")).to_be_visible()
        chair.get_by_label("What was decided").select_option("SCORED")
        chair.get_by_role("button", name="Record and end this item").click()
        chair.get_by_role("link", name="Close the meeting …").click()
        chair.get_by_role("button", name="Close the meeting and keep these minutes").click()
        expect(chair.get_by_role("alert").or_(chair.locator(".flash"))).to_contain_text(
            "Without a decision"
        )
        chair.get_by_label("They stay without one, and the minutes say so.").check()
        chair.get_by_role("button", name="Close the meeting and keep these minutes").click()
        expect(chair.get_by_text("Not dealt with")).to_be_visible()
