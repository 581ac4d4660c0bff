"""What stands before Django itself: the body of a request is counted, whatever its head claims."""

import re
from io import BytesIO

# A closing boundary has at most 76 characters; a little may follow it.
_TAIL = 1024
_CHUNK = 64 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)
# One file of 10 MB and the form around it. The proxy's limit is the same.
MOST_BYTES = 12 * 1024 * 1024


def counted(application, *, most=MOST_BYTES):
    """Wrap a WSGI application: it can tell whether a body came whole, and chunks are read for it.

    A body sent in chunks tells no length beforehand, and Django takes it for empty. It is read here
    to its end, or to the limit and not a byte further. The proxy in front does the same, so this is
    for set-ups without one.
    """

    def guarded(environ, start_response):
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            spool, length = _read(environ["wsgi.input"], most)
            if spool is None:
                start_response("413 Content Too Large", [("Content-Type", "text/plain")])
                return [b"This is larger than the portal takes. Nothing was changed.\n"]
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = spool, str(length)
        environ["wsgi.input"] = environ["portal.body"] = Body(environ["wsgi.input"], environ)
        return application(environ, start_response)

    return guarded


class Body:
    """The body of a request: counts what is read and remembers how it ended."""

    def __init__(self, stream, environ):
        self._stream = stream
        self._length = int(environ.get("CONTENT_LENGTH") or 0)
        boundary = _BOUNDARY.search(environ.get("CONTENT_TYPE", ""))
        self._end = f"--{boundary[1]}--".encode("latin-1") if boundary else b""
        self._received = 0
        self._tail = b""

    def read(self, *size):
        return self._seen(self._stream.read(*size))

    def readline(self, *size):
        return self._seen(self._stream.readline(*size))

    def is_whole(self) -> bool:
        """Whether all that was announced has been read, and it ends as a form does."""
        return self._received == self._length and self._end in self._tail

    def _seen(self, data):
        self._received += len(data)
        self._tail = (self._tail + data)[-_TAIL:]
        return data


def _read(stream, most):
    spool, length = BytesIO(), 0
    while data := stream.read(_CHUNK):
        length += len(data)
        if length > most:
            return None, length
        spool.write(data)
    spool.seek(0)
    return spool, length
