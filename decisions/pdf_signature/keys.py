"""The key that signs decision letters and its certificate, in one PKCS#12 file; and earlier ones.

Made once for a trial, brought by the operator in production; or it lies in a token (`token`).
Certificates of earlier keys stand in a PEM file of their own, so that letters they signed stay
recognised after a change of key.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
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


class Key(Protocol):
    """What signs: a key that was loaded, or one that never leaves its token."""

    def sign(self, data: bytes) -> bytes:
        """A signature with SHA-256: ECDSA as DER, or RSA with PKCS#1 v1.5."""


@dataclass(frozen=True)
class LoadedKey:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True)
class Signatory:
    """Who signs with which key: its certificate, and those of authorities that come with it."""

    key: Key
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def signatory(*, at: datetime | None = None) -> Signatory:
    """Who signs now. Raises `KeyUnusable`, also if the certificate does not hold at `at`."""
    in_a_token = bool(settings.PDF_SIGNING_TOKEN_MODULE)
    found = _of_the_token(*_token_state()) if in_a_token else _signatory(*_state())
    certificate = found.certificate
    if at and not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        path = settings.PDF_SIGNING_TOKEN_CERTIFICATES_FILE if in_a_token else _file()
        raise KeyUnusable(
            f"{path}: its certificate holds from {certificate.not_valid_before_utc:%Y-%m-%d} "
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
    _refuse_weak(path, key.public_key())
    return Signatory(LoadedKey(key), certificate, tuple(chain))


def _refuse_weak(path, public):
    if not isinstance(public, ec.EllipticCurvePublicKey) and not (
        isinstance(public, rsa.RSAPublicKey) and public.key_size >= _LEAST_RSA_BITS
    ):
        raise KeyUnusable(
            f"{path}: the key must be RSA of at least {_LEAST_RSA_BITS} bits, or elliptic"
        )


def _token_state():
    """What tells that another token, key or certificate was named."""
    path = Path(str(settings.PDF_SIGNING_TOKEN_CERTIFICATES_FILE))
    named = (
        settings.PDF_SIGNING_TOKEN_MODULE,
        settings.PDF_SIGNING_TOKEN,
        settings.PDF_SIGNING_TOKEN_KEY,
    )
    try:
        return path, path.stat().st_mtime_ns, *named
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error


@cache
def _of_the_token(path, *_named) -> Signatory:
    """The token's key beside the first certificate of the file; tried once, by signing with it."""
    # Only where a token is named is there a library for it.
    from decisions.pdf_signature import token  # noqa: PLC0415

    found = _certificates_in(path)
    if not found:
        raise KeyUnusable(f"{path}: there is no certificate in it")
    certificate, *chain = found
    _refuse_weak(path, certificate.public_key())
    key = token.named_in_settings()
    token.ensure_belongs(key, certificate)
    return Signatory(key, certificate, tuple(chain))


def _earlier() -> list[x509.Certificate]:
    path = Path(str(settings.PDF_SIGNING_CERTIFICATES_FILE))
    return _certificates_in(path) if path.exists() else []


def _certificates_in(path) -> list[x509.Certificate]:
    try:
        pem = path.read_bytes()
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
