"""Passkeys, and signing in again on the page on which somebody writes, in a real browser."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from playwright.sync_api import expect

from chang_e8_portal import clock
from proposals.models import LetterVersion
from tests import make
from tests.plugins.browser import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# A key of the kind that telephones and laptops have: it keeps the name and checks the finger.
VIRTUAL_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def open_call():
    """A call that is open by the real clock."""
    now = clock.now()
    return make.call(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))


@pytest.fixture
def visitor(live_server, browser):
    """`with visitor() as page`: a browser of its own, at a host name, as passkeys need one."""

    @contextmanager
    def visit():
        address = live_server.url.replace("127.0.0.1", "localhost")
        context = browser.new_context(base_url=address, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        try:
            yield page
        finally:
            context.close()
        assert [said for said in faults if "Content Security" in said or "Error:" in said] == []

    return visit


def member(of):
    return make.verified(make.member(of))


def sign_in(page, person):
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(person.email)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def plug_in_a_key(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})


def test_a_passkey_is_added_signs_in_and_files_a_letter(visitor, open_call):
    letter = make.letter(call=open_call)
    person = member(letter.agency)
    with visitor() as page:
        plug_in_a_key(page)
        sign_in(page, person)
        page.goto("/accounts/2fa/")
        page.get_by_role("link", name="Add a passkey").click()
        page.locator("[name=password]").fill(make.PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.get_by_label("Name of the passkey").fill("Laptop")
        page.get_by_role("button", name="Add the passkey").click()
        expect(page.locator("h1")).to_have_text("Recovery codes")
        assert page.locator(".codes li").count() == 10
        page.goto("/accounts/2fa/")
        expect(page.locator("main")).to_contain_text("Laptop")

        # In place of the password.
        page.context.clear_cookies()
        page.goto("/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/letters/")

        # As the second factor, after the password.
        page.context.clear_cookies()
        page.goto("/accounts/login/")
        page.locator("[name=login]").fill(person.email)
        page.locator("[name=password]").fill(make.PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/authenticate/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/letters/")

        # And once more, for the letter.
        page.goto(f"/letters/{letter.pk}/submit/")
        page.get_by_role("button", name="Submit the letter").click()
        page.locator("dialog[open] .btn-primary").click()
        expect(page.locator("h1")).to_have_text("Is it you?")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/receipt/**")
    assert LetterVersion.objects.get().submitted_by == person
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1


@pytest.fixture
def writing(visitor, open_call):
    """`with writing() as (page, letter, person)`: somebody has a section of a draft open."""
    letter = make.letter(call=open_call)
    person = member(letter.agency)

    @contextmanager
    def write():
        with visitor() as page:
            sign_in(page, person)
            page.goto(f"/letters/{letter.pk}/edit/c/")
            yield page, letter, person

    return write


def forget_the_session(page):
    """What half an hour's absence does: the server no longer knows the session."""
    kept = [cookie for cookie in page.context.cookies() if cookie["name"] != "sessionid"]
    page.context.clear_cookies()
    page.context.add_cookies(kept)


def saved(letter, text):
    letter.refresh_from_db()
    return letter.goals == text


def test_signing_in_again_happens_on_the_page_and_saves_what_was_typed(writing):
    with writing() as (page, letter, _person):
        forget_the_session(page)
        goals = page.locator("[name=goals]")
        goals.fill("Typed while signed out.")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "signed-out")
        assert not saved(letter, "Typed while signed out.")

        # With the keyboard alone: the focus is in the box for the password.
        page.keyboard.type("not the password")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text("not correct")
        page.keyboard.type(make.PASSWORD)
        page.keyboard.press("Enter")

        expect(dialog).to_have_count(0)
        expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved")
        expect(goals).to_have_value("Typed while signed out.")
        assert saved(letter, "Typed while signed out.")
        # The page goes on: the next word is saved too, and the ordinary button works.
        goals.fill("And more.")
        page.get_by_role("button", name="Save and continue").click()
        page.wait_for_url("**/edit/d/")
        assert saved(letter, "And more.")


def test_signing_in_in_another_tab_is_enough(writing):
    """A new sign-in makes a new token; the page's old one must not lose a save."""
    with writing() as (page, letter, person):
        forget_the_session(page)
        other = page.context.new_page()
        sign_in(other, person)
        page.bring_to_front()
        page.locator("[name=goals]").fill("Saved with the new token.")
        expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved")
        assert saved(letter, "Saved with the new token.")


def test_nothing_is_saved_in_the_name_of_somebody_else(writing):
    with writing() as (page, letter, _person):
        before = letter.goals
        colleague = member(letter.agency)
        forget_the_session(page)
        other = page.context.new_page()
        sign_in(other, colleague)
        page.bring_to_front()
        page.locator("[name=goals]").fill("Not in that name.")
        status = page.locator("[data-autosave-status]")
        expect(status).to_have_attribute("data-state", "refused")
        expect(status).to_contain_text(colleague.name)
        assert saved(letter, before)
        expect(page.locator("[name=goals]")).to_have_value("Not in that name.")


def test_without_javascript_the_text_comes_back_and_is_sent_again(
    live_server,
    browser,
    open_call,
):
    letter = make.letter(call=open_call)
    person = member(letter.agency)
    address = live_server.url
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    try:
        sign_in(page, person)
        page.goto(f"/letters/{letter.pk}/edit/c/")
        forget_the_session(page)
        page.locator("[name=goals]").fill("Typed without a script.")
        page.get_by_role("button", name="Save and continue").click()
        expect(page.locator("main")).to_contain_text("You are signed out, and your text is here")
        expect(page.get_by_label("Goals")).to_have_value("Typed without a script.")
        with context.expect_page() as opened:
            page.get_by_role("link", name="Sign in (opens beside this page)").click()
        tab = opened.value
        tab.locator("[name=login]").fill(person.email)
        tab.locator("[name=password]").fill(make.PASSWORD)
        tab.locator("main form button[type=submit]").first.click()
        tab.wait_for_url(re.compile("/letters/"))

        page.get_by_role("button", name="Send it again").click()
        # The sign-in made a new token: the text is handed back once more, and then taken.
        page.get_by_role("button", name="Send it again").click()
        page.wait_for_url("**/edit/d/")
        assert saved(letter, "Typed without a script.")
    finally:
        context.close()
