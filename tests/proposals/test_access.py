"""Owner, colleague, stranger: every page of a letter, for everybody, in every state."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.states import Role
from proposals import actions, content, files
from proposals.models import Attachment, LetterOfIntent
from proposals.states import AttachmentKind, LetterState
from tests import make
from tests.proposals import papers

KEY = "a-key-that-nobody-guesses"
PEOPLE = ["representative", "editor", "viewer", "stranger", "nobody"]
LOGIN = 302

# Page -> status for representative, editor, viewer, stranger, and somebody who is not signed in.
READING = {
    "detail": (200, 200, 200, 404, LOGIN),
    "edit": (200, 200, 403, 404, LOGIN),
    "attachments": (200, 200, 403, 404, LOGIN),
    "attachment_file": (200, 200, 200, 404, LOGIN),
    "submit": (200, 403, 403, 404, LOGIN),
    "receipt": (404, 404, 404, 404, LOGIN),
}
WRITING = {
    "edit": (302, 302, 403, 404, LOGIN),
    "attachments": (302, 302, 403, 404, LOGIN),
    "attachment_remove": (302, 302, 403, 404, LOGIN),
    "attachment_put_back": (302, 302, 403, 404, LOGIN),
    "submit": (302, 403, 403, 404, LOGIN),
}
# The same once the letter is submitted or the call has closed.
AFTER = {
    "edit": (409, 409, 403, 404, LOGIN),
    "attachments": (409, 409, 403, 404, LOGIN),
    "attachment_remove": (409, 409, 403, 404, LOGIN),
    "attachment_put_back": (409, 409, 403, 404, LOGIN),
    "submit": (409, 403, 403, 404, LOGIN),
}


def status_of(response):
    # A download keeps its file open until somebody has read it.
    if response.streaming:
        list(response.streaming_content)
    return response.status_code


def rows(table):
    return [
        (page, person, status)
        for page, answers in table.items()
        for person, status in zip(PEOPLE, answers, strict=True)
    ]


@pytest.fixture
def attachment(cast):
    sha256 = files.store_bytes(papers.GOOD)
    stored = files.Stored(sha256=sha256, size=len(papers.GOOD), pages=1)
    return actions.attach(
        cast.letter, kind=AttachmentKind.LETTER, stored=stored, name="x.pdf", actor=cast.editor
    )


@pytest.fixture
def address(cast, attachment):
    def of(page):
        args = [cast.letter.pk]
        if page == "edit":
            args.append("a")
        if page in ("attachment_file", "attachment_remove", "attachment_put_back"):
            args.append(attachment.pk)
        return reverse(f"proposals:{page}", args=args)

    return of


@pytest.fixture
def body(cast, client):
    def of(page):
        if page == "edit":
            return {"revision": 1, "title": "Changed"}
        if page == "attachments":
            return {"kind": "LETTER", "file": SimpleUploadedFile("y.pdf", papers.pdf(pages=2))}
        if page == "submit":
            return {"idempotency_key": KEY, "seen": seen(cast.letter)}
        return {}

    return of


def seen(letter):
    letter = LetterOfIntent.objects.select_related("call", "agency").get(pk=letter.pk)
    return content.digest(content.of(letter, version=1))


@pytest.mark.parametrize(("page", "person", "status"), rows(READING))
def test_reading_a_draft(cast, sign_in, address, page, person, status, nothing_written):
    with nothing_written():
        response = sign_in(getattr(cast, person, None)).get(address(page))
    assert status_of(response) == status


@pytest.mark.parametrize(("page", "person", "status"), rows(WRITING))
def test_writing_to_a_draft(cast, sign_in, address, body, page, person, status, nothing_written):
    client, data = sign_in(getattr(cast, person, None)), body(page)
    if person in ("representative", "editor") and status == 302:
        assert client.post(address(page), data).status_code == status
    else:
        with nothing_written():
            assert client.post(address(page), data).status_code == status


@pytest.mark.parametrize(("page", "person", "status"), rows(AFTER))
@pytest.mark.parametrize("after", ["submission", "cutoff"])
def test_writing_when_it_is_over(
    cast, sign_in, address, body, it_is, page, person, status, after, nothing_written
):
    data = body(page)
    if after == "submission":
        actions.submit(cast.letter, actor=cast.representative, idempotency_key="an-earlier-click")
    else:
        it_is(cast.call.closes_at)
    client = sign_in(getattr(cast, person, None))
    with nothing_written():
        assert client.post(address(page), data).status_code == status


@pytest.mark.parametrize(
    ("role", "detail", "file", "receipt"),
    [
        # The chair has the panel's rooms, which know of conflicts of interest; this one does not.
        (Role.CHAIR, 403, 403, 404),
        (Role.PUBLISHER, 403, 403, 404),
        (Role.OPERATOR, 403, 403, 404),
        (Role.AUDITOR, 403, 403, 200),
        (Role.REVIEWER, 404, 404, 404),
    ],
)
def test_what_the_call_s_officers_see(cast, sign_in, address, it_is, role, detail, file, receipt):
    officer = make.user(role)
    client = sign_in(officer)
    pages = ("detail", "attachment_file")
    assert [status_of(client.get(address(page))) for page in pages] == [404, 404]
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    assert [status_of(client.get(address(page))) for page in pages] == [404, 404]
    assert cast.letter.reference not in client.get(reverse("proposals:list")).content.decode()

    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    assert [status_of(client.get(address(page))) for page in pages] == [404, 404]

    make.opened(cast.call)
    pages = ("detail", "attachment_file", "receipt")
    answers = [status_of(client.get(address(page))) for page in pages]
    assert answers == [detail, file, receipt]
    text = client.get(reverse("proposals:list")).content.decode()
    assert cast.letter.reference not in text
    assert client.post(address("edit"), {"revision": 1}).status_code in (403, 404)


def test_a_seat_taken_away_is_gone_at_the_next_request(cast, sign_in, address):
    client = sign_in(cast.editor)
    assert client.get(address("edit")).status_code == 200
    cast.editor.memberships.all().delete()
    assert client.get(address("edit")).status_code == 404


def test_an_editor_is_told_who_can_submit(cast, sign_in, address):
    text = sign_in(cast.editor).get(address("submit")).content.decode()
    assert "Only an authorised representative of Space Agency of Atlantis" in text
    assert "Rania Haddad" in text


def test_a_file_is_found_only_under_its_own_letter(cast, sign_in, attachment):
    other = make.letter(call=cast.call, agency=cast.agency)
    client = sign_in(cast.representative)
    acts = {
        "attachment_file": client.get,
        "attachment_remove": client.post,
        "attachment_put_back": client.post,
    }
    for page, act in acts.items():
        address = reverse(f"proposals:{page}", args=[other.pk, attachment.pk])
        assert act(address).status_code == 404
    assert Attachment.objects.get() == attachment


def test_ids_that_are_nobody_s_are_not_found(cast, sign_in):
    client = sign_in(cast.representative)
    assert client.get(reverse("proposals:detail", args=[uuid.uuid4()])).status_code == 404
    for wrong in ("1", str(2**63), "..%2f..", "null"):
        assert client.get(f"/letters/{wrong}/").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "generic"])
@pytest.mark.parametrize("page", [*READING, "attachment_remove"])
def test_other_methods_are_refused(cast, sign_in, address, method, page, nothing_written):
    client = sign_in(cast.representative)
    with nothing_written():
        if method == "generic":
            response = client.generic("PROPFIND", address(page))
        else:
            response = getattr(client, method)(address(page))
    assert response.status_code == 405


def test_nothing_changes_by_looking(cast, sign_in, address, nothing_written):
    client = sign_in(cast.representative)
    with nothing_written():
        assert client.get(address("attachment_remove")).status_code == 405
        for page in READING:
            status_of(client.head(address(page)))
            status_of(client.get(address(page), {"submit": "1", "_method": "POST"}))


# --- a withdrawn letter, which the auditor reads ---


@pytest.fixture
def withdrawn(cast, attachment, it_is):
    """Filed, reopened, rewritten, and withdrawn before the rest was filed; the call is closed."""
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    actions.reopen(cast.letter, actor=cast.editor)
    revision = LetterOfIntent.objects.get().revision
    changes = {"title": "A title that was never filed"}
    actions.save_draft(cast.letter, changes=changes, revision=revision, actor=cast.editor)
    actions.withdraw(cast.letter, actor=cast.representative)
    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    return cast


def page_of(letter, name, *more):
    return reverse(f"proposals:{name}", args=[letter.pk, *more])


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        (Role.AUDITOR, 404, 200),
        (Role.CHAIR, 404, 403),
        (Role.PUBLISHER, 404, 404),
        (Role.OPERATOR, 404, 404),
        (Role.REVIEWER, 404, 404),
    ],
)
def test_a_withdrawn_letter_is_read_by_the_auditor(withdrawn, sign_in, role, before, after):
    client = sign_in(make.user(role))
    assert client.get(page_of(withdrawn.letter, "detail")).status_code == before
    make.opened(withdrawn.call)
    assert client.get(page_of(withdrawn.letter, "detail")).status_code == after


def test_the_auditor_reads_what_was_filed_and_nothing_that_stays_with_the_agency(
    withdrawn, sign_in, nothing_written
):
    make.opened(withdrawn.call)
    letter = withdrawn.letter
    client = sign_in(make.user(Role.AUDITOR))
    with nothing_written():
        text = client.get(page_of(letter, "detail")).content.decode()

    assert "This letter is withdrawn." in text
    assert "What was filed: version 1" in text
    assert letter.reference in text
    assert "Seismometer" in text
    assert "A title that was never filed" not in text
    assert "What to do next" not in text
    # No way on but to the receipt, which the auditor reads anyway.
    linked = {part.split('"')[0] for part in text.split(f'href="/letters/{letter.pk}/')[1:]}
    assert linked == {"receipt/", "receipt/?version=1"}


def test_every_other_page_of_a_withdrawn_letter_is_its_agency_s(withdrawn, attachment, sign_in):
    make.opened(withdrawn.call)
    letter, kept = withdrawn.letter, withdrawn.letter.unfiled_texts.get()
    client = sign_in(make.user(Role.AUDITOR))
    for address in (
        page_of(letter, "unfiled", kept.pk),
        page_of(letter, "comments"),
        page_of(letter, "mails"),
        page_of(letter, "questions"),
        page_of(letter, "partners"),
        page_of(letter, "versions"),
        page_of(letter, "version", 1),
        page_of(letter, "version_pdf", 1),
        page_of(letter, "version_content", 1),
        page_of(letter, "draft_pdf"),
        page_of(letter, "compare") + "?from=1&to=now",
        page_of(letter, "version_file", 1, AttachmentKind.LETTER),
        page_of(letter, "attachment_file", attachment.pk),
        page_of(letter, "edit", "a"),
        page_of(letter, "take_up"),
        page_of(letter, "withdraw"),
        page_of(letter, "submit"),
        page_of(letter, "delete"),
    ):
        assert client.get(address).status_code == 403, address


def test_the_agency_s_own_page_of_a_withdrawn_letter_stays_as_it_was(withdrawn, sign_in):
    make.opened(withdrawn.call)
    text = sign_in(withdrawn.viewer).get(page_of(withdrawn.letter, "detail")).content.decode()
    assert "Text that was not filed" in text
    assert "Mails about this letter" in text


@pytest.mark.parametrize("state", [LetterState.SUBMITTED, LetterState.SELECTED])
def test_a_letter_that_counts_is_not_the_auditor_s_to_read(cast, sign_in, it_is, state):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    it_is(cast.call.closes_at)
    make.opened(cast.call)
    LetterOfIntent.objects.update(state=state)
    client = sign_in(make.user(Role.AUDITOR))
    assert client.get(page_of(cast.letter, "detail")).status_code == 403


def test_the_auditor_is_led_to_a_withdrawn_letter_from_its_attempts(withdrawn, sign_in):
    client, address = sign_in(make.user(Role.AUDITOR)), page_of(withdrawn.letter, "detail")
    attempts = reverse("proposals:attempts")
    text = client.get(attempts).content.decode()
    assert withdrawn.letter.reference in text
    assert f'href="{address}"' not in text
    make.opened(withdrawn.call)
    assert f'href="{address}"' in client.get(attempts).content.decode()
