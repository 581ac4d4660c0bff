"""HiGHS prints a stray line now and then, whatever its options say. Keep standard output clean.

The line is a `printf` in compiled code: nothing stops it but standard output leading elsewhere. So
each call of the solver is made inside, wherever it comes from: a command whose output programs
read, a worker, or the demo on somebody's terminal.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Two threads that each put back what they found would leave it closed for ever.
_one_at_a_time = threading.Lock()


@contextmanager
def without_stray_lines() -> Iterator[None]:
    """Drop what compiled code writes to the standard output of this process, for one call of it.

    While it lasts no thread of the process can print there. Errors leave as ever: exceptions pass,
    and standard error is another way out.
    """
    with _one_at_a_time:
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
