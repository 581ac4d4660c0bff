"""Letters prove themselves: signed once by the portal's key, and whatever was changed is told."""

import asyncio
import io
import os
import re
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pikepdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from accounts.states import Role
from audit.models import Entry
from chang_e8_portal import checks, clock
from decisions import actions, invariants, pdf_signature, rendering, rounds
from decisions.models import DecisionLetter
from decisions.pdf_signature import State, keys
from decisions.states import Outcome, RenderState
from proposals import files
from tests import make
from tests.decisions import samples, stage

AT = datetime(2024, 9, 30, 8, 15, 42, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path):
    """A key of the test's own, which it may change."""
    settings.PDF_SIGNING_KEY_FILE = tmp_path / "keys" / "letter_key.p12"
    settings.PDF_SIGNING_CERTIFICATES_FILE = tmp_path / "keys" / "letter_certificates.pem"
    return settings.PDF_SIGNING_KEY_FILE


@pytest.fixture(scope="module")
def letter():
    """A letter as the press makes it, unsigned, and what it is to say."""
    told = samples.facts("ar", "CONDITIONAL")
    return rendering.render(told), told


def another_key(key_file):
    """The file is exchanged for a new key; certificates that were noted stay noted."""
    key_file.unlink()
    keys.ensure_usable()


def elsewhere(function, *arguments):
    """Call in another thread: in this one a browser of an earlier test may be running its loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(function, *arguments).result()


# --- the file ---


def test_the_signed_letter_is_the_letter_and_one_signature(letter):
    pdf, told = letter
    signed = pdf_signature.signed(pdf, at=AT)

    assert signed.startswith(pdf), "what was checked is untouched"
    assert rendering.findings(signed, told) == []
    found = pdf_signature.look(signed)
    assert found.is_whole
    assert found.name == keys.TRIAL_NAME
    assert found.signed_at == AT.replace(microsecond=0)
    assert len(signed) - len(pdf) < 10_000
    with pikepdf.open(io.BytesIO(pdf)) as before, pikepdf.open(io.BytesIO(signed)) as after:
        # Of what the file says of itself nothing is new: no machine's time, no program's name.
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert dict(after.docinfo) == dict(before.docinfo)
        # PDF/A-2 allows no hidden field, PDF/UA-1 no untagged one on the page: this one is beside.
        (field,) = after.Root.AcroForm.Fields
        assert (int(field.F) & 0b10, int(field.F) & 0b100) == (0, 0b100)
        assert max(float(edge) for edge in field.Rect) < 0
        assert field.V.SubFilter == "/ETSI.CAdES.detached"
        assert "/NeedAppearances" not in after.Root.AcroForm
        assert after.Root.Perms.DocMDP.Reference[0].TransformParams.P == 1, "no changes"
        assert len(before.pages) == len(after.pages)


def test_a_thread_that_runs_an_event_loop_can_sign(letter):
    async def inside():
        return pdf_signature.signed(letter[0], at=AT)

    assert pdf_signature.look(elsewhere(asyncio.run, inside())).is_whole


def test_others_find_it_valid_too(letter, tmp_path):
    """What pyHanko's own judge says, and poppler's."""
    signed = pdf_signature.signed(letter[0], at=AT)
    root = asn1_x509.Certificate.load(keys.signatory().certificate.public_bytes(Encoding.DER))
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    trust = ValidationContext(trust_roots=[root], allow_fetching=False)
    verdict = elsewhere(validate_pdf_signature, embedded, trust)
    assert verdict.bottom_line, verdict.pretty_print_details()
    assert verdict.docmdp_ok

    path = tmp_path / "letter.pdf"
    path.write_bytes(signed)
    told = subprocess.run(["pdfsig", path], capture_output=True, text=True).stdout
    for line in (
        "Signature Type: ETSI.CAdES.detached",
        "Total document signed",
        "Signature is Valid",
    ):
        assert line in told


def test_whatever_is_changed_shows(letter):
    pdf = letter[0]
    signed = pdf_signature.signed(pdf, at=AT)
    digits = re.search(rb"/Contents <[0-9A-F]+>", signed)

    def still_whole(places):
        for place in places:
            changed = bytearray(signed)
            changed[place] ^= 1
            if pdf_signature.look(bytes(changed)).is_whole:
                yield place

    outside = [*range(0, digits.start(), 997), *range(digits.end(), len(signed))]
    assert list(still_whole(outside)) == []
    # Of the signature itself every seventh digit, and of the room behind it. Some twenty bytes of
    # it say nothing (a version, say), and no signature covers itself; the file's hash covers them.
    inside = range(digits.start() + len("/Contents <"), digits.end(), 7)
    assert len(list(still_whole(inside))) < len(inside) // 20

    for appended in (b" ", b"\n%%EOF\n", appendix(signed), signed):
        assert pdf_signature.look(signed + appended).state == State.CHANGED
    assert pdf_signature.look(signed[:-1]).state == State.CHANGED
    assert pdf_signature.look(pdf).state == State.NONE


def appendix(signed) -> bytes:
    """A whole incremental update as any editor makes one: here, another language."""
    changed = io.BytesIO(signed)
    writer = IncrementalPdfFileWriter(changed)
    writer.root["/Lang"] = generic.pdf_string("fr")
    writer.update_root()
    writer.write_in_place()
    return changed.getvalue()[len(signed) :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7",
        b"/ByteRange [0 9 9 9]",
        b"/ByteRange [0 30 34 0]       <00>",
        b"/ByteRange [0 999999999 999999999 9]<>",
        b"/ByteRange [0 32 50 0]          <3082FFFF3082FFFF>",
    ],
)
def test_no_bytes_make_it_raise(data):
    assert not pdf_signature.look(data).is_whole


def test_another_key_s_signature_is_not_ours_and_an_earlier_key_s_is(letter, key_file, settings):
    first = pdf_signature.signed(letter[0], at=AT)
    another_key(key_file)
    second = pdf_signature.signed(letter[0], at=AT)

    # `make` noted the first certificate, so both are known, the present one first.
    assert pdf_signature.look(first).is_whole
    assert pdf_signature.look(first).fingerprint != pdf_signature.look(second).fingerprint
    assert next(iter(keys.certificates())) == pdf_signature.look(second).fingerprint
    assert len(x509.load_pem_x509_certificates(keys.certificates_pem())) == 2

    settings.PDF_SIGNING_CERTIFICATES_FILE.unlink()
    assert pdf_signature.look(first).state == State.FOREIGN
    assert pdf_signature.look(second).is_whole


# --- the key ---


def p12(key, *, password=b""):
    """A key and a certificate of nine days that somebody else signed."""
    whom = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A name")])
    certificate = (
        x509.CertificateBuilder(whom, whom, key.public_key(), x509.random_serial_number())
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=9))
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    protection = BestAvailableEncryption(password) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, protection)


def test_a_trial_makes_one_key_that_its_owner_alone_can_read(key_file, settings):
    assert checks.letters_can_be_signed() == []
    first = keys.certificates_pem()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert checks.letters_can_be_signed() == []
    assert keys.certificates_pem() == first
    assert settings.PDF_SIGNING_CERTIFICATES_FILE.read_bytes() == first


def test_production_brings_its_key_or_does_not_start(key_file, settings, capsys):
    settings.PRODUCTION, settings.PDF_SIGNING_KEY_PASSWORD = True, "a password"
    (error,) = checks.letters_can_be_signed()
    assert (error.id, "make_letter_key" in error.hint) == ("portal.E006", True)
    assert not key_file.exists()
    call_command("make_letter_key", name="An agency")
    assert keys.fingerprint(keys.signatory().certificate) in capsys.readouterr().out
    assert keys.name_of(keys.signatory().certificate) == "An agency"
    assert checks.letters_can_be_signed() == []
    before = key_file.read_bytes()
    with pytest.raises(CommandError, match="there already"):
        call_command("make_letter_key")
    assert key_file.read_bytes() == before
    with pytest.raises(CommandError, match="64 characters"):
        call_command("make_letter_key", key_file.with_name("x"), name="x" * 65)
    settings.PDF_SIGNING_KEY_PASSWORD = "another"
    (error,) = checks.letters_can_be_signed()
    assert "PDF_SIGNING_KEY_PASSWORD does not open it" in error.msg


def test_a_key_that_cannot_sign_is_an_error_and_one_of_an_authority_signs(
    key_file, settings, letter
):
    for number, data in enumerate(
        [
            b"",
            b"no PKCS#12",
            p12(ed25519.Ed25519PrivateKey.generate()),
            p12(rsa.generate_private_key(65537, 1024)),
            pkcs12.serialize_key_and_certificates(
                b"x", None, keys.signatory().certificate, None, NoEncryption()
            ),
        ]
    ):
        key_file.write_bytes(data)
        os.utime(key_file, ns=(number, number))
        assert [error.id for error in checks.letters_can_be_signed()] == ["portal.E006"]

    settings.PDF_SIGNING_KEY_PASSWORD = "päss"
    large = rsa.generate_private_key(65537, 2048)
    key_file.write_bytes(p12(large, password="päss".encode()))
    found = pdf_signature.look(pdf_signature.signed(letter[0], at=AT))
    assert (found.is_whole, found.name) == (True, "A name")
    # Its certificate holds for nine days: nothing is signed after, and pages are still served.
    with pytest.raises(pdf_signature.KeyUnusable, match="to 2024-10-09"):
        pdf_signature.signed(letter[0], at=AT + timedelta(days=10))
    assert [warning.id for warning in checks.letters_can_be_signed()] == ["portal.W003"]
    settings.PDF_SIGNING_CERTIFICATES_FILE.write_text(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    )
    assert [error.id for error in checks.letters_can_be_signed()] == ["portal.E006"]


# --- the worker ---


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_letter_make_one_file(quick_press, monkeypatch):
    """The first one's claim lapses while it renders; it signs all the same, and does not store."""
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    letter = publication.letters.first()
    began, go, press, answers = Event(), Event(), rendering.render, []

    def slowly(facts):
        monkeypatch.setattr(rendering, "render", press)
        began.set()
        assert go.wait(30)
        return press(facts)

    def work(at):
        answers.append(actions.render_letter(letter.pk, at=at))
        connection.close()

    monkeypatch.setattr(rendering, "render", slowly)
    at = publication.proposed_at
    first = Thread(target=work, args=[at])
    first.start()
    assert began.wait(30)
    work(at + timedelta(minutes=3))
    go.set()
    first.join()

    assert answers == [True, False]
    folder = files.path_of("0" * 64).parent.parent
    stored = [path for path in folder.rglob("*") if path.is_file() and len(path.name) == 64]
    letter.refresh_from_db()
    assert [path.name for path in stored] == [letter.sha256]
    assert letter.rendered_at == at + timedelta(minutes=3)
    found = pdf_signature.look(stored[0].read_bytes())
    assert found.fingerprint == letter.certificate == next(iter(keys.certificates()))
    entry = Entry.objects.get(action="decision_letter.rendered")
    assert (entry.data["sha256"], entry.data["certificate"]) == (letter.sha256, letter.certificate)


def damaged(key_file):
    key_file.write_bytes(b"no key")


def over(key_file):
    key_file.write_bytes(p12(ec.generate_private_key(ec.SECP256R1())))  # holds for nine days


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", [damaged, over])
def test_letters_wait_for_a_key_that_can_sign_and_spend_no_try(
    quick_press, client, key_file, monkeypatch, spoil
):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    first, second = publication.letters.order_by("number")
    at = max(publication.proposed_at, AT + timedelta(days=30))
    assert actions.render_letter(first.pk, at=at)
    good = key_file.read_bytes()
    spoil(key_file)
    press = rendering.render
    monkeypatch.setattr(rendering, "render", lambda facts: pytest.fail("it was rendered"))
    for _try in range(4):
        assert not actions.render_letter(second.pk, at=at)
    second.refresh_from_db()
    assert (second.state, second.attempts) == (RenderState.OWED, 0)
    assert second.last_error.startswith(f"no signing key: {key_file}")
    counts = rounds.rendering_of(publication)
    assert (counts["waiting"], counts["unsigned"], counts["failed"]) == (1, 1, 0)
    client.force_login(publication.proposed_by)
    page = client.get(reverse("decisions:publication", args=["final"])).content.decode()
    assert "The key that signs letters cannot be used" in page
    client.force_login(make.user(Role.OPERATOR))
    monkeypatch.setattr(clock, "now", lambda: at)
    page = client.get(reverse("operations:home")).content.decode()
    assert "No decision letter can be signed" in page
    assert str(key_file) in page

    key_file.write_bytes(good)
    monkeypatch.setattr(rendering, "render", press)
    assert actions.render_letter(second.pk, at=at)
    second.refresh_from_db()
    assert (second.state, second.attempts, second.last_error) == (RenderState.READY, 1, "")
    page = client.get(reverse("operations:home")).content.decode()
    assert "No decision letter can be signed" not in page


@pytest.mark.django_db
def test_a_damaged_key_is_named_once_and_no_certificate_is_blamed(quick_press, key_file):
    publication, _letters = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED)
    damaged(key_file)
    told = [line for line in invariants.findings(at=publication.proposed_at) if "key" in line]
    assert told == [
        f"decisions: the key that signs letters cannot be used: {key_file}: no PKCS#12 file, or "
        "PDF_SIGNING_KEY_PASSWORD does not open it"
    ]
    assert not any("certificate" in line for line in invariants.findings(at=AT))
    # Nor does a rehearsal break off.
    actions.ask_rehearsal(publication, actor=publication.proposed_by, at=publication.proposed_at)
    assert actions.rehearse_due(at=publication.proposed_at) == 1
    assert any("cannot be checked" in fault for fault in publication.rehearsals.get().faults)


@pytest.mark.django_db
def test_a_letter_that_fails_the_check_is_never_signed(quick_press, monkeypatch):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, never: ["Missing: the agency."])
    monkeypatch.setattr(pdf_signature, "signed", lambda pdf, at: pytest.fail("it was signed"))
    assert not actions.render_letter(publication.letters.first().pk, at=publication.proposed_at)


# --- time stamps ---


class Stamps(BaseHTTPRequestHandler):
    """A time-stamp service that answers as `server.mood` says."""

    def do_POST(self):
        self.server.asked += 1
        asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.mood == "of something else":
            asked["message_imprint"]["hashed_message"] = bytes(32)
        answer = self.server.clock.request_tsa_response(asked).dump()
        self.send_response(503 if self.server.mood == "away" else 200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(b"no stamp" if self.server.mood == "garbled" else answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def stamps(settings):
    """A time-stamp service on this machine, whose clock is a minute late."""
    key = rsa.generate_private_key(65537, 2048)
    certificate = keys._certificate(key, "Stamps of the test", AT, AT + timedelta(days=9))
    with HTTPServer(("127.0.0.1", 0), Stamps) as server:
        server.mood, server.asked = "well", 0
        server.clock = DummyTimeStamper(
            asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(
                key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            ),
            fixed_dt=AT.replace(microsecond=0) + stage.MINUTE,
        )
        thread = Thread(target=server.serve_forever)
        thread.start()
        settings.PDF_TIMESTAMP_URL = f"http://127.0.0.1:{server.server_port}/"
        cache.clear()
        yield server
        server.shutdown()
        thread.join()
    cache.clear()


def test_with_a_service_the_signature_bears_its_stamp(letter, stamps, tmp_path):
    assert checks.the_time_stamp_service_has_an_address() == []
    signed = pdf_signature.signed(letter[0], at=AT)
    assert stamps.asked == 1
    found = pdf_signature.look(signed)
    assert (found.is_whole, found.stamped_by) == (True, "Stamps of the test")
    assert found.stamped_at - found.signed_at == stage.MINUTE
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    roots = [stamps.clock.tsa_cert, asn1_x509.Certificate.load(_own())]
    trust = ValidationContext(trust_roots=roots, allow_fetching=False, moment=AT + stage.MINUTE)
    verdict = elsewhere(validate_pdf_signature, embedded, trust)
    assert verdict.intact
    assert verdict.timestamp_validity.intact

    place = signed.index(b"Stamps of the test".hex().upper().encode()) + 2
    forged = signed[:place] + b"6" + signed[place + 1 :]
    assert not pdf_signature.look(forged).is_whole


def _own():
    return keys.signatory().certificate.public_bytes(Encoding.DER)


@pytest.mark.django_db
@pytest.mark.parametrize("mood", ["away", "garbled", "of something else"])
def test_a_letter_waits_for_its_stamp_and_spends_no_try(quick_press, stamps, mood):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    first, second = publication.letters.order_by("number")
    stamps.mood = mood
    assert not actions.render_letter(first.pk, at=publication.proposed_at)
    # For a minute no letter asks: a service that hangs must not hold up what stands behind them.
    assert not actions.render_letter(second.pk, at=publication.proposed_at)
    assert stamps.asked == 1
    first.refresh_from_db()
    assert (first.state, first.attempts) == (RenderState.OWED, 0)
    assert first.last_error.startswith("no time stamp: ")
    assert pdf_signature.waits_for_stamps()

    cache.clear()
    stamps.mood = "well"
    for one in (first, second):
        assert actions.render_letter(one.pk, at=publication.proposed_at)
        one.refresh_from_db()
        assert (one.state, one.attempts, one.last_error) == (RenderState.READY, 1, "")


def test_nobody_answers_where_no_service_is(settings, letter):
    settings.PDF_TIMESTAMP_URL = "http://127.0.0.1:9/"
    with pytest.raises(pdf_signature.StampUnavailable):
        pdf_signature.signed(letter[0], at=AT)
    cache.clear()
    for address in ("tsa.example.org", "ftp://tsa.example.org/", "http:///x"):
        settings.PDF_TIMESTAMP_URL = address
        (error,) = checks.the_time_stamp_service_has_an_address()
        assert error.id == "portal.E007"


# --- for everybody ---


@pytest.mark.django_db
def test_page_and_command_say_who_signed_and_what_was_changed(
    client, quick_press, key_file, settings, tmp_path, capsys
):
    cache.clear()
    publication, _letters = stage.released(Outcome.SELECTED)
    told = publication.letters.order_by("number").first()
    stored = files.path_of(told.sha256).read_bytes()
    found = pdf_signature.look(stored)
    another_key(key_file)
    foreign = pdf_signature.signed(stage.paper("x"), at=AT)
    settings.PDF_SIGNING_CERTIFICATES_FILE.write_bytes(
        settings.PDF_SIGNING_CERTIFICATES_FILE.read_bytes().split(b"\n-----BEGIN")[0]
    )
    key_file.unlink()
    keys.make(key_file, name="A third", since=AT)

    paths = {}
    for name, data in {
        "genuine": stored,
        "appended": stored + appendix(stored),
        "foreign": foreign,
        "unsigned": stage.paper("y"),
    }.items():
        paths[name] = tmp_path / f"{name}.pdf"
        paths[name].write_bytes(data)
    said = {
        "genuine": ("Genuine", found.name, "The signature is whole", found.fingerprint),
        "appended": ("Not genuine", "changed after it was signed"),
        "foreign": ("Not found", "The signature in it is not ours"),
        "unsigned": ("Not found", "No decision letter of this portal has the bytes"),
    }
    for name, path in paths.items():
        with path.open("rb") as document:
            page = unescape(client.post("/verify/", {"document": document}).content.decode())
        assert all(words in page for words in said[name]), name
    for query in ({"code": told.code}, {"sha256": told.sha256}):
        page = unescape(client.get("/verify/", query).content.decode())
        assert all(words in page for words in said["genuine"])
    assert client.get("/verify/letters.pem").content == keys.certificates_pem()
    assert b"PRIVATE" not in keys.certificates_pem()

    call_command("verify_letter", paths["genuine"], paths["genuine"])
    first, _second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{paths['genuine']}: genuine: letter {told.number}")
    assert found.fingerprint in first
    with pytest.raises(CommandError) as refusal:
        call_command("verify_letter", *paths.values(), tmp_path / "nowhere.pdf")
    assert refusal.value.returncode == 1
    reasons = str(refusal.value).splitlines()
    for line, words in zip(
        reasons,
        ["changed after signing", "is not ours", "nothing in them is signed", "cannot be read"],
        strict=True,
    ):
        assert words in line
    with pytest.raises(CommandError) as refusal:
        call_command("verify_letter", tmp_path / "nowhere.pdf")
    assert refusal.value.returncode == 2
    assert list(invariants.findings(at=publication.released_at)) == []

    # Somebody forgot to keep the certificate of an earlier key.
    settings.PDF_SIGNING_CERTIFICATES_FILE.unlink()
    assert "no longer names" in client.get("/verify/", {"code": told.code}).content.decode()
    with pytest.raises(CommandError, match="is not in PDF_SIGNING_CERTIFICATES_FILE"):
        call_command("verify_letter", paths["genuine"])
    faults = list(invariants.findings(at=publication.released_at))
    assert len(faults) == publication.letters.count()
    assert "is not kept" in faults[0]

    # What was made before letters were signed stays genuine, and a damaged file is no answer.
    DecisionLetter.objects.filter(pk=told.pk).update(certificate="")
    files.path_of(told.sha256).write_bytes(b"damaged")
    assert "time before" in client.get("/verify/", {"code": told.code}).content.decode()
    DecisionLetter.objects.filter(pk=told.pk).update(certificate=found.fingerprint)
    files.path_of(told.sha256).unlink()
    assert "just now" in client.get("/verify/", {"code": told.code}).content.decode()

    # Nor does a key that was spoilt while the portal runs take the page down.
    key_file.write_bytes(b"spoilt")
    with paths["foreign"].open("rb") as document:
        page = client.post("/verify/", {"document": document}).content.decode()
    assert "No decision letter of this portal has the bytes" in page
