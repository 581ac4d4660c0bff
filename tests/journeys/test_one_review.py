"""A reviewer marks a letter with the keyboard alone, in two tabs, and files it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.states import Role
from chang_e8_portal import clock
from reviews.models import MarkChange, Review
from tests import make
from tests.reviews import papers

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PASSWORD = "a long test password"


@pytest.fixture
def assignment(running):
    """A letter given to Vera, ten days before it is due."""
    agency = make.agency(name="Observatory of Lemuria")
    make.member(agency)
    letter = make.eligible_letter(agency=agency)
    make.rubric(letter.call)
    papers.filed(letter)
    vera = enrol(
        email="vera@example.org",
        name="Vera Ortiz",
        password=PASSWORD,
        roles=[Role.REVIEWER],
        at=make.OPENS,
    )
    given = make.assignment(letter=letter, reviewer=vera)
    clock.travel_to(given.due_at - timedelta(days=10))
    return given


@pytest.fixture
def web(running, assignment):
    with running("web") as (portal, tree):
        yield portal
        assert tree.ended() == []


def says(page, words):
    expect(page.locator("[data-autosave-status]")).to_have_text(re.compile(words), timeout=30_000)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def marks():
    scores = Review.objects.get().scores.order_by("criterion__position")
    return ["none" if s.cannot_judge else str(s.mark) for s in scores]


def test_a_review_with_the_keyboard_in_two_tabs(web, assignment):
    with web.visitor("vera@example.org", PASSWORD) as page:
        page.goto(f"/reviews/{assignment.pk}/")
        press(page, "?")
        expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
        press(page, "Escape")
        press(page, "j", "5", "j", "3", ".")
        says(page, "Saved .*Weighted total: 88.00")
        assert marks() == ["5.0", "3.5"]
        expect(page.locator("[data-advice=comment-science]")).to_contain_text("needs a comment")
        # Digits that somebody writes are no marks.
        page.locator("[name=comment-science]").press_sequentially("40 years of data, see C.3.")
        says(page, "Saved ")
        expect(page.locator("[data-advice=comment-science]")).to_be_empty()
        assert marks() == ["5.0", "3.5"]

        second = page.context.new_page()
        second.goto(f"/reviews/{assignment.pk}/")
        second.locator("[name=major_strengths]").fill("Nobody else can measure it there.")
        second.locator("[name=weaknesses]").fill("No spare sensor.")
        says(second, "Saved ")
        press(page, "Tab")
        press(page, "k", "c")
        says(page, "new from there: .*Major strengths")
        assert marks() == ["none", "3.5"]
        expect(page.locator("[name=weaknesses]")).to_have_value("No spare sensor.")

        # The same answer in both: a choice, without leaving the page.
        second.locator("[name=weaknesses]").fill("No spare sensor, no spare cable.")
        says(second, "Saved ")
        page.locator("[name=weaknesses]").fill("No spare sensor at all.")
        panel = page.locator("[data-autosave-merge] form")
        expect(panel).to_be_visible(timeout=30_000)
        panel.locator("[value=mine]").check()
        panel.get_by_role("button", name="Save what I chose").press("Enter")
        says(page, "Saved ")
        assert Review.objects.get().weaknesses == "No spare sensor at all."

        for choice in ("risk", "recommendation", "confidence"):
            page.locator(f"[name={choice}]").first.check()
        page.locator("[name=weaknesses]").press("Control+Enter")
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(page.get_by_text("Your review was submitted")).to_be_visible()
        assert Review.objects.submitted().count() == 1

        # Another mark after filing needs a reason.
        page.get_by_role("button", name="Reopen to correct it").click()
        page.get_by_role("button", name="Reopen", exact=True).click()
        expect(page.locator("[name=change_reason]")).to_be_visible()
        press(page, "j", "4")
        page.locator("[name=weaknesses]").press("Control+Enter")
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(page.locator("[data-error-summary]")).to_contain_text("Say why you changed it")
        page.locator("[name=change_reason]").fill("I found the data they rest on.")
        page.locator("[name=weaknesses]").press("Control+Enter")
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(page.get_by_text("Your review was submitted")).to_be_visible()
    change = MarkChange.objects.get()
    assert (change.before, change.after) == (None, 4)
