"""Filing by program: one receipt a key, the same moments and rights as the pages, all on record."""

import base64
import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.states import Role
from proposals import content, receipts
from proposals.models import LetterOfIntent, LetterVersion, SubmitAttempt
from proposals.states import LetterState, RoundKind
from tests import make
from tests.programs import Program, refusal

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "0b1f9a52-5a0e-4bb1-9f7e-0b3a5c1d2e4f"}


@pytest.fixture
def representative(cast):
    return Program(cast.representative)


@pytest.fixture
def path(cast):
    return f"/letters/{cast.letter.pk}"


def outcomes():
    return list(SubmitAttempt.objects.order_by("at", "pk").values_list("outcome", flat=True))


def test_the_whole_life_of_a_letter(cast, it_is):
    """Begun, written, filed, rewritten, filed anew, withdrawn, taken up, and read at each step."""
    program = Program(cast.representative)
    values = {name: value for name, value in make.COMPLETE.items() if name != "title"}
    sent = {name: _as_json(value) for name, value in values.items()}
    begun = program.post("/letters", {"title": "By program"})
    path = f"/letters/{begun.json()['id']}"
    assert "summary" in begun.json()["missing"]
    assert refusal(program.post(f"{path}/submit", **KEY)) == (422, "incomplete")

    ready = program.patch(path, sent, 1)
    assert (ready.status_code, ready.json()["missing"]) == (200, [])
    filed = program.post(f"{path}/submit", **KEY)
    assert filed.status_code == 201
    assert program.get(path).json()["state"] == "SUBMITTED"
    assert refusal(program.patch(path, {"title": "x"}, 2)) == (409, "submitted")

    reopened = program.post(f"{path}/reopen")
    assert (reopened.status_code, reopened.json()["state"]) == (200, "SUBMITTED")
    assert reopened.json()["reopened_at"]
    revision = reopened.json()["revision"]
    assert program.patch(path, {"title": "Better"}, revision).status_code == 200
    second = program.post(f"{path}/submit", **{"Idempotency-Key": "second"})
    assert (second.status_code, second.json()["version"]) == (201, 2)

    program.post(f"{path}/reopen")
    program.patch(path, {"title": "Worse"}, program.get(path).json()["revision"])
    assert program.post(f"{path}/put-back").json()["title"] == "Better"

    withdrawn = program.post(f"{path}/withdraw")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "WITHDRAWN")
    assert program.post(f"{path}/take-up").json()["state"] == "DRAFT"
    versions = program.get(f"{path}/versions").json()["items"]
    assert [one["version"] for one in versions] == [1, 2]
    assert [one["version"] for one in program.get(f"{path}/receipts").json()["items"]] == [1, 2]
    first = program.get(f"{path}/versions/1").json()
    assert first["content"]["fields"]["title"] == "By program"
    assert content.digest(first["content"]) == filed.json()["sha256"]
    assert refusal(program.delete(path)) == (409, "filed_before")


def _as_json(value):
    match value:
        case bool() | int() | list() | str():
            return value
    return float(value) if hasattr(value, "quantize") else value.isoformat()


def test_the_answer_is_a_receipt_that_proves_itself(representative, cast, path):
    body = representative.post(f"{path}/submit", **KEY).json()
    version = LetterVersion.objects.get(letter=cast.letter)
    assert (body["reference"], body["version"]) == (cast.letter.reference, 1)
    assert (body["sha256"], body["code"]) == (version.sha256, version.receipt.code)
    assert body["accepted_at"] == "2023-11-15T12:00:00.000000+00:00"
    assert body["audit_head"] == version.receipt.audit_head
    assert len(base64.b64decode(body["signature"])) == 64
    assert receipts.sign(body["document"]) == body["signature"]
    assert {body["document"][name] for name in ("sha256", "code")} == {body["sha256"], body["code"]}


def test_the_same_key_again_is_the_same_receipt_also_after_the_cutoff(
    representative, cast, path, it_is
):
    first = representative.post(f"{path}/submit", **KEY)
    again = representative.post(f"{path}/submit", **KEY)
    it_is(cast.call.closes_at + timedelta(days=1))
    late = representative.post(f"{path}/submit", **KEY)
    assert [answer.status_code for answer in (first, again, late)] == [201] * 3
    assert first.content == again.content == late.content
    assert LetterVersion.objects.count() == 1
    assert sorted(outcomes()) == ["accepted", "repeated", "repeated"]


def test_at_the_closing_instant_it_is_too_late_and_on_record(representative, cast, path, it_is):
    it_is(cast.call.closes_at)
    answer = representative.post(f"{path}/submit", **KEY)
    assert refusal(answer) == (409, "call_closed")
    attempt = SubmitAttempt.objects.get()
    assert (attempt.outcome, str(attempt.pk)) == ("call_closed", answer.json()["attempt"])
    assert not LetterVersion.objects.exists()
    it_is(cast.call.closes_at - timedelta(microseconds=1))
    assert representative.post(f"{path}/submit", **KEY).status_code == 201


def test_what_is_missing_is_named_field_by_field(representative, cast):
    letter = make.letter(agency=cast.agency, call=cast.call, summary="", mass_kg=None)
    answer = representative.post(f"/letters/{letter.pk}/submit", **KEY)
    assert refusal(answer) == (422, "incomplete")
    assert set(answer.json()["fields"]) == {"summary", "mass_kg"}
    assert all(sentences for sentences in answer.json()["fields"].values())


def test_with_if_match_only_what_was_read_is_filed(representative, cast, path):
    seen = representative.get(path).headers["ETag"]
    Program(cast.editor).patch(path, {"title": "Changed meanwhile"}, 1)
    answer = representative.post(f"{path}/submit", **KEY, **{"If-Match": seen})
    assert refusal(answer) == (412, "stale")
    assert answer.json()["current"]["title"] == "Changed meanwhile"
    assert not LetterVersion.objects.exists()
    now = answer.headers["ETag"]
    assert representative.post(f"{path}/submit", **KEY, **{"If-Match": now}).status_code == 201


def test_a_key_of_ones_own_is_asked_for(representative, path, nothing_written):
    with nothing_written():
        answer = representative.post(f"{path}/submit")
        assert refusal(answer) == (400, "idempotency_key_required")
        for odd in ("", " ", "a b", "x" * 81, "\u00e9", "a\tb"):
            answer = representative.post(f"{path}/submit", **{"Idempotency-Key": odd})
            assert refusal(answer) == (400, "bad_request")


@pytest.mark.parametrize("call", ["submit", "withdraw", "reopen", "put-back", "take-up"])
def test_these_calls_take_nothing_and_only_by_post(representative, path, call, nothing_written):
    with nothing_written():
        body = {"submitted_at": "2023-01-01T00:00:00Z", "version": 7}
        answer = representative.post(f"{path}/{call}", body, **KEY)
        assert refusal(answer) == (400, "unknown_field")
        assert refusal(representative.get(f"{path}/{call}")) == (405, "method_not_allowed")
        assert refusal(representative.raw("POST", f"{path}/{call}", b"x", "text/plain", **KEY)) == (
            415,
            "unsupported_media_type",
        )


@pytest.mark.parametrize("call", ["submit", "withdraw", "delete"])
def test_only_a_representative_does_what_binds_the_agency(cast, path, call):
    def ask(person):
        program = Program(person)
        if call == "delete":
            return program.delete(path)
        return program.post(f"{path}/{call}", **KEY)

    assert refusal(ask(cast.editor)) == (403, "forbidden")
    assert refusal(ask(cast.viewer)) == (403, "forbidden")
    strangers = [cast.stranger, *(make.user(role) for role in Role)]
    assert {refusal(ask(person)) for person in strangers} == {(404, "not_found")}
    assert outcomes() == (["forbidden"] * 2 if call == "submit" else [])
    assert LetterOfIntent.objects.get().state == LetterState.DRAFT


@pytest.mark.parametrize("call", ["reopen", "put-back", "take-up"])
def test_editors_rewrite_and_viewers_do_not(cast, path, call):
    Program(cast.representative).post(f"{path}/submit", **KEY)
    if call == "take-up":
        Program(cast.representative).post(f"{path}/withdraw")
    assert refusal(Program(cast.viewer).post(f"{path}/{call}")) == (403, "forbidden")
    assert refusal(Program(cast.stranger).post(f"{path}/{call}")) == (404, "not_found")
    assert Program(cast.editor).post(f"{path}/{call}").status_code == 200


def test_a_draft_is_deleted_and_what_was_never_there_looks_the_same(representative, path):
    answer = representative.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not LetterOfIntent.objects.exists()
    assert refusal(representative.delete(path)) == (404, "not_found")


def test_withdrawing_ends_when_the_decisions_are_locked(representative, cast, path, it_is):
    representative.post(f"{path}/submit", **KEY)
    it_is(cast.call.closes_at + timedelta(days=1))
    cast.call.rounds.filter(kind=RoundKind.PRELIMINARY).update(decisions_locked_at=make.CLOSES)
    assert refusal(representative.post(f"{path}/withdraw")) == (409, "decisions_locked")
    cast.call.rounds.update(decisions_locked_at=None)
    assert representative.post(f"{path}/withdraw").status_code == 200


# --- receipts and versions ---


def test_receipts_are_read_by_the_agency_and_the_auditor(representative, cast, path):
    representative.post(f"{path}/submit", **KEY)
    receipt = representative.get(f"{path}/receipts").json()
    assert Program(cast.viewer).get(f"{path}/receipts").json() == receipt
    auditor = Program(make.user(Role.AUDITOR))
    assert auditor.get(f"{path}/receipts").json() == receipt
    assert refusal(auditor.get(f"{path}/versions")) == (404, "not_found")
    for person in (cast.stranger, make.user(Role.CHAIR), make.user(Role.REVIEWER)):
        for call in ("receipts", "versions", "versions/1"):
            assert refusal(Program(person).get(f"{path}/{call}")) == (404, "not_found")


@pytest.mark.parametrize("number", ["0", "2", "-1", "1e0", "x", "9" * 400, "%00", "\u0661"])
def test_a_version_that_is_not_there_is_not_found(representative, path, number):
    representative.post(f"{path}/submit", **KEY)
    assert representative.get(f"{path}/versions/1").status_code == 200
    assert representative.get(f"{path}/versions/{number}").status_code in (400, 404)


def test_before_filing_there_are_no_receipts(representative, path):
    for call in ("receipts", "versions"):
        assert representative.get(f"{path}/{call}").json() == {"items": []}


# --- many at once ---


@pytest.mark.django_db(transaction=True)
def test_one_key_from_many_threads_is_one_version():
    call = make.call(opens_at=make.OPENS, closes_at=make.OPENS.replace(year=make.OPENS.year + 100))
    letter = make.letter(call=call)
    programs = [Program(make.member(letter.agency)) for _ in range(8)]
    barrier, answers = threading.Barrier(len(programs)), []

    def submit(program):
        try:
            barrier.wait()
            answers.append(program.post(f"/letters/{letter.pk}/submit", **KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=submit, args=[program]) for program in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert LetterVersion.objects.count() == 1
