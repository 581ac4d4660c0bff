"""Whoever tried to submit, when, and what became of it: always on record."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from proposals import actions
from proposals.models import LetterVersion, SubmitAttempt
from tests import make
from tests.proposals.test_actions import at_once
from tests.proposals.test_filing import hidden, page

LIST = "/letters/attempts/"


def outcomes():
    return list(SubmitAttempt.objects.order_by("at", "pk").values_list("outcome", flat=True))


def test_an_acceptance_and_its_repetition(cast, sign_in):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))
    for _ in range(2):
        client.post(page(cast.letter), sent)
    assert sorted(outcomes()) == ["accepted", "repeated"]
    attempt = SubmitAttempt.objects.get(outcome="accepted")
    assert (attempt.letter, attempt.actor) == (cast.letter, cast.representative)
    assert (attempt.at, attempt.idempotency_key) == (
        LetterVersion.objects.get().accepted_at,
        sent["idempotency_key"],
    )


def test_every_refusal_is_on_record_and_its_number_on_the_page(cast, sign_in, it_is):
    client = sign_in(cast.representative)
    sent = hidden(client.get(page(cast.letter)))

    def refused():
        response = client.post(page(cast.letter), sent)
        attempt = SubmitAttempt.objects.order_by("at", "pk").last()
        assert str(SubmitAttempt.objects.exclude(pk__in=seen).get().pk) in response.content.decode()
        seen.update(SubmitAttempt.objects.values_list("pk", flat=True))
        return response.status_code, attempt.outcome

    seen = set()
    actions.save_draft(cast.letter, changes={"goals": "x"}, revision=1, actor=cast.editor)
    assert refused() == (409, "changed")
    actions.save_draft(cast.letter, changes={"goals": ""}, revision=2, actor=cast.editor)
    it_is(cast.call.closes_at - timedelta(seconds=1))
    assert refused() == (422, "incomplete")
    it_is(cast.call.closes_at)
    assert refused() == (409, "call_closed")
    assert not LetterVersion.objects.exists()


def test_whoever_may_not_submit_and_whoever_sends_another_form_is_on_record(cast, sign_in):
    sent = hidden(sign_in(cast.representative).get(page(cast.letter)))
    assert sign_in(cast.editor).post(page(cast.letter), sent).status_code == 403
    client = sign_in(cast.representative)
    assert client.post(page(cast.letter), sent | {"state": "SELECTED"}).status_code == 400
    assert client.post(page(cast.letter), {"idempotency_key": "k" * 500}).status_code == 400
    assert sign_in(cast.stranger).post(page(cast.letter), sent).status_code == 404
    assert sorted(outcomes()) == ["bad_request", "bad_request", "forbidden"]


def test_a_fault_of_ours_is_on_record_and_files_nothing(cast, monkeypatch):
    def broken(_said):
        raise OperationalError("the key's disk is away")

    monkeypatch.setattr("proposals.receipts.sign", broken)
    with pytest.raises(OperationalError):
        actions.submit(cast.letter, actor=cast.representative, idempotency_key="k" * 20)
    assert outcomes() == ["error"]
    assert not LetterVersion.objects.exists()


def test_one_key_from_twenty_threads_is_one_acceptance(shared):
    def submit(_number):
        return actions.submit(
            shared.letter, actor=shared.representative, idempotency_key="one-key-for-all-of-them"
        )

    answers = at_once(20, submit)

    assert len({answer.pk for answer in answers}) == 1
    assert sorted(outcomes()) == ["accepted", *["repeated"] * 19]
    assert LetterVersion.objects.count() == 1


# --- who reads them ---


def test_the_agency_sees_its_own_and_the_auditor_sees_all(cast, sign_in):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="k" * 20)
    reference = cast.letter.reference
    for person in (cast.viewer, cast.editor, make.user(Role.AUDITOR)):
        text = sign_in(person).get(LIST).content.decode()
        assert reference in text
        assert str(SubmitAttempt.objects.get().pk) in text
        assert cast.letter.title not in text
    for person in (cast.stranger, make.user(Role.PUBLISHER), make.user(Role.CHAIR)):
        assert reference not in sign_in(person).get(LIST).content.decode()


def test_the_list_is_searched_by_reference(cast, sign_in):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="k" * 20)
    client = sign_in(cast.viewer)
    assert cast.letter.reference in client.get(LIST, {"q": cast.letter.reference}).content.decode()
    assert "No attempt fits" in client.get(LIST, {"q": "%"}).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(cast, sign_in, count, django_assert_num_queries):
    for _ in range(count):
        actions.record_attempt(cast.letter, outcome="incomplete", actor=cast.representative)
    client = sign_in(cast.viewer)
    client.get(LIST)
    with django_assert_num_queries(5):  # session, user, seats, count, page
        client.get(LIST)


def test_a_deleted_draft_leaves_its_attempts_in_the_chain(cast, sign_in):
    attempt = actions.record_attempt(cast.letter, outcome="incomplete", actor=cast.representative)
    client = sign_in(cast.representative)
    client.post(reverse("proposals:delete", args=[cast.letter.pk]))
    assert not SubmitAttempt.objects.exists()
    (kept,) = Entry.objects.get(action="letter.deleted").data["attempts"]
    assert (kept["id"], kept["outcome"]) == (str(attempt.pk), "incomplete")
