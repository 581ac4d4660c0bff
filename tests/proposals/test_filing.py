import hashlib
import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from proposals import actions, content, receipts
from proposals.models import LetterOfIntent, LetterVersion, Receipt
from tests import make

MILLISECOND = timedelta(milliseconds=1)


def page(letter):
    return reverse("proposals:submit", args=[letter.pk])


def receipt_of(letter):
    return reverse("proposals:receipt", args=[letter.pk])


def hidden(response):
    """What the button would send."""
    text = response.content.decode()
    return {
        name: re.search(f'name="{name}" value="([^"]+)"', text)[1]
        for name in ("idempotency_key", "seen")
    }


# --- looking, then submitting ---


def test_the_page_shows_what_will_be_filed_and_its_hash(cast, sign_in):
    response = sign_in(cast.representative).get(page(cast.letter))
    text = response.content.decode()
    letter = LetterOfIntent.objects.get()
    assert content.digest(content.of(letter, version=1)) in text
    for answer in ("Seismometer", "A year of records.", "6.5", "Unit level", "Physical fields"):
        assert answer in text


def test_the_button_files_exactly_that(cast, sign_in):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))
    response = client.post(page(cast.letter), sent)
    assert (response.status_code, response.url) == (302, receipt_of(cast.letter))
    version = LetterVersion.objects.get()
    assert (version.sha256, version.idempotency_key) == (sent["seen"], sent["idempotency_key"])


def test_every_look_makes_a_new_key_that_cannot_be_guessed(cast, sign_in):
    client = sign_in(cast.representative)
    keys = {hidden(client.get(page(cast.letter)))["idempotency_key"] for _ in range(3)}
    assert len(keys) == 3
    assert min(map(len, keys)) >= 32


def test_the_same_click_twice_leads_to_the_same_receipt(cast, sign_in, nothing_written):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))
    client.post(page(cast.letter), sent)
    with nothing_written():
        assert client.post(page(cast.letter), sent).url == receipt_of(cast.letter)
        # And whoever comes back to the page is led there too.
        assert client.get(page(cast.letter)).url == receipt_of(cast.letter)


def test_a_letter_with_gaps_is_not_filed(cast, sign_in, nothing_written):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))
    actions.save_draft(cast.letter, changes={"goals": ""}, revision=1, actor=cast.editor)
    assert "idempotency_key" not in client.get(page(cast.letter)).content.decode()
    with nothing_written():
        response = client.post(page(cast.letter), sent)
    assert response.status_code == 422
    text = response.content.decode()
    assert "Goals and expected results" in text
    assert reverse("proposals:edit", args=[cast.letter.pk, "c"]) in text


def test_a_text_changed_meanwhile_is_shown_again_and_not_filed(cast, sign_in, nothing_written):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))
    actions.save_draft(cast.letter, changes={"goals": "Newer."}, revision=1, actor=cast.editor)
    with nothing_written():
        response = client.post(page(cast.letter), sent)
    assert response.status_code == 409
    assert "Newer." in response.content.decode()
    assert client.post(page(cast.letter), hidden(response)).status_code == 302


def test_the_last_millisecond_counts_and_the_next_does_not(cast, sign_in, it_is, nothing_written):
    client = sign_in(cast.representative)
    other = make.letter(call=cast.call, agency=cast.agency)
    in_time, late = (hidden(client.get(page(letter))) for letter in (cast.letter, other))
    it_is(cast.call.closes_at - MILLISECOND)
    assert client.post(page(cast.letter), in_time).status_code == 302
    it_is(cast.call.closes_at)
    with nothing_written():
        response = client.post(page(other), late)
        assert client.get(page(other)).status_code == 409
    assert response.status_code == 409
    assert "closed at the cutoff" in response.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"idempotency_key": ""},
        {"idempotency_key": "short"},
        {"idempotency_key": "x" * 81},
        {"idempotency_key": "spaces and things"},
        {"seen": "0" * 63},
        {"seen": ""},
        {"state": "SELECTED"},
        {"submitted_at": "2020-01-01"},
        {"actor": "x"},
        {"seen": ["0" * 64, "1" * 64]},
    ],
)
def test_a_form_that_is_not_the_page_s_is_refused(cast, sign_in, nothing_written, change):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))
    with nothing_written():
        assert client.post(page(cast.letter), sent | change).status_code == 400


# --- the receipt ---


@pytest.fixture
def receipt(cast, it_is):
    it_is(cast.call.closes_at - MILLISECOND)
    return actions.submit(
        cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length"
    )


def test_the_receipt_tells_time_version_hashes_and_code(cast, sign_in, receipt):
    cast.viewer.time_zone = "America/Lima"
    cast.viewer.save(update_fields=["time_zone"])
    text = sign_in(cast.viewer).get(receipt_of(cast.letter)).content.decode()
    for said in (
        cast.letter.reference,
        "2023-12-31 15:59:59.999000 UTC",
        "2023-12-31 23:59:59.999000 Beijing time",
        "2023-12-31 10:59:59.999000 America/Lima",
        receipt.version.sha256,
        receipt.audit_head,
        receipt.code,
    ):
        assert said in text


def test_the_receipt_as_a_file_is_complete_and_signed(cast, sign_in, receipt):
    response = sign_in(cast.viewer).get(receipt_of(cast.letter), {"format": "json"})
    data = json.loads(response.content)
    assert data == receipts.signed(receipt)
    assert data | {"signature": "", "key": ""} == {
        "format": "chang-e8-receipt-1",
        "call": cast.call.code,
        "agency": "Space Agency of Atlantis",
        "reference": cast.letter.reference,
        "version": 1,
        "sha256": receipt.version.sha256,
        "files": [],
        "accepted_at": "2023-12-31T15:59:59.999000+00:00",
        "audit_seq": receipt.audit_seq,
        "audit_head": receipt.audit_head,
        "code": receipt.code,
        "signature": "",
        "key": "",
    }
    assert response["Content-Type"] == "application/json"
    assert f"receipt-{cast.letter.reference}-v1.json" in response["Content-Disposition"]


def test_the_hash_on_the_receipt_is_that_of_the_filed_words(receipt):
    version = LetterVersion.objects.get()
    data = json.dumps(
        version.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    assert hashlib.sha256(data).hexdigest() == receipt.version.sha256


@pytest.mark.parametrize(
    ("version", "status"),
    [("1", 200), ("2", 404), ("0", 404), ("-1", 404), ("x", 404), ("", 404), ("9" * 20, 404)],
)
def test_a_receipt_is_found_by_its_version(cast, sign_in, receipt, version, status):
    response = sign_in(cast.viewer).get(receipt_of(cast.letter), {"version": version})
    assert response.status_code == status


def test_a_stranger_finds_no_receipt(cast, sign_in, receipt):
    assert sign_in(cast.stranger).get(receipt_of(cast.letter)).status_code == 404


def test_codes_are_long_and_can_be_read_aloud(receipt):
    code = Receipt.objects.get().code
    assert re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){4}[2-9A-HJ-NP-Z]{4}", code)
