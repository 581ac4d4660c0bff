"""Where bytes lie, each file under its SHA-256: a private folder, or a bucket that speaks S3.

Both have the same six methods. They raise FileNotFoundError for what is not there and `Unavailable`
for whatever else goes wrong.
"""

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from proposals.files.incoming import Unavailable


def store():
    """The store the settings ask for."""
    if settings.S3_BUCKET:
        # Not imported above: its library is an optional dependency.
        return import_string("proposals.files.bucket.Bucket")()
    return Folder(settings.PRIVATE_FILES)


def path_of(sha256: str) -> Path:
    """Where the private folder keeps a file."""
    return Folder(settings.PRIVATE_FILES).path_of(sha256)


class Folder:
    """Files in a folder of this machine, or of one that all machines of the portal mount."""

    def __init__(self, root: Path):
        self.root = root

    def path_of(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    def keep(self, path: Path, sha256: str) -> None:
        """Move the file at `path`, in the same file system and flushed to disk, under its hash."""
        final = self.path_of(sha256)
        with _in_our_words():
            final.parent.mkdir(parents=True, exist_ok=True)
            path.replace(final)
            # The rename is safe only once the folder that holds the name is on disk.
            folder = os.open(final.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def open(self, sha256: str):
        """The file for reading from anywhere in it."""
        with _in_our_words():
            return self.path_of(sha256).open("rb")

    def modified(self, sha256: str) -> datetime | None:
        """When these bytes were last put here, by `now`'s clock, or None if they are not."""
        try:
            with _in_our_words():
                return _moment(self.path_of(sha256).stat())
        except FileNotFoundError:
            return None

    def delete(self, sha256: str) -> None:
        with _in_our_words():
            self.path_of(sha256).unlink(missing_ok=True)

    def listing(self):
        """The hash of every file and when it was last put here."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/*"):
            if len(path.name) == 64:
                modified = self.modified(path.name)
                if modified:
                    yield path.name, modified

    def now(self) -> datetime:
        """The present by the clock that dates the files, which the portal's own need not follow."""
        mark = self.root / "incoming" / "clock"
        with _in_our_words():
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
            return _moment(mark.stat())


def _moment(stat) -> datetime:
    return datetime.fromtimestamp(stat.st_mtime, UTC)


@contextmanager
def _in_our_words():
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable(*error.args) from error
