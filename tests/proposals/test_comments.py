"""Remarks between colleagues: theirs alone, beside the text, never in it."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.states import Role
from proposals import actions
from proposals.models import Comment, LetterVersion
from tests import make

SAYING = "Is the mass with the adapter?"


def address(letter, page="comments", *args):
    return reverse(f"proposals:{page}", args=[letter.pk, *args])


@pytest.fixture
def say(cast):
    def write(text=SAYING, section="d", author=None):
        return actions.comment(cast.letter, section=section, text=text, actor=author or cast.editor)

    return write


@pytest.mark.parametrize("person", ["representative", "editor", "viewer"])
def test_everybody_of_the_agency_may_comment(cast, sign_in, person):
    answer = sign_in(getattr(cast, person)).post(
        address(cast.letter), {"section": "d", "text": f" {SAYING} ", "back": "editor"}
    )
    assert answer.status_code == 302
    assert answer.url == address(cast.letter, "edit", "d") + "#comments"
    remark = Comment.objects.get()
    assert (remark.text, remark.section, remark.author) == (SAYING, "d", getattr(cast, person))


@pytest.mark.parametrize(
    ("person", "status"), [("viewer", 200), ("editor", 200), ("stranger", 404), ("nobody", 302)]
)
def test_who_reads_them(cast, sign_in, say, person, status):
    say()
    answer = sign_in(getattr(cast, person, None)).get(address(cast.letter))
    assert answer.status_code == status
    assert (SAYING in answer.content.decode()) == (status == 200)


def test_they_stand_beside_their_section_and_are_counted_in_the_side_bar(cast, sign_in, say):
    say()
    say("Second.")
    page = sign_in(cast.representative).get(address(cast.letter, "edit", "a")).content.decode()
    assert "2 open comments" in page
    assert "2 new" in page
    assert SAYING not in page
    assert SAYING in sign_in(cast.editor).get(address(cast.letter, "edit", "d")).content.decode()


def test_new_are_those_of_others_since_one_looked(cast, sign_in, say, it_is):
    say()
    client = sign_in(cast.representative)
    entries = client.get(address(cast.letter, "edit", "d")).context["sections"]
    counted = {entry["letter"]: (entry["comments"], entry["new_comments"]) for entry in entries}
    assert counted["D"] == (1, 1)
    client.post(address(cast.letter, "here", "d"))
    entries = client.get(address(cast.letter, "edit", "a")).context["sections"]
    assert [entry["new_comments"] for entry in entries] == [0] * len(entries)
    it_is(make.CLOSES - timedelta(days=3))
    say("And its cables?")
    assert client.get(address(cast.letter)).context["new"] == 1
    assert client.post(address(cast.letter, "comments_read")).status_code == 302
    assert client.get(address(cast.letter)).context["new"] == 0


def test_settling_is_for_everybody_deleting_for_the_writer(cast, sign_in, say):
    remark = say()
    settle = address(cast.letter, "settle", remark.pk)
    delete = address(cast.letter, "comment_delete", remark.pk)
    client = sign_in(cast.viewer)
    for _twice in range(2):
        assert client.post(settle, {"settled": "1"}).status_code == 302
    remark.refresh_from_db()
    assert remark.settled_by == cast.viewer
    assert client.post(settle, {"settled": "0"}).status_code == 302
    remark.refresh_from_db()
    assert (remark.settled_at, remark.settled_by) == (None, None)
    assert client.post(delete).status_code == 409
    assert Comment.objects.exists()
    assert sign_in(cast.editor).post(delete).status_code == 302
    assert not Comment.objects.exists()


@pytest.mark.parametrize("page", ["settle", "comment_delete"])
def test_a_comment_is_found_only_under_its_own_letter(cast, sign_in, say, page, nothing_written):
    remark = say()
    other = make.letter(call=cast.call, agency=cast.agency)
    with nothing_written():
        client = sign_in(cast.editor)
        assert client.post(address(other, page, remark.pk)).status_code == 404
        assert client.post(address(cast.letter, page, uuid.uuid4())).status_code == 404
        assert client.get(address(cast.letter, page, remark.pk)).status_code == 405
        assert sign_in(cast.stranger).post(address(cast.letter, page, remark.pk)).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"section": "d", "text": ""},
        {"section": "d", "text": "x" * 2001},
        {"section": "d", "text": "\u202egnp"},
        {"section": "d", "text": "\u200b"},
        {"section": "z", "text": "x"},
        {"text": "x"},
    ],
)
def test_a_comment_with_a_fault_is_shown_again(cast, sign_in, fields, nothing_written):
    with nothing_written():
        answer = sign_in(cast.editor).post(address(cast.letter), fields)
    assert answer.status_code == 422
    assert escape(fields["text"]) in answer.content.decode()


def test_what_nobody_offered_is_refused(cast, sign_in, nothing_written):
    with nothing_written():
        fields = {"section": "d", "text": "x", "author": str(cast.viewer.pk)}
        assert sign_in(cast.editor).post(address(cast.letter), fields).status_code == 400


def test_after_submission_they_are_kept_and_read_but_not_written(
    cast, sign_in, say, nothing_written
):
    say()
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length")
    client = sign_in(cast.editor)
    assert SAYING in client.get(address(cast.letter)).content.decode()
    with nothing_written():
        answer = client.post(address(cast.letter), {"section": "d", "text": "Too late for this."})
    assert answer.status_code == 409
    # Handed back, to be copied.
    assert "Too late for this." in answer.content.decode()


def test_nobody_outside_the_agency_ever_sees_one(cast, sign_in, say, it_is, client):
    say()
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length")
    # Not in what is filed, hashed and read by the panel.
    assert SAYING not in str(LetterVersion.objects.values())
    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    make.opened(cast.call)
    for role in Role.values:
        officer = make.user(role)
        assert not Comment.objects.visible_to(officer).exists()
        assert sign_in(officer).get(address(cast.letter)).status_code in (403, 404)
        for page in ("detail", "edit"):
            args = ["d"] if page == "edit" else []
            answer = client.get(address(cast.letter, page, *args))
            assert SAYING not in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_cost_the_same_however_many(cast, sign_in, say, number):
    for _one in range(number):
        say(author=cast.colleague())
    client = sign_in(cast.representative)
    counts = []
    for page, args in (("comments", []), ("edit", ["d"])):
        with CaptureQueriesContext(connection) as asked:
            client.get(address(cast.letter, page, *args))
        # What a session costs is not the letter's business.
        counts.append(len([query for query in asked if 'FROM "proposals_' in query["sql"]]))
    assert counts == [3, 5]
