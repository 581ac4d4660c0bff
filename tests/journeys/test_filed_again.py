"""A letter is filed, reopened, changed, compared and filed again; its receipts prove themselves.

In a real browser and with real mail; the proof is checked by the program that needs nothing of the
portal.
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.models import Membership
from accounts.states import Seat
from chang_e8_portal import clock
from tests import make
from tests.journeys.conftest import eventually
from tests.journeys.test_one_letter import PASSWORD, _give_code, press

pytestmark = pytest.mark.e2e

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
EMAIL = "rosa@agency.example.org"


@pytest.fixture
def letter(portal):
    """A complete draft of an agency with one representative, a day before the cutoff."""
    clock.travel_to(make.CLOSES - timedelta(days=1))
    agency = make.agency()
    person = enrol(email=EMAIL, name="Rosa", password=PASSWORD, roles=[], at=clock.now())
    Membership.objects.create(
        user=person, agency=agency, seat=Seat.REPRESENTATIVE, since=clock.now()
    )
    return make.letter(call=make.call(), agency=agency)


@pytest.mark.long
def test_a_letter_is_filed_again_and_both_receipts_prove_themselves(portal, letter, tmp_path):
    with portal.visitor(EMAIL, PASSWORD) as page:
        first = _file(portal, page, letter, number=1, folder=tmp_path)

        page.goto(f"/letters/{letter.pk}/")
        page.get_by_role("link", name="Reopen the letter").click()
        expect(page.locator("main")).to_contain_text("stands and counts until a new one is filed")
        press(page, "Reopen the letter")
        page.wait_for_url("**/edit/a/")
        page.locator("[name=title]").fill("A quieter seismometer")
        press(page, "Save and continue")
        page.wait_for_url(lambda address: "/edit/a/" not in address)
        assert letter.versions.count() == 1

        page.goto(f"/letters/{letter.pk}/")
        expect(page.locator("main")).to_contain_text("Version 1 is filed and counts")
        page.get_by_role("link", name="What changed?").click()
        expect(page.locator("main ins")).to_contain_text("A quieter seismometer")
        expect(page.locator("main del")).to_contain_text("Seismometer")

        second = _file(portal, page, letter, number=2, folder=tmp_path)
        page.goto(f"/letters/{letter.pk}/versions/1/")
        expect(page.locator("main")).to_contain_text("A later version was filed")

    with portal.visitor() as page:
        key = _load(page, "/verify/key.pem", tmp_path / "key.pem")
        for receipt in (first, second):
            _verify(0, receipt, key)
        _verify(0, second, key, tmp_path / "content-2.json")
        _verify(1, second, key, tmp_path / "content-1.json")

        forged = tmp_path / "forged.json"
        said = json.loads(second.read_text())
        forged.write_text(json.dumps(said | {"version": 1}))
        _verify(1, forged, key)
        for path, answer in ((second, "Genuine: a receipt"), (forged, "Not genuine")):
            page.goto("/verify/")
            page.locator("[name=document]").set_input_files(path)
            press(page, "Check the file")
            # The browser asked about a fingerprint; the file was not sent.
            page.wait_for_url("**/verify/?sha256=*")
            expect(page.locator("[role=status]")).to_contain_text(answer)


def _file(portal, page, letter, *, number, folder):
    """Look, submit, and load the receipt and the content as files; returns the receipt's."""
    page.goto(f"/letters/{letter.pk}/submit/")
    press(page, "Submit the letter")
    _confirm_with_the_newest_code(portal, page)
    page.wait_for_url("**/receipt/**")
    version = eventually(letter.versions.filter(number=number).first, f"version {number} is filed")
    expect(page.locator("main")).to_contain_text(version.receipt.signature)
    where = f"/letters/{letter.pk}/versions/{number}/content.json"
    _load(page, where, folder / f"content-{number}.json")
    where = f"/letters/{letter.pk}/receipt/?version={number}&format=json"
    return _load(page, where, folder / f"receipt-{number}.json")


def _confirm_with_the_newest_code(portal, page):
    box = page.locator("[name=step_up_code]")
    expect(box.or_(page.get_by_role("heading", name="Receipt", exact=True))).to_be_visible()
    if not box.is_visible():
        return  # just given for this very letter
    _give_code(portal, page, EMAIL)


def _load(page, address, path):
    path.write_bytes(page.request.get(address).body())
    return path


def _verify(code, receipt, key, *more):
    done = subprocess.run(
        [sys.executable, "-I", str(TOOL), str(receipt), str(key), *map(str, more)],
        capture_output=True,
        text=True,
        check=False,
        env={},
    )
    assert done.returncode == code, done.stdout + done.stderr
