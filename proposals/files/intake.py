"""Taking a file in: counted, looked at, flushed, named by its hash."""

import hashlib
import logging
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from proposals.files import check
from proposals.files.incoming import Unavailable, arriving, incoming_folder
from proposals.files.store import store as place

log = logging.getLogger(__name__)

# What a place for a file takes, by the ends of the names. The content decides; the name must agree.
PDF = ("pdf",)
PICTURE = ("pdf", "png", "jpg", "jpeg")

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}


class Rejected(Exception):
    """The file cannot be taken; the message names the remedy and `code` is for programs."""

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Stored:
    """What is known of a file that was taken. `pages` is 0 for a picture."""

    sha256: str
    size: int
    pages: int
    # The end of the name that fits the content: "pdf", "png" or "jpg".
    extension: str = "pdf"


def store(upload, *, accepts=PDF) -> Stored:
    """Take an uploaded file into storage.

    Raises `Rejected` if it cannot be taken, and `Unavailable` if there is no room or no store; then
    nothing is left behind.
    """
    with arriving(upload) as sent:
        if sent.is_too_large:
            raise Rejected("too_large", _("The file is larger than 10 MB. Make it smaller."))
        if not sent.size:
            raise Rejected("empty_file", _("The file is empty. Choose another one."))
        _be_sure(sent)
        verdict = check.look(sent.path, accepts=accepts)
        if isinstance(verdict, check.Fault):
            raise Rejected(verdict.code, verdict.sentence)
        _keep(sent.path, sent.sha256)
        return Stored(
            sha256=sent.sha256,
            size=sent.size,
            pages=verdict.pages,
            extension=verdict.extension,
        )


def store_pdf(upload) -> Stored:
    """`store` for places that take a PDF and nothing else."""
    return store(upload, accepts=PDF)


def store_bytes(data: bytes) -> str:
    """Keep bytes of our own making; the same bytes again are the same file. Returns the SHA-256."""
    with arriving(data) as made:
        if made.is_too_large:
            raise ValueError("more bytes than any file of the portal may have")
        _be_sure(made)
        _keep(made.path, made.sha256)
        return made.sha256


@contextmanager
def workshop():
    """A folder to make a large file in, from which it can be renamed into storage; then emptied."""
    with tempfile.TemporaryDirectory(dir=incoming_folder()) as name:
        yield Path(name)


def store_made(path: Path) -> str:
    """Keep a file of our own making, of any length, from a `workshop`. Returns the SHA-256."""
    with path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        try:
            os.fsync(handle.fileno())
        except OSError as error:
            raise Unavailable(*error.args) from error
    _keep(path, sha256)
    return sha256


def open_stored(sha256: str):
    """The stored bytes, for reading. FileNotFoundError if they are not there."""
    return place().open(sha256)


def is_whole(sha256: str) -> bool:
    """Whether the file is there and still has the content its name says."""
    try:
        with open_stored(sha256) as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def media_type(name: str) -> str:
    """What a file is, by the end of a name that was given to it when it was taken."""
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def lock_key(sha256: str) -> int:
    """The key of the advisory lock under which this file is put down or swept away."""
    return int.from_bytes(bytes.fromhex(sha256)[:8], signed=True)


def _be_sure(sent):
    if sent.failure is None:
        try:
            os.fsync(sent.file.fileno())
        except OSError as error:
            sent.failure = error
    if sent.failure is not None:
        log.error("a file could not be written: %s", sent.failure)
        raise Unavailable(*sent.failure.args) from sent.failure


@transaction.atomic
def _keep(path, sha256):
    # Shared with everybody who stores, not with the sweeper: it has either removed an old copy of
    # these bytes before, or it finds this one, which is new, and leaves it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock_key(sha256)])
    place().keep(path, sha256)
