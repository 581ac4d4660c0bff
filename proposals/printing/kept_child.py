"""Sets one paper after another in a process of its own: HTML comes in, a PDF goes out.

It holds no secrets and needs nothing but our packaged fonts, so whatever asks for more is refused:
an address, a program, a name of the network.
"""

import contextlib
import ctypes
import resource
import sys
from pathlib import Path

from proposals.printing.child import MOST_BYTES_OF_MEMORY

_LENGTH = 8
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET: a network without any other machine in it
_REFUSED = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "ftplib.",
)
_MOST_OF_A_REASON = 300


def main() -> None:
    """Answer papers until no more come. After a failure the process ends: it may be damaged."""
    for kind, most in ((resource.RLIMIT_AS, MOST_BYTES_OF_MEMORY), (resource.RLIMIT_CORE, 0)):
        # macOS knows no limit on address space; the wall clock of the parent still holds.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    _leave_the_network()
    given, taken = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray word must not get among the bytes
    while length := given.read(_LENGTH):
        html = given.read(int.from_bytes(length)).decode()
        _allow_processor_time()
        try:
            kind, answer = b"P", _set(html)
        except BaseException as error:
            kind, answer = b"E", f"{type(error).__name__}: {error}"[:_MOST_OF_A_REASON].encode()
        taken.write(kind + len(answer).to_bytes(_LENGTH) + answer)
        taken.flush()
        if kind == b"E":
            return


def _set(html):
    from proposals.printing import finishing, press  # noqa: PLC0415 - after the limits

    return finishing.finished(press.pdf_from(html, Path(sys.argv[1])), html)


def _allow_processor_time():
    """So many seconds for this paper, on top of what the earlier ones took."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + int(sys.argv[2])
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _leave_the_network():
    """Where the kernel lets us, no network at all; everywhere, no socket and no other program."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_NETWORK)
    # What WeasyPrint looks up at its import must be past before the hook is there.
    with contextlib.suppress(OSError):
        from proposals.printing import finishing, press  # noqa: F401, PLC0415 - after the limits
    sys.addaudithook(_refuse)


def _refuse(event, _arguments):
    if event.startswith(_REFUSED):
        raise PermissionError(f"{event} is not for a press")
