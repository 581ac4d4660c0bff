"""HiGHS prints a stray line now and then, whatever its options say. Keep standard output clean."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_stray_lines() -> Iterator[None]:
    """Drop what compiled code writes to the standard output of this process.

    For commands, whose output programs read. Not for threads: while it lasts, nobody in the process
    can print.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        # C keeps lines of its own waiting; they have to go before the way out is open again.
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
