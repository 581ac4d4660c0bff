"""One's own reviews by program: the same rules as on the pages, at the same moments."""

import json
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.states import Role, TokenScope
from audit.models import Entry
from chang_e8_portal import clock
from proposals.models import Clarification
from reviews.models import ConflictCheck, MarkChange, Pledge, Ranking, Review, Score
from reviews.states import ReviewState
from tests import make
from tests.programs import Program, refusal
from tests.reviews import papers

pytestmark = pytest.mark.django_db

WHOLE = {
    "scores": {
        "science": {"mark": 4.5, "comment": "Well argued."},
        "feasibility": {"cannot_judge": True},
    },
    "major_strengths": "A sensor nobody else has.",
    "weaknesses": "A tight schedule.",
    "risk": "LOW",
    "recommendation": "SELECT",
    "confidence": "HIGH",
}
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
def program(assignment):
    return Program(assignment.reviewer)


@pytest.fixture
def at(assignment):
    return f"/reviews/{assignment.pk}"


def save(program, at, body, revision):
    return program.put(at, body, **{"If-Match": f'"{revision}"'})


def unanswered(assignment):
    ConflictCheck.objects.update(answered_at=None)


# --- the list ---


def test_the_list_shows_what_is_left_to_do_in_the_order_of_the_page(program, assignment, client):
    call = assignment.letter.call
    for _number in range(3):
        letter = make.eligible_letter(call=call)
        make.assignment(letter=letter, reviewer=assignment.reviewer)
    make.assignment(letter=assignment.letter)  # somebody else's
    make.review(of=assignment, submitted=False)
    body = program.get("/reviews").json()
    assert (body["count"], body["page"], body["pages"]) == (4, 1, 1)
    client.force_login(assignment.reviewer)
    page = client.get("/reviews/").context["page"]
    assert [item["id"] for item in body["items"]] == [str(one.pk) for one in page]
    mine = next(item for item in body["items"] if item["id"] == str(assignment.pk))
    assert (mine["state"], mine["revision"], mine["marked"], mine["asked"]) == (
        "DRAFT",
        1,
        2,
        False,
    )
    assert (mine["closed"], mine["round"]) == (None, "PRELIMINARY")
    assert mine["letter"]["agency"] == "Observatory of Lemuria"


def test_a_letter_before_the_question_is_named_and_no_more(program, assignment, at):
    unanswered(assignment)
    listed = program.get("/reviews")
    assert listed.json()["items"][0]["asked"] is True
    for answer in (listed, program.get(at)):
        assert "secret plan" not in answer.content.decode()
    assert refusal(program.get(at)) == (409, "conflict")
    assert refusal(save(program, at, WHOLE, 0)) == (409, "conflict")
    assert refusal(program.get(f"{at}/files/letter")) == (409, "conflict")
    assert not Review.objects.exists()


@pytest.mark.parametrize("letters", [1, 3])
def test_the_list_costs_the_same_however_long(
    program, assignment, letters, django_assert_num_queries
):
    for _number in range(letters - 1):
        letter = make.eligible_letter(call=assignment.letter.call)
        make.review(of=make.assignment(letter=letter, reviewer=assignment.reviewer))
    program.get("/reviews")  # the token's use is noted once a minute
    with django_assert_num_queries(3):  # token, letters, frozen rounds
        assert len(program.get("/reviews").json()["items"]) == letters


def test_a_page_beyond_the_last_is_the_last(program, assignment):
    letter = make.eligible_letter(call=assignment.letter.call)
    make.assignment(letter=letter, reviewer=assignment.reviewer)
    for query in ("page=99&page_size=1", "page=2&page_size=-4", "page=x&page_size=1000000"):
        body = program.get(f"/reviews?{query}").json()
        assert (body["count"], body["page"]) in {(2, 2), (2, 1)}
    assert refusal(program.get("/reviews?state=DRAFT")) == (400, "bad_request")


# --- the letter beside the working copy ---


def test_a_letter_is_read_as_it_was_filed_without_what_only_the_chair_reads(
    program, assignment, at
):
    Clarification.objects.create(
        letter=assignment.letter,
        question="How cold does it get?",
        asked_by=assignment.assigned_by,
        asked_at=assignment.assigned_at,
        due_at=assignment.due_at,
    )
    assignment.letter.summary = "The working copy says more."
    assignment.letter.save(update_fields=["summary"])
    answer = program.get(at)
    body = answer.json()
    said = answer.content.decode()
    assert answer.headers["ETag"] == '"0"'
    assert "The secret plan of the letter." in said
    assert "working copy" not in said
    assert make.COMPLETE["pi_email"] not in said
    assert "theirs.pdf" not in said
    assert body["filed"]["questions"][0]["question"] == "How cold does it get?"
    [file] = body["filed"]["files"]
    assert (file["kind"], file["size"]) == ("LETTER", len(papers.PDF))
    download = program.client.get(file["address"], headers=program.headers)
    assert b"".join(download.streaming_content) == papers.PDF
    assert (body["state"], body["revision"], body["missing"]) == ("NOT_BEGUN", 0, None)
    assert body["scores"] == {
        code: {"mark": None, "cannot_judge": False, "comment": ""} for code in papers.CODES
    }


def test_texts_come_in_the_language_asked_for(program, at):
    body = program.get(at, **{"Accept-Language": "zh-hans"}).json()
    assert any("一" <= sign <= "鿿" for sign in body["filed"]["sections"][0]["title"])


@pytest.mark.parametrize("files", [0, 3])
def test_a_review_costs_the_same_however_long(
    program, assignment, at, files, django_assert_num_queries
):
    make.review(of=assignment, submitted=False)
    for _number in range(files):
        Clarification.objects.create(
            letter=assignment.letter,
            question="How cold does it get?",
            asked_by=assignment.assigned_by,
            asked_at=assignment.assigned_at,
            due_at=assignment.due_at,
        )
    program.get(at)
    with django_assert_num_queries(11):
        program.get(at)


# --- writing ---


def test_answers_are_written_and_those_left_out_stay(program, assignment, at):
    first = save(program, at, WHOLE, 0)
    assert first.status_code == 200
    assert (first.headers["ETag"], first.json()["total"]) == ('"1"', 90.0)
    assert first.json()["missing"] == []
    second = save(program, at, {"scores": {"science": {"comment": "Better."}}}, 1)
    body = second.json()
    assert second.headers["ETag"] == '"2"'
    assert body["scores"]["science"] == {"mark": 4.5, "cannot_judge": False, "comment": "Better."}
    assert body["scores"]["feasibility"]["cannot_judge"] is True
    assert body["weaknesses"] == "A tight schedule."
    assert program.get(at).json()["revision"] == 2


def test_a_mark_takes_the_place_of_cannot_judge_and_the_other_way_round(program, at):
    def mark_after(line, revision):
        body = save(program, at, {"scores": {"science": line}}, revision).json()
        return body["scores"]["science"]["mark"], body["scores"]["science"]["cannot_judge"]

    assert mark_after({"mark": 3}, 0) == (3, False)
    assert mark_after({"cannot_judge": False}, 1) == (3, False)
    assert mark_after({"cannot_judge": True}, 2) == (None, True)
    assert mark_after({"mark": 2.5}, 3) == (2.5, False)
    assert mark_after({"cannot_judge": True, "mark": None}, 4) == (None, True)
    assert mark_after({"cannot_judge": False}, 5) == (None, False)
    assert mark_after({"mark": 5.0}, 6) == (5, False)
    assert mark_after({"mark": None}, 7) == (None, False)


def line(**of_science):
    return {"scores": {"science": of_science}}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (line(mark=5.5), 422, "scores.science.mark"),
        (line(mark=-0.5), 422, "scores.science.mark"),
        (line(mark=4.3), 422, "scores.science.mark"),
        (line(mark="4"), 422, "scores.science.mark"),
        (line(mark="none"), 422, "scores.science.mark"),
        (line(mark=True), 422, "scores.science.mark"),
        (line(mark=[4]), 422, "scores.science.mark"),
        (line(mark=4, cannot_judge=True), 422, "scores.science.mark"),
        (line(cannot_judge="yes"), 422, "scores.science.cannot_judge"),
        (line(comment=None), 422, "scores.science.comment"),
        (line(comment="x" * 1001), 422, "scores.science.comment"),
        (line(weight=60), 400, "scores.science.weight"),
        ({"scores": {"beauty": {"mark": 4}}}, 400, "scores.beauty"),
        ({"scores": {"science": 4}}, 422, "scores.science"),
        ({"scores": [4]}, 422, "scores"),
        ({"risk": "EXTREME"}, 422, "risk"),
        ({"risk": None}, 422, "risk"),
        ({"strengths": 4}, 422, "strengths"),
        ({"strengths": "x" * 3001}, 422, "strengths"),
        ({"strengths": "\u202eabc"}, 422, "strengths"),
        ({"change_reason": "Because."}, 422, "change_reason"),
        ({"state": "SUBMITTED"}, 400, "state"),
        ({"revision": 4}, 400, "revision"),
        ({"submitted_at": "2024-01-01T00:00:00Z"}, 400, "submitted_at"),
    ],
)
def test_what_may_not_stand_there_is_refused_and_nothing_is_stored(
    program, at, body, status, field
):
    answer = save(program, at, {**body, "weaknesses": "Good otherwise."}, 0)
    assert answer.status_code == status
    assert field in answer.json()["fields"]
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"scores": {"science": {"mark": NaN}}}', "bad_json"),
        (b'{"scores": {"science": {"mark": Infinity}}}', "bad_json"),
        (b'{"risk": "LOW", "risk": "HIGH"}', "bad_json"),
        (b'{"strengths": "\\u0000"}', "bad_json"),
        (b'{"strengths": "\\ud800"}', "bad_json"),
        (b'{"strengths": ', "bad_json"),
        (b"[]", "bad_json"),
        (b"\xff", "bad_json"),
    ],
)
def test_what_is_no_json_is_refused(program, at, data, code):
    answer = program.raw("PUT", at, data, **{"If-Match": '"0"'})
    assert refusal(answer) == (400, code)


def test_a_number_beyond_all_measure_is_no_mark(program, at):
    for mark in (b"1e400", b"-1e-400", b"4.50000000000000000001", b"0x4"):
        data = b'{"scores": {"science": {"mark": %s}}}' % mark
        answer = program.raw("PUT", at, data, **{"If-Match": '"0"'})
        assert answer.status_code in (400, 422)
    assert not Score.objects.exists()


def test_a_write_says_what_it_has_seen(program, at):
    assert refusal(program.put(at, WHOLE)) == (428, "revision_required")
    assert refusal(program.put(at, WHOLE, **{"If-Match": "0"})) == (400, "bad_request")
    assert refusal(program.put(at, WHOLE, **{"If-Match": "*"})) == (400, "bad_request")


def test_a_stale_write_is_handed_the_review_as_it_is_now(program, at):
    save(program, at, WHOLE, 0)
    for revision in (0, 2):
        late = save(program, at, {"risk": "HIGH"}, revision)
        assert refusal(late) == (412, "stale")
        assert late.headers["ETag"] == '"1"'
        assert late.json()["current"]["risk"] == "LOW"
    assert Review.objects.get().risk == "LOW"


def test_one_half_of_two_programs_writes_and_the_other_is_told(program, at):
    """Whoever comes second with the same revision changes nothing."""
    save(program, at, {"risk": "LOW"}, 0)
    answers = [save(program, at, {"risk": value}, 1).status_code for value in ("HIGH", "MEDIUM")]
    assert answers == [200, 412]
    assert Review.objects.get().risk == "HIGH"


@pytest.mark.parametrize("change", ["past_due", "frozen", "ended", "withdrawn", "submitted"])
def test_when_it_cannot_be_written_now_it_is_409_before_anything_is_read(
    program, assignment, at, it_is, change
):
    save(program, at, WHOLE, 0)
    match change:
        case "past_due":
            it_is(assignment.due_at)
        case "frozen":
            Ranking.objects.create(
                round=assignment.round,
                frozen_at=clock.now(),
                frozen_by=assignment.assigned_by,
                rubric=[],
            )
        case "ended":
            assignment.ended_at, assignment.conflicted = clock.now(), None
            assignment.save(update_fields=["ended_at", "conflicted"])
        case "withdrawn":
            assignment.letter.state = "WITHDRAWN"
            assignment.letter.save(update_fields=["state"])
        case "submitted":
            assert program.post(f"{at}/submit", **KEY).status_code == 200
    assert refusal(program.put(at, {"nonsense": 1})) == (409, change)
    assert refusal(save(program, at, {"risk": "HIGH"}, 1)) == (409, change)
    assert Review.objects.get().risk == "LOW"


# --- filing ---


def test_a_complete_review_is_filed_once_however_often_the_key_comes(
    program, assignment, at, it_is
):
    save(program, at, WHOLE, 0)
    first = program.post(f"{at}/submit", **KEY)
    assert (first.status_code, first.json()["state"]) == (200, "SUBMITTED")
    again = program.post(f"{at}/submit", **KEY)
    assert again.json() == first.json()
    it_is(assignment.due_at + timedelta(days=1))
    late = program.post(f"{at}/submit", **KEY)
    assert (late.status_code, late.json()["state"]) == (200, "SUBMITTED")
    assert refusal(program.post(f"{at}/submit", **{"Idempotency-Key": "two"})) == (409, "past_due")
    assert Entry.objects.filter(action="review.submitted").count() == 1


def test_a_key_that_comes_late_does_not_file_what_was_reopened(program, at):
    save(program, at, WHOLE, 0)
    program.post(f"{at}/submit", **KEY)
    program.post(f"{at}/submit", **{"Idempotency-Key": "two"})
    assert program.post(f"{at}/reopen").json()["state"] == "DRAFT"
    for key in ("one", "two"):
        late = program.post(f"{at}/submit", **{"Idempotency-Key": key})
        assert (late.status_code, late.json()["state"]) == (200, "DRAFT")
    new = program.post(f"{at}/submit", **{"Idempotency-Key": "three"})
    assert new.json()["state"] == "SUBMITTED"


def test_what_is_missing_is_named_and_nothing_filed(program, at):
    nothing = program.post(f"{at}/submit", **KEY)
    assert refusal(nothing) == (422, "incomplete")
    save(program, at, {"scores": {"science": {"mark": 5}}}, 0)
    answer = program.post(f"{at}/submit", **KEY)
    assert refusal(answer) == (422, "incomplete")
    missing = {
        *("scores.science.comment", "scores.feasibility.mark"),
        *("strengths", "weaknesses", "risk", "recommendation", "confidence"),
    }
    assert set(answer.json()["fields"]) == missing
    assert set(program.get(at).json()["missing"]) == missing
    assert Review.objects.get().state == ReviewState.DRAFT
    assert Review.objects.get().filing_keys == []


def test_filing_needs_a_key_and_takes_no_body(program, at):
    save(program, at, WHOLE, 0)
    assert refusal(program.post(f"{at}/submit")) == (400, "idempotency_key_required")
    assert refusal(program.post(f"{at}/submit", **{"Idempotency-Key": "a b"}))[0] == 400
    assert refusal(program.post(f"{at}/submit", {"risk": "LOW"}, **KEY)) == (400, "unknown_field")
    assert Review.objects.get().state == ReviewState.DRAFT


def test_only_what_was_read_is_filed_where_the_program_says_so(program, at):
    save(program, at, WHOLE, 0)
    save(program, at, {"risk": "HIGH"}, 1)
    old = program.post(f"{at}/submit", **KEY, **{"If-Match": '"1"'})
    assert refusal(old) == (412, "stale")
    assert old.json()["current"]["risk"] == "HIGH"
    new = program.post(f"{at}/submit", **KEY, **{"If-Match": '"2"'})
    assert new.json()["state"] == "SUBMITTED"


def test_a_changed_mark_needs_a_reason_and_stays_on_record(program, at):
    save(program, at, WHOLE, 0)
    program.post(f"{at}/submit", **KEY)
    reopened = program.post(f"{at}/reopen")
    revision = reopened.json()["revision"]
    assert reopened.json()["reopened"] is True
    save(program, at, {"scores": {"science": {"mark": 4}}}, revision)
    refused = program.post(f"{at}/submit", **{"Idempotency-Key": "two"})
    assert refusal(refused) == (422, "incomplete")
    assert list(refused.json()["fields"]) == ["change_reason"]
    save(program, at, {"change_reason": "Their answer."}, revision + 1)
    assert program.post(f"{at}/submit", **{"Idempotency-Key": "two"}).status_code == 200
    change = MarkChange.objects.get()
    assert (change.before, change.after) == (Decimal("4.5"), Decimal(4))


def test_what_was_never_filed_cannot_be_reopened(program, at):
    assert refusal(program.post(f"{at}/reopen")) == (404, "not_found")
    save(program, at, WHOLE, 0)
    assert program.post(f"{at}/reopen").status_code == 409


# --- the conflict question ---


def test_no_conflict_opens_the_letter(program, assignment, at):
    unanswered(assignment)
    answer = program.put(f"{at}/conflict", {"conflicted": False})
    assert answer.json() == {"answered": True, "conflicted": False, "kind": "", "note": ""}
    assert "secret plan" in program.get(at).content.decode()


def test_a_conflict_shuts_it_and_only_the_chair_removes_it(program, assignment, at):
    save(program, at, WHOLE, 0)
    body = {"conflicted": True, "kind": "EMPLOYER", "note": "Until May."}
    for _time in range(2):
        answer = program.put(f"{at}/conflict", body)
        assert answer.json() == {"answered": True, **body}
    assert refusal(program.get(at)) == (403, "forbidden")
    assert refusal(save(program, at, {"risk": "HIGH"}, 1)) == (403, "forbidden")
    assert program.get("/reviews").json()["items"] == []
    assert refusal(program.put(f"{at}/conflict", {"conflicted": False}))[0] == 409
    assert ConflictCheck.objects.get(reviewer=assignment.reviewer).conflicted
    assert Entry.objects.filter(action="conflict.declared").count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "conflicted"),
        ({"conflicted": "no"}, 422, "conflicted"),
        ({"conflicted": 0}, 422, "conflicted"),
        ({"conflicted": None}, 422, "conflicted"),
        ({"conflicted": True}, 422, "kind"),
        ({"conflicted": True, "kind": "ENVY"}, 422, "kind"),
        ({"conflicted": True, "kind": "COMPETING"}, 422, "kind"),
        ({"conflicted": True, "kind": ["MONEY"]}, 422, "kind"),
        ({"conflicted": True, "kind": "MONEY", "note": "x" * 301}, 422, "note"),
        ({"conflicted": True, "kind": "MONEY", "note": None}, 422, "note"),
        ({"conflicted": True, "kind": "MONEY", "strength": "SOFT"}, 400, "strength"),
    ],
)
def test_an_answer_that_is_none_is_refused(program, assignment, at, body, status, field):
    unanswered(assignment)
    answer = program.put(f"{at}/conflict", body)
    assert answer.status_code == status
    assert field in answer.json()["fields"]
    assert ConflictCheck.objects.get(reviewer=assignment.reviewer).answered_at is None


def test_the_pledge_comes_before_the_answer(program, assignment, at):
    unanswered(assignment)
    call = assignment.letter.call
    call.facts = {"pledge": {"version": 1, "text": {"en": "I keep quiet."}}}
    call.save(update_fields=["facts"])
    answer = program.put(f"{at}/conflict", {"conflicted": False})
    assert refusal(answer) == (409, "pledge")
    assert not Pledge.objects.exists()
    assert refusal(program.get(at)) == (409, "conflict")


# --- who ---


def everything(program, at):
    """The answers of every call about one review."""
    return [
        program.get(at),
        program.get(f"{at}/files/letter"),
        save(program, at, WHOLE, 0),
        program.post(f"{at}/submit", **KEY),
        program.post(f"{at}/reopen"),
        program.put(f"{at}/conflict", {"conflicted": False}),
    ]


@pytest.mark.parametrize(
    "who",
    [
        *(make.reviewer, make.member, lambda: make.user(Role.CHAIR)),
        *(lambda role=role: make.user(role) for role in (Role.PUBLISHER, Role.AUDITOR)),
    ],
)
def test_a_stranger_is_told_what_is_told_of_a_review_that_does_not_exist(assignment, at, who):
    make.review(of=assignment, submitted=False)
    stranger = Program(who())
    real = [(one.status_code, one.content) for one in everything(stranger, at)]
    none = [
        (one.status_code, one.content) for one in everything(stranger, f"/reviews/{uuid.uuid4()}")
    ]
    assert {status for status, _body in real} == {404}
    assert real == none
    for odd in ("x", "1", "%20", "..%2f", "0" * 300):
        assert stranger.get(f"/reviews/{odd}").status_code == 404


def test_only_reviewers_have_a_list():
    make.call()
    assert refusal(Program(make.member()).get("/reviews")) == (404, "not_found")
    assert refusal(Program(make.user(Role.CHAIR)).get("/reviews")) == (404, "not_found")
    assert Program(make.reviewer()).get("/reviews").json()["items"] == []


def test_a_token_that_reads_writes_nothing(assignment, at):
    reading = Program(assignment.reviewer, TokenScope.READ)
    assert reading.get(at).status_code == 200
    read, file, *written = everything(reading, at)
    assert (read.status_code, file.status_code) == (200, 200)
    list(file)  # read to its end, the file is closed
    for answer in written:
        assert refusal(answer) == (403, "read_only_token")
    assert not Review.objects.exists()


def test_another_method_is_405(program, at):
    for method, path in (("DELETE", at), ("PATCH", at), ("GET", f"{at}/submit")):
        answer = program.raw(method, path, "")
        assert refusal(answer) == (405, "method_not_allowed")
    assert json.loads(program.get(at).content)["state"] == "NOT_BEGUN"
