"""Two people, two tabs, forty people: nobody's words vanish without a word about it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from proposals import actions
from proposals.forms import section_form, versions
from proposals.models import LetterOfIntent
from proposals.sections import SECTIONS
from proposals.states import Level
from tests import make

AUTOSAVE = {"x-requested-with": "autosave"}
OPENED = "We listen to the Moon."


def stored():
    return LetterOfIntent.objects.select_related("call", "agency").get()


def opened(letter, key="a"):
    """What the page carries along of the text it was opened with."""
    return versions.to_text(versions.sent_by(section_form(SECTIONS[key], letter)))


@pytest.fixture
def send(cast, sign_in):
    def post(key="a", *, person=None, autosave=False, **fields):
        address = reverse("proposals:edit", args=[cast.letter.pk, key])
        headers = AUTOSAVE if autosave else {}
        return sign_in(person or cast.editor).post(address, fields, headers=headers)

    return post


@pytest.fixture
def theirs(cast):
    """A colleague saves after the page was opened."""

    def save(**changes):
        letter = stored()
        return actions.save_draft(
            letter, changes=changes, revision=letter.revision, actor=cast.representative
        )

    return save


@pytest.fixture
def base(cast):
    return opened(stored())


def choose(page, **fields):
    """Fill in the page of two versions as a browser would."""
    carried = {name: page.context[name] for name in ("base", "mine", "theirs")}
    return {"revision": page.context["letter"].revision, **carried, **fields}


# --- what needs no choice ---


@pytest.mark.parametrize("autosave", [False, True])
def test_different_answers_are_both_kept_and_it_is_said(send, theirs, base, autosave):
    theirs(title="Their title")
    answer = send(revision=1, base=base, title="Seismometer", summary="Mine.", autosave=autosave)
    assert (stored().title, stored().summary) == ("Their title", "Mine.")
    if autosave:
        body = answer.json()
        assert (answer.status_code, body["taken"], body["revision"]) == (200, ["title"], 3)
        assert body["values"]["title"] == ["Their title"]
        assert "new from them: Title" in body["notice"]
    else:
        assert answer.status_code == 302
        said = [str(message) for message in answer.wsgi_request._messages]
        assert "Somebody else saved meanwhile. Both are kept; new from them: Title." in said


def test_boxes_and_lists_are_merged_too(send, theirs, cast):
    cast.letter.night_survival = True
    cast.letter.save(update_fields=["night_survival"])
    base = opened(stored(), "d")
    theirs(night_survival=False)
    sent = {name: values[0] for name, values in json.loads(base).items()}
    assert send("d", revision=1, base=base, **(sent | {"hazards": "A spring."})).status_code == 302
    assert (stored().night_survival, stored().hazards) == (False, "A spring.")


def test_the_same_change_by_both_is_no_conflict(send, theirs, base):
    theirs(title="Same", summary="Theirs")
    assert send(revision=1, base=base, title="Same", acronym="X").status_code == 302
    assert (stored().title, stored().summary, stored().acronym) == ("Same", "Theirs", "X")


def test_a_level_changed_meanwhile_makes_no_answer_unknown(send, cast, theirs):
    cast.letter.mass_kg = None
    cast.letter.save(update_fields=["mass_kg"])
    base = opened(stored(), "d")
    theirs(level=Level.MISSION)
    assert send("d", revision=2, base=base, mass_kg="4.5").status_code == 302
    assert str(stored().mass_kg) == "4.500"


# --- what a person chooses ---


def test_both_versions_stand_side_by_side_with_the_words_that_differ(
    send, theirs, base, nothing_written
):
    theirs(summary="We listen to the quiet Moon.", title="Theirs")
    sent = {"summary": "We listen to the far Moon.", "acronym": "MINE"}
    with nothing_written():
        page = send(revision=1, base=base, priorities="payloads", **sent)
    assert page.status_code == 412
    (conflict,) = page.context["found"].conflicts
    assert (conflict.base.value, conflict.merged.is_clean) == (OPENED, False)
    text = page.content.decode()
    assert "quiet " in text
    assert "far " in text
    assert "Changed only by you, and kept:</" not in text
    assert page.context["kept"] == ["Acronym"]
    assert "Changed only by you, and kept: Acronym." in text
    # No script may save on top before somebody has chosen.
    assert "data-autosave" not in text


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("theirs", "Theirs."), ("mine", "Mine."), ("text", "Theirs and mine.")],
)
@pytest.mark.parametrize("autosave", [False, True])
def test_the_choice_is_stored_with_what_needed_none(send, theirs, base, choice, expected, autosave):
    theirs(summary="Theirs.", title="Their title")
    page = send(revision=1, base=base, summary="Mine.", acronym="MINE", title="Seismometer")
    sent = {"take-summary": choice, "text-summary": "Theirs and mine."}
    answer = send(**choose(page, **sent), autosave=autosave)
    assert answer.status_code == (200 if autosave else 302)
    letter = stored()
    assert (letter.summary, letter.title, letter.acronym) == (expected, "Their title", "MINE")
    if autosave:
        assert answer.json()["values"]["summary"] == [expected]


def test_without_a_choice_the_question_is_asked_again(send, theirs, base, nothing_written):
    theirs(summary="Theirs.")
    page = send(revision=1, base=base, summary="Mine.")
    with nothing_written():
        again = send(**choose(page))
    assert again.status_code == 422
    assert "Please choose for every answer below" in again.content.decode()
    assert send(**choose(again, **{"take-summary": "mine"})).status_code == 302
    assert stored().summary == "Mine."


def test_a_second_colleague_while_choosing_is_handled_the_same_way(send, theirs, base):
    theirs(summary="First.")
    page = send(revision=1, base=base, summary="Mine.")
    theirs(summary="Second.", title="Their title")
    again = send(**choose(page, **{"take-summary": "mine"}))
    assert again.status_code == 412
    (conflict,) = again.context["found"].conflicts
    assert [answer.value for answer in (conflict.base, conflict.theirs, conflict.mine)] == [
        "First.",
        "Second.",
        "Mine.",
    ]
    assert send(**choose(again, **{"take-summary": "mine"})).status_code == 302
    assert (stored().summary, stored().title) == ("Mine.", "Their title")


def test_a_fault_in_a_merged_text_is_shown_in_the_editor(send, theirs, base):
    theirs(title="Theirs")
    page = send(revision=1, base=base, title="Mine")
    answer = send(**choose(page, **{"take-title": "text", "text-title": "x" * 151}))
    assert answer.status_code == 422
    assert answer.context["form"]["title"].value() == "x" * 151
    assert answer.context["revision"] == page.context["letter"].revision
    assert stored().title == "Theirs"


def test_a_page_that_does_not_say_what_it_began_with_is_asked_about_every_difference(
    send, theirs, nothing_written
):
    theirs(title="Theirs", summary="Their summary")
    with nothing_written():
        page = send(revision=1, title="Mine", summary="My summary", priorities="payloads")
    assert page.status_code == 412
    assert page.context["found"].differing == ["title", "summary"]


def test_while_one_types_the_question_comes_as_a_part_of_the_page(send, theirs, base):
    theirs(summary="Theirs.")
    first = send(revision=1, summary="Mine.", autosave=True)
    assert (first.status_code, "panel" in first.json()) == (412, False)
    second = send(revision=1, base=base, summary="Mine.", autosave=True)
    assert second.status_code == 412
    assert "data-merge" in second.json()["panel"]
    assert "<html" not in second.json()["panel"]


@pytest.mark.parametrize(
    "broken",
    [
        *("{", "[]", "3", '{"title": "x"}', '{"title": [1]}', "[" * 9999),
        *('{"title": ["\\u0000"]}', '{"title": ["\\ud800"]}', '{"\\ud800": ["x"]}'),
    ],
)
def test_a_version_that_no_page_wrote_is_refused(send, broken, nothing_written):
    with nothing_written():
        assert send(revision=1, base=broken, title="x").status_code == 400
        merge = {"mine": broken, "theirs": "{}", "base": "{}"}
        assert send(revision=1, **merge).status_code == 400


@pytest.mark.parametrize("extra", [{"take-title": "all"}, {"take-state": "mine"}, {"state": "x"}])
def test_only_what_was_offered_can_be_chosen(send, theirs, base, extra, nothing_written):
    theirs(title="Theirs")
    page = send(revision=1, base=base, title="Mine")
    with nothing_written():
        assert send(**choose(page, **extra)).status_code == 400


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_others_learn_nothing_from_a_merge(cast, send, theirs, base, person, nothing_written):
    theirs(title="Their secret")
    with nothing_written():
        answer = send(revision=1, base=base, title="Mine", person=getattr(cast, person))
    assert answer.status_code == (403 if person == "viewer" else 404)
    assert "Their secret" not in answer.content.decode()


# --- at once ---


@pytest.fixture
def many(transactional_db, it_is):
    """Forty co-authors of one letter, each with a browser that has the page open."""
    agency = make.agency()
    letter = make.letter(agency=agency)
    page = opened(stored())
    browsers = []
    for _number in range(40):
        browser = Client()
        browser.force_login(make.member(agency))
        browsers.append(browser)
    return letter, page, browsers


def filled_in(page):
    """What a browser would send of the page of two versions, read from the page itself: in threads
    the test client mixes up whose context is whose."""
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    texts = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n([^<]*)', page)
    names = ("revision", "base", "mine", "theirs", "text-summary")
    return {name: unescape(text) for name, text in inputs + texts if name in names}


def at_once(work, count):
    """Call `work(n)` for n below `count` from as many threads, all starting together."""
    start = Barrier(count)

    def one(number):
        start.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_eight_who_all_go_on_until_it_is_stored_lose_nothing(many):
    letter, page, browsers = many
    browsers = browsers[:8]  # each is told up to seven times, so the work grows with the square
    address = reverse("proposals:edit", args=[letter.pk, "a"])

    def save(number):
        """Write one sentence, and go on until it is stored: as patient people do."""
        words = f"{OPENED} Sentence {number}."
        sent = {"revision": 1, "base": page, "title": "Seismometer", "summary": words}
        told = 0
        while True:
            answer = browsers[number].post(address, sent)
            if answer.status_code == 302:
                return told
            assert answer.status_code == 412
            told += 1
            sent = filled_in(answer.content.decode()) | {"take-summary": "text"}

    told = at_once(save, len(browsers))
    text = stored().summary
    assert [n for n in range(len(browsers)) if f"Sentence {n}." not in text] == []
    # Whoever was not first was shown what the others had written.
    assert told.count(0) == 1


def test_forty_saves_of_different_answers_or_the_same_one_are_stored_or_told(many):
    letter, page, browsers = many
    address = reverse("proposals:edit", args=[letter.pk, "a"])

    def save(number):
        words = f"Written by {number}."
        sent = {"revision": 1, "base": page, "title": "Seismometer", "summary": words}
        answer = browsers[number].post(address, sent)
        return words, answer.status_code, answer.content.decode()

    answers = at_once(save, len(browsers))
    saved = [words for words, status, _page in answers if status == 302]
    assert saved == [stored().summary]
    for words, status, text in answers:
        if words not in saved:
            assert status == 412
            assert words in text
            assert saved[0] in text


def test_one_save_sent_fifty_times_at_once_is_one_save(many):
    letter, page, browsers = many
    address = reverse("proposals:edit", args=[letter.pk, "a"])
    sent = {"revision": 1, "base": page, "summary": "Clicked often."}
    session = browsers[0].cookies

    def save(_number):
        browser = Client()
        browser.cookies = session
        return browser.post(address, sent).status_code

    assert at_once(save, 50) == [302] * 50
    assert (stored().summary, stored().revision) == ("Clicked often.", 2)
