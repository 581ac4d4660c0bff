"""The fuller proposal of a shortlisted letter: who sees it, until when, and what filing gives."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, connection, transaction
from django.urls import reverse

from accounts.states import Role, Seat
from audit.models import Entry
from notifications.models import Message
from notifications.states import MessageState
from proposals import actions, content, files, invariants, receipts, reminders, signing
from proposals.models import (
    Attachment,
    CallRound,
    FullerProposal,
    FullerReceipt,
    FullerVersion,
    LetterOfIntent,
)
from proposals.states import FULLER_KINDS, AttachmentKind, LetterState, RoundKind
from tests import make
from tests.proposals import papers

DUE = datetime(2024, 6, 15, 16, tzinfo=UTC)
TOLD = make.CLOSES + timedelta(days=110)
KEY = "a-click-of-some-length"
DAY = timedelta(days=1)
PAGES = ("fuller", "fuller_edit", "fuller_files", "fuller_submit")


@pytest.fixture
def listed(cast, it_is):
    """The letter was filed, and its agency was told that it is on the shortlist."""
    CallRound.objects.filter(call=cast.call, kind=RoundKind.FINAL).update(proposals_due_at=DUE)
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="first-letter-key")
    make.opened(cast.call)
    announced(cast.letter, LetterState.SHORTLISTED)
    it_is(TOLD + DAY)
    cast.letter.refresh_from_db()
    return cast


def announced(letter, state):
    actions.announce(
        {letter.pk: state},
        round_kind=RoundKind.PRELIMINARY,
        actor=make.user(),
        at=TOLD,
    )


def test_one_letter_that_cannot_be_moved_keeps_all_from_being_announced(db, nothing_written):
    call, actor = make.call(), make.user()
    filed, draft = make.eligible_letter(call=call), make.letter(call=call)
    outcomes = dict.fromkeys((filed.pk, draft.pk), LetterState.SHORTLISTED)
    with nothing_written(), pytest.raises(actions.Refused):
        actions.announce(outcomes, round_kind=RoundKind.PRELIMINARY, actor=actor, at=TOLD)
    assert not Message.objects.filter(template="decision_ready").exists()


def url(name, letter, *args):
    return reverse(f"proposals:{name}", args=[letter.pk, *args])


def attach(cast, kind=AttachmentKind.SCHEME, data=papers.GOOD, name="scheme.pdf"):
    stored = files.Stored(files.store_bytes(data), len(data), 1)
    return actions.attach(cast.letter, kind=kind, stored=stored, name=name, actor=cast.editor)


def write(cast, **changes):
    proposal = actions.fuller_of(cast.letter)
    return actions.save_fuller(
        cast.letter,
        changes={"changes": "The mast is heavier.", **changes},
        revision=proposal.revision,
        actor=cast.editor,
    )


def file(cast, key=KEY, **changes):
    attach(cast)
    write(cast, **changes)
    return actions.file_fuller(cast.letter, actor=cast.representative, idempotency_key=key)


# --- who sees it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [None, LetterState.NOT_SHORTLISTED, LetterState.INELIGIBLE])
def test_whoever_is_not_on_the_shortlist_has_no_such_page(listed, sign_in, state):
    letter = make.letter(call=listed.call, agency=listed.agency, state=LetterState.SUBMITTED)
    if state:
        announced(letter, state)
    client = sign_in(listed.representative)
    for page in (*PAGES, "fuller_receipt", "fuller_receipt_pdf"):
        assert client.get(url(page, letter)).status_code == 404, page
    for page in PAGES[1:]:
        assert client.post(url(page, letter), {}).status_code == 404, page


def test_a_round_that_asks_for_none_has_no_such_page(listed, sign_in):
    CallRound.objects.update(proposals_due_at=None)
    client = sign_in(listed.representative)
    assert {client.get(url(page, listed.letter)).status_code for page in PAGES} == {404}
    assert "uller proposal" not in client.get(url("detail", listed.letter)).content.decode()


def test_each_seat_does_what_it_may(listed, sign_in):
    expected = {
        listed.viewer: (200, 403, 403, 403),
        listed.editor: (200, 200, 200, 403),
        listed.representative: (200, 200, 200, 200),
        listed.stranger: (404, 404, 404, 404),
        make.user(Role.CHAIR): (403, 403, 403, 403),
        make.user(Role.AUDITOR): (403, 403, 403, 403),
        make.reviewer(): (404, 404, 404, 404),
    }
    for person, statuses in expected.items():
        client = sign_in(person)
        found = tuple(client.get(url(page, listed.letter)).status_code for page in PAGES)
        assert found == statuses, person.roles


def test_the_letters_page_says_until_when(listed, sign_in):
    page = sign_in(listed.viewer).get(url("detail", listed.letter)).content.decode()
    assert "15 June 2024, 24:00 Beijing time" in page
    assert "2024-06-15 16:00 UTC" in page
    assert url("fuller", listed.letter) in page
    assert "Fuller proposal" in page


# --- writing --------------------------------------------------------------------------------------


def test_it_begins_with_the_letters_figures_and_leaves_the_letter_alone(listed, sign_in):
    client = sign_in(listed.editor)
    form = client.get(url("fuller_edit", listed.letter)).context["form"]
    assert form["mass_kg"].value() == "6.5"
    assert not FullerProposal.objects.exists()
    sent = {"changes": "A heavier mast.", "mass_kg": "7.25", "revision": "1", "base": "", "next": 1}

    response = client.post(url("fuller_edit", listed.letter), sent)

    assert response.url == url("fuller_files", listed.letter)
    proposal = FullerProposal.objects.get()
    assert (proposal.mass_kg, proposal.trl_now, proposal.revision) == (Decimal("7.25"), 5, 2)
    listed.letter.refresh_from_db()
    assert listed.letter.mass_kg == Decimal("6.5")
    assert Entry.objects.last().action == "fuller.started"


def test_it_is_saved_as_one_types(listed, sign_in):
    client = sign_in(listed.editor)
    sent = {"changes": "A heavier mast.", "mass_kg": "many", "revision": "1"}
    address = url("fuller_edit", listed.letter)
    response = client.post(address, sent, headers={"X-Requested-With": "autosave"})
    assert response.status_code == 422
    assert response.json()["revision"] == 2
    assert "mass_kg" in response.json()["fields"]
    assert FullerProposal.objects.get().changes == "A heavier mast."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"mass_kg": "0"}, "at least 0.001"),
        ({"mass_kg": "100.5"}, "at most 100"),
        ({"margin_percent": "-1"}, "at least 0"),
        ({"trl_now": "10"}, "valid choice"),
        ({"fm_delivery": "soon"}, "day"),
        ({"changes": "x" * 3001}, "at most 3000"),
    ],
)
def test_what_cannot_be_is_shown_again_with_the_reason(listed, sign_in, typed, said):
    client = sign_in(listed.editor)
    response = client.post(url("fuller_edit", listed.letter), {"revision": "1", "base": ""} | typed)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not FullerProposal.objects.exists()


def test_a_field_that_it_does_not_have_is_refused(listed, sign_in):
    client = sign_in(listed.editor)
    sent = {"revision": "1", "base": "", "title": "Another"}
    assert client.post(url("fuller_edit", listed.letter), sent).status_code == 400
    with pytest.raises(KeyError):
        write(listed, title="Another")


def test_two_people_who_save_are_shown_both_versions(listed, sign_in):
    client = sign_in(listed.editor)
    address = url("fuller_edit", listed.letter)
    page = client.get(address).context
    write(listed, mass_kg=Decimal(9))
    sent = {"revision": "1", "base": page["base"]}

    different = client.post(address, {**sent, "power_peak_w": "11"})
    assert different.status_code == 302
    proposal = FullerProposal.objects.get()
    assert (proposal.mass_kg, proposal.power_peak_w) == (9, 11)

    response = client.post(address, {**sent, "mass_kg": "8"})
    assert response.status_code == 412
    assert "Nothing is overwritten until you have chosen." in response.content.decode()
    assert FullerProposal.objects.get().mass_kg == 9
    answer = {name: response.context[name] for name in ("revision", "base", "mine", "theirs")}
    assert client.post(address, answer | {"take-mass_kg": "mine"}).status_code == 302
    assert FullerProposal.objects.get().mass_kg == 8


# --- the due instant ------------------------------------------------------------------------------


def test_the_due_instant_is_too_late_and_the_one_before_is_not(listed, it_is):
    it_is(DUE - timedelta(microseconds=1))
    file(listed)
    it_is(DUE)
    for late in (
        lambda: write(listed, mass_kg=Decimal(9)),
        lambda: attach(listed),
        lambda: actions.file_fuller(
            listed.letter, actor=listed.representative, idempotency_key="another-click-of-length"
        ),
        lambda: actions.remove_attachment(
            Attachment.objects.get(kind="SCHEME"), actor=listed.editor
        ),
    ):
        with pytest.raises(actions.Refused) as refusal:
            late()
        assert refusal.value.code == "too_late"


def test_what_was_typed_too_late_is_handed_back(listed, sign_in, it_is):
    client = sign_in(listed.editor)
    it_is(DUE)
    sent = {"changes": "We worked all night.", "revision": "1", "base": ""}
    response = client.post(url("fuller_edit", listed.letter), sent)
    assert response.status_code == 409
    assert "We worked all night." in response.content.decode()
    for page in PAGES[1:3]:
        assert client.get(url(page, listed.letter)).status_code == 409
    assert client.get(url("fuller", listed.letter)).status_code == 200


def test_a_file_that_comes_too_late_is_not_stored(listed, sign_in, it_is):
    client = sign_in(listed.editor)
    it_is(DUE)
    upload = SimpleUploadedFile("scheme.pdf", papers.GOOD, "application/pdf")
    response = client.post(url("fuller_files", listed.letter), {"kind": "SCHEME", "file": upload})
    assert response.status_code == 409
    assert not Attachment.every.filter(kind__in=FULLER_KINDS).exists()


def test_the_database_takes_nothing_late_and_changes_nothing_filed(listed):
    receipt = file(listed)
    fields = {
        name: getattr(receipt.version, name)
        for name in ("letter", "content", "sha256", "submitted_by")
    }
    with pytest.raises(IntegrityError, match="until it is due"), transaction.atomic():
        FullerVersion.objects.create(number=2, accepted_at=DUE, idempotency_key="x", **fields)
    for table in ("fullerversion", "fullerreceipt"):
        for deed in (f"UPDATE proposals_{table} SET id = id", f"DELETE FROM proposals_{table}"):
            with (
                pytest.raises(InternalError, match="never changed"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(deed)


def test_a_withdrawn_letter_takes_nothing_more(listed):
    attach(listed)
    actions.withdraw(listed.letter, actor=listed.representative)
    with pytest.raises(actions.Refused) as refusal:
        write(listed)
    assert refusal.value.code == "withdrawn"


# --- files ----------------------------------------------------------------------------------------


def upload(client, cast, kind="SCHEME", data=papers.GOOD, name="scheme.pdf", **headers):
    sent = {"kind": kind, "file": SimpleUploadedFile(name, data, "application/pdf")}
    return client.post(url("fuller_files", cast.letter), sent, headers=headers)


def test_files_go_through_the_same_checks_to_their_own_places(listed, sign_in):
    client = sign_in(listed.editor)
    assert upload(client, listed).url == f"{url('fuller_files', listed.letter)}#place-scheme"
    answer = upload(client, listed, kind="ANNEX", name="annex.pdf", Accept="application/json")
    assert answer.status_code == 201
    assert 'id="place-annex"' in answer.json()["place"]
    assert url("fuller_files", listed.letter) in answer.json()["place"]
    kinds = Attachment.objects.filter(letter=listed.letter).values_list("kind", flat=True)
    assert set(kinds) == {"SCHEME", "ANNEX"}
    assert Entry.objects.last().action == "letter.file_attached"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"kind": "CV"}, 400),
        ({"kind": "LETTER"}, 400),
        ({"kind": "POEM"}, 400),
        ({"data": b"GIF89a"}, 422),
        ({"data": b""}, 422),
        ({"name": "scheme.exe"}, 422),
    ],
)
def test_wrong_kinds_and_files_are_refused(listed, sign_in, sent, status):
    assert upload(sign_in(listed.editor), listed, **sent).status_code == status
    assert not Attachment.objects.exists()


def test_the_letters_own_places_take_none_of_these(listed, sign_in):
    client = sign_in(listed.editor)
    sent = {"kind": "SCHEME", "file": SimpleUploadedFile("x.pdf", papers.GOOD)}
    # Closed since the cutoff, whatever comes.
    assert client.post(url("attachments", listed.letter), sent).status_code == 409
    assert not Attachment.objects.exists()


def test_a_file_is_removed_and_put_back(listed, sign_in):
    client = sign_in(listed.editor)
    attachment = attach(listed)
    removed = client.post(url("attachment_remove", listed.letter, attachment.pk))
    assert removed.url == f"{url('fuller_files', listed.letter)}#place-scheme"
    assert not Attachment.objects.exists()
    client.post(url("attachment_put_back", listed.letter, attachment.pk))
    assert Attachment.objects.get() == attachment


def test_a_filed_file_stays_when_it_is_replaced(listed, it_is):
    file(listed)
    attach(listed, data=papers.pdf(2))
    it_is(TOLD + 5 * DAY)
    actions.forget_removed(at=TOLD + 5 * DAY)
    assert Attachment.every.filter(kind="SCHEME").count() == 2
    version = FullerVersion.objects.get()
    assert files.is_whole(version.content["attachments"][0]["sha256"])


# --- filing ---------------------------------------------------------------------------------------


def test_filing_gives_an_immutable_version_and_a_signed_receipt(listed):
    receipt = file(listed, mass_kg=Decimal("7.2500"))

    version = receipt.version
    assert (version.number, version.accepted_at) == (1, TOLD + DAY)
    assert version.content["fields"]["mass_kg"] == "7.25"
    assert [item["kind"] for item in version.content["attachments"]] == ["SCHEME"]
    assert content.digest(version.content) == version.sha256
    assert receipt.document["about"] == "fuller proposal"
    assert receipts.fault_in(receipts.signed(receipt), signing.public_keys()) == ""
    entry = Entry.objects.get(action="fuller.filed")
    assert (entry.seq, entry.hash) == (receipt.audit_seq, receipt.audit_head)
    mails = Message.objects.filter(key__contains="fuller-v1-filed")
    assert {mail.recipient for mail in mails} == set(listed.agency.members.all())
    assert receipt.code in mails[0].body
    listed.letter.refresh_from_db()
    assert listed.letter.versions.count() == 1
    assert listed.letter.state == LetterState.SHORTLISTED


def test_the_same_click_twice_files_once(listed):
    first = file(listed)
    again = actions.file_fuller(listed.letter, actor=listed.representative, idempotency_key=KEY)
    assert again == first
    assert FullerVersion.objects.count() == 1
    assert Message.objects.filter(template="fuller_filed").count() == 3


def test_until_it_is_due_it_is_replaced(listed):
    first = file(listed)
    second = file(listed, key="another-click-of-length", mass_kg=Decimal(8))
    assert (first.version.number, second.version.number) == (1, 2)
    assert first.version.content["fields"]["mass_kg"] == "6.5"


def test_what_is_missing_is_named_and_nothing_filed(listed, sign_in):
    with pytest.raises(actions.Incomplete) as incomplete:
        actions.file_fuller(listed.letter, actor=listed.representative, idempotency_key=KEY)
    assert incomplete.value.fields == {"fuller": ["changes", "scheme"]}
    page = sign_in(listed.representative).get(url("fuller_submit", listed.letter))
    text = page.content.decode()
    assert "What changed since the letter" in text
    assert "Implementation scheme" in text
    assert not FullerVersion.objects.exists()


def test_the_page_files_exactly_what_it_showed(listed, sign_in):
    attach(listed)
    write(listed)
    client = sign_in(listed.representative)
    address = url("fuller_submit", listed.letter)
    shown = client.get(address).context
    sent = {"idempotency_key": shown["idempotency_key"], "seen": shown["sha256"]}
    write(listed, mass_kg=Decimal(9))

    changed = client.post(address, sent)
    assert changed.status_code == 409
    assert not FullerVersion.objects.exists()
    sent["seen"] = changed.context["sha256"]
    assert client.post(address, sent).url == url("fuller_receipt", listed.letter)
    assert client.post(address, sent).url == url("fuller_receipt", listed.letter)
    assert FullerVersion.objects.count() == 1
    assert client.post(address, {"seen": "x"}).status_code == 422


def test_filing_asks_who_is_there(listed, client):
    attach(listed)
    write(listed)
    client.force_login(listed.representative)
    address = url("fuller_submit", listed.letter)
    shown = client.get(address).context
    sent = {"idempotency_key": shown["idempotency_key"], "seen": shown["sha256"]}
    asked = client.post(address, sent)
    assert asked.status_code == 401
    assert not FullerVersion.objects.exists()


def test_the_receipt_as_page_file_and_proof(listed, sign_in, client):
    receipt = file(listed)
    sign_in(listed.viewer)
    page = client.get(url("fuller_receipt", listed.letter)).content.decode()
    assert receipt.code in page
    said = json.loads(client.get(url("fuller_receipt", listed.letter), {"format": "json"}).content)
    assert receipts.fault_in(said, signing.public_keys()) == ""
    body = client.get(url("fuller_content", listed.letter, 1)).content
    assert content.digest(json.loads(body)) == receipt.version.sha256
    found = client.get(url("fuller_file", listed.letter, 1, "SCHEME"))
    assert b"".join(found.streaming_content) == papers.GOOD
    for missing in (
        f"{url('fuller_receipt', listed.letter)}?version=2",
        f"{url('fuller_receipt', listed.letter)}?version=x",
        url("fuller_file", listed.letter, 1, "ANNEX"),
        url("fuller_file", listed.letter, 2, "SCHEME"),
    ):
        assert client.get(missing).status_code == 404, missing
    client.logout()
    verified = client.get(reverse("verify"), {"code": receipt.code}).content.decode()
    assert "Genuine: a receipt of this portal" in verified
    sign_in(listed.stranger)
    assert client.get(url("fuller_receipt", listed.letter)).status_code == 404
    assert client.get(url("fuller_file", listed.letter, 1, "SCHEME")).status_code == 404


def test_the_agencys_record_and_time_line_tell_of_it(listed, sign_in):
    client = sign_in(listed.editor)
    assert "before 15 June 2024, 24:00" in client.get(url("detail", listed.letter)).content.decode()
    file(listed)
    page = client.get(url("detail", listed.letter)).content.decode()
    assert "Fuller proposal filed" in page
    record = client.get(reverse("agency_record", args=[listed.agency.pk])).content.decode()
    assert "filed the fuller proposal" in record


def test_without_one_the_time_line_says_so_afterwards(listed, sign_in, it_is):
    it_is(DUE)
    page = sign_in(listed.viewer).get(url("detail", listed.letter)).content.decode()
    assert "No fuller proposal" in page


@pytest.mark.parametrize("versions", [1, 3])
def test_the_page_asks_the_same_however_many_versions(
    listed, sign_in, versions, django_assert_max_num_queries
):
    for number in range(versions):
        file(listed, key=f"click-number-{number}-of-length")
    client = sign_in(listed.editor)
    with django_assert_max_num_queries(22):
        client.get(url("fuller", listed.letter))


# --- reminders ------------------------------------------------------------------------------------


def reminded(at):
    known = set(Message.objects.values_list("key", flat=True))
    reminders.queue_fuller_due(at=at)
    found = Message.objects.filter(template="fuller_due").exclude(key__in=known)
    return {message.recipient for message in found}


def test_writers_are_reminded_four_times_until_it_is_filed(listed):
    writers = {listed.editor, listed.representative}
    for days in (14, 7, 3, 1):
        assert reminded(DUE - days * DAY - timedelta(minutes=1)) == set()
        assert reminded(DUE - days * DAY) == writers
        assert reminded(DUE - days * DAY) == set()
    assert reminded(DUE) == set()


def test_filing_and_withdrawing_stop_them(listed):
    assert reminded(DUE - 7 * DAY)
    file(listed)
    waiting = Message.objects.filter(template="fuller_due")
    assert set(waiting.values_list("state", flat=True)) == {MessageState.LAPSED}
    assert reminded(DUE - 3 * DAY) == set()


def test_a_withdrawn_or_other_letter_is_left_in_peace(listed):
    other = make.letter(call=listed.call, agency=listed.agency, state=LetterState.SUBMITTED)
    announced(other, LetterState.NOT_SHORTLISTED)
    actions.withdraw(listed.letter, actor=listed.representative)
    assert reminded(DUE - DAY) == set()


def test_a_step_before_the_shortlist_was_told_is_not_owed(listed):
    CallRound.objects.filter(kind=RoundKind.FINAL).update(proposals_due_at=TOLD + 5 * DAY)
    assert reminded(TOLD + DAY) == set()
    assert reminded(TOLD + 2 * DAY) == {listed.editor, listed.representative}


# --- the rest of the house ------------------------------------------------------------------------


def test_what_is_filed_is_checked_for_damage(listed):
    receipt = file(listed)
    assert list(invariants.findings(at=DUE)) == []
    files.path_of(receipt.version.content["attachments"][0]["sha256"]).unlink()
    CallRound.objects.filter(kind=RoundKind.FINAL).update(proposals_due_at=TOLD)
    said = "\n".join(invariants.findings(at=DUE))
    assert f"a file of {receipt.version} is missing or damaged" in said
    assert f"{receipt.version} was accepted after it was due" in said


def test_before_the_publication_nothing_tells_of_it(cast, it_is, sign_in):
    """Whatever the round asks for, a letter that nobody spoke of yet has no word about it."""
    CallRound.objects.filter(call=cast.call, kind=RoundKind.FINAL).update(proposals_due_at=DUE)
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    it_is(TOLD)
    client = sign_in(cast.representative)
    page = client.get(url("detail", cast.letter)).content.decode()
    assert "uller" not in page
    assert client.get(url("fuller", cast.letter)).status_code == 404
    assert LetterOfIntent.objects.asked_for_more().count() == 0
    assert FullerReceipt.objects.count() == 0


def test_a_person_who_left_the_agency_reads_no_receipt(listed, sign_in):
    file(listed)
    colleague = listed.colleague(Seat.EDITOR)
    client = sign_in(colleague)
    assert client.get(url("fuller_receipt", listed.letter)).status_code == 200
    listed.agency.memberships.filter(user=colleague).delete()
    assert client.get(url("fuller_receipt", listed.letter)).status_code == 404


def test_the_auditor_reads_a_receipt_and_nothing_else(listed, sign_in):
    file(listed)
    client = sign_in(make.user(Role.AUDITOR))
    assert client.get(url("fuller_receipt", listed.letter)).status_code == 200
    assert client.get(url("fuller_file", listed.letter, 1, "SCHEME")).status_code == 403
