"""Letters by program: the actions, policy and hygiene of the pages, and one form of refusal."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Membership
from accounts.states import Role, Seat
from proposals.models import LetterOfIntent
from proposals.sections import FIELDS
from proposals.states import LetterState
from tests import make
from tests.programs import ROOT, Program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(cast):
    return Program(cast.editor)


@pytest.fixture
def path(cast):
    return f"/letters/{cast.letter.pk}"


# --- reading ---


def test_a_letter_is_read_whole_with_its_revision(editor, cast, path):
    response = editor.get(path)
    assert (response.status_code, response.headers["ETag"]) == (200, '"1"')
    read = response.json()
    assert read.keys() >= {
        "id",
        "reference",
        "state",
        "revision",
        "attachments",
        "missing",
        *FIELDS,
    }
    assert (read["title"], read["mass_kg"], read["priorities"]) == (
        "Seismometer",
        6.5,
        ["payloads"],
    )
    assert (read["power_average_w"], read["envelope_x_mm"], read["night_survival"]) == (
        4,
        None,
        False,
    )
    assert read["agency"] == {"id": str(cast.agency.pk), "name": cast.agency.name}
    assert "no-store" in response.headers["Cache-Control"]


def test_head_is_get_without_a_body(editor, path):
    response = editor.client.head(ROOT + path, headers=editor.headers)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["ETag"] == '"1"'


def test_every_seat_reads_and_nobody_else_does(cast, path):
    for person in (cast.representative, cast.editor, cast.viewer):
        assert Program(person).get(path).status_code == 200
    others = [cast.stranger, *(make.user(role) for role in Role)]
    foreign = [Program(person).get(path) for person in others]
    missing = Program(cast.editor).get(f"/letters/{uuid4()}")
    odd = [Program(cast.editor).get(f"/letters/{odd}") for odd in ("1", "x" * 200, "%00x", "..")]
    assert {answer.status_code for answer in (*foreign, missing)} == {404}
    assert {answer.content for answer in foreign} == {missing.content}
    assert all(answer.status_code in (400, 404) for answer in odd)


def test_an_officer_sees_that_a_filed_letter_exists_and_reads_none_here(cast, path):
    cast.letter.state = LetterState.SUBMITTED
    cast.letter.submitted_at = make.OPENS
    cast.letter.save(update_fields=["state", "submitted_at"])
    make.sealed(cast.call)
    for role in (Role.CHAIR, Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR):
        officer = Program(make.user(role))
        assert officer.get(path).status_code in (403, 404)
        assert officer.get("/letters").json()["items"] == []


def test_the_list_holds_the_letters_of_ones_own_agencies(editor, cast):
    other = make.letter(agency=cast.agency, call=cast.call, title="Second")
    make.letter(call=cast.call, title="A stranger's")
    body = editor.get("/letters").json()
    assert {item["id"] for item in body["items"]} == {str(cast.letter.pk), str(other.pk)}
    assert (body["page"], body["pages"], body["count"]) == (1, 1, 2)
    assert "summary" not in body["items"][0]


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ("", 1, 3),
        ("page_size=2", 1, 2),
        ("page=2&page_size=2", 2, 1),
        ("page=-1&page_size=2", 1, 2),
        ("page=1000000000&page_size=2", 2, 1),
        ("page=1e9&page_size=2", 1, 2),
        ("page=" + "9" * 5000, 1, 3),
        ("page_size=0", 1, 1),
        ("page_size=-5", 1, 3),
        ("page_size=1000000", 1, 3),
        ("page_size=" + "9" * 5000, 1, 3),
        ("page=nonsense&page_size=nonsense", 1, 3),
    ],
)
def test_pages_are_clamped(editor, cast, query, page, size):
    # Bad input IN13.
    for _ in range(2):
        make.letter(agency=cast.agency, call=cast.call)
    body = editor.get(f"/letters?{query}").json()
    assert (body["page"], len(body["items"])) == (page, size)


@pytest.mark.parametrize("query", ["sort=id", "page=1&page=2", "call__title=x", "state=DRAFT"])
def test_what_the_list_does_not_know_is_refused(editor, query):
    assert refusal(editor.get(f"/letters?{query}")) == (400, "bad_request")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(cast, editor, count, django_assert_num_queries):
    for _ in range(count - 1):
        make.letter(agency=cast.agency, call=cast.call)
    editor.get("/letters")
    with django_assert_num_queries(3):  # token with its person, count, page
        assert len(editor.get("/letters").json()["items"]) == count


# --- beginning one ---


def test_a_letter_is_begun_with_as_much_as_one_likes(editor, cast):
    response = editor.post("/letters", {"title": "New", "level": "UNIT", "mass_kg": 2.25})
    assert response.status_code == 201
    letter = LetterOfIntent.objects.get(pk=response.json()["id"])
    assert (letter.title, letter.level, str(letter.mass_kg)) == ("New", "UNIT", "2.250")
    assert (letter.agency, letter.state, letter.margin_percent) == (cast.agency, "DRAFT", 20)
    assert response.headers["Location"] == f"{ROOT}/letters/{letter.pk}"
    assert editor.get(f"/letters/{letter.pk}").headers["ETag"] == response.headers["ETag"]


def test_whoever_writes_for_several_agencies_names_one(editor, cast):
    second = make.agency()
    Membership.objects.create(user=cast.editor, agency=second, seat=Seat.EDITOR, since=make.OPENS)
    nobodys = [{}, {"agency": None}, {"agency": 5}, {"agency": str(uuid4())}]
    foreign = {"agency": str(cast.stranger.agencies.get().pk)}
    answers = [editor.post("/letters", body) for body in (*nobodys, foreign)]
    assert {refusal(answer) for answer in answers} == {(422, "invalid")}
    assert len({answer.content for answer in answers}) == 1
    assert editor.post("/letters", {"agency": str(second.pk)}).status_code == 201
    assert second.letters.count() == 1


def test_who_may_not_write_begins_nothing(cast, nothing_written):
    people = (cast.viewer, make.user(), make.user(Role.CHAIR))
    programs = [Program(person) for person in people]
    with nothing_written():
        for program in programs:
            assert refusal(program.post("/letters", {})) == (403, "forbidden")


@pytest.mark.parametrize(("offset", "code"), [(-100, "call_not_open"), (100, "call_closed")])
def test_outside_the_call_nothing_is_begun_or_changed(
    editor, cast, path, it_is, nothing_written, offset, code
):
    moment = cast.call.opens_at if offset < 0 else cast.call.closes_at
    it_is(moment + timedelta(seconds=offset))
    token = Program(cast.editor)
    with nothing_written():
        assert refusal(token.post("/letters", {})) == (409, code)
        # The state comes before the input, and before the question what was seen.
        assert refusal(token.patch(path, {"nonsense": 1})) == (409, code)
    assert token.get(path).status_code == 200


# --- writing ---


def test_what_is_sent_is_written_and_the_rest_stays(editor, cast, path):
    sent = {
        "title": "Broadband seismometer",
        "mass_kg": 7.125,
        "power_peak_w": 1.2e1,
        "lifetime_days": 365,
        "night_survival": True,
        "priorities": [],
        "margin_percent": None,
        "hazards": "First line\r\nsecond 🚀 \u6708\u9707",
    }
    response = editor.patch(path, sent, 1)
    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    letter = LetterOfIntent.objects.get(pk=cast.letter.pk)
    assert letter.title == "Broadband seismometer"
    assert (str(letter.mass_kg), letter.power_peak_w, letter.lifetime_days) == ("7.125", 12, 365)
    assert (letter.night_survival, letter.priorities, letter.margin_percent) == (True, [], None)
    assert letter.hazards == "First line\nsecond 🚀 月震"
    assert letter.summary == cast.letter.summary
    assert response.json()["title"] == letter.title
    assert editor.get(path).json() == response.json()


def test_a_box_that_is_not_sent_stays_ticked(editor, cast, path):
    editor.patch(path, {"night_survival": True}, 1)
    read = editor.patch(path, {"lifetime_days": 10}, 2).json()
    assert read["night_survival"] is True
    assert editor.patch(path, {"night_survival": False}, 3).json()["night_survival"] is False


def test_reading_a_letter_and_writing_its_fields_back_changes_nothing(editor, cast, path):
    read = editor.get(path).json()
    asked = {name: read[name] for name in FIELDS if read[name] not in (None, "", [], False)}
    response = editor.patch(path, asked, 1)
    assert (response.status_code, response.headers["ETag"]) == (200, '"1"')
    assert response.json() == read


def test_if_match_is_asked_for_and_must_name_what_is_there(editor, cast, path, nothing_written):
    with nothing_written():
        assert refusal(editor.patch(path, {"title": "x"})) == (428, "revision_required")
        for odd in ("1", "*", '"x"', '"1", "2"', '"-1"', '""', '"' + "9" * 400 + '"', "\u00b9"):
            response = editor.patch(path, {"title": "x"}, **{"If-Match": odd})
            assert refusal(response) == (400, "bad_request")
        assert refusal(editor.patch(path, {"title": "x"}, 2)) == (412, "stale")
    # A proxy that compresses weakens the tag.
    assert editor.patch(path, {"title": "x"}, **{"If-Match": 'W/"1"'}).status_code == 200


def test_whoever_comes_late_is_handed_what_is_there_now(editor, cast, path):
    colleague = Program(cast.colleague())
    assert colleague.patch(path, {"title": "Theirs"}, 1).status_code == 200

    # Another section, and yet stale: If-Match speaks of the whole letter.
    response = editor.patch(path, {"goals": "Mine"}, 1)

    assert refusal(response) == (412, "stale")
    assert response.headers["ETag"] == '"2"'
    assert response.json()["current"] == editor.get(path).json()
    assert response.json()["current"]["title"] == "Theirs"
    assert editor.patch(path, {"goals": "Mine"}, 2).status_code == 200


def test_a_save_whose_answer_was_lost_may_be_sent_again(editor, path):
    first = editor.patch(path, {"title": "Once"}, 1)
    again = editor.patch(path, {"title": "Once"}, 1)
    assert (again.status_code, again.json()) == (200, first.json())


def test_the_level_sent_along_decides_what_is_asked(editor, cast, path):
    response = editor.patch(path, {"level": "MISSION", "interaction": "Relay."}, 1)
    assert response.json()["interaction"] == "Relay."
    blank = make.letter(agency=cast.agency, call=cast.call, complete=False, level="MISSION")
    response = editor.patch(f"/letters/{blank.pk}", {"mass_kg": 5}, 1)
    assert refusal(response) == (422, "invalid")
    assert list(response.json()["fields"]) == ["mass_kg"]
    both = editor.patch(f"/letters/{blank.pk}", {"mass_kg": 5, "level": "UNIT"}, 1)
    assert (both.status_code, both.json()["mass_kg"]) == (200, 5)


@pytest.mark.parametrize(
    "unknown",
    [
        *("id", "agency", "call", "state", "revision", "submitted_at", "version", "reference"),
        *(
            "is_staff",
            "role",
            "decision",
            "pk",
            "reopened_at",
            "section_revisions",
            "__class__",
            "",
        ),
    ],
)
def test_what_is_not_a_field_of_the_form_is_refused_and_changes_nothing(
    editor, path, unknown, nothing_written
):
    # Bad inputs IH03, ID08.
    with nothing_written():
        response = editor.patch(path, {"title": "New", unknown: "x"}, 1)
        assert refusal(response) == (400, "unknown_field")
        assert list(response.json()["fields"]) == [unknown]
        assert refusal(editor.post("/letters", {"title": "x", f"x{unknown}": 1}))[0] == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("title", value)
            for value in (5, None, True, ["x"], {"a": 1}, "x" * 151, "\u200b", "a\nb")
        ),
        *(("title", value) for value in ("\u202egnp", "a\x0bb", "a\x1b[2J")),
        *(("mass_kg", value) for value in ("6.5", True, [], 0, -1, 100.5, 1e-400, 1e400, 6.5e-7)),
        *(("mass_kg", value) for value in (2**31, 2**63, 1.2345, 1e29)),
        *(("lifetime_days", value) for value in (0, 1.5, -3, 2**31, 2**63, 2**63 + 1, "365")),
        *(("level", value) for value in ("ORBIT", "unit", 1, None, ["UNIT"])),
        *(("priorities", value) for value in ("payloads", ["nonsense"], [1], [["payloads"]], None)),
        *(("night_survival", value) for value in ("on", 1, 0, None, "false")),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_meant_names_its_field_and_stores_nothing(
    editor, path, name, value, nothing_written
):
    body = json.dumps({"summary": "Good.", name: value}).replace("Infinity", "1e999")
    with nothing_written():
        response = editor.raw("PATCH", path, body, **{"If-Match": '"1"'})
        assert refusal(response) in ((422, "invalid"), (400, "bad_json"))
        if response.status_code == 422:
            assert list(response.json()["fields"]) == [name]


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"[]",
        b"null",
        b'"text"',
        b"1",
        b"{",
        b'{"title": "a", "title": "b"}',
        b'{"mass_kg": NaN}',
        b'{"mass_kg": Infinity}',
        b'{"title": "\\ud800"}',
        b'{"title": "\\u0000"}',
        b'{"title": "a\x00b"}',
        b'{"\\ud800": 1}',
        b'{"title": "\xff"}',
        b'{"title": ' + b"[" * 50_000,
        b'{"mass_kg": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda body: repr(body[:28]),
)
def test_what_is_not_one_plain_object_is_refused_and_never_an_error_of_ours(
    editor, path, body, nothing_written
):
    with nothing_written():
        for method, where in (("PATCH", path), ("POST", "/letters")):
            response = editor.raw(method, where, body, **{"If-Match": '"1"'})
            assert refusal(response) == (400, "bad_json")


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/json",
        ),
        "application/jsonp",
    ],
)
def test_only_json_is_read(editor, path, kind, nothing_written):
    with nothing_written():
        response = editor.raw("PATCH", path, b'{"title": "x"}', kind, **{"If-Match": '"1"'})
        assert refusal(response) == (415, "unsupported_media_type")


def test_a_body_beyond_the_limit_is_refused_unread(editor, path, nothing_written):
    with nothing_written():
        body = json.dumps({"summary": "x" * 1_000_000})
        response = editor.raw("PATCH", path, body, **{"If-Match": '"1"'})
        assert refusal(response) == (413, "too_large")


@pytest.mark.parametrize("method", ["PUT", "POST", "TRACE", "PROPFIND", "OPTIONS"])
def test_another_method_is_answered_with_those_there_are(editor, path, method, nothing_written):
    with nothing_written():
        response = editor.raw(method, path, b"")
        assert refusal(response) == (405, "method_not_allowed")
        assert response.headers["Allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_in_disguise_is_refused(editor, path, header, nothing_written):
    # Bad input IH06.
    with nothing_written():
        for disguised in (
            editor.get(path, **{header: "DELETE"}),
            editor.post("/letters", {}, **{header: "GET"}),
        ):
            assert refusal(disguised) == (405, "method_not_allowed")


def test_the_order_of_refusals_gives_nothing_away(cast, path, it_is):
    """401, then 404, then 403, then 409, then what was sent."""
    it_is(cast.call.closes_at)
    nonsense, kind = b"nonsense", "text/plain"
    assert Program(cast.stranger).raw("PATCH", path, nonsense, kind).status_code == 404
    assert Program(cast.viewer).raw("PATCH", path, nonsense, kind).status_code == 403
    assert Program(cast.editor).raw("PATCH", path, nonsense, kind).status_code == 409
    it_is(cast.call.opens_at)
    assert Program(cast.colleague()).raw("PATCH", path, nonsense, kind).status_code == 428


def test_hostile_text_comes_back_as_it_was_sent(editor, path):
    for text in (
        "<script>alert(1)</script>",
        "\"' onmouseover=alert(1)",
        "{{7*7}} {% debug %}",
        "%s %n",
    ):
        revision = editor.get(path).headers["ETag"].strip('"')
        assert editor.patch(path, {"summary": text}, revision).json()["summary"] == text


def test_sentences_are_in_the_language_that_is_asked_for(editor, path):
    sent = {"Accept-Language": "zh-CN,zh;q=0.9"}
    response = editor.patch(path, {"title": 5}, 1, **sent)
    assert response.headers["Content-Language"] == "zh-hans"
    assert "未保存" in response.json()["detail"]
    english = editor.patch(path, {"title": 5}, 1)
    assert english.headers["Content-Language"] == "en"
    assert (english.json()["code"], english.json()["title"]) == (
        response.json()["code"],
        response.json()["title"],
    )


def test_rows_are_written_by_the_rules_of_the_form(editor, path):
    row = {"name": "Dust Institute", "country": "PE", "share": "20 %"}
    changed = {"partners": [row, {"name": " "}], "trl_now": 6, "fm_delivery": "2026-12-15"}
    for _again in range(2):
        response = editor.patch(path, changed, revision=1)
        assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    (kept,) = response.json()["partners"]
    assert kept == row | {"id": kept["id"]}
    response = editor.patch(path, {"risks": [{"mitigation": "Hurry"}]}, revision=2)
    assert refusal(response) == (422, "invalid")
    assert response.json()["fields"] == {"risks": ["Row 1, risk: Fill this in, or remove the row."]}


@pytest.mark.parametrize(
    "partners", [["Dust"], [{"name": 7}], [{"name": "Dust", "state": "x"}], [{"name": "\u202e"}]]
)
def test_what_are_no_rows_is_refused(editor, path, partners):
    assert editor.patch(path, {"partners": partners}, revision=1).status_code == 422
    assert LetterOfIntent.objects.get().partners == []
