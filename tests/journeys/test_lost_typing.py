"""The ways in which a form elsewhere loses what was typed, each with a real server and browser.

Late, stale (two people; two tabs), signed out, stopped: in every one the words are stored in the
end, or they are still in front of their writer.
"""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.models import Membership
from accounts.states import Seat
from chang_e8_portal import clock
from proposals.models import LetterOfIntent
from tests import make
from tests.journeys.conftest import eventually, log_in

pytestmark = pytest.mark.e2e

PASSWORD = "a long test password"


@pytest.fixture
def letter(running):
    """A draft of an agency with two editors, a day before the cutoff."""
    agency = make.agency(name="Demo Space Agency of Atlantis")
    for name in ("ada", "bo"):
        person = enrol(
            email=f"{name}@example.org",
            name=name.capitalize(),
            password=PASSWORD,
            roles=[],
            at=make.OPENS,
        )
        Membership.objects.create(user=person, agency=agency, seat=Seat.EDITOR, since=make.OPENS)
    made = make.letter(agency=agency)
    clock.travel_to(made.call.closes_at - timedelta(days=1))
    return made


@pytest.fixture
def web(running, letter):
    with running("web") as (portal, tree):
        yield portal
        assert tree.ended() == []


def open_editor(page, letter, key="a"):
    page.goto(f"/letters/{letter.pk}/edit/{key}/")
    return page.locator("[data-autosave-status]")


def says(status, words):
    expect(status).to_have_text(re.compile(words), timeout=30_000)


def stored():
    return LetterOfIntent.objects.get()


def write(page, name, text):
    page.locator(f"form[data-autosave] [name={name}]").fill(text)


def test_two_people_write_one_section(web, letter):
    with (
        web.visitor("ada@example.org", PASSWORD) as ada,
        web.visitor("bo@example.org", PASSWORD) as bo,
    ):
        hers, his = open_editor(ada, letter), open_editor(bo, letter)

        # Different answers: both are kept without a question, and each sees the other's.
        write(ada, "title", "A title by Ada")
        says(hers, "^saved")
        write(bo, "acronym", "BO")
        says(his, "new from them: Title")
        expect(bo.locator("form[data-autosave] [name=title]")).to_have_value("A title by Ada")
        assert (stored().title, stored().acronym) == ("A title by Ada", "BO")

        # The same answer: Bo is shown both and puts them together, without leaving his page.
        write(ada, "summary", "Ada listens to the Moon.")
        says(hers, "new from them: Acronym")
        write(bo, "summary", "We listen to the Moon with Bo.")
        panel = bo.locator("[data-autosave-merge] form")
        expect(panel).to_be_visible(timeout=30_000)
        expect(panel.locator("ins").first).to_contain_text("Ada")
        expect(panel.locator("[name=text-summary]")).to_have_value(
            "Ada listens to the Moon with Bo."
        )
        assert stored().summary == "Ada listens to the Moon."
        # Ada goes on meanwhile: what Bo chose is out of date once more, and he is asked once more.
        write(ada, "summary", "Ada and the crew listen to the Moon.")
        says(hers, "^saved")
        eventually(lambda: "crew" in stored().summary, "Ada's second text is stored")
        panel.get_by_role("button", name="Save what I chose").press("Enter")
        expect(panel.locator("ins").first).to_contain_text("crew", timeout=30_000)
        panel.locator("[name=text-summary]").fill("Ada, Bo and the crew listen to the Moon.")
        panel.get_by_role("button", name="Save what I chose").press("Enter")
        says(his, "^saved")
        expect(panel).to_have_count(0)
        assert stored().summary == "Ada, Bo and the crew listen to the Moon."
        expect(bo.locator("form[data-autosave] [name=summary]")).to_have_value(stored().summary)


@pytest.mark.long
def test_one_person_in_two_tabs(web, letter):
    with web.visitor("ada@example.org", PASSWORD) as first:
        open_editor(first, letter)
        second = first.context.new_page()
        status = open_editor(second, letter)
        write(second, "summary", "From the second tab.")
        says(status, "^saved")
        write(first, "summary", "From the first tab.")
        panel = first.locator("[data-autosave-merge] form")
        expect(panel).to_be_visible(timeout=30_000)
        panel.locator("[value=mine]").check()
        panel.get_by_role("button", name="Save what I chose").click()
        says(first.locator("[data-autosave-status]"), "^saved")
        assert stored().summary == "From the first tab."


@pytest.mark.long
def test_two_people_without_javascript(web, letter):
    with (
        web.visitor("ada@example.org", PASSWORD, java_script_enabled=False) as ada,
        web.visitor("bo@example.org", PASSWORD, java_script_enabled=False) as bo,
    ):
        for page in (ada, bo):
            page.goto(f"/letters/{letter.pk}/edit/a/")
        for page, text in ((ada, "Ada listens."), (bo, "Bo listens.")):
            page.locator("[name=summary]").fill(text)
            page.get_by_role("button", name="Save", exact=True).last.click()
        expect(bo.locator("h1")).to_contain_text("Two versions")
        expect(bo.locator("main")).to_contain_text("Ada")
        bo.locator("[name=text-summary]").fill("Ada and Bo listen.")
        bo.locator("[name=take-summary][value=text]").check()
        bo.get_by_role("button", name="Save what I chose").click()
        bo.wait_for_url("**/edit/a/")
        assert stored().summary == "Ada and Bo listen."


@pytest.mark.long
def test_the_call_closes_while_one_writes(web, letter):
    with web.visitor("ada@example.org", PASSWORD) as page:
        status = open_editor(page, letter)
        clock.travel_to(letter.call.closes_at)
        write(page, "summary", "Written at five to midnight.")
        says(status, "This call closed at the cutoff")
        expect(page.locator("form[data-autosave] [name=summary]")).to_have_value(
            "Written at five to midnight."
        )
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download my text").click()
        assert "Written at five to midnight." in waiting.value.path().read_text()
    assert stored().summary == make.COMPLETE["summary"]


@pytest.mark.long
def test_the_call_closes_before_a_save_without_javascript(web, letter):
    with web.visitor("ada@example.org", PASSWORD, java_script_enabled=False) as page:
        page.goto(f"/letters/{letter.pk}/edit/a/")
        page.locator("[name=summary]").fill("月球南极，差五分钟。")
        clock.travel_to(letter.call.closes_at)
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator("main")).to_contain_text("This call closed at the cutoff")
        link = page.get_by_role("link", name="Download this text")
        assert "月球南极，差五分钟。" in unquote(link.get_attribute("href"))
        with page.expect_download() as waiting:
            link.click()
        assert "月球南极，差五分钟。" in waiting.value.path().read_text()


@pytest.mark.long
def test_the_session_ends_while_one_writes(web, letter):
    with web.visitor("ada@example.org", PASSWORD) as page:
        status = open_editor(page, letter)
        web.sign_everybody_out()
        write(page, "summary", "Typed while signed out.")
        says(status, "signed out")
        # Even the page itself may go: this tab still has the words.
        page.on("dialog", lambda dialog: dialog.accept())
        log_in(page, "ada@example.org", PASSWORD)
        status = open_editor(page, letter)
        restore = page.locator("[data-autosave-restore]")
        expect(restore).to_contain_text("You have text here that was not saved")
        restore.get_by_role("button", name="Restore it").click()
        says(status, "^saved")
        assert stored().summary == "Typed while signed out."


@pytest.mark.long
def test_the_session_ends_before_a_save_without_javascript(web, letter):
    with web.visitor("ada@example.org", PASSWORD, java_script_enabled=False) as page:
        page.goto(f"/letters/{letter.pk}/edit/a/")
        page.locator("[name=summary]").fill("Typed while signed out.")
        web.sign_everybody_out()
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator("h1")).to_contain_text("your text is here")
        with page.context.expect_page() as waiting:
            page.get_by_role("link", name="Sign in").last.click()
        log_in(waiting.value, "ada@example.org", PASSWORD)
        page.get_by_role("button", name="Send it again").click()
        # Signing in gave out a new token, so the portal asks once more.
        page.get_by_role("button", name="Send it again").click()
        page.wait_for_url("**/edit/a/")
        assert stored().summary == "Typed while signed out."


@pytest.mark.long
def test_the_server_stops_while_one_writes(running, letter):
    with running("web") as (portal, _tree):
        visit = portal.visitor("ada@example.org", PASSWORD)
        page = visit.__enter__()
        status = open_editor(page, letter)
        write(page, "title", "Saved before")
        says(status, "^saved")
    write(page, "summary", "Typed while the server was away.")
    says(status, "no connection")
    # Pressing the button does not put a browser's error page in the place of the text.
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("form[data-autosave] [name=summary]")).to_have_value(
        "Typed while the server was away."
    )
    # The page goes too, before the server is back.
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    with running("web"):
        open_editor(page, letter)
        restore = page.locator("[data-autosave-restore]")
        expect(restore).to_contain_text("You have text here that was not saved")
        restore.get_by_text("Look at it").click()
        expect(restore).to_contain_text("Typed while the server was away.")
        restore.get_by_role("button", name="Restore it").click()
        says(page.locator("[data-autosave-status]"), "^saved")
        assert stored().summary == "Typed while the server was away."
        # Saved: nothing of it stays in the browser. htmx keeps the address of the page, no more.
        kept = page.evaluate("Object.keys(sessionStorage).concat(Object.keys(localStorage))")
        assert [name for name in kept if not name.startswith("htmx")] == []
        visit.__exit__(None, None, None)


@pytest.mark.long
def test_signing_out_takes_unsaved_copies_along(web, letter):
    with web.visitor("ada@example.org", PASSWORD) as page:
        status = open_editor(page, letter)
        page.route("**/edit/a/", lambda route: route.abort())
        write(page, "summary", "A secret of the agency.")
        says(status, "no connection")
        assert "secret" in page.evaluate("JSON.stringify(sessionStorage)")
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator("[data-menu] summary").last.click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(re.compile(r"/accounts/login/|/$"))
        assert "secret" not in page.evaluate(
            "JSON.stringify(sessionStorage) + JSON.stringify(localStorage)"
        )
