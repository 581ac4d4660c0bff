"""Files by program: the same checks, places and rights as on the page."""

import hashlib
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from proposals.models import Attachment
from proposals.states import ScanState
from tests.programs import ROOT, Program, refusal
from tests.proposals import papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(cast):
    return Program(cast.editor)


@pytest.fixture
def path(cast):
    return f"/letters/{cast.letter.pk}/attachments"


def test_a_file_is_attached_read_back_and_removed(editor, cast, path):
    answer = editor.upload(path, papers.GOOD, name="Our letter.pdf")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["kind"], body["name"], body["size"]) == (
        "LETTER",
        "Our letter.pdf",
        len(papers.GOOD),
    )
    assert body["sha256"] == hashlib.sha256(papers.GOOD).hexdigest()
    assert editor.get(f"/letters/{cast.letter.pk}").json()["attachments"] == [body]

    one = f"{path}/{body['id']}"
    download = editor.get(one)
    assert (download.status_code, b"".join(download.streaming_content)) == (200, papers.GOOD)
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download.headers["Content-Security-Policy"]

    removed = editor.delete(one)
    assert (removed.status_code, removed.content) == (204, b"")
    assert refusal(editor.get(one)) == (404, "not_found")
    assert refusal(editor.delete(one)) == (404, "not_found")
    assert not Attachment.objects.exists()


def test_a_second_file_of_a_kind_takes_the_place_of_the_first(editor, path):
    editor.upload(path, papers.GOOD)
    second = editor.upload(path, papers.pdf(pages=2))
    editor.upload(path, papers.GOOD, kind="CV")
    kinds = Attachment.objects.order_by("kind").values_list("kind", "pages")
    assert (second.json()["pages"], list(kinds)) == (2, [("CV", 1), ("LETTER", 2)])


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "letter.pdf", "empty_file"),
        (b"%PDF-", "letter.pdf", "not_a_pdf"),
        (b"<html>", "letter.pdf", "not_a_pdf"),
        (papers.GOOD, "letter.html", "not_a_pdf"),
        (papers.GOOD, "letter.pdf\x00.exe", "not_a_pdf"),
        (b"x" * (10 * 1024 * 1024 + 1), "letter.pdf", "too_large"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_cannot_be_taken_says_why_and_changes_nothing(
    editor, path, nothing_written, data, name, code
):
    file = SimpleUploadedFile("x.pdf", data)
    file._name = name
    with nothing_written():
        answer = editor.client.post(
            ROOT + path, {"kind": "LETTER", "file": file}, headers=editor.headers
        )
        assert refusal(answer) == (422, code)
        assert list(answer.json()["fields"]) == ["file"]


def test_a_form_that_is_not_as_it_should_be_changes_nothing(editor, path, nothing_written):
    form = "multipart/form-data; boundary=x"

    def part(name, value, more=""):
        head = f'Content-Disposition: form-data; name="{name}"{more}'
        return f"--x\r\n{head}\r\n\r\n{value}\r\n".encode()

    file, end = part("file", "%PDF-", '; filename="a.pdf"'), b"--x--\r\n"
    kind = part("kind", "LETTER")
    cases = [
        (kind + end, form, 422, "no_file"),
        (file + end, form, 422, "invalid"),
        (part("kind", "LETTERS") + file + end, form, 422, "invalid"),
        (part("kind", "\x00") + file + end, form, 422, "invalid"),
        (kind + kind + file + end, form, 400, "bad_request"),
        (kind + file + file + end, form, 400, "bad_request"),
        (kind + part("state", "SUBMITTED") + file + end, form, 400, "unknown_field"),
        (kind + part("x", "y", '; filename="x.pdf"') + file + end, form, 400, "unknown_field"),
        (b"", "multipart/form-data", 415, "unsupported_media_type"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (kind + file + end, "multipart/form-data", 400, "bad_request"),
        (kind + file + end, form + "y" * 10_000, 400, "bad_request"),
    ]
    with nothing_written():
        for data, content_type, *expected in cases:
            answer = editor.raw("POST", path, data, content_type)
            assert refusal(answer) == tuple(expected), data


def test_who_may_not_and_when_it_is_too_late(cast, editor, path, it_is, nothing_written):
    viewer, stranger = Program(cast.viewer), Program(cast.stranger)
    editor.upload(path, papers.GOOD)
    one = f"{path}/{Attachment.objects.get().pk}"
    late = Program(cast.representative)
    with nothing_written():
        assert refusal(viewer.upload(path, papers.GOOD)) == (403, "forbidden")
        assert refusal(viewer.delete(one)) == (403, "forbidden")
        read = viewer.get(one)
        assert (read.status_code, b"".join(read.streaming_content)) == (200, papers.GOOD)
        for answer in (stranger.upload(path, papers.GOOD), stranger.get(one), stranger.delete(one)):
            assert refusal(answer) == (404, "not_found")
        for odd in ("x", "1", str(uuid4())):
            assert refusal(editor.get(f"{path}/{odd}")) == (404, "not_found")
        it_is(cast.call.closes_at)
        assert refusal(late.upload(path, papers.GOOD)) == (409, "call_closed")
        assert refusal(late.delete(one)) == (409, "call_closed")


def test_a_file_of_another_letter_is_not_found_under_this_one(cast, editor, path):
    editor.upload(path, papers.GOOD)
    attachment = Attachment.objects.get().pk
    second = editor.post("/letters", {}).json()["id"]
    assert refusal(editor.get(f"/letters/{second}/attachments/{attachment}")) == (404, "not_found")


def test_a_file_the_scanner_has_not_seen_is_not_handed_out(editor, path):
    editor.upload(path, papers.GOOD)
    Attachment.objects.update(scan=ScanState.OWED)
    one = f"{path}/{Attachment.objects.get().pk}"
    assert refusal(editor.get(one)) == (409, "not_ready")


def test_a_range_of_a_file(editor, path):
    editor.upload(path, papers.GOOD)
    one = f"{path}/{Attachment.objects.get().pk}"
    answer = editor.get(one, Range="bytes=0-4")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"%PDF-")
    assert editor.get(one, Range="bytes=999999999-").status_code == 416
