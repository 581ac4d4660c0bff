"""Letters are signed by a key that never leaves its token: SoftHSM, a token that is a folder."""

import io
import itertools
import multiprocessing
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from decisions import pdf_signature
from decisions.pdf_signature import KeyUnusable, keys, token
from tests.decisions import stage
from tests.decisions.test_pdf_signature import elsewhere

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
KEY, PIN = "letters", "1234"
AT = datetime(2024, 9, 24, 2, tzinfo=UTC)


def certificate_of(key, *, name="Office of the call"):
    whom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(whom)
        .issuer_name(whom)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - timedelta(days=1))
        .not_valid_after(AT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


class Token:
    """A token with one key in it, and settings that name it."""

    numbers = itertools.count(1)

    def __init__(self, folder, settings, key):
        self.folder, self.pem, self.pin = folder, folder / "chain.pem", folder / "pin"
        self.label = f"portal {next(self.numbers)}"
        tool("--init-token", "--free", f"--label={self.label}", f"--so-pin={PIN}")
        self.put(key, label=KEY)
        self.pem.write_bytes(certificate_of(key))
        self.pin.write_text(f"{PIN}\n")
        settings.PDF_SIGNING_TOKEN_MODULE = str(MODULE)
        settings.PDF_SIGNING_TOKEN, settings.PDF_SIGNING_TOKEN_KEY = self.label, KEY
        settings.PDF_SIGNING_TOKEN_PIN_FILE = str(self.pin)
        settings.PDF_SIGNING_TOKEN_CERTIFICATES_FILE = str(self.pem)

    def put(self, key, *, label):
        file = self.folder / "key.pem"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        tool(
            f"--import={file}",
            f"--token={self.label}",
            f"--label={label}",
            f"--id={next(self.numbers):04X}",
        )
        file.unlink()


def tool(*words):
    done = subprocess.run(
        ["softhsm2-util", *words, f"--pin={PIN}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", autouse=True)
def tokens_of_our_own(tmp_path_factory):
    """SoftHSM reads its folder's name once in a process, from the environment."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    file = folder / "softhsm2.conf"
    file.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(file))
        yield


@pytest.fixture
def elliptic(tmp_path, settings):
    settings.PDF_SIGNING_KEY_FILE = tmp_path / "nobody needs it"
    settings.PDF_SIGNING_CERTIFICATES_FILE = tmp_path / "earlier.pem"
    return Token(tmp_path, settings, ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ],
    ids=["P-256", "P-384", "RSA"],
)
def test_a_letter_is_signed_by_the_key_in_the_token(tmp_path, settings, key):
    settings.PDF_SIGNING_CERTIFICATES_FILE = tmp_path / "earlier.pem"
    Token(tmp_path, settings, key)
    signed = pdf_signature.signed(stage.paper("A letter"), at=AT)
    found = pdf_signature.look(signed)
    assert found.is_whole
    assert found.name == "Office of the call"
    root = asn1_x509.Certificate.load(keys.signatory().certificate.public_bytes(Encoding.DER))
    embedded = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    trust = ValidationContext(trust_roots=[root], allow_fetching=False, moment=AT)
    verdict = elsewhere(validate_pdf_signature, embedded, trust)
    assert verdict.bottom_line, verdict.pretty_print_details()
    file = tmp_path / "letter.pdf"
    file.write_bytes(signed)
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    changed = bytearray(signed)
    changed[len(signed) // 4] ^= 1
    assert not pdf_signature.look(bytes(changed)).is_whole
    assert key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) not in signed


def test_a_child_process_signs_too(elliptic):
    """Celery's workers are children of a process that may have spoken to the token before."""
    keys.ensure_usable(at=AT)
    fork = multiprocessing.get_context("fork")
    line, end = fork.Pipe()
    child = fork.Process(target=lambda: end.send(token.named_in_settings().sign(b"letter")))
    child.start()
    assert line.poll(20)
    signature = line.recv()
    child.join()
    public = keys.signatory().certificate.public_key()
    public.verify(signature, b"letter", ec.ECDSA(hashes.SHA256()))


def wrong_pin(made, settings):
    made.pin.write_text("4321")


def no_pin(made, settings):
    made.pin.unlink()


def no_token(made, settings):
    settings.PDF_SIGNING_TOKEN = "another"


def no_key(made, settings):
    settings.PDF_SIGNING_TOKEN_KEY = "another"


def another_key(made, settings):
    made.put(ec.generate_private_key(ec.SECP256R1()), label="another")
    settings.PDF_SIGNING_TOKEN_KEY = "another"


def no_certificate(made, settings):
    made.pem.write_text("")


def no_file(made, settings):
    made.pem.unlink()


def no_library(made, settings):
    settings.PDF_SIGNING_TOKEN_MODULE = "/no/such/library.so"


def weak(made, settings):
    made.pem.write_bytes(certificate_of(rsa.generate_private_key(65537, 1024)))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (wrong_pin, "PinIncorrect"),
        (no_pin, "No such file"),
        (no_token, "No token"),
        (no_key, "No such key|No key"),
        (another_key, "not that of the certificate"),
        (no_certificate, "no certificate"),
        (no_file, "No such file"),
        (no_library, "library.so"),
        (weak, "at least 2048 bits"),
    ],
)
def test_what_keeps_the_token_from_signing_is_said(elliptic, settings, fault, said):
    fault(elliptic, settings)
    with pytest.raises(KeyUnusable, match=said) as refusal:
        pdf_signature.signed(stage.paper("A letter"), at=AT)
    assert PIN not in str(refusal.value)


def test_a_card_that_is_drawn_between_two_letters_is_noticed_and_its_return(elliptic):
    pdf_signature.signed(stage.paper("The first"), at=AT)
    pin = elliptic.pin.read_text()
    elliptic.pin.unlink()
    with pytest.raises(KeyUnusable, match="No such file"):
        pdf_signature.signed(stage.paper("The second"), at=AT)
    elliptic.pin.write_text(pin)
    assert pdf_signature.look(pdf_signature.signed(stage.paper("The second"), at=AT)).is_whole


def test_a_certificate_that_is_over_signs_nothing(elliptic):
    with pytest.raises(KeyUnusable, match=r"chain\.pem: its certificate holds from"):
        pdf_signature.signed(stage.paper("A letter"), at=AT + timedelta(days=9))
