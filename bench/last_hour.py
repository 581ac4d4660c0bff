"""The last hour: agencies send three files and file their letter while everybody reloads the call.

One thread a reader and one a sender at work, on the same machine as the portal, so the client's own
work is in the figures. Seconds are seen from the client.
"""

import http.client
import secrets
import statistics
import threading
import time
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

from chang_e8_portal.load import paper

KINDS = ("LETTER", "ENDORSEMENT", "CV")
FILE_BYTES = 5_000_000
READERS = 100
A_READER_RELOADS_EVERY = (4.0, 6.0)  # seconds
_CSRF = "c" * 32


@dataclass
class Crowd:
    """What the crowd met with."""

    errors: list[str] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)

    def figures(self) -> dict:
        return {
            "errors": len(self.errors),
            "first_errors": self.errors[:5],
            "pages": len(self.pages),
            "page_p50_s": percentile(self.pages, 50),
            "page_p95_s": percentile(self.pages, 95),
            "uploads": len(self.uploads),
            "upload_p95_s": percentile(self.uploads, 95),
            "submits": len(self.submits),
            "submit_p50_s": percentile(self.submits, 50),
            "submit_p95_s": percentile(self.submits, 95),
        }


def percentile(values, number) -> float | None:
    if len(values) < 2:
        return None
    return round(statistics.quantiles(values, n=100)[number - 1], 3)


def run(*, port: int, drafts: dict, minutes: float) -> Crowd:
    """File every draft, evenly over the time, with the readers around."""
    crowd, over = Crowd(), threading.Event()
    readers = [
        threading.Thread(target=_read, args=(port, crowd, over, number), daemon=True)
        for number in range(READERS)
    ]
    for reader in readers:
        reader.start()
    senders = []
    letters, began = drafts["letters"], time.monotonic()
    for number, letter in enumerate(letters):
        over.wait(max(began + number * 60 * minutes / len(letters) - time.monotonic(), 0))
        senders.append(
            threading.Thread(target=_send, args=(port, crowd, letter["letter"], letter["session"]))
        )
        senders[-1].start()
    for sender in senders:
        sender.join(120)
    over.set()
    for reader in readers:
        reader.join(30)
    return crowd


def reload_page(port: int, count: int) -> None:
    """Ask for the call page `count` times over, by eight readers who do not rest."""

    def work():
        crowd, line = Crowd(), line_to(port)
        for _number in range(count // 8):
            ask(line, crowd, "GET", "/")

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _read(port, crowd, over, number):
    draw, line = Random(number), line_to(port)
    over.wait(draw.uniform(0, A_READER_RELOADS_EVERY[1]))
    while not over.is_set():
        at = time.monotonic()
        if ask(line, crowd, "GET", "/") == 200:
            crowd.pages.append(time.monotonic() - at)
        over.wait(draw.uniform(*A_READER_RELOADS_EVERY))


def _send(port, crowd, letter, session):
    line = line_to(port)
    for kind in KINDS:
        at = time.monotonic()
        body, kind_of_body = _multipart(kind, paper.pdf(f"{letter} {kind}", size=FILE_BYTES))
        path = f"/letters/{letter}/edit/h/"
        if ask(line, crowd, "POST", path, body, kind_of_body, session) == 302:
            crowd.uploads.append(time.monotonic() - at)
    # What a person sees before filing carries the key and the hash of what was seen.
    page = _get(line, crowd, f"/letters/{letter}/submit/", session)
    form = {name: _value(page, name) for name in ("idempotency_key", "seen")}
    form["idempotency_key"] = form["idempotency_key"] or secrets.token_urlsafe(24)
    at = time.monotonic()
    kind_of_body = "application/x-www-form-urlencoded"
    path, body = f"/letters/{letter}/submit/", urlencode(form).encode()
    if ask(line, crowd, "POST", path, body, kind_of_body, session) == 302:
        crowd.submits.append(time.monotonic() - at)


def _value(page, name) -> str:
    _before, _name, rest = page.partition(f'name="{name}" value="')
    return rest.partition('"')[0]


def _multipart(kind, data):
    mark = secrets.token_hex(16)
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n'
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{kind}.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return head.encode() + data + f"\r\n--{mark}--\r\n".encode(), (
        f"multipart/form-data; boundary={mark}"
    )


def line_to(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def ask(line, crowd, method, path, body=None, kind_of_body="", session="") -> int:
    """The status; whatever is neither a page nor a redirect is an error of the crowd's."""
    status, text = _exchange(line, method, path, body, kind_of_body, session)
    if status not in (200, 302):
        crowd.errors.append(f"{method} {path.split('/')[-2]}: {status} {text[:200]!r}")
    return status


def _get(line, crowd, path, session) -> str:
    status, text = _exchange(line, "GET", path, None, "", session)
    if status != 200:
        crowd.errors.append(f"GET {path}: {status}")
    return text.decode()


def _exchange(line, method, path, body, kind_of_body, session):
    headers = {"Cookie": f"sessionid={session}; csrftoken={_CSRF}" if session else ""}
    if body is not None:
        headers |= {"X-CSRFToken": _CSRF, "Content-Type": kind_of_body}
    for last in (False, True):
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return response.status, response.read()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as cut:
            # A line that was kept open and idle may be closed just as it is used again.
            line.close()
            if last or method != "GET":
                return 0, repr(cut).encode()
        except (OSError, http.client.HTTPException) as cut:
            line.close()
            return 0, repr(cut).encode()
