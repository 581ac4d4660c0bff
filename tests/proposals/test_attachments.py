import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from proposals import files
from proposals.models import Attachment
from tests.proposals import papers


def upload(client, letter, data=papers.GOOD, name="letter.pdf", **extra):
    file = SimpleUploadedFile("placeholder.pdf", data, "application/pdf")
    # The class would clean the name before the portal sees it.
    file._name = name
    address = reverse("proposals:attachment", args=[letter.pk])
    return client.post(address, {"file": file, **extra})


def test_a_pdf_is_attached_with_its_hash(cast, sign_in):
    response = upload(sign_in(cast.editor), cast.letter)
    assert response.status_code == 302
    attachment = Attachment.objects.get()
    assert attachment.sha256 == hashlib.sha256(papers.GOOD).hexdigest()
    assert (attachment.name, attachment.size, attachment.pages) == (
        "letter.pdf",
        len(papers.GOOD),
        1,
    )
    assert Entry.objects.get().data == {"sha256": attachment.sha256}


def test_a_second_file_takes_the_place_of_the_first(cast, sign_in):
    client = sign_in(cast.editor)
    upload(client, cast.letter)
    upload(client, cast.letter, papers.pdf(pages=3), "new.pdf")
    assert list(Attachment.objects.values_list("name", "pages")) == [("new.pdf", 3)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.pdf"),
        (b"%PDF-", "five.pdf"),
        (papers.GOOD, "letter.html"),
        (papers.GOOD, "letter.pdf.html"),
        (papers.GOOD, "letter"),
        (papers.BAD["script on opening"][0], "script.pdf"),
        (papers.BAD["password"][0], "locked.pdf"),
        (b"%PDF-" + bytes(files.MOST_BYTES), "large.pdf"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing(cast, sign_in, nothing_written, data, name):
    client = sign_in(cast.editor)
    files.store_bytes(b"so that the folder is there already")
    with nothing_written():
        response = upload(client, cast.letter, data, name)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]


def test_without_a_file_the_form_says_so(cast, sign_in, nothing_written):
    address = reverse("proposals:attachment", args=[cast.letter.pk])
    with nothing_written():
        response = sign_in(cast.editor).post(address, {"file": ""})  # as browsers do
    assert response.status_code == 422
    assert "Choose a file first." in response.content.decode()


@pytest.mark.parametrize("extra", [{"kind": "OTHER"}, {"letter_id": "x"}, {"sha256": "0" * 64}])
def test_other_fields_are_refused(cast, sign_in, nothing_written, extra):
    with nothing_written():
        assert upload(sign_in(cast.editor), cast.letter, **extra).status_code == 400


@pytest.mark.parametrize(
    ("body", "boundary"),
    [(b"--x\r\nno end", "x"), (b"--x--", ""), (b"", "x" * 10_000)],
)
def test_a_broken_form_is_not_our_error(cast, sign_in, nothing_written, body, boundary):
    address = reverse("proposals:attachment", args=[cast.letter.pk])
    content_type = f"multipart/form-data; boundary={boundary}"
    with nothing_written():
        response = sign_in(cast.editor).post(address, body, content_type=content_type)
    assert response.status_code in (400, 422)


@pytest.mark.parametrize("name", ['"><img src=x onerror=1>.pdf', "意向书.pdf", "=cmd;x.pdf"])
def test_a_name_is_harmless_on_the_page_and_in_the_header(cast, sign_in, name):
    client = sign_in(cast.viewer)
    upload(sign_in(cast.editor), cast.letter, name=name)
    sign_in(cast.viewer)
    attachment = Attachment.objects.get()
    response = client.get(
        reverse("proposals:attachment_file", args=[cast.letter.pk, attachment.pk])
    )
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert disposition.isascii()
    assert not set('"\r\n<>;') & set(disposition.removeprefix("attachment;"))
    assert b"".join(response.streaming_content) == papers.GOOD
    page = client.get(reverse("proposals:detail", args=[cast.letter.pk])).content.decode()
    assert "<img src=x" not in page


def test_a_download_runs_nothing_and_stays_nowhere(cast, sign_in):
    client = sign_in(cast.editor)
    upload(client, cast.letter)
    address = reverse(
        "proposals:attachment_file", args=[cast.letter.pk, Attachment.objects.get().pk]
    )
    response = client.get(address)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    response.close()


def test_a_file_that_is_gone_from_the_disk_is_owned_up_to(cast, sign_in, caplog):
    client = sign_in(cast.editor)
    upload(client, cast.letter)
    attachment = Attachment.objects.get()
    files.path_of(attachment.sha256).unlink()
    address = reverse("proposals:attachment_file", args=[cast.letter.pk, attachment.pk])
    assert client.get(address).status_code == 503
    assert str(attachment.pk) in caplog.text


def test_a_file_is_removed_from_the_letter(cast, sign_in):
    client = sign_in(cast.editor)
    upload(client, cast.letter)
    attachment = Attachment.objects.get()
    address = reverse("proposals:attachment_remove", args=[cast.letter.pk, attachment.pk])
    assert client.post(address).status_code == 302
    assert not Attachment.objects.exists()
    assert client.post(address).status_code == 404
