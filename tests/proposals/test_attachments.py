"""Section H: four places, each file on its own."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from proposals import actions, files
from proposals.models import Attachment
from proposals.states import LETTER_KINDS, AttachmentKind, ScanState
from tests import make
from tests.proposals import papers

SCRIPT = {"Accept": "application/json"}
DAY = timedelta(hours=24)


def address_of(letter):
    return reverse("proposals:attachments", args=[letter.pk])


def upload(client, letter, data=papers.GOOD, name="letter.pdf", *, kind="LETTER", script=False):
    file = SimpleUploadedFile("placeholder.pdf", data, "application/pdf")
    # The class would clean the name before the portal sees it.
    file._name = name
    headers = SCRIPT if script else {}
    return client.post(address_of(letter), {"kind": kind, "file": file}, headers=headers)


def at(page, letter, attachment):
    return reverse(f"proposals:{page}", args=[letter.pk, attachment.pk])


@pytest.fixture
def editor(cast, sign_in):
    return sign_in(cast.editor)


@pytest.fixture
def attached(cast):
    def put(data=papers.GOOD, *, kind=AttachmentKind.LETTER, name="x.pdf", letter=None, pages=1):
        stored = files.Stored(files.store_bytes(data), len(data), pages)
        return actions.attach(
            letter or cast.letter, kind=kind, stored=stored, name=name, actor=cast.editor
        )

    return put


# --- putting a file in its place ---


def test_a_file_is_attached_with_its_hash(cast, editor):
    response = upload(editor, cast.letter)
    assert (response.status_code, response.url) == (302, f"{address_of(cast.letter)}#place-letter")
    attachment = Attachment.objects.get()
    assert attachment.sha256 == hashlib.sha256(papers.GOOD).hexdigest()
    assert (attachment.kind, attachment.name, attachment.size, attachment.pages) == (
        "LETTER",
        "letter.pdf",
        len(papers.GOOD),
        1,
    )
    assert (attachment.uploaded_by, attachment.scan) == (cast.editor, ScanState.NOT_ASKED)
    assert Entry.objects.get().data == {"kind": "LETTER", "sha256": attachment.sha256}


@pytest.mark.parametrize(
    ("kind", "data", "sent", "shown", "pages"),
    [
        ("LETTER", papers.pdf(pages=7), "letter.pdf", "letter.pdf", 7),
        ("DRAWING", papers.PNG, "plan.png", "plan.png", 0),
        ("DRAWING", papers.JPEG, "photo.JPEG", "photo.jpeg", 0),
        # What a file is called does not decide what it is.
        ("DRAWING", papers.JPEG, "photo.png", "photo.jpg", 0),
        ("DRAWING", papers.GOOD, "plan.pdf", "plan.pdf", 1),
        ("ENDORSEMENT", papers.GOOD, "e.pdf", "e.pdf", 1),
        ("CV", papers.GOOD, "cv.pdf", "cv.pdf", 1),
    ],
)
def test_each_place_takes_its_kinds_of_file(cast, editor, kind, data, sent, shown, pages):
    assert upload(editor, cast.letter, data, sent, kind=kind).status_code == 302
    attachment = Attachment.objects.get()
    assert (attachment.kind, attachment.name, attachment.pages) == (kind, shown, pages)
    assert files.path_of(attachment.sha256).read_bytes() == data


@pytest.mark.parametrize("kind", ["LETTER", "ENDORSEMENT", "CV"])
def test_a_picture_is_taken_in_one_place_only(cast, editor, nothing_written, kind):
    with nothing_written():
        response = upload(editor, cast.letter, papers.PNG, "plan.png", kind=kind)
    assert response.status_code == 422


def test_the_four_places_do_not_disturb_each_other(cast, editor):
    for kind in LETTER_KINDS:
        upload(editor, cast.letter, kind=kind)
    upload(editor, cast.letter, papers.BAD["password"][0], kind="CV")
    assert list(cast.letter.attachments.values_list("kind", flat=True)) == sorted(LETTER_KINDS)


def test_the_page_shows_each_file_with_its_facts(cast, editor, attached):
    attached(papers.pdf(pages=7), name="long.pdf", pages=7)
    drawing = attached(papers.PNG, kind="DRAWING", name="plan.png", pages=0)
    text = editor.get(address_of(cast.letter)).content.decode()
    assert "It has 7 pages; one to 5 are easier on the reviewers." in text
    assert drawing.sha256 in text
    assert "plan.png" in text
    assert ", 0 pages" not in text
    assert f"by {cast.editor}" in text
    assert "it must be here before the final selection" in text


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_costs_the_same_however_many_files(
    cast, editor, attached, count, django_assert_num_queries
):
    for kind in AttachmentKind.values[:count]:
        attached(kind=kind)
    # Session, user, letter, seats, call's window, files, one more for the side bar.
    with django_assert_num_queries(7):
        editor.get(address_of(cast.letter))


def test_the_old_address_leads_to_the_new_one(cast, editor):
    response = editor.get(f"/letters/{cast.letter.pk}/attachment/")
    assert (response.status_code, response.url) == (301, address_of(cast.letter))


# --- refusals ---


@pytest.mark.parametrize("script", [True, False])
def test_a_refusal_stays_at_its_place(cast, editor, nothing_written, script):
    with nothing_written():
        response = upload(
            editor, cast.letter, papers.BAD["script on opening"][0], kind="CV", script=script
        )
    assert response.status_code == 422
    sentence = "This PDF holds scripts, media or other files."
    if script:
        assert response.json()["code"] == "active_content"
        assert response.json()["detail"].startswith(sentence)
    else:
        [told] = [one for one in response.context["places"] if one["fault"]]
        assert told["place"].kind == "CV"
        assert told["fault"].startswith(sentence)
        assert 'href="#file-cv"' in response.content.decode()


def test_without_a_file_the_form_says_so(cast, editor, nothing_written):
    with nothing_written():
        response = editor.post(
            address_of(cast.letter), {"kind": "CV", "file": ""}
        )  # as browsers do
    assert response.status_code == 422
    assert "Choose a file first." in response.content.decode()


@pytest.mark.parametrize(
    "extra", [{"kind": "OTHER"}, {"kind": ""}, {"letter_id": "x"}, {"sha256": "0" * 64}]
)
def test_other_fields_and_places_are_refused(cast, editor, nothing_written, extra):
    file = SimpleUploadedFile("letter.pdf", papers.GOOD)
    with nothing_written():
        response = editor.post(address_of(cast.letter), {"kind": "LETTER", "file": file, **extra})
    assert response.status_code == 400


def test_a_full_disk_is_said_and_nothing_is_kept(cast, editor, nothing_written, settings, caplog):
    settings.PRIVATE_FILES.mkdir()
    (settings.PRIVATE_FILES / "incoming").write_text("a file where the folder should be")
    for script in (True, False):
        with nothing_written():
            response = upload(editor, cast.letter, script=script)
        assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "could not be stored" in caplog.text


# --- what the page's script is told ---


def test_the_script_gets_the_place_and_the_side_bar(cast, editor):
    response = upload(editor, cast.letter, script=True)
    body = response.json()
    assert response.status_code == 201
    assert set(body) == {"detail", "place", "sections"}
    assert 'data-place="LETTER"' in body["place"]
    assert "letter.pdf" in body["place"]
    # The place can be used again at once.
    assert "csrfmiddlewaretoken" in body["place"]
    assert "Attachments" in body["sections"]


def test_the_script_is_told_that_it_is_too_late(cast, editor, it_is, nothing_written):
    it_is(cast.call.closes_at)
    with nothing_written():
        response = upload(editor, cast.letter, script=True)
    assert (response.status_code, response.json()["code"]) == (409, "call_closed")


def test_the_script_is_told_that_its_person_is_signed_out(cast, client, nothing_written):
    with nothing_written():
        response = upload(client, cast.letter, script=True)
    assert response.status_code == 401


def test_without_a_token_nothing_is_stored(cast, nothing_written):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.editor)
    with nothing_written():
        response = upload(strict, cast.letter, script=True)
    assert (response.status_code, response.json()["code"]) == (403, "csrf")


# --- replacing, removing, putting back ---


def test_a_second_file_takes_the_place_of_the_first(cast, editor):
    upload(editor, cast.letter)
    upload(editor, cast.letter, papers.pdf(pages=3), "new.pdf")
    assert list(Attachment.objects.values_list("name", "pages")) == [("new.pdf", 3)]
    assert list(cast.letter.attachments.values_list("name", flat=True)) == ["new.pdf"]
    text = editor.get(address_of(cast.letter)).content.decode()
    assert "“<bdi>letter.pdf</bdi>” was here until" in text


def test_a_file_is_removed_and_put_back(cast, editor, attached):
    attachment = attached()
    assert editor.post(at("attachment_remove", cast.letter, attachment)).status_code == 302
    assert not cast.letter.attachments.exists()
    assert editor.post(at("attachment_remove", cast.letter, attachment)).status_code == 404
    # Out of sight, also for those who know its address.
    assert editor.get(at("attachment_file", cast.letter, attachment)).status_code == 404

    assert editor.post(at("attachment_put_back", cast.letter, attachment)).status_code == 302
    assert list(cast.letter.attachments.all()) == [attachment]
    # Once more changes nothing.
    assert editor.post(at("attachment_put_back", cast.letter, attachment)).status_code == 302
    said = ["letter.file_attached", "letter.file_removed", "letter.file_put_back"]
    assert list(Entry.objects.order_by("seq").values_list("action", flat=True)) == said


def test_a_replacement_is_taken_back(cast, editor, attached):
    first, second = attached(name="first.pdf"), attached(papers.pdf(pages=2), name="second.pdf")
    editor.post(at("attachment_put_back", cast.letter, first))
    assert list(cast.letter.attachments.all()) == [first]
    editor.post(at("attachment_put_back", cast.letter, second))
    assert list(cast.letter.attachments.all()) == [second]


def test_after_a_day_a_removed_file_is_forgotten(cast, editor, attached, it_is, nothing_written):
    removed = attached()
    editor.post(at("attachment_remove", cast.letter, removed))
    when = Attachment.every.get().removed_at
    assert actions.forget_removed(at=when + DAY - make.SECOND) == 0
    it_is(when + DAY)
    with nothing_written():
        assert editor.post(at("attachment_put_back", cast.letter, removed)).status_code == 409
    assert actions.forget_removed(at=when + DAY) == 1
    assert not Attachment.every.exists()
    assert editor.post(at("attachment_put_back", cast.letter, removed)).status_code == 404


def test_what_a_filed_version_names_is_not_forgotten(cast, attached):
    attachment = attached()
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="a-key-of-16-signs")
    Attachment.every.update(removed_at=make.OPENS)
    assert actions.forget_removed(at=make.CLOSES) == 0
    assert Attachment.every.get() == attachment


# --- how much an agency may keep ---


def test_one_file_more_than_the_agency_may_have(cast, editor, attached, settings, nothing_written):
    settings.AGENCY_MOST_FILES = 2
    other = make.letter(call=cast.call, agency=cast.agency)
    attached(letter=other)
    attached(kind="CV")
    with nothing_written():
        response = upload(editor, cast.letter, script=True)
    assert (response.status_code, response.json()["code"]) == (422, "quota")
    # In place of a file that is there it may come, and another agency has room of its own.
    assert upload(editor, cast.letter, kind="CV").status_code == 302
    elsewhere = make.letter(call=cast.call)
    attached(letter=elsewhere)
    assert elsewhere.attachments.exists()


def test_more_bytes_than_the_agency_may_have(cast, editor, attached, settings, nothing_written):
    settings.AGENCY_MOST_MB = 1
    attached(papers.heavy(800_000))
    with nothing_written():
        response = upload(editor, cast.letter, papers.heavy(500_000), script=True)
    assert (response.status_code, response.json()["code"]) == (422, "quota")
    assert upload(editor, cast.letter, papers.heavy(100_000)).status_code == 302


# --- downloading ---


def test_a_download_runs_nothing_and_stays_nowhere(cast, editor, attached):
    # Bad input IH28.
    response = editor.get(at("attachment_file", cast.letter, attached()))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Length"] == str(len(papers.GOOD))
    assert b"".join(response.streaming_content) == papers.GOOD


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [("plan.png", papers.PNG, "image/png"), ("photo.jpeg", papers.JPEG, "image/jpeg")],
)
def test_a_picture_is_handed_out_as_what_it_is(cast, editor, attached, name, data, media_type):
    attachment = attached(data, kind="DRAWING", name=name, pages=0)
    response = editor.get(at("attachment_file", cast.letter, attachment))
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert b"".join(response.streaming_content) == data


SIZE = len(papers.GOOD)


@pytest.mark.parametrize(
    ("asked", "status", "said", "sent"),
    [
        ("bytes=0-3", 206, f"bytes 0-3/{SIZE}", papers.GOOD[:4]),
        ("bytes=4-", 206, f"bytes 4-{SIZE - 1}/{SIZE}", papers.GOOD[4:]),
        ("bytes=-5", 206, f"bytes {SIZE - 5}-{SIZE - 1}/{SIZE}", papers.GOOD[-5:]),
        ("bytes=4-99999999", 206, f"bytes 4-{SIZE - 1}/{SIZE}", papers.GOOD[4:]),
        (f"bytes=-{SIZE * 2}", 200, None, papers.GOOD),
        (f"bytes=0-{SIZE - 1}", 200, None, papers.GOOD),
        # What is not one plain range is passed over, as RFC 9110 allows.
        ("bytes=0-3,5-6", 200, None, papers.GOOD),
        ("bytes=5-2", 200, None, papers.GOOD),
        ("bytes=-", 200, None, papers.GOOD),
        ("bytes=１-２", 200, None, papers.GOOD),
        ("pages=1-2", 200, None, papers.GOOD),
        (f"bytes={'9' * 400}-", 200, None, papers.GOOD),
        (f"bytes={SIZE}-", 416, f"bytes */{SIZE}", b""),
        ("bytes=-0", 416, f"bytes */{SIZE}", b""),
    ],
)
def test_a_part_of_a_file(cast, editor, attached, asked, status, said, sent):
    address = at("attachment_file", cast.letter, attached())
    response = editor.get(address, headers={"Range": asked})
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert (response.status_code, response.get("Content-Range"), body) == (status, said, sent)
    if status != 416:
        assert int(response["Content-Length"]) == len(sent)


def test_a_part_of_another_file_is_not_mixed_in(cast, editor, attached):
    attachment = attached()
    address = at("attachment_file", cast.letter, attachment)
    for etag, status in ((f'"{attachment.sha256}"', 206), ('"another"', 200)):
        response = editor.get(address, headers={"Range": "bytes=0-3", "If-Range": etag})
        assert response.status_code == status
        assert len(b"".join(response.streaming_content)) == int(response["Content-Length"])


def test_the_head_of_a_download(cast, editor, attached):
    response = editor.head(at("attachment_file", cast.letter, attached()))
    assert (response.status_code, response["Content-Length"]) == (200, str(SIZE))
    assert list(response.streaming_content) == []


def test_a_file_that_is_gone_from_the_disk_is_owned_up_to(cast, editor, attached, caplog):
    attachment = attached()
    files.path_of(attachment.sha256).unlink()
    response = editor.get(at("attachment_file", cast.letter, attachment))
    assert response.status_code == 503
    assert attachment.sha256 in caplog.text


@pytest.mark.parametrize("scan", [ScanState.OWED, ScanState.INFECTED])
@pytest.mark.parametrize("person", ["editor", "representative", "viewer"])
def test_what_is_not_scanned_or_infected_is_not_ready(cast, sign_in, attached, scan, person):
    attachment = attached()
    Attachment.objects.update(scan=scan)
    client = sign_in(getattr(cast, person))
    address = at("attachment_file", cast.letter, attachment)
    response = client.get(address, headers=SCRIPT)
    assert (response.status_code, response.json()["code"]) == (409, "not_ready")
    assert client.get(address).status_code == 409
    if person != "viewer":
        section = client.get(address_of(cast.letter)).content.decode()
        assert f'href="{address}"' not in section
    # The page says why and does not offer it.
    assert (
        address
        not in client.get(reverse("proposals:detail", args=[cast.letter.pk])).content.decode()
    )


def test_the_letter_can_be_submitted_while_a_file_waits_for_the_scanner(cast, attached, settings):
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    assert attached().scan == ScanState.OWED
    receipt = actions.submit(
        cast.letter, actor=cast.representative, idempotency_key="a-key-of-16-signs"
    )
    assert receipt.version.content["attachments"][0]["name"] == "x.pdf"
