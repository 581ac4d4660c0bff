"""The key that signs decision letters and its certificate, in one PKCS#12 file; and earlier ones.

Made once for a trial, brought by the operator in production. Certificates of earlier keys stand in
a PEM file of their own, so that letters they signed stay recognised after a change of key.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.conf import settings

from proposals.signing import write_once

TRIAL_NAME = "Chang'e-8 portal (trial)"
# The demo's clock stands at some day of the call, from its announcement on.
_TRIAL_SINCE, _TRIAL_YEARS = datetime(2023, 1, 1, tzinfo=UTC), 40
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)
_LEAST_RSA_BITS = 2048


class KeyUnusable(Exception):
    """The key file is missing, unreadable or holds no key that can sign; the message says which."""


@dataclass(frozen=True)
class Signatory:
    """The private key, its certificate, and certificates of authorities that come with it."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def signatory(*, at: datetime | None = None) -> Signatory:
    """Who signs now. Raises `KeyUnusable`, also if the certificate does not hold at `at`."""
    found = _signatory(*_state())
    certificate = found.certificate
    if at and not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise KeyUnusable(
            f"{_file()}: its certificate holds from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d}"
        )
    return found


def certificates() -> dict[str, x509.Certificate]:
    """Fingerprint to certificate: the present one first, then those of earlier keys."""
    known = [signatory().certificate, *_earlier()]
    return {fingerprint(one): one for one in known}


def fingerprint(certificate: x509.Certificate) -> str:
    """By which people compare certificates: the SHA-256 of its bytes (DER), 64 digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def name_of(certificate: x509.Certificate) -> str:
    """Whom the certificate names."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def certificates_pem() -> bytes:
    """All certificates as one PEM file, the present one first, for whoever wants to check."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates().values())


def make(path: Path, *, name: str, since: datetime, years: int = 10) -> x509.Certificate:
    """Write a new key with a certificate signed by itself; FileExistsError leaves a file alone.

    Its owner alone can read the file. The certificate is also noted among those to be kept, so that
    after the next change of key nobody has to remember it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, name, since, since + timedelta(days=365.25 * years))
    password = settings.PDF_SIGNING_KEY_PASSWORD.encode()
    data = pkcs12.serialize_key_and_certificates(
        name.encode(),
        key,
        certificate,
        None,
        BestAvailableEncryption(password) if password else NoEncryption(),
    )
    write_once(path, data)
    kept = Path(str(settings.PDF_SIGNING_CERTIFICATES_FILE))
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("ab") as notes:
        notes.write(certificate.public_bytes(Encoding.PEM))
    return certificate


def ensure_usable(*, at: datetime | None = None) -> None:
    """Raise `KeyUnusable` if nothing could be signed. In a trial a key is made first.

    Whether the certificate holds is asked with `at` alone: pages must not go down with it.
    """
    certificates()
    signatory(at=at)


def _file() -> Path:
    return Path(str(settings.PDF_SIGNING_KEY_FILE))


def _state():
    """The file and what tells that it was exchanged; a trial's key is made on the first call."""
    path = _file()
    if not settings.PRODUCTION and not path.exists():
        with suppress(FileExistsError):  # another process was first: take its key
            make(path, name=TRIAL_NAME, since=_TRIAL_SINCE, years=_TRIAL_YEARS)
    try:
        found = path.stat()
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    return path, found.st_mtime_ns, found.st_ino, settings.PDF_SIGNING_KEY_PASSWORD


@cache
def _signatory(path, _changed_at, _number, password) -> Signatory:
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(
            path.read_bytes(), password.encode() or None
        )
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise KeyUnusable(
            f"{path}: no PKCS#12 file, or PDF_SIGNING_KEY_PASSWORD does not open it"
        ) from error
    if key is None or certificate is None:
        raise KeyUnusable(f"{path}: it must hold a private key and its certificate")
    if not isinstance(key, ec.EllipticCurvePrivateKey) and not (
        isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _LEAST_RSA_BITS
    ):
        raise KeyUnusable(
            f"{path}: the key must be RSA of at least {_LEAST_RSA_BITS} bits, or elliptic"
        )
    return Signatory(key, certificate, tuple(chain))


def _earlier() -> list[x509.Certificate]:
    path = Path(str(settings.PDF_SIGNING_CERTIFICATES_FILE))
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    try:
        return [x509.load_pem_x509_certificate(block) for block in _CERTIFICATE.findall(pem)]
    except ValueError as error:
        raise KeyUnusable(f"{path}: a certificate in it is damaged") from error


def _certificate(key, name, since, until):
    whom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    uses = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
        False,
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        encipher_only=False,
        decipher_only=False,
        **uses,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(whom)
        .issuer_name(whom)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
