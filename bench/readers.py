"""Readers who reload a page each without a pause, as cheap as a client can be.

All of them in one thread, each with a line of its own that stays open. An HTTP client of Python for
each of them in a thread of its own takes as much of a processor as the server that it measures.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Done = TypeVar("Done")
PATIENCE = 60  # seconds


def question(path: str, session: str = "") -> bytes:
    """What a browser sends for a page, signed in with a session or not."""
    cookie = f"Cookie: sessionid={session}\r\n" if session else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n".encode()


class Readers:
    """A line to the portal of this machine for each question, asking it over and over.

    `waits` is the seconds of each answer, from the first byte sent to the last one read.
    """

    def __init__(self, port: int, questions: Sequence[bytes]) -> None:
        self.waits: list[float] = []
        self._port, self._questions = port, questions
        self._lines = selectors.DefaultSelector()

    def while_doing(self, do: Callable[[], Done]) -> Done:
        """Read until `do` has come to its end; what it returns.

        Raises RuntimeError for an answer that is no page, and if nothing is answered for a minute.
        """
        over, faults = threading.Event(), []

        def read() -> None:
            try:
                self._read(over)
            except (OSError, RuntimeError) as fault:
                faults.append(fault)

        thread = threading.Thread(target=read)
        thread.start()
        try:
            done = do()
        finally:
            over.set()
            thread.join()
        if faults:
            raise RuntimeError(f"a reader: {faults[0]!r}") from faults[0]
        return done

    def _read(self, over: threading.Event) -> None:
        try:
            for asked in self._questions:
                self._open(asked)
            while not over.is_set():
                ready = self._lines.select(timeout=PATIENCE)
                if not ready:
                    raise RuntimeError(f"no answer for {PATIENCE} s")
                for key, _mask in ready:
                    self._take(key)
        finally:
            for key in list(self._lines.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
            self._lines.close()

    def _open(self, asked: bytes) -> None:
        line = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines.register(line, selectors.EVENT_READ, _Answer(asked))
        self._ask(line, self._lines.get_key(line).data)

    def _ask(self, line: socket.socket, answer: "_Answer") -> None:
        answer.began, answer.bytes, answer.end = time.monotonic(), b"", 0
        line.sendall(answer.question)

    def _take(self, key: selectors.SelectorKey) -> None:
        line, answer = key.fileobj, key.data
        came = line.recv(1 << 18)  # type: ignore[union-attr]
        if not came:
            if answer.bytes:
                raise RuntimeError("the answer was cut off")
            # A line may be closed between two questions: a worker of the server is changed.
            self._lines.unregister(line)
            line.close()  # type: ignore[union-attr]
            self._open(answer.question)
            return
        answer.take(came)
        if answer.is_whole:
            self.waits.append(time.monotonic() - answer.began)
            self._ask(line, answer)  # type: ignore[arg-type]


class _Answer:
    """What has come of one answer: its head is read once, of its body the length alone."""

    def __init__(self, question: bytes) -> None:
        self.question = question
        self.began, self.bytes, self.end = 0.0, b"", 0

    def take(self, came: bytes) -> None:
        self.bytes += came
        if not self.end and b"\r\n\r\n" in self.bytes:
            head, _mark, _body = self.bytes.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(head[:200].decode("latin-1"))
            length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
            self.end = len(head) + 4 + int(length)

    @property
    def is_whole(self) -> bool:
        return bool(self.end) and len(self.bytes) >= self.end
