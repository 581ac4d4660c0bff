"""The portal's Ed25519 key: made once for a trial, brought by the operator in production.

The file holds one private key in PEM. Public keys of earlier years may follow it, so that old
receipts are recognised after a change of key.
"""

import base64
import hashlib
import os
import re
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)


class KeyUnusable(Exception):
    """The key file is missing, unreadable or holds no Ed25519 key; the message says which."""


def sign(data: bytes) -> str:
    """The signature of these bytes in base64."""
    return base64.b64encode(_private_key(*_state()).sign(data)).decode()


def is_signed(data: bytes, signature: str, key: Ed25519PublicKey) -> bool:
    """Whether `key` signed these bytes; a signature that is no base64 is none."""
    try:
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id() -> str:
    """Which key signs now: the first 16 digits of the SHA-256 of its 32 bytes."""
    return id_of(_private_key(*_state()).public_key())


def id_of(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def public_keys() -> dict[str, Ed25519PublicKey]:
    """Key id to public key: the present one and those of earlier years."""
    path, *state = _state()
    try:
        earlier = read_public(path.read_bytes())
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise KeyUnusable(f"{path}: a public key in it is damaged") from error
    keys = [_private_key(path, *state).public_key(), *earlier]
    return {id_of(key): key for key in keys}


def read_public(pem: bytes) -> list[Ed25519PublicKey]:
    """The Ed25519 public keys in a PEM file; ValueError for one that is damaged."""
    keys = [serialization.load_pem_public_key(block) for block in _PUBLIC.findall(pem)]
    return [key for key in keys if isinstance(key, Ed25519PublicKey)]


def public_pem() -> bytes:
    """All public keys as one PEM file, the present one first, for whoever wants to check."""
    return b"".join(
        key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for key in public_keys().values()
    )


def make(path: Path) -> None:
    """Write a new private key; a file that is there stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_once(path, pem)


def write_once(path: Path, secret: bytes) -> None:
    """Write what its owner alone may read; FileExistsError for a file that is there, which stays.

    Of two processes that call at once, one writes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent) as draft:  # mode 600
        draft.write(secret)
        draft.flush()
        os.fsync(draft.fileno())
        os.link(draft.name, path)


def ensure_usable() -> None:
    """Raise `KeyUnusable` if nothing could be signed now. In a trial a key is made first."""
    _private_key(*_state())


def _file() -> Path:
    return Path(str(settings.SIGNING_KEY_FILE))


def _state():
    """The file and what tells that it was exchanged; a trial's key is made on the first call."""
    path = _file()
    if not settings.PRODUCTION and not path.exists():
        with suppress(FileExistsError):  # another process was first: take its key
            make(path)
    try:
        found = path.stat()
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    return path, found.st_mtime_ns, found.st_ino


@cache
def _private_key(path, _changed_at, _number) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"{path}: not a private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path}: not an Ed25519 key")
    return key
