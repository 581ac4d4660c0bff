"""Promises R02, R10, R11 and R26: what is acknowledged stays, what is owed is done, and once."""

import contextlib
import itertools
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from urllib.request import urlopen

import pytest

from chang_e8_portal import embedded
from tests.chaos.house import PATIENCE, eventually

VICTIMS = ["web", "worker", "mailer", "beat", "postgres", "valkey"]
OWED_WITHIN = 120  # seconds after Redis is back
pytestmark = pytest.mark.long  # a house of processes takes half a minute to open
_codes = (f"CHAOS{number}" for number in itertools.count(1))


class Sender:
    """Somebody who files letters and keeps sending until there is an answer."""

    def __init__(self, house, world):
        self.house, self.session = house, world["session"]
        self.slowest = 0.0

    def submit(self, letter):
        """File one letter; the line may be cut and the database away, the key stays the same."""
        form = {"idempotency_key": secrets.token_urlsafe(24), "seen": letter["seen"]}
        path, pause = f"/letters/{letter['id']}/submit/", threading.Event()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            began = time.monotonic()
            status, headers, body = self.house.ask("POST", path, session=self.session, form=form)
            if status == 302:
                self.slowest = max(self.slowest, time.monotonic() - began)
                assert headers["Location"] == f"/letters/{letter['id']}/receipt/"
                return
            assert status in (0, 503), f"{status}: {body[:2000]!r}"
            pause.wait(0.2)
        raise AssertionError("no answer within a minute")

    def receipt(self, letter):
        """The signed receipt as a file."""
        path = f"/letters/{letter['id']}/receipt/?format=json"
        found = []

        def there():
            status, _headers, body = self.house.ask("GET", path, session=self.session)
            assert status in (0, 200, 503), status
            found[:] = [body]
            return status == 200

        eventually(there, "the receipt is handed out")
        return found[0]


def keep(path, data):
    """Write like somebody who wants it back after a power cut."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def unsent(house, world):
    (rows,) = house.rows(
        "SELECT count(*) FROM notifications_message m JOIN proposals_letterofintent l"
        " ON m.key LIKE 'letter-' || l.id || '-%%' WHERE l.call_id = %s AND m.state = 'QUEUED'",
        world["call"],
    )
    return rows[0]


def mails_leave(house, world, patience=OWED_WITHIN):
    def done():
        house.supervise()
        return not unsent(house, world)

    eventually(done, "every mail that is owed has left", patience)


def test_a_receipt_outlives_every_kill(house, dice, size, tmp_path):
    count = size(50, 1000)
    kills = size(5, 100)
    world = house.world(code=next(_codes), letters=count)
    sender = Sender(house, world)
    at = {count * (n + 1) // (kills + 1): VICTIMS[n % len(VICTIMS)] for n in range(kills)}

    struck = None
    for number, letter in enumerate(world["letters"]):
        if victim := at.get(number):
            if struck:
                struck.result(2 * PATIENCE)
            # At a moment of its own, so that it falls anywhere inside the next requests.
            struck = house.strike(victim, after=dice.random() * 0.3)
        sender.submit(letter)
        keep(tmp_path / f"{letter['id']}.json", sender.receipt(letter))
    struck.result(2 * PATIENCE)
    house.start_servers()
    house.wait_for_web()

    with urlopen(f"{house.address}/verify/key.pem", timeout=PATIENCE) as answer:
        keep(tmp_path / "key.pem", answer.read())
    kept = sorted(tmp_path.glob("*.json"))
    assert len(kept) == count
    for path in kept:
        verified = subprocess.run(
            [sys.executable, "tools/verify_receipt.py", str(path), str(tmp_path / "key.pem")],
            cwd=embedded.REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
    rows = house.rows(
        "SELECT l.id::text, r.code, v.sha256, r.audit_seq, r.audit_head, v.number"
        " FROM proposals_receipt r JOIN proposals_letterversion v ON v.id = r.version_id"
        " JOIN proposals_letterofintent l ON l.id = v.letter_id WHERE l.call_id = %s",
        world["call"],
    )
    said = [json.loads(path.read_text()) for path in kept]
    names = ("code", "sha256", "audit_seq", "audit_head", "version")
    given = [
        (path.stem, *(one[name] for name in names)) for path, one in zip(kept, said, strict=True)
    ]
    assert sorted(rows) == sorted(given)
    mails_leave(house, world)
    assert house.manage("check_invariants") == "0 findings\n"
    print(f"{count} receipts, {kills} kills, slowest answer {sender.slowest:.2f} s")


@contextlib.contextmanager
def stopped(house):
    house.kill_valkey()
    yield
    house.start_servers()


@contextlib.contextmanager
def frozen(house):
    pid = house.valkey_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def flushed(house):
    with house.valkey() as client:
        client.flushall()
    yield
    with house.valkey() as client:
        client.flushall()


@pytest.mark.parametrize("trouble", [stopped, frozen, flushed])
def test_letters_are_filed_without_redis_and_mails_leave_when_it_is_back(house, size, trouble):
    world = house.world(code=next(_codes), letters=size(10, 100))
    sender = Sender(house, world)

    with trouble(house):
        for letter in world["letters"]:
            sender.submit(letter)
    returned = time.monotonic()

    assert sender.slowest < 10
    mails_leave(house, world)
    print(f"slowest {sender.slowest:.2f} s, mails gone after {time.monotonic() - returned:.1f} s")


# A server that hangs up before all is sent may not be heard any more.
REFUSED = [[], ["400"], ["414"], ["431"]]
HEAD = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        pytest.param(HEAD + "\r\n", [["200"]], id="an ordinary one"),
        pytest.param(
            HEAD + "".join(f"X-{n}: 1\r\n" for n in range(10_000)) + "\r\n",
            REFUSED,
            id="IH25-10,000 headers",
        ),
        pytest.param(HEAD + f"Cookie: a={'x' * 2**20}\r\n\r\n", REFUSED, id="IH25-long cookie"),
        pytest.param(
            f"GET /?q={'x' * 100_000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            REFUSED,
            id="IH25-long address",
        ),
        pytest.param(2 * (HEAD + "\r\n"), [["200", "200"]], id="IH25-two in a row"),
        pytest.param(
            HEAD + "Host: evil.example.org\r\n\r\n",
            [["400"]],
            id="IH10-two hosts",
        ),
        pytest.param(
            "GET http://evil.example.org/agency/ HTTP/1.1\r\nHost: evil.example.org\r\n\r\n",
            [["400"]],
            id="IH10-absolute address",
        ),
        pytest.param(
            "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\n\r\n",
            [["400"]],
            id="IU06-two lengths",
        ),
    ],
)
def test_what_is_no_proper_request_goes_no_further_than_the_server(house, request_, allowed):
    """As the proxy in front does; gunicorn must not rely on it."""
    assert house.answers_to(request_) in allowed


def test_reminders_go_out_once_with_two_beats_after_three_hours_without_any(house):
    """Seven days before the cutoff nobody rings; three hours later two do."""
    day, hour = 86_400, 3_600
    code = next(_codes)
    world = house.world(code=code, letters=3, editors=4, closes_in=8 * day)

    house.travel(day - hour)
    house.stop("beat")
    house.travel(day + 2 * hour)
    house.start("beat")
    house.start("beat two", like="beat")
    try:
        eventually(lambda: reminded(house, world), "everybody is reminded", OWED_WITHIN)
        mails_leave(house, world)
        # Another ring of both finds nothing to add.
        before = reminded(house, world)
        house.manage("sweep")
        assert reminded(house, world) == before
        assert len(before) == len(set(before))
        # Of this call alone: of others a worker was killed between the mail and its row.
        home = f"@{code.lower()}.example.org"
        sent = house.rows(
            "SELECT count(*) FROM notifications_message WHERE state = 'SENT' AND address LIKE %s",
            f"%{home}",
        )[0][0]
        assert (
            0
            < sent
            == sum(
                line.startswith("To: ") and line.endswith(home)
                for path in (house.root / "mail").iterdir()
                for line in path.read_text().splitlines()
            )
        )
    finally:
        house.stop("beat two")
        house.travel(0)


def reminded(house, world):
    """Address and event of every reminder about a draft of this call."""
    return house.rows(
        "SELECT m.address, m.template, l.id::text FROM notifications_message m"
        " JOIN proposals_letterofintent l ON position(l.id::text in m.key) > 0"
        " WHERE l.call_id = %s AND m.template LIKE 'draft%%' ORDER BY 1, 2, 3",
        world["call"],
    )
