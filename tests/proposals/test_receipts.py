"""Receipts prove themselves: with the portal, by its command, and with nothing of the portal."""

import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.core.management import CommandError, call_command
from django.urls import reverse

from chang_e8_portal import checks
from notifications.models import Message
from proposals import actions, content, files, receipts, signing
from proposals.models import Receipt
from tests import make

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
NAMES = ("zh: 嫦娥八号载荷.pdf", "ar: رسالة.pdf", 'quote " and \\ back.pdf')


@pytest.fixture
def receipt(cast):
    for kind, name in zip(("LETTER", "CV", "DRAWING"), NAMES, strict=True):
        data = f"%PDF-1.7 {name}".encode()
        stored = files.Stored(sha256=files.store_bytes(data), size=len(data), pages=1)
        actions.attach(cast.letter, kind=kind, stored=stored, name=name, actor=cast.editor)
    return actions.submit(
        cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length"
    )


@pytest.fixture
def paper(receipt, tmp_path):
    """The receipt, the public key and the filed content as files in a folder."""
    (tmp_path / "receipt.json").write_bytes(receipts.as_file(receipt))
    (tmp_path / "key.pem").write_bytes(signing.public_pem())
    (tmp_path / "content.json").write_bytes(content.canonical(receipt.version.content))
    for item in receipt.version.content["attachments"]:
        (tmp_path / item["kind"]).write_bytes(files.path_of(item["sha256"]).read_bytes())
    return tmp_path


def offline(folder, *names):
    """What the program says that needs nothing of the portal, and its exit code."""
    done = subprocess.run(
        # -I: nothing of this checkout can be imported.
        [sys.executable, "-I", str(TOOL), *(str(folder / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PYTHONUTF8": "1"},
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def both(folder, receipt="receipt.json", key="key.pem"):
    """Whether the portal's command and the program both find a receipt genuine."""
    code, said = offline(folder, receipt, key)
    try:
        call_command("verify_receipt", folder / receipt, key=folder / key)
    except CommandError:
        agreed = 1
    else:
        agreed = 0
    assert code == agreed, said
    return code == 0


# --- genuine ---


def test_a_receipt_is_genuine_for_the_portal_and_without_it(receipt, paper, capsys):
    assert both(paper)
    call_command("verify_receipt", paper / "receipt.json")
    said = capsys.readouterr().out
    for told in (receipt.version.letter.reference, receipt.version.sha256, "genuine"):
        assert told in said


def test_content_and_attachments_are_checked_against_the_receipt(paper):
    code, said = offline(paper, "receipt.json", "key.pem", "content.json", "LETTER", "CV")
    assert (code, "GENUINE" in said) == (0, True)
    assert "content.json is the content" in said
    (paper / "CV").write_bytes(b"another CV")
    code, said = offline(paper, "receipt.json", "key.pem", "CV")
    assert (code, "is not what was filed" in said) == (1, True)


def test_white_space_and_order_do_no_harm(receipt, paper):
    said = receipts.signed(receipt)
    upside_down = dict(reversed(said.items()))
    (paper / "receipt.json").write_text(json.dumps(upside_down, indent=7), encoding="utf-8-sig")
    assert both(paper)


def test_the_mail_holds_a_receipt_that_proves_itself(receipt, paper):
    body = Message.objects.filter(template="letter_submitted").first().body
    for said in (receipt.code, receipt.signature, receipt.version.sha256, "/verify/key.pem"):
        assert said in body
    (paper / "receipt.json").write_text(body[body.index("{") :])
    assert both(paper)


# --- not genuine ---


@pytest.mark.parametrize("name", ["reference", "agency", "accepted_at", "sha256", "code", "call"])
def test_one_changed_letter_is_found(receipt, paper, name):
    said = receipts.signed(receipt)
    said[name] = said[name][:-1] + ("0" if said[name][-1] != "0" else "1")
    (paper / "receipt.json").write_text(json.dumps(said))
    assert not both(paper)


def change(**fields):
    return lambda said: said | fields


@pytest.mark.parametrize(
    "forge",
    [
        change(version=2),
        change(version=1.0),
        change(version=True),
        change(files=[]),
        change(more="than was signed"),
        change(signature=""),
        change(signature="AAAA"),
        change(signature="é" * 88),
        change(signature=None),
        change(key="0" * 16),
        change(key=None),
        change(format="another"),
        lambda said: {name: said[name] for name in said if name != "signature"},
        lambda said: [said],
        lambda said: "text",
        lambda said: None,
    ],
)
def test_forgeries_are_found(receipt, paper, forge):
    (paper / "receipt.json").write_text(json.dumps(forge(receipts.signed(receipt))))
    assert not both(paper)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"a": NaN}', b'{"a": "\\ud800"}', b"%PDF-1.7", b"0"],
)
def test_what_is_no_receipt_is_named_as_such(receipt, paper, data):
    (paper / "receipt.json").write_bytes(data)
    assert not both(paper)


def test_a_forgery_does_nothing_to_the_terminal(receipt, paper):
    forged = {**receipts.signed(receipt), "key": "\r\x1b[2KGENUINE: 宇\u202e"}
    (paper / "receipt.json").write_text(json.dumps(forged), encoding="utf-8")
    code, said = offline(paper, "receipt.json", "key.pem")
    assert code == 1
    assert said.rstrip("\n").isprintable(), said
    assert said.startswith("NOT GENUINE: ")


def test_a_name_that_stands_twice_is_refused(receipt, paper):
    text = (paper / "receipt.json").read_text()
    (paper / "receipt.json").write_text(text.replace("{", '{"version": 9,', 1))
    assert not both(paper)


def test_a_file_too_large_to_be_a_receipt_is_not_read(paper):
    with pytest.raises(receipts.Unreadable):
        receipts.read(b" " * (receipts.MOST_BYTES + 1))


def test_another_key_does_not_fit(paper):
    other = Ed25519PrivateKey.generate().public_key()
    pem = other.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (paper / "other.pem").write_bytes(pem)
    assert not both(paper, key="other.pem")
    (paper / "other.pem").write_bytes(pem + signing.public_pem())
    assert both(paper, key="other.pem")
    for nonsense in (b"", b"no key", pem[:60]):
        (paper / "other.pem").write_bytes(nonsense)
        assert not both(paper, key="other.pem")


def test_files_that_are_not_there_are_named(paper):
    assert not both(paper, receipt="nowhere.json")
    assert not both(paper, key="nowhere.pem")


# --- the key ---


@pytest.fixture
def key_file(settings, tmp_path):
    settings.SIGNING_KEY_FILE = tmp_path / "keys" / "signing_key.pem"
    return settings.SIGNING_KEY_FILE


def test_a_trial_makes_a_key_once_that_its_owner_alone_can_read(key_file):
    first = signing.key_id()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert signing.key_id() == first
    assert checks.receipts_can_be_signed() == []


def test_production_brings_its_key_or_does_not_start(key_file, settings, capsys):
    settings.PRODUCTION = True
    (error,) = checks.receipts_can_be_signed()
    assert error.id == "portal.E004"
    assert not key_file.exists()
    call_command("make_signing_key")
    assert str(key_file) in capsys.readouterr().out
    assert checks.receipts_can_be_signed() == []
    before = key_file.read_bytes()
    with pytest.raises(CommandError, match="there already"):
        call_command("make_signing_key")
    assert key_file.read_bytes() == before


def test_a_file_that_holds_no_such_key_is_an_error(key_file, settings):
    rsa = generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_file.parent.mkdir()
    for number, data in enumerate([b"", b"-----BEGIN PRIVATE KEY-----", rsa, signing_public()]):
        key_file.write_bytes(data)
        # A file system may not tell two writes in one instant apart.
        os.utime(key_file, ns=(number, number))
        assert [error.id for error in checks.receipts_can_be_signed()] == ["portal.E004"]


def signing_public():
    return (
        Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def test_receipts_of_an_earlier_key_stay_genuine(receipt, paper, key_file):
    # The key is exchanged; the public half of the old one is put behind the new one.
    call_command("make_signing_key")
    assert "another key" in receipts.fault_in(receipts.signed(receipt), signing.public_keys())
    key_file.write_bytes(key_file.read_bytes() + (paper / "key.pem").read_bytes())
    assert receipts.fault_in(receipts.signed(receipt), signing.public_keys()) == ""
    assert len(signing.public_keys()) == 2


# --- what anybody can load ---


def test_the_public_key_and_the_program_are_there_for_everybody(client, receipt):
    answer = client.get(reverse("public_key"))
    assert answer.content == signing.public_pem()
    assert b"PRIVATE" not in answer.content
    assert client.get(reverse("verify_program")).content == TOOL.read_bytes()


def test_the_page_shows_signature_key_and_how_to_check(cast, sign_in, receipt):
    address = reverse("proposals:receipt", args=[cast.letter.pk])
    text = sign_in(cast.viewer).get(address).content.decode()
    for said in (receipt.signature.replace("+", "&#x2B;"), receipt.document["key"], "key.pem"):
        assert said in text or said.replace("&#x2B;", "+") in text


def test_every_version_has_a_receipt_of_its_own(cast, it_is, receipt):
    letter = actions.reopen(cast.letter, actor=cast.editor)
    words = {"title": "A better title"}
    actions.save_draft(letter, changes=words, revision=letter.revision, actor=cast.editor)
    it_is(cast.call.closes_at - timedelta(seconds=1))
    second = actions.submit(
        cast.letter, actor=cast.representative, idempotency_key="the-second-key-of-all"
    )
    assert Receipt.objects.count() == 2
    assert second.document["version"] == 2
    assert second.document["audit_seq"] > receipt.document["audit_seq"]
    keys = signing.public_keys()
    assert not any(receipts.fault_in(receipts.signed(r), keys) for r in Receipt.objects.all())


def test_a_receipt_without_a_signature_still_has_a_page(cast, sign_in, client):
    """As they were before receipts were signed."""
    letter = make.letter(agency=cast.agency, call=cast.call, state="SUBMITTED")
    said = {"fields": {}, "attachments": [], "agency": {"name": "A"}}
    version = make.version(letter, said, by=cast.representative)
    Receipt.objects.create(version=version, code="OLD", audit_seq=1, audit_head="d" * 64)
    address = reverse("proposals:receipt", args=[letter.pk])
    assert sign_in(cast.viewer).get(address).status_code == 200
