"""The malware scanner, spoken to over real sockets as clamd speaks, well and ill."""

import contextlib
import socketserver
import struct
import threading
from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from notifications.models import Message
from proposals import actions, filed_files, files, scanner
from proposals.models import Attachment
from proposals.states import ScanState
from tests import make
from tests.proposals import papers

pytestmark = pytest.mark.django_db

# The harmless text that every scanner takes for malware.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
AT = make.OPENS + timedelta(days=30)
MINUTE = timedelta(minutes=1)


class Clamd(socketserver.BaseRequestHandler):
    """What clamd does with INSTREAM; `server.mood` makes it misbehave."""

    def handle(self):
        self.server.asked += 1
        mood = self.server.mood
        if mood == "hangs":
            self.server.let_go.wait()
            return
        if mood == "drops":
            return
        if mood == "babbles":
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n\0")
            return
        assert self.exactly(10) == b"zINSTREAM\0"
        data = b""
        while length := struct.unpack(">I", self.exactly(4))[0]:
            data += self.exactly(length)
        answer = {
            "well": b"stream: Eicar-Signature FOUND" if EICAR in data else b"stream: OK",
            "small": b"INSTREAM size limit exceeded. ERROR",
            "half": b"stream: ",
        }[mood]
        self.request.sendall(answer + (b"" if mood == "half" else b"\0"))

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.request.recv(count - len(data))
            assert part
            data += part
        return data


class _Server:
    daemon_threads = True
    mood = "well"
    asked = 0


class TcpServer(_Server, socketserver.ThreadingTCPServer):
    pass


class UnixServer(_Server, socketserver.ThreadingUnixStreamServer):
    pass


@contextlib.contextmanager
def serving(server):
    server.let_go = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def clamd(settings):
    with serving(TcpServer(("127.0.0.1", 0), Clamd)) as server:
        settings.CLAMAV_ADDRESS = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield server


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.2)


def attached(cast, data=papers.GOOD, *, kind="CV", letter=None):
    stored = files.Stored(files.store_bytes(data), len(data), 1)
    return actions.attach(
        letter or cast.letter, kind=kind, stored=stored, name="x.pdf", actor=cast.editor
    )


def scans():
    return dict(Attachment.every.values_list("kind", "scan"))


# --- the protocol ---


def look(data):
    with files.open_stored(files.store_bytes(data)) as handle:
        return scanner.look(handle)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (papers.GOOD, ""),
        (b"before " + EICAR + b" after", "Eicar-Signature"),
        # In several chunks, with the text across the border of two.
        (bytes(64 * 1024 - 10) + EICAR + bytes(300_000), "Eicar-Signature"),
    ],
)
def test_the_scanner_is_asked_over_tcp(clamd, data, found):
    assert look(data) == found


def test_the_scanner_is_asked_over_a_socket_in_the_file_system(settings, tmp_path):
    with serving(UnixServer(str(tmp_path / "clamd.ctl"), Clamd)):
        settings.CLAMAV_ADDRESS = f"unix:{tmp_path / 'clamd.ctl'}"
        assert look(EICAR) == "Eicar-Signature"


@pytest.mark.parametrize("mood", ["hangs", "drops", "babbles", "half"])
def test_a_scanner_that_does_not_answer_as_it_should_is_away(clamd, impatient, mood):
    clamd.mood = mood
    with pytest.raises(scanner.Away):
        look(papers.GOOD)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:/nowhere/clamd.ctl"])
def test_a_scanner_that_is_not_there_is_away(settings, address):
    settings.CLAMAV_ADDRESS = address
    with pytest.raises(scanner.Away):
        look(papers.GOOD)


def test_a_file_the_scanner_cannot_judge(clamd):
    clamd.mood = "small"
    with pytest.raises(scanner.Unsure, match="size limit"):
        look(papers.GOOD)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tcp://clamav", ("tcp", "clamav", 3310)),
        ("tcp://[::1]:99", ("tcp", "::1", 99)),
        ("unix:/run/clamd.ctl", ("unix", "/run/clamd.ctl")),
        ("unix:///run/clamd.ctl", ("unix", "/run/clamd.ctl")),
    ],
)
def test_addresses(text, meant):
    assert scanner.address(text) == meant


@pytest.mark.parametrize("text", ["clamav:3310", "unix:clamd.ctl", "/run/clamd.ctl", "tcp://", "x"])
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match="unix:"):
        scanner.address(text)


# --- the rows ---


def test_files_are_scanned_once(cast, clamd):
    attached(cast)
    assert scans() == {"CV": ScanState.OWED}
    assert actions.scan_due(at=AT) == 1
    assert scans() == {"CV": ScanState.CLEAN}
    assert actions.scan_due(at=AT) == 0
    assert clamd.asked == 1
    assert not Message.objects.exists()


def test_a_file_in_another_worker_s_hands_is_left_until_the_lease_lapses(cast, clamd):
    attached(cast)
    Attachment.every.update(scan_after=AT + actions.scanning.LEASE)
    assert actions.scan_due(at=AT + actions.scanning.LEASE - make.SECOND) == 0
    assert actions.scan_due(at=AT + actions.scanning.LEASE) == 1


def test_a_file_from_before_the_scanner_came_is_scanned_too(cast, settings):
    attached(cast)
    assert scans() == {"CV": ScanState.NOT_ASKED}
    with serving(TcpServer(("127.0.0.1", 0), Clamd)) as server:
        settings.CLAMAV_ADDRESS = f"tcp://127.0.0.1:{server.server_address[1]}"
        actions.scan_due(at=AT)
    assert scans() == {"CV": ScanState.CLEAN}


def test_malware_is_quarantined_and_the_agency_is_told_once(cast, clamd, sign_in):
    attachment = attached(cast, EICAR)
    actions.scan_due(at=AT)
    actions.record_scan(attachment, found="Eicar-Signature", at=AT)

    attachment.refresh_from_db()
    assert (attachment.scan, attachment.found) == (ScanState.INFECTED, "Eicar-Signature")
    assert Message.objects.count() == cast.agency.memberships.count() == 3
    text = Message.objects.get(recipient=cast.editor).body
    assert "Eicar-Signature" in text
    assert f"/letters/{cast.letter.pk}/edit/h/" in text
    entry = Entry.objects.get(action="letter.file_infected")
    assert entry.data == {
        "sha256": attachment.sha256,
        "found": "Eicar-Signature",
        "versions": [],
    }
    client = sign_in(cast.editor)
    page = client.get(reverse("proposals:attachments", args=[cast.letter.pk])).content.decode()
    assert "The scanner found malware in this file (Eicar-Signature)." in page


def test_malware_in_a_filed_file_is_known_of_the_version(cast, clamd):
    attached(cast, EICAR)
    receipt = actions.submit(
        cast.letter, actor=cast.representative, idempotency_key="a-key-of-16-signs"
    )
    Message.objects.all().delete()
    assert [file.scan for file in filed_files.of(receipt.version)] == [ScanState.OWED]
    actions.scan_due(at=AT)
    assert [file.scan for file in filed_files.of(receipt.version)] == [ScanState.INFECTED]
    assert Entry.objects.get(action="letter.file_infected").data["versions"] == [1]
    assert "stays filed" in Message.objects.get(recipient=cast.editor).body


def test_what_one_agency_learns_nothing_of_from_another(cast, clamd):
    """The same bytes in another letter wait for an answer of their own."""
    attached(cast)
    actions.scan_due(at=AT)
    other = make.letter(call=cast.call)
    assert attached(cast, letter=other).scan == ScanState.OWED
    actions.scan_due(at=AT)
    assert clamd.asked == 2


def test_a_scanner_that_is_away_leaves_everything_as_it_was(cast, clamd, impatient, caplog):
    for kind in ("CV", "LETTER", "ENDORSEMENT"):
        attached(cast, kind=kind)
    clamd.mood = "hangs"
    assert actions.scan_due(at=AT) == 0
    assert set(scans().values()) == {ScanState.OWED}
    assert "is away" in caplog.text
    # One file was tried; then it is left in peace for a minute, also by other workers.
    assert actions.scan_due(at=AT + MINUTE - make.SECOND) == 0
    assert clamd.asked == 1
    clamd.mood = "well"
    assert actions.scan_due(at=AT + MINUTE) == 3
    assert set(scans().values()) == {ScanState.CLEAN}


def test_a_file_that_cannot_be_judged_holds_up_nobody(cast, clamd, caplog):
    lost = attached(cast, b"gone", kind="CV")
    files.path_of(lost.sha256).unlink()
    attached(cast, kind="LETTER")
    actions.scan_due(at=AT)
    assert scans() == {"CV": ScanState.OWED, "LETTER": ScanState.CLEAN}
    assert lost.sha256 in caplog.text


def test_without_a_scanner_nothing_waits_for_it_any_more(cast, clamd, settings):
    attached(cast)
    settings.CLAMAV_ADDRESS = ""
    assert actions.scan_due(at=AT) == 0
    assert scans() == {"CV": ScanState.NOT_ASKED}


def test_the_health_page_tells_when_the_scanner_is_late(cast, clamd, client, it_is):
    attached(cast)
    assert client.get("/health/ready").content == b"ready\n"
    it_is(Attachment.every.get().uploaded_at + 10 * MINUTE)
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (200, b"ready, malware scanner late\n")
    actions.scan_due(at=AT)
    assert client.get("/health/ready").content == b"ready\n"


def test_a_file_that_no_row_speaks_of_is_not_handed_out_where_there_is_a_scanner(cast, settings):
    attached(cast)
    receipt = actions.submit(
        cast.letter, actor=cast.representative, idempotency_key="a-key-of-16-signs"
    )
    Attachment.every.all().delete()
    assert [file.is_ready for file in filed_files.of(receipt.version)] == [True]
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    assert [file.is_ready for file in filed_files.of(receipt.version)] == [False]
