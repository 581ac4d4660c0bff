"""Hostile and odd uploads, each with the answer it is owed; the ids are of tests/bad_inputs.csv."""

import gc
import re

import pikepdf
import pytest
from django.urls import reverse

from proposals import files
from proposals.models import Attachment
from tests.proposals import papers

SCRIPT = {"Accept": "application/json"}


def multipart(data, filename, *, kind="LETTER", boundary="x"):
    """A form as bytes, so that the name reaches the portal as it was sent."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n'
    part = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return (head + part).encode() + data + f"\r\n--{boundary}--\r\n".encode()


@pytest.fixture
def send(cast, sign_in):
    client = sign_in(cast.editor)
    address = reverse("proposals:attachments", args=[cast.letter.pk])

    def post(
        data=papers.GOOD, filename="loi.pdf", *, body=None, boundary="x", kind="LETTER", **more
    ):
        body = multipart(data, filename, kind=kind) if body is None else body
        content_type = f"multipart/form-data; boundary={boundary}"
        return client.post(address, body, content_type=content_type, headers=SCRIPT, **more)

    return post


# Id -> (bytes, code of the refusal).
REFUSED = {
    "IU01": (b"", "empty_file"),
    "IU02": (b"%PDF-", "not_a_pdf"),
    "IU07-one-byte-over": (
        papers.GOOD + bytes(files.MOST_BYTES + 1 - len(papers.GOOD)),
        "too_large",
    ),
    "IU08": papers.BAD["a web page"],
    "IU10": papers.BAD["picture and PDF"],
    "IU11": papers.BAD["drawing and PDF"],
    "IU12": papers.BAD["junk first"],
    "IU13": papers.BAD["archive behind"],
    "IU19": papers.BAD["script on a page"],
    "IU20": papers.BAD["script, name in hexadecimal"],
    "IU21": papers.BAD["launch"],
    "IU22-submit": papers.BAD["send a form"],
    "IU22-import": papers.BAD["fetch a form"],
    "IU23": papers.BAD["open a file elsewhere"],
    "IU28": papers.BAD["password"],
    "IU32": (papers.pdf(pages=20_001), "too_many_pages"),
    "IU33": papers.BAD["no pages"],
    "IU34": papers.BAD["huge page"],
    "IU39": papers.BAD["half"],
    "IU40": papers.BAD["no end"],
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_its_code_and_leaves_nothing(send, nothing_written, case):
    data, code = REFUSED[case]
    with nothing_written():
        response = send(data)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["detail"].endswith(".")


def largest():
    """A PDF of exactly as many bytes as a file may have."""
    spare = files.MOST_BYTES - len(papers.heavy(0)) - 20
    data = papers.heavy(spare)
    data = papers.heavy(spare + files.MOST_BYTES - len(data))
    assert len(data) == files.MOST_BYTES
    return data


TAKEN = {
    "IU03": lambda: papers.GOOD,
    "IU07-exactly-the-limit": largest,
    "IU30": papers.bomb,
    "IU31": papers.nested_bomb,
    "IU50": lambda: papers.pdf(change=lambda made: made.docinfo.update({"/Author": "A. Person"})),
}


@pytest.mark.parametrize("case", TAKEN)
def test_an_unusual_file_is_taken_as_it_was_sent(send, case):
    data = TAKEN[case]()
    assert send(data).status_code == 201
    assert files.path_of(Attachment.objects.get().sha256).read_bytes() == data


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("loi.html", id="IU16"),
        pytest.param("win.ini", id="IF02-another-end"),
        pytest.param("..\\..\\win.ini", id="IF02"),
        pytest.param("loi.pdf\x00.exe", id="IF03"),
        pytest.param("loi.pdf.html", id="IF05-page"),
        pytest.param("", id="IF06-empty"),
        pytest.param(".", id="IF06-dot"),
        pytest.param("..", id="IF06-dots"),
        pytest.param("loi．pdf", id="IF13-full-width"),
        pytest.param("loi", id="no-end"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(send, nothing_written, name):
    with nothing_written():
        response = send(filename=name)
    assert response.status_code in (400, 422)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        pytest.param("../../etc/passwd.pdf", "passwd.pdf", id="IF01"),
        pytest.param("..\\..\\loi.pdf", "loi.pdf", id="IF02-cleaned"),
        pytest.param("loi.html.pdf", "loi.html.pdf", id="IF05-pdf"),
        pytest.param("x" * 300 + ".pdf", "x" * 146 + ".pdf", id="IF07"),
        pytest.param("意" * 300 + ".pdf", "意" * 146 + ".pdf", id="IF07-Chinese"),
        pytest.param("CON.pdf", "_CON.pdf", id="IF09-device"),
        pytest.param("aux.pdf", "_aux.pdf", id="IF09-device-2"),
        pytest.param("LPT1.draft.pdf", "_LPT1.draft.pdf", id="IF09-device-3"),
        pytest.param("loi.pdf.", "loi.pdf", id="IF09-dot"),
        pytest.param("loi.pdf ", "loi.pdf", id="IF09-space"),
        pytest.param("&quot;><img src=x onerror=1>.pdf", '"><img src=x onerror=1>.pdf', id="IF10"),
        pytest.param("a\rX-Evil: 1\n.pdf", "aX-Evil: 1.pdf", id="IF11"),
        pytest.param("=cmd.pdf", "=cmd.pdf", id="IF12-formula"),
        pytest.param("-rf.pdf", "-rf.pdf", id="IF12-option"),
        pytest.param(";id;.pdf", ";id;.pdf", id="IF12-shell"),
        pytest.param("%2e%2e%2fx.pdf", "%2e%2e%2fx.pdf", id="IF13-literal"),
        pytest.param("\u202efdp.exe.pdf", "fdp.exe.pdf", id="right-to-left"),
        pytest.param("🚀.pdf", "🚀.pdf", id="emoji"),
        pytest.param("😀" * 200 + ".pdf", "😀" * 146 + ".pdf", id="emoji-many"),
    ],
)
def test_a_name_is_harmless_on_the_page_and_in_the_header(cast, client, send, sent, shown):
    if "\r" in sent or "\n" in sent:
        # A header cannot hold these raw; RFC 2231 can spell them.
        body = multipart(papers.GOOD, "NAME").replace(
            b'filename="NAME"', b"filename*=UTF-8''a%0DX-Evil:%201%0A.pdf"
        )
        assert send(body=body).status_code == 201
    else:
        assert send(filename=sent).status_code == 201
    attachment = Attachment.objects.get()
    assert attachment.name == shown
    address = reverse("proposals:attachment_file", args=[cast.letter.pk, attachment.pk])
    response = client.get(address)
    assert b"".join(response.streaming_content) == papers.GOOD
    assert re.fullmatch(
        r"attachment; filename\*=UTF-8''[A-Za-z0-9%._~-]+", response["Content-Disposition"]
    )
    page = client.get(reverse("proposals:attachments", args=[cast.letter.pk])).content.decode()
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        pytest.param(b"--x\r\nno end", "x", id="IU45-no-end"),
        pytest.param(b"--x--", "", id="IU45-no-boundary"),
        pytest.param(b"", "x" * 10_000, id="IU45-long-boundary"),
        pytest.param(b"--x\r\n\xff\xfe", "x", id="IU45-no-text"),
    ],
)
def test_a_broken_form_is_not_our_error(send, nothing_written, body, boundary):
    with nothing_written():
        response = send(body=body, boundary=boundary)
    assert response.status_code in (400, 422)


def test_a_file_that_breaks_off_half_way_is_removed(send, nothing_written):
    body = multipart(b"@@@", "loi.pdf").replace(
        b"Content-Type: application/pdf", b"Content-Transfer-Encoding: base64"
    )
    with nothing_written():
        response = send(body=body)
        del response
        gc.collect()


class CutOff:
    """As `chang_e8_portal.bodies` says of a body that ended too early."""

    def is_whole(self):
        return False


@pytest.mark.parametrize("case", ["IU06", "IU47"])
def test_a_form_that_was_cut_off_is_refused_whole(send, nothing_written, case):
    with nothing_written():
        response = send(**{"portal.body": CutOff()})
    assert response.status_code == 400


@pytest.mark.parametrize("length", [str(10 * 1024**3), "9" * 30], ids=["IU04", "IU04-absurd"])
def test_a_body_that_claims_too_much_is_not_read(send, nothing_written, length):
    with nothing_written():
        response = send(CONTENT_LENGTH=length)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_iu43_one_file_too_many(send, settings, nothing_written):
    settings.AGENCY_MOST_FILES = 1
    assert send(kind="CV").status_code == 201
    with nothing_written():
        response = send()
    assert response.json()["code"] == "quota"


def test_the_default_quota_refuses_the_51st_file(settings):
    assert settings.AGENCY_MOST_FILES == 50


def test_iu48_a_full_disk_leaves_no_stub(send, settings, nothing_written):
    settings.PRIVATE_FILES.mkdir()
    (settings.PRIVATE_FILES / "incoming").write_text("a file where the folder should be")
    with nothing_written():
        response = send()
    assert (response.status_code, response.json()["code"]) == (503, "try_again")


def test_the_strict_parser_is_asked():
    """Recovery would open what these rows refuse."""
    with pikepdf.open(papers.BytesIO(papers.BAD["half"][0]), attempt_recovery=True):
        pass
