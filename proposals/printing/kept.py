"""A press that is kept: one child process that sets many papers, each within limits.

Starting Python, WeasyPrint and 20 MB of fonts takes seconds, setting a letter a quarter of one. So
a worker keeps its child, until a paper breaks a limit or the child has set enough of them.
"""

import atexit
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock

from proposals.printing import MOST_CHARACTERS, WALL_SECONDS, Unprintable, environment
from proposals.printing.child import CPU_SECONDS

_ROOT = Path(__file__).resolve().parent.parent.parent
# What WeasyPrint keeps of each paper is small, and goes with the child.
MOST_PAPERS = 250
_LENGTH = 8


class KeptPress:
    """Sets HTML in the style of one sheet. Threads take turns; a fork starts a child of its own."""

    def __init__(self, style: Path, *, cpu_seconds: int = CPU_SECONDS):
        self.style, self.cpu_seconds = style, cpu_seconds
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def pdf_from(self, html: str) -> bytes:
        """The paper as an accessible, archivable PDF; the same text gives the same bytes.

        Raises `Unprintable` with the reason: too much time or memory, or what WeasyPrint says.
        """
        if len(html) > MOST_CHARACTERS:
            raise Unprintable(f"{len(html)} characters of HTML")
        with self._turn:
            if self._papers >= MOST_PAPERS or (self._child and self._child.poll() is not None):
                self.close()
            if self._child is None:
                self._start()
            try:
                answer = self._ask(html.encode())
            except Unprintable:
                self.close()
                raise
            self._papers += 1
            return answer

    def close(self) -> None:
        """End the child; the next paper starts another one."""
        if child := self._child:
            child.kill()
            child.stdin.close()
            child.stdout.close()
            child.wait()
        self._child, self._papers = None, 0

    def _forget(self):
        self._child, self._papers, self._turn = None, 0, Lock()

    def _start(self):
        start = (
            f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
            f"sys.argv[1:] = [{str(self.style)!r}, {str(self.cpu_seconds)!r}]; "
            "from proposals.printing.kept_child import main; main()"
        )
        self._child = subprocess.Popen(
            # -I: no module is looked for in the current folder or where PYTHONPATH points.
            [sys.executable, "-I", "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            bufsize=0,
        )

    def _ask(self, html):
        ends = time.monotonic() + WALL_SECONDS
        try:
            rest = memoryview(len(html).to_bytes(_LENGTH) + html)
            while rest:
                rest = rest[self._child.stdin.write(rest) :]
        except BrokenPipeError:
            raise Unprintable(self._how_it_ended()) from None
        kind = self._read(1, ends)
        answer = self._read(int.from_bytes(self._read(_LENGTH, ends)), ends)
        if kind != b"P":
            raise Unprintable(answer.decode(errors="replace"))
        return answer

    def _read(self, length, ends):
        read = bytearray()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._child.stdout, selectors.EVENT_READ)
            while len(read) < length:
                if not waiting.select(max(0, ends - time.monotonic())):
                    raise Unprintable("out of time")
                part = os.read(self._child.stdout.fileno(), length - len(read))
                if not part:
                    raise Unprintable(self._how_it_ended())
                read += part
        return bytes(read)

    def _how_it_ended(self):
        code = self._child.wait()
        if code == -signal.SIGXCPU:
            return "out of processor time"
        return f"the press ended ({signal.Signals(-code).name if code < 0 else code})"
