"""Ask clamd, ClamAV's daemon, whether there is malware in a file.

Its protocol (INSTREAM, see clamd(8)) is forty lines: the command, the bytes in chunks with their
length before them, a length of nothing, and one line of answer.
"""

import socket
import struct
import time
from urllib.parse import urlsplit

from django.conf import settings

# A file of 10 MB takes clamd a second; who needs longer than this is not well.
CONNECT_SECONDS = 2
ANSWER_SECONDS = 15
_CHUNK = 64 * 1024
_MOST_ANSWER = 4096


class Away(Exception):
    """The scanner cannot be reached, or does not answer in time or in its own language."""


class Unsure(Exception):
    """The scanner is there and could not judge this file; the argument is what it said."""


def look(handle) -> str:
    """The name of the malware in an open file, or "" if the scanner found none.

    Raises `Away` or `Unsure`. Takes at most about `ANSWER_SECONDS`.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0")
            while chunk := handle.read(_CHUNK):
                line.settimeout(_left(deadline))
                line.sendall(struct.pack(">I", len(chunk)) + chunk)
            line.sendall(struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0"):
                line.settimeout(_left(deadline))
                part = line.recv(_MOST_ANSWER)
                answer += part
                if not part or len(answer) > _MOST_ANSWER:
                    raise Away("no whole answer")
    except OSError as error:
        raise Away(str(error)) from error
    return _verdict(answer.rstrip(b"\0").decode("utf-8", "replace"))


def address(text: str):
    """("unix", path) or ("tcp", host, port). Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme == "unix" and parts.path.startswith("/"):
        return "unix", parts.path
    if parts.scheme == "tcp" and parts.hostname:
        return "tcp", parts.hostname, parts.port or 3310
    raise ValueError("unix:/path/of/clamd.ctl or tcp://host:3310")


def _connected():
    kind, *where = address(settings.CLAMAV_ADDRESS)
    if kind == "tcp":
        return socket.create_connection(tuple(where), timeout=CONNECT_SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(CONNECT_SECONDS)
    try:
        line.connect(*where)
    except OSError:
        line.close()
        raise
    return line


def _left(deadline) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _verdict(answer) -> str:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    if said.endswith("ERROR"):
        raise Unsure(said)
    raise Away(f"not clamd's language: {said[:80]!r}")
