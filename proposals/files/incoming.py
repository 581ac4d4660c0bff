"""A file on its way in: from the request's body straight to private storage, hashed on the way.

Django keeps uploads in memory or in the machine's temporary folder, whole, before a page is asked.
Here every upload of the portal is written where it can be renamed into place, and no further than
the limit: whatever a request claims about its length, the bytes that arrive are counted.
"""

import hashlib
import logging
import os
import tempfile
import weakref
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParserError

MOST_BYTES = 10 * 1024 * 1024

log = logging.getLogger(__name__)


class Unavailable(OSError):
    """The disk is full, or the store is away: nothing was changed, and later it will work."""


class Incoming(UploadedFile):
    """An upload in a file of its own; `close` removes it unless it was kept under its hash.

    `size` counts every byte that arrived; no more are written than any form may bring. If the disk
    refuses, `failure` holds the error, which is raised where it can be answered and not while the
    request is being read.
    """

    def __init__(self, *given, **named):
        super().__init__(None, *given, **named)
        self.size = 0
        self.failure = None
        self._digest = hashlib.sha256()
        self.path = None
        try:
            descriptor, path = tempfile.mkstemp(dir=incoming_folder())
        except OSError as error:
            self.failure = error
        else:
            self.path = Path(path)
            self.file = os.fdopen(descriptor, "w+b")
            # Django forgets the file it was reading when a form turns out to be broken.
            self._end = weakref.finalize(self, _remove, self.file, self.path)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def is_too_large(self) -> bool:
        return self.size > MOST_BYTES

    def take(self, chunk: bytes) -> None:
        """Write one chunk; beyond what a form may bring, or after a failure, only count it."""
        self.size += len(chunk)
        if self.failure:
            return
        if self.size > settings.MOST_BODY_BYTES:
            self._write(lambda: self.file.truncate(0))
            return
        self._digest.update(chunk)
        self._write(lambda: self.file.write(chunk))

    def finish(self) -> None:
        """All bytes have arrived: hand them to the operating system."""
        if not self.failure:
            self._write(self.file.flush)
            self.file.seek(0)

    def read(self, *length) -> bytes:
        """Raises `Unavailable` if not every byte was written: half a file is not what was sent."""
        self._be_whole()
        return self.file.read(*length)

    def seek(self, *where) -> int:
        self._be_whole()
        return self.file.seek(*where)

    def _be_whole(self) -> None:
        if self.failure:
            raise Unavailable(*self.failure.args) from self.failure

    def open(self, mode=None):
        if self.file:
            self.file.seek(0)
        return self

    def close(self) -> None:
        if self.path:
            self._end()

    def _write(self, act):
        try:
            act()
        except OSError as error:
            self.failure = error
            # A full disk gets its space back at once, not when the request ends.
            self.path.unlink(missing_ok=True)


class IncomingHandler(FileUploadHandler):
    """Django's way to hand over an upload piece by piece."""

    def __init__(self, request=None):
        super().__init__(request)
        self._uploads = []

    def new_file(self, *given, **named):
        super().new_file(*given, **named)
        self.file = Incoming(self.file_name, self.content_type, 0, self.charset)
        self._uploads.append(self.file)

    def receive_data_chunk(self, raw_data, start):
        self.file.take(raw_data)

    def file_complete(self, file_size):
        self.file.finish()
        return self.file

    def upload_interrupted(self):
        self.file.close()

    def upload_complete(self):
        """Refuse a form that was cut off: half a file must not pass for a whole one."""
        body = self.request.META.get("portal.body") if self.request else None
        if body is not None and not body.is_whole():
            for upload in self._uploads:
                upload.close()
            raise MultiPartParserError("the form ends before its last boundary")


@contextmanager
def arriving(data):
    """`data` as an `Incoming`: an upload as it is, bytes and other files through a copy."""
    if isinstance(data, Incoming):
        yield data
        return
    chunks = [data] if isinstance(data, bytes) else data.chunks()
    made = Incoming("copy")
    try:
        for chunk in chunks:
            made.take(chunk)
        made.finish()
        yield made
    finally:
        made.close()


def _remove(handle, path):
    handle.close()
    path.unlink(missing_ok=True)


def incoming_folder() -> Path:
    folder = settings.PRIVATE_FILES / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
