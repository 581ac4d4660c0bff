"""A shortlisted agency files its fuller proposal, and a reviewer reads it beside the letter."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.models import Membership
from accounts.states import Role, Seat
from chang_e8_portal import clock
from proposals import actions
from proposals.models import CallRound, FullerVersion
from proposals.states import LetterState, RoundKind
from tests import make
from tests.journeys.test_one_letter import PASSWORD, _give_code, press
from tests.proposals import papers

pytestmark = pytest.mark.e2e

EMAIL, READER = "rosa@agency.example.org", "reader@panel.example.org"
TOLD = make.CLOSES + timedelta(days=110)


@pytest.fixture
def letter(portal):
    """A filed letter that its agency was told is on the shortlist; seven weeks are left."""
    clock.travel_to(make.CLOSES - timedelta(days=1))
    call = make.call()
    make.rubric(call)
    CallRound.objects.filter(call=call, kind=RoundKind.FINAL).update(
        proposals_due_at=TOLD + timedelta(days=50)
    )
    agency = make.agency()
    person = enrol(email=EMAIL, name="Rosa", password=PASSWORD, roles=[], at=clock.now())
    Membership.objects.create(
        user=person, agency=agency, seat=Seat.REPRESENTATIVE, since=clock.now()
    )
    made = make.letter(call=call, agency=agency)
    actions.submit(made, actor=person, idempotency_key="the-first-click-of-all")
    make.opened(call)
    clock.travel_to(TOLD)
    actions.announce(
        {made.pk: LetterState.SHORTLISTED},
        round_kind=RoundKind.PRELIMINARY,
        actor=person,
        at=TOLD,
    )
    return made


@pytest.mark.long
def test_an_agency_files_its_fuller_proposal(portal, letter, tmp_path):
    scheme = tmp_path / "scheme.pdf"
    scheme.write_bytes(papers.GOOD)
    with portal.visitor(EMAIL, PASSWORD) as page:
        page.goto(f"/letters/{letter.pk}/")
        page.locator("main").get_by_role("link", name="Fuller proposal").click()
        expect(page.locator("main")).to_contain_text("Before it can be filed")
        page.locator("main").get_by_role("link", name="Figures and changes").first.click()

        # Saved as one types: the page is left without a button.
        page.locator("[name=changes]").fill("The mast is 1.2 kg heavier.")
        page.locator("[name=mass_kg]").fill("7.7")
        expect(page.locator("[data-autosave-status]").first).to_contain_text("saved")
        page.goto(f"/letters/{letter.pk}/fuller/files/")
        page.locator("#file-scheme").set_input_files(scheme)
        expect(page.locator("#place-scheme [data-place-file]")).to_have_text("scheme.pdf")

        page.goto(f"/letters/{letter.pk}/fuller/submit/")
        expect(page.locator("main")).to_contain_text("7.7")
        press(page, "File the fuller proposal")
        _give_code(portal, page, EMAIL)
        page.wait_for_url("**/fuller/receipt/")
        version = FullerVersion.objects.get()
        expect(page.locator("main")).to_contain_text(version.receipt.code)
        assert version.content["fields"]["mass_kg"] == "7.7"
        page.goto(f"/letters/{letter.pk}/")
        expect(page.locator("main")).to_contain_text("Fuller proposal filed")

    reader = enrol(
        email=READER, name="Rea", password=PASSWORD, roles=[Role.REVIEWER], at=clock.now()
    )
    final = make.final_round(letter.call)
    assignment = make.assignment(letter=letter, reviewer=reader, round=final)
    with portal.visitor(READER, PASSWORD) as page:
        page.goto(f"/reviews/{assignment.pk}/")
        expect(page.locator("#part-fuller")).to_contain_text("The mast is 1.2 kg heavier.")
        expect(page.locator("#part-fuller tbody")).to_contain_text("7.7")
        with page.expect_download() as download:
            page.locator("#part-fuller").get_by_role("link", name="Implementation scheme").click()
        assert download.value.path().read_bytes() == papers.GOOD
