"""A filed letter is reopened, replaced, put back, withdrawn and taken up again."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Agency
from accounts.states import Seat
from audit import chain
from audit.models import Entry
from notifications.models import Message
from proposals import actions, content, files
from proposals.models import Attachment, Call, LetterOfIntent, LetterVersion, UnfiledText
from proposals.states import LetterState, RoundKind
from tests import make
from tests.proposals.test_actions import at_once

MILLISECOND = timedelta(milliseconds=1)
ACTS = ("reopen", "put_back", "withdraw", "take_up", "delete")


def page(name, letter):
    return reverse(f"proposals:{name}", args=[letter.pk])


def submit(cast, key="the-first-key-of-all", **fields):
    return actions.submit(cast.letter, actor=cast.representative, idempotency_key=key, **fields)


def save(cast, **changes):
    revision = LetterOfIntent.objects.get(pk=cast.letter.pk).revision
    return actions.save_draft(cast.letter, changes=changes, revision=revision, actor=cast.editor)


@pytest.fixture
def filed(cast):
    submit(cast)
    return cast


@pytest.fixture
def reopened(filed):
    actions.reopen(filed.letter, actor=filed.editor)
    return filed


def told(template):
    return Message.objects.filter(template=template)


# --- reopening and replacing ---


def test_a_reopened_letter_can_be_changed_and_what_was_filed_stands(filed):
    actions.reopen(filed.letter, actor=filed.editor)
    save(filed, title="A better title")

    letter = LetterOfIntent.objects.get()
    assert (letter.state, letter.title) == (LetterState.SUBMITTED, "A better title")
    assert LetterVersion.objects.get().content["fields"]["title"] == "Seismometer"
    assert Entry.objects.get(action="letter.reopened").actor == str(filed.editor.pk)
    assert list(LetterOfIntent.objects.filed()) == [letter]


def test_filing_again_makes_the_next_version_and_a_receipt_of_its_own(reopened, it_is):
    save(reopened, title="A better title")
    it_is(reopened.call.closes_at - MILLISECOND)

    receipt = submit(reopened, key="the-second-key-of-all")

    letter = LetterOfIntent.objects.get()
    assert (letter.state, letter.reopened_at) == (LetterState.SUBMITTED, None)
    assert letter.submitted_at == reopened.call.closes_at - MILLISECOND
    assert receipt.version.number == 2
    assert receipt.version.content["fields"]["title"] == "A better title"
    anchors = Entry.objects.filter(action="letter.submitted")
    assert [entry.data["version"] for entry in anchors] == [1, 2]
    assert told("letter_submitted").count() == 6
    assert chain.verify().fault is None


def test_reopening_twice_is_reopening_once(reopened, nothing_written):
    with nothing_written():
        actions.reopen(reopened.letter, actor=reopened.representative)


def test_a_draft_and_a_withdrawn_letter_cannot_be_reopened(cast, nothing_written):
    with nothing_written(), pytest.raises(actions.Refused) as refused:
        actions.reopen(cast.letter, actor=cast.editor)
    assert refused.value.code == "not_submitted"
    submit(cast)
    actions.withdraw(cast.letter, actor=cast.representative)
    with nothing_written(), pytest.raises(actions.Refused):
        actions.reopen(cast.letter, actor=cast.editor)


# --- putting back ---


def test_a_reopened_letter_without_any_change_is_no_new_version(client, reopened):
    again = {"actor": reopened.representative, "idempotency_key": "the-second-key-of-all"}
    with pytest.raises(actions.Refused) as refused:
        actions.submit(reopened.letter, **again)
    assert refused.value.code == "unchanged"
    assert refused.value.attempt.outcome == "unchanged"
    client.force_login(reopened.representative)
    page = client.get(reverse("proposals:detail", args=[reopened.letter.pk])).content.decode()
    assert "there is no new version to submit" in page
    assert "Check and submit version 2" not in page
    review = client.get(reverse("proposals:submit", args=[reopened.letter.pk])).content.decode()
    assert "Nothing has changed since version 1" in review
    assert "idempotency_key" not in review

    # Changed and changed back is the same text.
    save(reopened, title="A better title")
    page = client.get(reverse("proposals:detail", args=[reopened.letter.pk])).content.decode()
    assert "Check and submit version 2" in page
    save(reopened, title="Seismometer")
    with pytest.raises(actions.Refused):
        actions.submit(reopened.letter, **again)
    assert LetterVersion.objects.count() == 1
    save(reopened, title="A better title")
    actions.submit(reopened.letter, **again)
    assert LetterVersion.objects.count() == 2


def test_what_a_partner_or_the_agency_itself_adds_is_a_change(reopened):
    letter = reopened.letter
    Agency.objects.filter(pk=letter.agency_id).update(name="Agency of Mu")
    letter = LetterOfIntent.objects.get(pk=letter.pk)
    again = {"actor": reopened.representative, "idempotency_key": "the-second-key-of-all"}
    actions.submit(letter, **again)
    assert LetterVersion.objects.last().content["agency"]["name"] == "Agency of Mu"


def attach(letter, data=b"%PDF-1.7 one", name="letter.pdf", kind="LETTER"):
    sha256 = files.store_bytes(data)
    stored = files.Stored(sha256=sha256, size=len(data), pages=3)
    return actions.attach(letter, kind=kind, stored=stored, name=name, actor=make.user())


def test_putting_back_restores_every_answer_and_every_file_and_keeps_the_other_text(cast):
    attach(cast.letter)
    attach(cast.letter, b"%PDF-1.7 kept", "cv.pdf", "CV")
    submit(cast)
    before = LetterOfIntent.objects.get()
    actions.reopen(cast.letter, actor=cast.editor)
    save(cast, title="Other", mass_kg=None, priorities=[], objective_other="dust", hazards="x")
    attach(cast.letter, b"%PDF-1.7 two", "other.pdf")
    attach(cast.letter, b"%PDF-1.7 three", "drawing.pdf", "DRAWING")

    actions.put_back(cast.letter, actor=cast.editor)

    letter, version = LetterOfIntent.objects.get(), LetterVersion.objects.get()
    assert content.same(content.of(letter, version=1), version.content)
    assert letter.mass_kg == before.mass_kg
    assert letter.reopened_at is None
    assert letter.revision > before.revision
    assert set(Attachment.objects.values_list("name", "pages")) == {
        ("letter.pdf", 3),
        ("cv.pdf", 3),
    }
    kept = UnfiledText.objects.get()
    assert kept.content["fields"]["title"] == "Other"
    assert {item["name"] for item in kept.content["attachments"]} == {
        *("other.pdf", "drawing.pdf", "cv.pdf")
    }


def test_whoever_still_writes_when_it_is_put_back_is_told_so(reopened):
    save(reopened, title="Other")
    revision = LetterOfIntent.objects.get().revision
    actions.put_back(reopened.letter, actor=reopened.representative)
    with pytest.raises(actions.Refused) as refused:
        actions.save_draft(
            reopened.letter, changes={"title": "Mine"}, revision=revision, actor=reopened.editor
        )
    assert refused.value.code == "submitted"
    actions.reopen(reopened.letter, actor=reopened.editor)
    with pytest.raises(actions.Stale):
        actions.save_draft(
            reopened.letter, changes={"title": "Mine"}, revision=revision, actor=reopened.editor
        )


def test_putting_back_an_unchanged_text_keeps_nothing_aside(reopened):
    actions.put_back(reopened.letter, actor=reopened.editor)
    assert not UnfiledText.objects.exists()
    assert LetterOfIntent.objects.get().reopened_at is None


def test_the_seal_puts_back_what_was_still_being_rewritten(reopened, it_is):
    save(reopened, title="Too late")
    it_is(reopened.call.closes_at)

    seal = actions.seal(reopened.call, at=reopened.call.closes_at)

    letter = LetterOfIntent.objects.get()
    assert (seal.letters, letter.reopened_at, letter.title) == (1, None, "Seismometer")
    assert UnfiledText.objects.get().content["fields"]["title"] == "Too late"
    assert Entry.objects.get(action="letter.put_back").actor == ""
    assert set(told("version_stands").values_list("recipient", flat=True)) == {
        *(reopened.representative.pk, reopened.editor.pk, reopened.viewer.pk)
    }


def test_a_cutoff_that_moved_at_the_last_second_puts_nothing_back(reopened, it_is):
    """The sweep read the call while the extension was being written, and goes by the old cutoff."""
    save(reopened, title="Still being written")
    before = Call.objects.get()
    later = before.closes_at + timedelta(days=7)
    Call.objects.update(closes_at=later)
    it_is(before.closes_at)

    assert actions.seal(before, at=before.closes_at) is None

    letter = LetterOfIntent.objects.get()
    assert letter.reopened_at is not None
    assert letter.title == "Still being written"
    assert not UnfiledText.objects.exists()
    assert not told("version_stands").exists()


def test_the_seal_says_nothing_where_nothing_was_changed(reopened, it_is):
    it_is(reopened.call.closes_at)
    actions.seal(reopened.call, at=reopened.call.closes_at)
    assert LetterOfIntent.objects.get().reopened_at is None
    assert not told("version_stands").exists()


# --- withdrawing ---


def test_a_withdrawn_letter_does_not_count_and_everybody_is_told_by_whom(filed):
    actions.withdraw(filed.letter, actor=filed.representative)

    letter = LetterOfIntent.objects.get()
    assert letter.state == LetterState.WITHDRAWN
    assert not LetterOfIntent.objects.filed().exists()
    assert LetterVersion.objects.count() == 1
    assert letter.events.last().to_state == LetterState.WITHDRAWN
    assert Entry.objects.get(action="letter.withdrawn").data == {"version": 1}
    message = told("letter_withdrawn").get(recipient=filed.editor)
    assert "Rania Haddad" in message.body
    assert "can be taken up again" in message.body
    assert told("letter_withdrawn").count() == 3


def test_withdrawing_twice_is_withdrawing_once(filed, nothing_written):
    actions.withdraw(filed.letter, actor=filed.representative)
    with nothing_written():
        actions.withdraw(filed.letter, actor=filed.representative)


def test_withdrawing_a_reopened_letter_loses_no_text(reopened):
    save(reopened, title="Half a thought")
    actions.withdraw(reopened.letter, actor=reopened.representative)
    assert UnfiledText.objects.get().content["fields"]["title"] == "Half a thought"
    actions.take_up_again(reopened.letter, actor=reopened.editor)
    assert LetterOfIntent.objects.get().title == "Half a thought"


def test_a_draft_cannot_be_withdrawn(cast, nothing_written):
    with nothing_written(), pytest.raises(actions.Refused) as refused:
        actions.withdraw(cast.letter, actor=cast.representative)
    assert refused.value.code == "not_submitted"


def test_after_the_cutoff_withdrawing_is_possible_until_decisions_are_locked(
    filed, it_is, nothing_written
):
    it_is(filed.call.closes_at + timedelta(days=90))
    first = filed.call.rounds.filter(kind=RoundKind.PRELIMINARY)
    first.update(decisions_locked_at=filed.call.closes_at + timedelta(days=80))
    with nothing_written(), pytest.raises(actions.Refused) as refused:
        actions.withdraw(filed.letter, actor=filed.representative)
    assert refused.value.code == "decisions_locked"
    first.update(decisions_locked_at=None)

    actions.withdraw(filed.letter, actor=filed.representative)

    assert LetterOfIntent.objects.get().state == LetterState.WITHDRAWN
    assert "can be taken up again" not in told("letter_withdrawn").first().body


def test_a_shortlisted_letter_asks_the_final_round(filed, it_is):
    it_is(filed.call.closes_at + timedelta(days=200))
    LetterOfIntent.objects.update(state=LetterState.SHORTLISTED)
    filed.call.rounds.filter(kind=RoundKind.PRELIMINARY).update(
        decisions_locked_at=filed.call.closes_at
    )
    actions.withdraw(filed.letter, actor=filed.representative)
    assert LetterOfIntent.objects.get().state == LetterState.WITHDRAWN


def test_a_letter_withdrawn_between_cutoff_and_seal_stood_at_the_cutoff(filed, it_is):
    it_is(filed.call.closes_at + timedelta(seconds=5))
    actions.withdraw(filed.letter, actor=filed.representative)
    assert actions.seal(filed.call, at=filed.call.closes_at + timedelta(minutes=1)).letters == 1


def test_a_letter_withdrawn_before_the_cutoff_is_not_counted(filed, it_is):
    actions.withdraw(filed.letter, actor=filed.representative)
    it_is(filed.call.closes_at)
    assert actions.seal(filed.call, at=filed.call.closes_at).letters == 0


# --- taking up again, deleting ---


def test_a_letter_taken_up_again_is_a_draft_and_its_next_version_has_the_next_number(filed):
    actions.withdraw(filed.letter, actor=filed.representative)
    actions.take_up_again(filed.letter, actor=filed.editor)
    letter = LetterOfIntent.objects.get()
    assert (letter.state, letter.submitted_at) == (LetterState.DRAFT, None)
    save(filed, title="Second try")
    assert submit(filed, key="the-second-key-of-all").version.number == 2


def test_a_submitted_letter_cannot_be_taken_up(filed, nothing_written):
    with nothing_written(), pytest.raises(actions.Refused):
        actions.take_up_again(filed.letter, actor=filed.editor)


def test_a_deleted_draft_leaves_its_reference_in_the_chain(cast):
    attach(cast.letter)
    actions.delete_draft(cast.letter, actor=cast.representative)
    assert not LetterOfIntent.objects.exists()
    assert Entry.objects.get(action="letter.deleted").data["reference"] == cast.letter.reference


def test_what_was_filed_is_never_deleted(filed, nothing_written):
    with nothing_written(), pytest.raises(actions.Refused):
        actions.delete_draft(filed.letter, actor=filed.representative)
    actions.withdraw(filed.letter, actor=filed.representative)
    actions.take_up_again(filed.letter, actor=filed.editor)
    with nothing_written(), pytest.raises(actions.Refused) as refused:
        actions.delete_draft(filed.letter, actor=filed.representative)
    assert refused.value.code == "filed_before"


# --- from the closing instant on ---


@pytest.mark.parametrize("late", [0 * MILLISECOND, timedelta(days=1)])
def test_from_the_closing_instant_on_nothing_is_reopened_put_back_or_taken_up(
    reopened, it_is, late, nothing_written
):
    draft = make.letter(call=reopened.call, agency=reopened.agency)
    it_is(reopened.call.closes_at + late)
    for act, letter in (
        (actions.reopen, reopened.letter),
        (actions.put_back, reopened.letter),
        (actions.take_up_again, reopened.letter),
        (actions.delete_draft, draft),
    ):
        with nothing_written(), pytest.raises(actions.Refused) as refused:
            act(letter, actor=reopened.representative)
        assert refused.value.code == "call_closed"


# --- at once ---


def test_submitting_and_withdrawing_at_once_happen_in_one_order(shared):
    # Bad input IR03.
    submit(shared)
    actions.reopen(shared.letter, actor=shared.editor)
    deeds = [
        lambda: submit(shared, key="the-second-key-of-all"),
        lambda: actions.withdraw(shared.letter, actor=shared.representative),
    ]

    filed, _withdrawn = at_once(2, lambda number: deeds[number]())

    letter = LetterOfIntent.objects.get()
    assert (letter.state, letter.reopened_at) == (LetterState.WITHDRAWN, None)
    # Filed first and then withdrawn, or withdrawn first and then refused.
    refused = isinstance(filed, actions.Refused)
    assert LetterVersion.objects.count() == (1 if refused else 2)
    assert chain.verify().fault is None


def test_putting_back_and_saving_at_once_lose_nothing(shared):
    submit(shared)
    actions.reopen(shared.letter, actor=shared.editor)
    deeds = [
        lambda: actions.put_back(shared.letter, actor=shared.representative),
        lambda: save(shared, title="Edited."),
    ]

    _letter, edited = at_once(2, lambda number: deeds[number]())

    letter = LetterOfIntent.objects.get()
    assert (letter.title, letter.reopened_at) == ("Seismometer", None)
    assert UnfiledText.objects.exists() != isinstance(edited, actions.Refused)


def test_the_seal_and_a_late_submission_do_not_wait_for_each_other(shared, it_is):
    submit(shared)
    actions.reopen(shared.letter, actor=shared.editor)
    it_is(shared.call.closes_at)
    deeds = [lambda: actions.seal(shared.call, at=shared.call.closes_at)] + 7 * [
        lambda: submit(shared, key="a-key-that-comes-late")
    ]

    seal, *late = at_once(8, lambda number: deeds[number]())

    assert seal.letters == 1
    assert {refused.code for refused in late} == {"call_closed"}


# --- the pages ---


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_find_nothing_and_viewers_may_not(cast, sign_in, nothing_written, act, method):
    submit(cast)
    with nothing_written():
        assert getattr(sign_in(cast.stranger), method)(page(act, cast.letter)).status_code == 404
        assert getattr(sign_in(cast.viewer), method)(page(act, cast.letter)).status_code == 403


@pytest.mark.parametrize("act", ["withdraw", "delete"])
def test_only_a_representative_withdraws_or_deletes(cast, sign_in, nothing_written, act):
    with nothing_written():
        response = sign_in(cast.editor).post(page(act, cast.letter))
    assert response.status_code == 403
    assert "Rania Haddad" in response.content.decode()


def test_the_way_through_the_pages(cast, sign_in):
    submit(cast)
    client = sign_in(cast.editor)
    detail = page("detail", cast.letter)
    assert page("reopen", cast.letter) in client.get(detail).content.decode()
    assert page("withdraw", cast.letter) not in client.get(detail).content.decode()
    asked = client.get(page("reopen", cast.letter)).content.decode()
    assert "stands and counts until a new one is filed" in asked
    answer = client.post(page("reopen", cast.letter))
    assert answer.url == reverse("proposals:edit", args=[cast.letter.pk, "a"])
    assert client.get(answer.url).status_code == 200
    save(cast, title="Rewritten")
    text = client.get(detail).content.decode()
    assert "Version 1 is filed and counts" in text
    assert page("put_back", cast.letter) in text
    assert client.post(page("put_back", cast.letter)).url == detail
    text = client.get(detail).content.decode()
    kept = UnfiledText.objects.get()
    unfiled = reverse("proposals:unfiled", args=[cast.letter.pk, kept.pk])
    assert unfiled in text
    assert "Rewritten" in client.get(unfiled).content.decode()

    client = sign_in(cast.representative)
    assert "told by mail" in client.get(page("withdraw", cast.letter)).content.decode()
    assert client.post(page("withdraw", cast.letter)).url == detail
    assert page("take_up", cast.letter) in client.get(detail).content.decode()
    assert client.post(page("take_up", cast.letter)).url == detail
    assert "What to do next" in client.get(detail).content.decode()
    # It was filed before, so it cannot be deleted, and nobody is offered to.
    assert page("delete", cast.letter) not in client.get(detail).content.decode()


def test_a_draft_is_deleted_by_its_page(cast, sign_in):
    client = sign_in(cast.representative)
    assert page("delete", cast.letter) in client.get(page("detail", cast.letter)).content.decode()
    assert "cannot be undone" in client.get(page("delete", cast.letter)).content.decode()
    assert client.post(page("delete", cast.letter)).url == reverse("proposals:list")
    assert client.get(page("detail", cast.letter)).status_code == 404


@pytest.mark.parametrize("act", ["reopen", "put_back", "take_up", "delete"])
def test_after_the_cutoff_the_pages_say_so(reopened, sign_in, it_is, act, nothing_written):
    it_is(reopened.call.closes_at)
    client = sign_in(reopened.representative)
    with nothing_written():
        for method in (client.get, client.post):
            response = method(page(act, reopened.letter))
            assert response.status_code == 409
            assert "closed at the cutoff" in response.content.decode()
        assert client.get(page("detail", reopened.letter)).status_code == 200


@pytest.mark.parametrize("act", ACTS)
def test_a_form_with_more_than_it_has_is_refused(filed, sign_in, act, nothing_written):
    with nothing_written():
        response = sign_in(filed.representative).post(
            page(act, filed.letter), {"state": "SELECTED"}
        )
    assert response.status_code == 400


def test_another_letter_s_unfiled_text_is_not_found(reopened, sign_in):
    save(reopened, title="Mine")
    actions.put_back(reopened.letter, actor=reopened.editor)
    text = UnfiledText.objects.get()
    other = make.letter(call=reopened.call, agency=reopened.agency)
    address = reverse("proposals:unfiled", args=[other.pk, text.pk])
    assert sign_in(reopened.editor).get(address).status_code == 404
    address = reverse("proposals:unfiled", args=[reopened.letter.pk, text.pk])
    assert sign_in(reopened.stranger).get(address).status_code == 404
    assert sign_in(reopened.colleague(Seat.VIEWER)).get(address).status_code == 200


def test_a_click_let_pass_as_a_repetition_files_nothing_new(reopened):
    """The page saw a filed letter and asked for no code; meanwhile a colleague reopened it."""
    with pytest.raises(actions.Changed):
        actions.submit(
            reopened.letter, actor=reopened.representative, idempotency_key="new", only_again=True
        )
    assert LetterVersion.objects.count() == 1
    assert LetterOfIntent.objects.get().reopened_at is not None
