"""A stored file on its way to a browser: always a download, and never anything that runs."""

import logging
import re
from urllib.parse import quote

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.http import quote_etag
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from proposals import files
from proposals.states import ScanState

log = logging.getLogger(__name__)

HEADERS = {
    # Nothing in the file runs and nothing is loaded, whatever a viewer takes it for.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def ensure_ready(attachment) -> None:
    """Raise `Refused` for the file's own agency as long as it must not be handed out."""
    if attachment.scan == ScanState.INFECTED:
        raise Refused(
            _("The scanner found malware in this file, so it is not handed out. Replace it."),
            code="not_ready",
        )
    if not attachment.is_ready:
        raise Refused(
            _("This file has not been scanned for malware yet. Try again in a few minutes."),
            code="not_ready",
        )


def response(request, *, sha256, name):
    """The stored bytes as a download called `name`; one range of them if that is asked for.

    503 if they are gone, which is an alarm of `check_invariants` and in the log.
    """
    try:
        handle = files.open_stored(sha256)
    except OSError:
        log.exception("the stored file %s (%s) cannot be read", sha256, name)
        return render(request, "503.html", status=503)
    size = handle.seek(0, 2)
    etag = quote_etag(sha256)
    first, last = _range(request, size, etag)
    if first >= size:
        handle.close()
        return HttpResponse(status=416, headers={**HEADERS, "Content-Range": f"bytes */{size}"})
    handle.seek(first)
    headers = {
        **HEADERS,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": last - first + 1,
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }
    is_part = (first, last) != (0, size - 1)
    if is_part:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return FileResponse(
        Part(handle, last - first + 1),
        status=206 if is_part else 200,
        content_type=files.media_type(name),
        headers=headers,
    )


def plain_response(*, sha256, name):
    """A copy that does not tell who made the file, as a download called `name`.

    Raises `Refused` where no such copy can be made.
    """
    try:
        data = files.copy_of(sha256)
    except files.Unreadable:
        log.exception("no copy without its metadata can be made of the file %s", sha256)
        raise Refused(
            _("This file cannot be shown without telling who made it. Please ask the chair."),
            code="not_ready",
        ) from None
    headers = {
        **HEADERS,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
    }
    return HttpResponse(data, content_type=files.media_type(name), headers=headers)


class Part:
    """So many bytes of an open file, from where it stands."""

    def __init__(self, handle, length):
        self._handle, self._left = handle, length

    def read(self, size):
        data = self._handle.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self):
        self._handle.close()


def _range(request, size, etag):
    """First and last byte to send: the whole file for any header but one plain range of it."""
    asked = _ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked or not any(asked.groups()) or request.headers.get("If-Range", etag) != etag:
        return 0, size - 1
    first, last = asked.groups()
    if not first:
        return max(size - int(last), 0) if int(last) else size, size - 1
    if last and int(last) < int(first):
        return 0, size - 1
    return int(first), min(int(last or size), size - 1)
