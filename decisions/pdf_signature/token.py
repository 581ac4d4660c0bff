"""The key that signs decision letters where it lies in a token and never leaves it (PKCS#11).

A smart card, a security module, or SoftHSM. Its certificate, with those of its authorities, stands
in a PEM file: not every token keeps one. The PIN is read from a file each time, so that a changed
one needs no restart.
"""

import os
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from django.conf import settings
from pkcs11.util.ec import encode_ecdsa_signature

from decisions.pdf_signature.keys import KeyUnusable

_PROBE = b"Does this key belong to this certificate?"


class TokenKey:
    """The private key `label` in the token `token`, asked anew for each signature.

    A session is not kept: the letters of a call are hundreds, a card may be drawn in between, and
    a worker's child must not share one with its parent.
    """

    def __init__(self, *, module: Path, token: str, label: str, pin_file: Path):
        self.module, self.token, self.label, self.pin_file = module, token, label, pin_file

    def sign(self, data: bytes) -> bytes:
        """A signature with SHA-256: ECDSA as DER, or RSA with PKCS#1 v1.5. Raises `KeyUnusable`."""
        with self._key() as key:
            if key.key_type == pkcs11.KeyType.EC:
                digest = hashes.Hash(hashes.SHA256())
                digest.update(data)
                raw = key.sign(digest.finalize(), mechanism=pkcs11.Mechanism.ECDSA)
                return encode_ecdsa_signature(raw)
            return key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)

    @contextmanager
    def _key(self):
        try:
            pin = self.pin_file.read_text().strip()
            with self._there().open(user_pin=pin) as session:
                yield session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self.label)
        except OSError as error:
            raise KeyUnusable(f"{error.filename or self.pin_file}: {error.strerror}") from error
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            said = str(error) or type(error).__name__
            raise KeyUnusable(f"{self.module}: token “{self.token}”: {said}") from error

    def _there(self):
        library = _library(str(self.module))
        try:
            return library.get_token(token_label=self.token)
        except pkcs11.NoSuchToken:
            # One that was put in after the library was started is seen by none but a new start.
            library.reinitialize()
            return library.get_token(token_label=self.token)


def named_in_settings() -> TokenKey:
    return TokenKey(
        module=Path(settings.PDF_SIGNING_TOKEN_MODULE),
        token=settings.PDF_SIGNING_TOKEN,
        label=settings.PDF_SIGNING_TOKEN_KEY,
        pin_file=Path(settings.PDF_SIGNING_TOKEN_PIN_FILE),
    )


def ensure_belongs(key: TokenKey, certificate: x509.Certificate) -> None:
    """Raise `KeyUnusable` unless the certificate's public key confirms what the key signs."""
    signature, public = key.sign(_PROBE), certificate.public_key()
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, _PROBE, ec.ECDSA(hashes.SHA256()))
        else:
            public.verify(signature, _PROBE, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise KeyUnusable(
            f"the key “{key.label}” of the token “{key.token}” is not that of the certificate"
        ) from error


def _library(module: str):
    """The token's own library. A forked child must start it anew (PKCS#11 2.40, section 5.4)."""
    library, process = _loaded(module)
    if process[0] != os.getpid():
        library.reinitialize()
        process[0] = os.getpid()
    return library


@cache
def _loaded(module: str):
    return pkcs11.lib(module), [os.getpid()]
