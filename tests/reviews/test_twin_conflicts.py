"""Worlds that differ in one conflict of interest look the same to whoever must not know of it.

Every address of the rooms that a person has business in is asked in each world; status, headers and
bytes must be equal. The worlds grow from one base inside savepoints, so that all ids are the same.
That the other rooms are shut to that person is tested with them.
"""

import io
import re
import zipfile
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.states import Role
from notifications.models import Message
from reviews import actions
from reviews.models import ConflictCheck
from tests import make
from tests.programs import Program
from tests.reviews import papers

pytestmark = [pytest.mark.django_db, pytest.mark.long]
_AGENCY = ("letters", "agency", "results")
# Person: the rooms whose addresses are asked.
ROOMS = {
    "representative": _AGENCY,
    "another agency": _AGENCY,
    "another reader": ("reviews", "panel"),
    "another reviewer": ("reviews",),
    "chair in conflict": ("panel", "decisions"),
    "operator": ("panel", "admin"),
    "publisher": ("panel", "decisions"),
}
# Person: what a program of hers or his asks.
CALLS = {
    "representative": ("/letters", "/letters/{letter}"),
    "another reader": ("/reviews", "/reviews/{assignment}"),
    "another reviewer": ("/reviews", "/reviews/{assignment}", "/panel/assignments"),
    "chair in conflict": (
        *("/panel/assignments", "/panel/assignments?letter={letter}"),
        *("/panel/ranking", "/decisions"),
    ),
    "publisher": ("/panel/assignments", "/panel/ranking", "/decisions"),
}
_RESTLESS = {"Date", "Expires", "Set-Cookie", "Content-Length"}
DAY = timedelta(days=1)


class Base:
    """A letter with two readers, of whom one may come into conflict; its rival; and everybody."""

    def __init__(self):
        self.call = make.call()
        make.rubric(self.call)
        agency = make.agency(name="Space Agency of Atlantis")
        self.chair = make.user(Role.CHAIR, name="Chair One")
        self.letter, self.rival = (
            make.eligible_letter(call=self.call, chair=self.chair, agency=of)
            for of in (agency, make.agency())
        )
        barred_chair = make.user(Role.CHAIR, name="Chair Two")
        self.people = {
            "representative": make.member(of=agency),
            "another agency": make.member(of=self.rival.agency),
            "another reader": make.reviewer(),
            "another reviewer": make.reviewer(),
            "chair in conflict": barred_chair,
            "operator": make.user(Role.OPERATOR),
            "publisher": make.user(Role.PUBLISHER),
        }
        for letter in (self.letter, self.rival):
            papers.filed(letter)
        self.suspect = make.reviewer(name="Vera Suspect")
        for reader in (self.suspect, self.people["another reader"]):
            for letter in (self.letter, self.rival):
                given = make.assignment(letter=letter, reviewer=reader, assigned_by=self.chair)
        self.assignment = given
        make.review(of=given)
        make.check(self.people["another reviewer"], self.letter, answered=False)
        make.check(barred_chair, self.letter, conflicted=True)
        make.check(barred_chair, self.rival)
        actions.name_competitors(
            self.letter, self.rival, reason="One place.", actor=self.chair, at=self.call.closes_at
        )
        self.check = ConflictCheck.objects.get(reviewer=self.suspect, letter=self.letter)
        self.programs = {name: Program(self.people[name]) for name in CALLS}


@contextmanager
def world(base, strength):
    """The base with a conflict of this strength between the suspect and the letter, or none."""
    at = base.call.closes_at + 9 * DAY
    with transaction.atomic():
        match strength:
            case "declared":
                answer = {base.letter.pk: ("FAMILY", "My brother leads it.")}
                actions.answer_conflicts(base.suspect, answer, at=at)
            case "soft":
                actions.record_conflict(
                    base.check, kind="OTHER", strength="SOFT", note="", actor=base.chair, at=at
                )
        yield
        transaction.set_rollback(True)


def routes(patterns, prefix=""):
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry.url_patterns, route)


def addresses(base, rooms):
    """Every address of these rooms that a GET can ask, with the ids of this world in it."""
    ids = {"reviews": [base.assignment.pk], "panel": [base.letter.pk, base.assignment.pk]}
    for route in sorted(set(routes(get_resolver().url_patterns))):
        room = route.partition("/")[0]
        if "^" in route or "<path" in route or room not in rooms:
            continue
        for pk in ids.get(room, [base.letter.pk]):
            filled = re.sub(r"<round:\w+>", "preliminary", route)
            filled = filled.replace("<str:code>", base.letter.call.code)
            filled = re.sub(r"<uuid:\w+>", str(pk), filled)
            filled = re.sub(r"<int:pk>", str(base.check.pk), filled)
            yield "/" + re.sub(r"<[^>]+>", "a", filled)
            if "<uuid:" not in route:
                break
    if "panel" not in rooms:
        return
    for query in ("q=Suspect", "strength=HARD", "kind=FAMILY", "sort=-strength"):
        yield f"/panel/conflicts/?{query}"
        yield f"/panel/conflicts.csv?{query}"
    yield "/panel/reviewers/?sort=-load"
    yield "/panel/preliminary/progress/?by=letter"


def seen_by(name, base):
    """Address to (status, headers, bytes) of every answer that one person gets."""
    client = Client()
    client.force_login(base.people[name])
    answers = {}
    for address in dict.fromkeys(addresses(base, ROOMS[name])):
        answers[address] = _plain(client.get(address))
    for call in CALLS.get(name, ()):
        where = call.format(letter=base.letter.pk, assignment=base.assignment.pk)
        answers[f"API {call}"] = _plain(base.programs[name].get(where))
    return answers


def _plain(response):
    headers = {k: v for k, v in response.headers.items() if k not in _RESTLESS}
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"PK"):
        # A workbook says when it was made; what is in its sheet is what counts.
        body = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")
    text = body.decode(errors="surrogateescape")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return response.status_code, headers, text


def mails():
    fields = ("key", "recipient", "address", "template", "subject", "body")
    return sorted(Message.objects.values_list(*fields), key=str)


def differences(one, other):
    return sorted(address for address in one if one[address] != other[address])


@pytest.fixture
def base(it_is):
    it_is(make.CLOSES + 10 * DAY)
    return Base()


def test_nobody_outside_sees_that_a_reviewer_is_in_conflict_with_a_letter(base):
    seen, told = [], []
    for conflict in (None, "declared", "soft"):
        with world(base, conflict):
            seen.append({name: seen_by(name, base) for name in base.people})
            told.append(mails())
    none, *others = seen
    for name in base.people:
        for other in others:
            assert differences(none[name], other[name]) == [], name
        answered = [address for address, said in none[name].items() if said[0] == 200]
        assert len(answered) > 2, name
    assert told[0] == told[1] == told[2]


def test_the_chair_who_presides_does_see_it_and_the_crawl_would(base):
    base.people["publisher"] = base.chair
    seen = []
    for conflict in (None, "declared"):
        with world(base, conflict):
            seen.append(seen_by("publisher", base))
    assert {
        "/panel/conflicts/",
        "/panel/conflicts.csv",
        f"/panel/conflicts/{base.check.pk}/",
        f"/panel/preliminary/assignment/{base.letter.pk}/",
    } <= set(differences(*seen))
