"""A stored file as somebody may have it who must not learn who made it.

What is stored, and its hash, stay as they are; a child process with limits makes the copy.
"""

import subprocess
import sys
from pathlib import Path

from proposals.files.intake import open_stored

_CHILD = Path(__file__).with_name("plain_child.py")
WALL_SECONDS = 20


class Unreadable(Exception):
    """The file is too complex to be read within the limits."""


def copy_of(sha256: str) -> bytes:
    """The bytes without what tells of their making; the same file gives the same copy.

    Raises `Unreadable`, and OSError where the file is not there.
    """
    copy = _child("copy", sha256)
    if not copy:
        raise Unreadable
    return copy


def words_of(sha256: str) -> str:
    """The words on a PDF's pages; empty for a picture. Raises as `copy_of` does."""
    return _child("words", sha256).decode()


def _child(what, sha256) -> bytes:
    with open_stored(sha256) as handle:
        data = handle.read()
    try:
        child = subprocess.run(
            # -I: no module is looked for in the current folder or where PYTHONPATH points.
            [sys.executable, "-I", str(_CHILD), what],
            input=data,
            capture_output=True,
            timeout=WALL_SECONDS,
            env={},
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise Unreadable from error
    return child.stdout
