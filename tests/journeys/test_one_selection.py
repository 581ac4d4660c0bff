"""From a frozen ranking to a told world: scenarios, decisions, two keys, a letter and a correction.

The chair computes and adopts a set, the publishers rehearse and release, an agency downloads and
verifies its letter, and one decision is corrected. Real processes, real PDFs.
"""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.models import Membership
from accounts.states import Role, Seat
from chang_e8_portal import clock
from decisions import invariants
from decisions.models import Decision, DecisionLetter, Publication
from decisions.rendering import text_of
from decisions.states import Outcome, RenderState
from tests import make
from tests.decisions import stage, tables
from tests.journeys.conftest import eventually
from tests.journeys.test_one_letter import _give_code

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PASSWORD = "a long test password"
STAFF = {
    "chair": Role.CHAIR,
    "publisher1": Role.PUBLISHER,
    "publisher2": Role.PUBLISHER,
}
REASON = "The panel voted for the set with the most value on the lander."
CORRECTED = "The panel voted for it; the instrument is carried on the rover."
WHY = "The reason named the wrong place on the lander."


@pytest.fixture
def letters(portal):
    """Five letters of 110 to 50 kg in a frozen final round: two of them fill the lander."""
    call_round, ranked = tables.ranked()
    clock.travel_to(stage.late(call_round.call))
    for name, role in STAFF.items():
        _person(name, [role])
    person = _person("rosa", [])
    Membership.objects.create(
        user=person, agency=ranked[0].agency, seat=Seat.REPRESENTATIVE, since=make.OPENS
    )
    return ranked


def _person(name, roles):
    return enrol(
        email=f"{name}@example.org",
        name=name.capitalize(),
        password=PASSWORD,
        roles=roles,
        at=clock.now(),
    )


def test_from_a_frozen_ranking_to_a_corrected_letter(portal, letters, tmp_path):
    _adopt_a_set(portal)
    _decide_by_it(portal, letters)
    _agree_on_words(portal)
    _propose_and_rehearse(portal)
    with portal.visitor() as page:
        page.goto("/results/")
        expect(page.locator("main")).not_to_contain_text(letters[0].title)
    _release(portal)
    first = _download(portal, letters[0], tmp_path / "first.pdf")
    said = " ".join(text_of(first.read_bytes()).split())
    assert f"The office welcomes {letters[0].reference} on board." in said
    _verify(portal, first, "Genuine: a decision letter of this portal")
    with portal.visitor() as page:
        page.goto("/results/")
        expect(page.locator("main")).to_contain_text(letters[0].title)
        expect(page.locator("main")).not_to_contain_text(letters[2].title)

    _correct(portal, letters[0])
    second = _download(portal, letters[0], tmp_path / "second.pdf")
    _verify(portal, second, "Genuine: a decision letter of this portal")
    _verify(portal, first, "Superseded: a later letter holds")
    assert list(invariants.findings(at=clock.now())) == []
    call_command("verify_audit")


# --- the chair ---


def _adopt_a_set(portal):
    """Rules are signed, a set is computed by the worker, explained, and voted for."""
    with portal.visitor("chair@example.org", PASSWORD) as page:
        page.goto("/decisions/final/portfolio/")
        page.get_by_role("link", name="Sign rules").first.click()
        page.locator("[name=name]").fill("Merit only")
        page.locator("[name=reason]").fill("The panel agreed on them in the spring.")
        page.get_by_role("button", name="Sign these rules").click()
        page.goto("/decisions/final/portfolio/")
        page.get_by_role("button", name="Compute it").click()
        # The worker computes it, and the page that waits for it shows it by itself.
        expect(page.locator("#workbench")).to_contain_text("200 of 200 kg")
        page.locator(".pick a").first.click()
        expect(page.locator("#why")).to_contain_text("Without it the set would be worth")
        page.get_by_role("link", name="The panel voted for this set…").click()
        page.locator("[name=minute]").fill("Nine to one, minute 12.")
        page.get_by_role("button", name="Adopt", exact=True).click()
        expect(page.locator("main")).to_contain_text("Nine to one, minute 12.")


def _decide_by_it(portal, letters):
    with portal.visitor("chair@example.org", PASSWORD) as page:
        for link, outcome in (
            ("Decide the letters in the set…", Outcome.SELECTED),
            ("Decide the other letters…", Outcome.NOT_SELECTED),
        ):
            page.goto("/decisions/final/portfolio/")
            page.get_by_role("link", name="Merit only").first.click()
            page.get_by_role("link", name=link).click()
            expect(page.locator(f"[name=outcome][value={outcome}]")).to_be_checked()
            page.locator("[name=reason]").fill(REASON)
            page.locator("main form .btn-primary").click()
            page.wait_for_url("**/decisions/final/")
    decided = Decision.objects.filter(outcome=Outcome.SELECTED).values_list("letter", flat=True)
    assert set(decided) == {letter.pk for letter in letters[:2]}
    assert Decision.objects.count() == len(letters)


# --- the publishers ---


def _agree_on_words(portal):
    """One writes another sentence for selected letters, is told what must go, and proposes; the
    other compares, opens a draft and approves.
    """
    there = "/decisions/final/letters/selected/en/"
    with portal.visitor("publisher1@example.org", PASSWORD) as page:
        page.goto(there)
        page.locator("[name=sentence]").fill("The office welcomes ${reference.__class__} on board.")
        page.get_by_role("button", name="Propose", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("${reference.__class__}")
        page.locator("[name=sentence]").fill("The office welcomes ${reference} on board.")
        page.get_by_role("button", name="Propose", exact=True).click()
        expect(page.locator("main")).to_contain_text("Another publisher approves it.")
    with portal.visitor("publisher2@example.org", PASSWORD) as page:
        page.goto("/decisions/final/letters/")
        page.get_by_role("link", name="Selected, English").first.click()
        expect(page.locator("main ins").first).to_contain_text("The office welcomes ${reference}")
        with page.expect_popup() as draft:
            page.get_by_role("button", name="Draft as PDF").first.click()
        draft.value.close()
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator("main")).to_contain_text("Version 1 holds")


def _propose_and_rehearse(portal):
    with portal.visitor("publisher1@example.org", PASSWORD) as page:
        page.goto("/decisions/final/publication/propose/")
        page.get_by_role("button", name="Propose", exact=True).click()
        page.wait_for_url("**/decisions/final/publication/")
        _all_are_rendered()
        page.reload()
        page.get_by_role("button", name="Rehearse the release").click()
        eventually(
            lambda: Publication.objects.get().rehearsals.filter(done_at__isnull=False).exists(),
            "the worker has rehearsed",
        )
        page.reload()
        expect(page.locator("main")).to_contain_text("Nothing is in the way.")


def _release(portal):
    with portal.visitor("publisher2@example.org", PASSWORD) as page:
        page.goto("/decisions/final/publication/release/")
        page.locator("[name=count]").fill("3")
        page.get_by_role("button", name="Release", exact=True).click()
        expect(page.locator("main .invalid-feedback")).to_be_visible()
        assert not Publication.objects.get().is_released
        page.locator("[name=count]").fill("2")
        page.get_by_role("button", name="Release", exact=True).click()
        _give_code(portal, page, "publisher2@example.org")
        page.wait_for_url("**/decisions/final/publication/")
        expect(page.locator("main")).to_contain_text("2 letters go forward")


def _correct(portal, letter):
    with portal.visitor("publisher1@example.org", PASSWORD) as page:
        page.goto(f"/decisions/final/{letter.pk}/")
        page.get_by_role("link", name="Correct it…").click()
        page.locator("[name=reason]").fill(CORRECTED)
        page.locator("[name=why]").fill(WHY)
        page.get_by_role("button", name="Propose the correction").click()
        expect(page.locator("main")).to_contain_text("Another publisher must check")
        address = page.url
        _all_are_rendered()
    with portal.visitor("publisher2@example.org", PASSWORD) as page:
        page.goto(address)
        page.locator("[name=reference]").fill(letter.reference)
        # The code of a moment ago holds for this, too.
        page.get_by_role("button", name="Release the correction").click()
        expect(page.locator("main")).to_contain_text("Released")


def _all_are_rendered():
    unfinished = DecisionLetter.objects.exclude(state=RenderState.READY)
    eventually(lambda: not unfinished.exists(), "the worker has rendered all letters")


# --- the agency, and whoever gets a copy ---


def _download(portal, letter, path):
    with portal.visitor("rosa@example.org", PASSWORD) as page:
        page.goto(f"/letters/{letter.pk}/decision/")
        with page.expect_download() as download:
            page.locator(".downloads a").first.click()
        download.value.save_as(path)
    return path


def _verify(portal, path, answer):
    """The file is dropped on the page, which looks at it and asks about its hash."""
    with portal.visitor() as page:
        page.goto("/verify/")
        page.locator("[name=document]").set_input_files(path)
        page.get_by_role("button", name="Check the file").click()
        expect(page.locator("[role=status] h2")).to_contain_text(answer)
