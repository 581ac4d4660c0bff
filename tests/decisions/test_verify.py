import errno
import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from decisions import public_forms as forms
from proposals import actions as letters_room
from proposals import files, receipts
from proposals.files import incoming
from proposals.models import Receipt
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

UNKNOWN = "2345-6789-ABCD-EFGH-JKLM"


@pytest.fixture(autouse=True)
def nobody_has_asked():
    cache.clear()


def upload(data, name="letter.pdf"):
    return {"document": SimpleUploadedFile(name, data, content_type="application/pdf")}


def shown(client, data):
    return client.post("/verify/", upload(data)).content.decode()


def receipt():
    letter = make.eligible_letter()
    version = make.version(letter, number=2)
    return Receipt.objects.create(
        version=version, code="WXYZ-2345-6789-ABCD-EFGH", audit_seq=1, audit_head="d" * 64
    )


def test_a_released_letter_is_genuine_however_its_code_is_typed(client):
    publication, _letters = stage.released()
    letter = publication.letters.first()
    plain = letter.code.replace("-", "")
    for typed in (letter.code, letter.code.lower(), f" {plain} ", plain.replace("", " ")):
        page = client.get("/verify/", {"code": typed}).content.decode()
        assert "Genuine" in page
        assert letter.number in page
        assert letter.decision.letter.reference in page
        assert letter.sha256 in page


def test_a_receipt_is_genuine_by_its_code(client):
    told = receipt()
    page = client.get("/verify/", {"code": told.code.lower()}).content.decode()
    letter = told.version.letter
    assert "Genuine" in page
    for said in (letter.reference, told.version.sha256, "d" * 64, "30 December 2023, 16:00:00 UTC"):
        assert said in page


def test_an_unreleased_letter_answers_like_an_unknown_code(client):
    publication, _letters = stage.ready()
    letter = publication.letters.first()
    unreleased, unknown = (
        stage.bare(client.get("/verify/", {"code": code})) for code in (letter.code, UNKNOWN)
    )
    assert "Not found" in unknown
    assert unreleased.replace(letter.code, UNKNOWN) == unknown

    stored = files.path_of(letter.sha256).read_bytes()
    by_file = stage.bare(client.post("/verify/", upload(stored)))
    other = stage.bare(client.post("/verify/", upload(b"%PDF-something else")))
    digest = hashlib.sha256(b"%PDF-something else").hexdigest()
    assert by_file.replace(letter.sha256, digest) == other


def test_a_released_file_is_genuine_and_one_changed_byte_is_not(client):
    publication, _letters = stage.released()
    letter = publication.letters.first()
    stored = files.path_of(letter.sha256).read_bytes()
    page = client.post("/verify/", upload(stored)).content.decode()
    assert "Genuine" in page
    assert letter.number in page
    assert "changed after it was signed" in shown(client, stored + b" ")
    assert "Not found" in client.post("/verify/", upload(b"")).content.decode()


@pytest.mark.parametrize("typed", ["", "ABCD", "A" * 21, "x" * 70, "\u200b" * 20])
def test_what_cannot_be_a_code_is_named_as_such(client, typed):
    assert client.get("/verify/", {"code": typed}).status_code in (200, 422)
    assert "Genuine" not in client.get("/verify/", {"code": typed}).content.decode()


def test_a_form_without_a_file_or_with_too_large_a_one_comes_back(client, monkeypatch):
    assert client.post("/verify/").status_code == 422
    monkeypatch.setattr(forms, "MOST_UPLOADED", 10)
    answer = client.post("/verify/", upload(b"%PDF-" + b"x" * 10))
    assert answer.status_code == 422
    assert "12 MB" in answer.content.decode()


def test_guessing_is_slowed_down_by_address(client, it_is):
    it_is(make.OPENS)  # a minute that does not end half-way
    for _turn in range(30):
        assert client.get("/verify/", {"code": UNKNOWN}).status_code == 200
    slow = client.get("/verify/", {"code": UNKNOWN})
    assert (slow.status_code, slow["Retry-After"]) == (429, "60")
    assert client.get("/verify/").status_code == 200, "the page itself stays open"
    assert client.get("/verify/", {"code": UNKNOWN}, REMOTE_ADDR="192.0.2.9").status_code == 200


# --- receipts ---


@pytest.fixture
def signed(it_is):
    call = make.call()
    it_is(call.closes_at - make.SECOND)
    agency = make.agency(name="宇航局 “Luna” <b>")
    letter = make.letter(call=call, agency=agency)
    return letters_room.submit(letter, actor=make.member(agency), idempotency_key="k" * 20)


def as_script(found):
    """What the page's script asks about a dropped receipt."""
    return {"sha256": receipts.digest(found), "code": found["code"]}


def test_a_signed_receipt_is_genuine_by_code_by_file_and_by_fingerprint(client, signed):
    found = receipts.signed(signed)
    spread = json.dumps(dict(reversed(found.items())), indent=9).encode()
    for page in (
        client.get("/verify/", {"code": signed.code}),
        client.get("/verify/", as_script(found)),
        client.post("/verify/", upload(receipts.as_file(signed), "receipt.json")),
        client.post("/verify/", upload(spread, "receipt.json")),
    ):
        text = page.content.decode()
        assert "Genuine: a receipt" in text
        assert found["key"] in text
        # Nothing that its holder does not know, and nothing of the letter.
        assert "Seismometer" not in text


@pytest.mark.parametrize("name", ["reference", "sha256", "accepted_at", "agency", "signature"])
def test_a_changed_receipt_is_not_genuine(client, signed, name):
    found = receipts.signed(signed)
    found[name] = "A" + found[name][1:] if found[name][0] != "A" else "B" + found[name][1:]
    for page in (
        client.get("/verify/", as_script(found)),
        client.post("/verify/", upload(json.dumps(found).encode(), "receipt.json")),
    ):
        text = page.content.decode()
        assert "Not genuine" in text
        assert "something else in this receipt was changed" in text
        assert signed.version.sha256 not in text


def test_a_receipt_with_a_code_of_nobody_is_not_found(client, signed):
    found = receipts.signed(signed) | {"code": UNKNOWN}
    for page in (
        client.get("/verify/", as_script(found)),
        client.post("/verify/", upload(json.dumps(found).encode(), "receipt.json")),
    ):
        assert "no receipt of this portal has its code" in page.content.decode()


@pytest.mark.parametrize("code", ["", "\x00", "\ud800", "x" * 60_000])
def test_an_odd_code_in_a_receipt_is_not_found(client, signed, code):
    found = receipts.signed(signed) | {"code": code}
    page = client.post("/verify/", upload(json.dumps(found).encode(), "receipt.json"))
    assert page.status_code == 200
    assert "Not found" in page.content.decode()


def test_a_receipt_that_was_changed_in_the_database_is_not_genuine(client, signed):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE proposals_receipt SET document = jsonb_set(document, '{version}', '7')"
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert "Not genuine" in client.get("/verify/", {"code": signed.code}).content.decode()


@pytest.mark.parametrize("sha256", ["", "x", "A" * 64, "0" * 63])
def test_what_cannot_be_a_fingerprint_is_no_question(client, sha256):
    assert client.get("/verify/", {"sha256": sha256}).status_code == 422


def test_a_letter_s_content_or_file_is_not_found_by_its_fingerprint(client, signed):
    """Or anybody could ask which papers were filed here."""
    page = client.get("/verify/", {"sha256": signed.version.sha256}).content.decode()
    assert "Not found" in page
    assert "Genuine" not in page


# --- the command ---


def test_the_command_knows_a_genuine_letter(tmp_path, capsys):
    publication, _letters = stage.released()
    letter = publication.letters.first()
    path = tmp_path / "letter.pdf"
    path.write_bytes(files.path_of(letter.sha256).read_bytes())
    call_command("verify_letter", path)
    assert letter.number in capsys.readouterr().out


def test_the_command_gives_the_reason_when_not(tmp_path):
    publication, _letters = stage.ready()
    path = tmp_path / "letter.pdf"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_letter", path)
    path.write_bytes(files.path_of(publication.letters.first().sha256).read_bytes())
    with pytest.raises(CommandError, match="no letter that was sent"):
        call_command("verify_letter", path)


# --- an operator's key file is spoilt while the portal runs ---


def test_a_spoilt_key_is_an_answer_and_not_an_error(signed, settings, tmp_path, caplog):
    client = Client(raise_request_exception=False)
    sealing, letters = tmp_path / "signing_key.pem", tmp_path / "letter_key.p12"
    behind = with_a_spoilt_public_key()
    for broken in (b"no key", behind):
        sealing.write_bytes(broken)
        letters.write_bytes(b"no key")
        settings.SIGNING_KEY_FILE, settings.PDF_SIGNING_KEY_FILE = sealing, letters
        asked = [("/verify/key.pem", {}), ("/verify/letters.pem", {})]
        asked.append(("/verify/", {"code": signed.code}))
        for address, query in asked:
            caplog.clear()
            answer = client.get(address, query)
            assert answer.status_code == 503, (broken, address)
            assert "cannot use one of its keys" in answer.content.decode()
            assert answer["Retry-After"]
            assert str(tmp_path) not in answer.content.decode()
            assert str(tmp_path) in caplog.text, "the operator reads which file"
    # What needs no key is answered.
    assert client.get("/verify/", {"code": UNKNOWN}).status_code == 200
    (tmp_path / "signed.pdf").write_bytes(b"/ByteRange [0 1 2 3]")
    with pytest.raises(CommandError, match="no PKCS#12 file") as refusal:
        call_command("verify_letter", tmp_path / "signed.pdf")
    assert refusal.value.returncode == 2


def with_a_spoilt_public_key() -> bytes:
    """A key file that signs, with a damaged key of an earlier year behind it."""
    good = Path(str(django_settings.SIGNING_KEY_FILE)).read_bytes()
    return good + b"-----BEGIN PUBLIC KEY-----\nspoilt\n-----END PUBLIC KEY-----\n"


def test_a_full_disk_is_no_error_of_ours(monkeypatch):
    def full(*given, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    client = Client(raise_request_exception=False)
    for name in ("mkstemp", "write"):
        with monkeypatch.context() as away:
            if name == "mkstemp":
                away.setattr(incoming.tempfile, "mkstemp", full)
            else:
                away.setattr(
                    incoming.Incoming,
                    "_write",
                    lambda self, act: setattr(self, "failure", OSError(errno.ENOSPC, "full")),
                )
            answer = client.post("/verify/", upload(b"%PDF-x"))
            assert answer.status_code == 503, name
            assert "cannot store or read files" in answer.content.decode()
