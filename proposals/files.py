"""Private storage of what people send and what we render, each file under its own SHA-256.

A file is streamed to a temporary name in the same file system and hashed on the way, checked,
flushed to disk, and only then renamed: a half-written file never carries a final name, and a row
is written after its bytes are safe. Nothing here is ever served by address.
"""

import hashlib
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from proposals import pdf_check

MOST_BYTES = 10 * 1024 * 1024


class Rejected(Exception):
    """The file cannot be taken; the message names the remedy and `code` is for programs."""

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int
    pages: int


def store_pdf(upload) -> Stored:
    """Take an uploaded PDF into storage. Raises `Rejected`; then nothing is left behind."""
    with _temporary() as (handle, path):
        digest, size = hashlib.sha256(), 0
        for chunk in upload.chunks():
            size += len(chunk)
            if size > MOST_BYTES:
                raise Rejected("too_large", _("The file is larger than 10 MB. Make it smaller."))
            digest.update(chunk)
            handle.write(chunk)
        if not size:
            raise Rejected("empty_file", _("The file is empty. Choose another one."))
        handle.flush()
        fault = pdf_check.fault_in(path)
        if isinstance(fault, pdf_check.Fault):
            raise Rejected(fault.code, fault.sentence)
        _keep(handle, path, digest.hexdigest())
    return Stored(sha256=digest.hexdigest(), size=size, pages=fault)


def store_bytes(data: bytes) -> str:
    """Keep bytes of our own making; the same bytes again are the same file. Returns the SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    with _temporary() as (handle, path):
        handle.write(data)
        handle.flush()
        _keep(handle, path, sha256)
    return sha256


def path_of(sha256: str) -> Path:
    return settings.PRIVATE_FILES / sha256[:2] / sha256


def is_whole(sha256: str) -> bool:
    """Whether the file is there and still has the content its name says."""
    try:
        return hashlib.sha256(path_of(sha256).read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _keep(handle, path, sha256):
    os.fsync(handle.fileno())
    final = path_of(sha256)
    final.parent.mkdir(parents=True, exist_ok=True)
    path.replace(final)
    # The rename is safe only once the folder that holds the name is on disk.
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _temporary():
    root = settings.PRIVATE_FILES / "incoming"
    root.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=root)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            yield handle, path
    finally:
        path.unlink(missing_ok=True)
