"""The whole letter is filled in and filed with the keyboard alone, and without JavaScript."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pikepdf
import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from chang_e8_portal import clock
from notifications.models import Message
from proposals.models import LetterOfIntent, LetterVersion
from tests import make
from tests.journeys.conftest import eventually
from tests.plugins.browser import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]

MOST_STOPS = 150  # of the Tab key on one page

# Section by section: the name of a field and what is typed, chosen or ticked in it.
ANSWERS = {
    "a": {
        "project_type": ("choose", "INSTRUMENT"),
        "priorities": ("tick", None),
        "summary": ("type", "We listen to the ground of the Moon for one year."),
        "public_abstract": ("type", "A seismometer at the pole."),
    },
    "b": {
        "pi_name": ("type", "Elena Condori"),
        "pi_position": ("type", "Head of the seismic laboratory"),
        "pi_email": ("type", "elena@agency.example.org"),
        "pi_phone": ("type", "+51 1 555 0100"),
        "partners-0-name": ("type", "Institute of Quakes"),
        "representative_name": ("type", "Rosa Quispe"),
        "representative_function": ("type", "Director"),
    },
    "c": {
        "objectives": ("tick", None),
        "goals": ("type", "To hear moonquakes."),
        "innovation_science": ("type", "A new band."),
        "innovation_engineering": ("type", "A new suspension."),
        "complement": ("type", "The seismometer of the lander hears another band."),
    },
    "d": {
        "mass_kg": ("type", "6.5"),
        "power_average_w": ("type", "4"),
        "power_peak_w": ("type", "9"),
        "data_mbit_per_day": ("type", "120"),
    },
    "e": {
        "trl_now": ("choose", "5"),
        "trl_delivery": ("choose", "8"),
        "heritage": ("type", "Flown twice."),
        "fm_delivery": ("type", "2026-12-15"),
        "risks-0-risk": ("type", "The suspension freezes."),
    },
    "f": {
        name: ("type", f"What we say about {name}.")
        for name in ("shared_costs", "expertise", "visibility", "relations")
    },
    "g": {
        name: ("tick", None)
        for name in ("data_sharing", "peaceful_use", "consent_to_publish", "is_correct")
    },
}


@pytest.fixture
def draft():
    """A draft of which nothing is known but its title and level, in a call open by real time."""
    cache.clear()
    now = clock.now()
    call = make.call(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
    return make.letter(call=call, complete=False, title="Lunar seismometer", level="UNIT")


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "letter of intent.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    return path


@pytest.fixture
def opened(live_server, browser):
    """`with opened(person) as page`: a browser at the portal in which this person is signed in."""

    @contextmanager
    def visit(person, **options):
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **options)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto("/accounts/login/")
        page.locator("[name=login]").fill(person.email)
        page.locator("[name=password]").fill(make.PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda address: "/accounts/login/" not in address)
        try:
            yield page
        finally:
            context.close()

    return visit


def test_with_the_keyboard_alone(draft, paper, opened):
    person = make.verified(make.member(draft.agency))
    with opened(person) as page:
        page.goto(f"/letters/{draft.pk}/edit/a/")
        for section, answers in ANSWERS.items():
            page.wait_for_url(f"**/edit/{section}/")
            for name, (how, what) in answers.items():
                _reach(page, f"[name='{name}']")
                _answer(page, how, what)
            _reach(page, "main button", "Save and continue")
            page.keyboard.press("Enter")
        page.wait_for_url("**/edit/h/")
        _reach(page, "#file-letter")
        # From here on the dialogue of the operating system would take over.
        page.locator(":focus").set_input_files(paper)
        # The name stands there while the file is still on its way.
        eventually(draft.attachments.exists, "the file is stored")

        page.goto(f"/letters/{draft.pk}/submit/")
        _reach(page, "main button", "Submit the letter")
        page.keyboard.press("Enter")
        expect(page.locator("dialog[open]")).to_be_visible()
        _reach(page, "dialog[open] .btn-primary")
        page.keyboard.press("Enter")
        expect(page.locator("[name=step_up_code]")).to_be_focused()
        page.keyboard.type(_mailed_code(person))
        page.keyboard.press("Enter")
        page.wait_for_url("**/receipt/**")
    _is_filed_whole(draft)


def test_without_javascript(draft, paper, opened):
    person = make.verified(make.member(draft.agency))
    with opened(person, java_script_enabled=False) as page:
        page.goto(f"/letters/{draft.pk}/edit/a/")
        for section, answers in ANSWERS.items():
            page.wait_for_url(f"**/edit/{section}/")
            for name, (how, what) in answers.items():
                field = page.locator(f"[name='{name}']").first
                if how == "type":
                    field.fill(what)
                elif field.evaluate("field => field.tagName") == "SELECT":
                    field.select_option(what)
                else:
                    page.locator(_one_of(name, what)).first.check()
            page.get_by_role("button", name="Save and continue").click()
        page.wait_for_url("**/edit/h/")
        page.locator("#file-letter").set_input_files(paper)
        page.locator("form", has=page.locator("#file-letter")).locator(
            "[data-upload-button]"
        ).click()
        expect(page.locator("main")).to_contain_text(paper.name)

        page.goto(f"/letters/{draft.pk}/submit/")
        page.get_by_role("button", name="Submit the letter").click()
        page.locator("[name=step_up_code]").fill(_mailed_code(person))
        page.get_by_role("button", name="Confirm", exact=True).click()
        page.wait_for_url("**/receipt/**")
    _is_filed_whole(draft)


def _one_of(name, value):
    return f"[name='{name}'][value='{value}']" if value else f"[name='{name}']"


def _reach(page, selector, text=""):
    """Press Tab until the focus is on such an element, as a person without a mouse does."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """([selector, text]) => document.activeElement.matches(selector)
               && document.activeElement.textContent.includes(text)""",
            [selector, text],
        )
        if found:
            return
    raise AssertionError(f"{page.url}: the Tab key does not lead to {selector} {text}")


def _answer(page, how, what):
    """Type into what has the focus, tick it, or go through its choices with the arrow key."""
    if how == "type":
        page.keyboard.insert_text(what)
    elif how == "tick":
        page.keyboard.press("Space")
    else:
        chosen = "document.activeElement.value"
        for _choice in range(20):
            page.keyboard.press("ArrowDown")
            if page.evaluate(chosen) == what:
                return
        raise AssertionError(f"{page.url}: the arrow key does not lead to {what}")


def _mailed_code(person):
    mail = Message.objects.filter(address=person.email).latest("queued_at")
    return re.search(r"^\w{4}-\w{4}$", mail.body, re.MULTILINE)[0]


def _is_filed_whole(draft):
    letter = LetterOfIntent.objects.get(pk=draft.pk)
    assert letter.state == "SUBMITTED"
    filed = LetterVersion.objects.get(letter=letter).content["fields"]
    for answers in ANSWERS.values():
        for name, (how, what) in answers.items():
            if how == "type" and "-" not in name and what.replace(".", "").isalpha():
                assert filed[name] == what
    assert filed["partners"][0]["name"] == "Institute of Quakes"
    assert filed["risks"][0]["risk"] == "The suspension freezes."
