"""The results page as strangers read it: kept by each process, never older than the database."""

import logging
import os
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.states import Role
from chang_e8_portal import clock
from decisions import actions, results
from decisions.models import Publication
from decisions.states import Outcome
from proposals.models import Call
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


@contextmanager
def kept(django_assert_num_queries):
    """Whatever is asked in here is told from memory: one question of the database each."""
    with django_assert_num_queries(1):
        yield


def test_a_stranger_is_told_the_kept_page_with_all_its_headers(client, django_assert_num_queries):
    stage.released()
    for query in ({}, {"lang": "fr"}, {"lang": "ar"}):
        drawn = client.get("/results/", query)
        with kept(django_assert_num_queries):
            again = client.get("/results/", query)
        assert again.content == drawn.content
        assert again.headers == drawn.headers
        for header, value in {
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Content-Language": "en",
            "Content-Length": str(len(again.content)),
        }.items():
            assert again[header] == value, header
        assert {word.strip() for word in again["Vary"].split(",")} == {"Cookie", "Accept-Language"}
        assert "default-src 'none'" in again["Content-Security-Policy"]
        assert not again.cookies
        with kept(django_assert_num_queries):
            same = client.get("/results/", query, headers={"If-None-Match": again["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        # A browser keeps the other headers of the copy that still holds.
        for header in ("ETag", "Cache-Control", "Vary"):
            assert same[header] == again[header], header
        with kept(django_assert_num_queries):
            assert client.head("/results/", query)["ETag"] == again["ETag"]


def test_it_is_kept_for_each_language_of_telling_and_of_frame():
    stage.released()
    ways = [
        ({}, {}, ""),
        ({}, {"Accept-Language": "fr"}, ""),
        ({}, {"Accept-Language": "zh-CN"}, ""),
        ({"lang": "ru"}, {}, "zh-hans"),
        ({"lang": "ru"}, {}, ""),
        ({"lang": "en"}, {}, ""),
    ]
    drawn = []
    for turn in range(2):
        for number, (query, headers, cookie) in enumerate(ways):
            reader = Client(headers=headers)
            if cookie:
                reader.cookies["django_language"] = cookie
            body = reader.get("/results/", query).content
            if turn == 0:
                drawn.append(body)
            assert body == drawn[number]
    assert len(set(drawn)) == len(ways)


def test_whatever_else_stands_in_the_address_it_is_the_same_page(client, django_assert_num_queries):
    stage.released()
    plain, french = client.get("/results/"), client.get("/results/?lang=fr")
    with kept(django_assert_num_queries):
        assert client.get("/results/?utm_source=x&lang=xx").content == plain.content
    with kept(django_assert_num_queries):
        assert client.get("/results/?a=1&lang=fr").content == french.content
    assert 'name="next" value="/results/?lang=fr"' in french.content.decode()


def test_who_is_signed_in_reads_the_page_in_their_own_frame(client):
    _publication, [letter, _other] = stage.released()
    public = client.get("/results/")
    person = letter.agency.members.get()
    client.force_login(person)
    own = client.get("/results/", headers={"If-None-Match": public["ETag"]})
    assert own.status_code == 200
    assert person.email in own.content.decode()
    assert own["Cache-Control"] == "private, no-store"
    assert not own.has_header("ETag")
    client.logout()
    assert client.get("/results/").content == public.content


def test_what_just_happened_to_somebody_is_told_to_nobody_else(client):
    stage.released()
    public = client.get("/results/").content
    client.cookies["messages"] = "anything"
    own = client.get("/results/")
    assert own["Cache-Control"] == "private, no-store"
    assert Client().get("/results/").content == public


def test_no_host_but_ours_is_told_anything(client):
    stage.released()
    for _turn in range(2):
        assert client.get("/results/").status_code == 200
        assert client.get("/results/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("address", ["/results/%00/", "/results/a%00b/"])
def test_an_address_that_no_database_takes_is_a_bad_one(client, address):
    stage.released()
    assert client.get(address).status_code == 400


def test_before_the_release_nothing_is_kept(client):
    publication, letters = stage.ready()
    assert results.mark() is None
    before = client.get("/results/")
    assert before["Cache-Control"] == "private, no-store"
    assert not before.has_header("ETag")
    stage.release(publication)
    assert letters[0].agency.name in client.get("/results/").content.decode()


def test_what_stands_beside_the_signed_page_is_told_as_it_is(client):
    publication, _letters = stage.released()
    assert "September 2024" in client.get("/results/").content.decode()
    call_round = publication.round
    call_round.announced_for = date(2024, 10, 1)
    call_round.save(update_fields=["announced_for"])
    assert "October 2024" in client.get("/results/").content.decode()


def test_what_was_told_before_pages_were_signed_is_gathered_anew(client):
    publication, letters = stage.ready()
    Publication.objects.filter(pk=publication.pk).update(page={})
    _released_by_hand(publication)
    for _turn in range(2):
        page = client.get("/results/")
        assert letters[0].agency.name in page.content.decode()
        assert page["Cache-Control"] == "private, no-store"
    name = letters[0].agency.name
    type(letters[0].agency).objects.filter(pk=letters[0].agency_id).update(name="Renamed")
    assert name not in client.get("/results/").content.decode()


def _released_by_hand(publication):
    """As an older portal left it behind."""
    publication.refresh_from_db()
    publication.state = "RELEASED"
    publication.released_by = make.user(Role.PUBLISHER)
    publication.released_at = publication.proposed_at + stage.MINUTE
    publication.save(update_fields=["state", "released_by", "released_at"])


def test_a_page_that_changed_while_it_was_drawn_is_not_kept(client, monkeypatch):
    publication, _letters = stage.released()
    rounds, real = type(publication.round).objects.filter(pk=publication.round_id), results.of
    promised = publication.round.announced_for

    def changed_meanwhile(call):
        rounds.update(announced_for=date(2024, 10, 1))
        return real(call)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(results, "of", changed_meanwhile)
        assert "October 2024" in client.get("/results/").content.decode()
    rounds.update(announced_for=promised)
    assert "September 2024" in client.get("/results/").content.decode()


@pytest.mark.parametrize("opens", [[-9, -3, 5], [-3, -3], [4, 2, 8], [-1], [3, 3], []], ids=str)
def test_the_mark_is_that_of_the_present_call(opens):
    now = clock.now()
    for number, days in enumerate(opens):
        at = now + timedelta(days=days)
        call = make.call(code=f"C{number}", opens_at=at, closes_at=at + timedelta(days=300))
        Publication.objects.create(
            round=make.final_round(call),
            state="RELEASED",
            positive_count=0,
            proposed_by=make.user(Role.PUBLISHER),
            proposed_at=now,
            released_by=make.user(Role.PUBLISHER),
            released_at=now,
        )
    call = Call.objects.current()
    mark = results.mark()
    if call is None:
        assert mark is None
    else:
        publication = Publication.objects.get(round__call=call)
        assert mark.startswith(f"{publication.pk}:")
        assert mark == results.mark(call.code)
    assert results.mark("none such") is None


def test_it_does_not_ask_redis(client, settings, caplog):
    stage.released()
    nowhere = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"default": nowhere}
    with caplog.at_level(logging.WARNING):
        for _turn in range(2):
            assert client.get("/results/").status_code == 200
    assert caplog.records == []


# --- the language of the frame, chosen by a form without a token ---


def test_a_stranger_chooses_the_language_without_a_token(client):
    stage.released()
    strict = Client(enforce_csrf_checks=True)
    page = strict.get("/results/").content.decode()
    assert "csrfmiddlewaretoken" not in page
    assert 'action="/i18n/setlang/"' in page
    sent = strict.post("/i18n/setlang/", {"language": "zh-hans", "next": "/results/"})
    assert (sent.status_code, sent.url) == (302, "/results/")
    assert strict.cookies["django_language"].value == "zh-hans"
    assert '<html lang="zh-hans"' in strict.get("/results/").content.decode()
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        sent = strict.post("/i18n/setlang/", {"language": "en", "next": elsewhere})
        assert (sent.status_code, sent.url) == (302, "/")
    assert strict.post("/i18n/setlang/", {"language": "xx"}).cookies.get("django_language") is None


# --- one instant, in every process ---


class OtherProcess:
    """A process with a memory and a line to the database of its own, forked from the test."""

    def __init__(self):
        ours, theirs = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                # The parent's line to the database is not ours to use or to close.
                self._inherited, connection.connection = connection.connection, None
                reader = Client()
                while os.read(ours[0], 1):
                    page = reader.get("/results/").content
                    os.write(theirs[1], len(page).to_bytes(4, "big") + page)
            finally:
                os._exit(1)
        os.close(ours[0])
        os.close(theirs[1])
        self._ask, self._answer = ours[1], os.fdopen(theirs[0], "rb")

    def page(self) -> str:
        os.write(self._ask, b"?")
        return self._answer.read(int.from_bytes(self._answer.read(4), "big")).decode()

    def end(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self._ask)
        self._answer.close()


@pytest.mark.django_db(transaction=True)
def test_every_process_tells_what_holds_at_the_commit_and_nothing_before_it(client):
    publication, letters = stage.ready()
    other = OtherProcess()
    first, second = (letter.agency.name for letter in letters)

    def seen():
        for turn in range(2):  # drawn and kept, or told from memory
            ours, theirs = client.get("/results/").content.decode(), other.page()
            assert ours == theirs, turn
        return first in theirs, second in theirs

    try:
        assert seen() == (False, False)
        with transaction.atomic():
            stage.release(publication)
            assert first not in other.page(), "not told before the commit"
        assert seen() == (True, False)
        made = _corrected(publication, letters[1])
        assert seen() == (True, False)
        with transaction.atomic():
            actions.release_correction(
                made,
                confirmed_reference=letters[1].reference,
                actor=make.user(Role.PUBLISHER),
                at=made.proposed_at + 2 * stage.MINUTE,
            )
            assert second not in other.page()
        assert seen() == (True, True)
    finally:
        other.end()


def _corrected(publication, letter):
    """A proposed correction by which the letter goes forward after all, its letters rendered."""
    made = actions.propose_correction(
        publication.round,
        letter,
        why="A word was missing.",
        outcome=Outcome.SELECTED,
        reason=stage.REASON,
        mass_kg=4,
        actor=make.user(Role.PUBLISHER),
        at=publication.proposed_at + 5 * stage.MINUTE,
    )
    for row in made.letters.all():
        actions.render_letter(row.pk, at=made.proposed_at + stage.MINUTE)
    return made
