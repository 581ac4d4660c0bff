"""Two worlds that differ in who another reviewer is, or in marks, look alike to who may not know.

The worlds grow from one base inside savepoints, so that every id is the same; each visitor asks the
same addresses in both, and status, headers and bytes must be equal.
"""

import re
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.states import Role
from notifications.models import Message
from reviews import actions
from reviews.models import Assignment, Contribution, Review, Score
from reviews.pseudonyms import pseudonym
from tests import make
from tests.reviews import papers

pytestmark = [pytest.mark.django_db, pytest.mark.long]
_RESTLESS = {"Date", "Expires", "Set-Cookie", "Content-Length"}
# The rooms in which something of a review could show to whom; elsewhere all get the same 404.
_ROOMS = {
    "anonymous": ("reviews/", "results/"),
    "representative": ("letters/", "reviews/", "results/"),
    "assigned reviewer": ("reviews/", "panel/<round:slug>/"),
    "unassigned reviewer": ("reviews/", "panel/<round:slug>/"),
    "reviewer in conflict": ("reviews/", "panel/<round:slug>/"),
    # The chair's other tables have tests of their own.
    "chair in conflict": ("panel/<round:slug>/discussion/",),
    "publisher": ("panel/<round:slug>/", "decisions/"),
    "operator": ("panel/<round:slug>/",),
    "auditor": ("panel/", "decisions/", "audit/"),
}
# Built anew for every request, or the same for everybody; and slow.
_LEFT_OUT = (".xlsx", "duplicates/", ".pdf")


class Base:
    """A letter with two reviewers, of whom one has filed and the other is looked at as visitor."""

    def __init__(self, it_is):
        agency = make.agency(name="Observatory of Lemuria")
        self.letter = make.eligible_letter(agency=agency)
        self.call, self.round = self.letter.call, make.first_round(self.letter.call)
        make.rubric(self.call)
        self.people = {
            "anonymous": None,
            "representative": make.member(agency),
            "assigned reviewer": make.reviewer(),
            "unassigned reviewer": make.reviewer(),
            "reviewer in conflict": make.reviewer(),
            "chair in conflict": make.user(Role.CHAIR),
            "publisher": make.user(Role.PUBLISHER),
            "operator": make.user(Role.OPERATOR),
            "auditor": make.user(Role.AUDITOR),
        }
        papers.filed(self.letter)
        make.check(self.people["unassigned reviewer"], self.letter)
        for name in ("reviewer in conflict", "chair in conflict"):
            make.check(self.people[name], self.letter, conflicted=True)
        self.own = make.assignment(
            letter=self.letter, reviewer=self.people["assigned reviewer"], round=self.round
        )
        make.review(of=self.own, submitted=False)
        self.candidates = [make.reviewer(name=name) for name in ("Ursa Blau", "Vesna Crna")]
        for candidate in self.candidates:
            make.check(candidate, self.letter)
        self.other = make.assignment(
            letter=self.letter, reviewer=self.candidates[0], round=self.round
        )
        self.review = make.review(of=self.other)
        # So that there is something else to count, to rank and to talk about.
        for _ in range(2):
            calm = make.eligible_letter(call=self.call)
            for mark in (3, 4):
                make.review(
                    of=make.assignment(letter=calm, round=self.round),
                    marks={"science": Decimal(mark)},
                )
        it_is(self.own.due_at - timedelta(days=5))

    def addresses(self, name):
        ids = {"reviews": [self.own.pk, self.other.pk, self.letter.pk], "panel": [self.letter.pk]}
        for route in sorted(set(_routes(get_resolver().url_patterns))):
            if not route.startswith(_ROOMS[name]) or "^" in route or route.endswith(_LEFT_OUT):
                continue
            for pk in ids.get(route.partition("/")[0], [self.letter.pk]):
                filled = re.sub(r"<round:\w+>", "preliminary", route)
                filled = filled.replace("<str:code>", self.letter.call.code)
                filled = re.sub(r"<uuid:\w+>", str(pk), filled)
                filled = re.sub(r"<[^>]+>", "letter", filled)
                if not filled.endswith(_LEFT_OUT) and "duplicates/" not in filled:
                    yield f"/{filled}"


def _routes(patterns, prefix=""):
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes(entry.url_patterns, route)


@contextmanager
def world(base, change):
    """The base with `change` made to it and something said by the other reviewer."""
    with transaction.atomic():
        change()
        other = Assignment.objects.select_related("round", "letter", "reviewer").get(
            pk=base.other.pk
        )
        Contribution.objects.create(
            id="0b5c93d4-16f9-4a9e-9a43-1f7a53a20d0e",
            round=other.round,
            letter=other.letter,
            author=other.reviewer,
            text="I said so.",
            at=other.assigned_at,
        )
        yield pseudonym(other.round_id, other.letter_id, other.reviewer_id)
        transaction.set_rollback(True)


def seen_by(base, name, code):
    """Address to status, headers and text of every answer that one person gets."""
    client = Client()
    if base.people[name] is not None:
        client.force_login(base.people[name])
    answers = {}
    for address in dict.fromkeys(base.addresses(name)):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        headers = {k: v for k, v in response.headers.items() if k not in _RESTLESS}
        text = re.sub(
            r'name="csrfmiddlewaretoken" value="\w+"', "", body.decode(errors="surrogateescape")
        )
        answers[address] = (response.status_code, headers, text.replace(code, "<code>"))
    return answers


def mails():
    fields = ("recipient", "template", "subject", "body", "state", "due_at")
    return sorted(Message.objects.values_list(*fields), key=str)


def compare(base, names, *changes):
    """Every answer to each of `names`, compared between the worlds."""
    seen = []
    for change in changes:
        with world(base, change) as code:
            seen.append(({name: seen_by(base, name, code) for name in names}, mails()))
    (first, told), (second, told_too) = seen
    for name in names:
        differing = [a for a in first[name] if first[name][a] != second[name].get(a)]
        assert differing == [], name
    assert told == told_too
    return first


@pytest.fixture
def base(it_is):
    return Base(it_is)


def marks(base, mark, words):
    def change():
        Score.objects.filter(review=base.review).update(mark=Decimal(mark), comment=words)
        Review.objects.filter(pk=base.review.pk).update(strengths=words, recommendation="DECLINE")

    return change


def reviewer(base, number):
    return lambda: Assignment.objects.filter(pk=base.other.pk).update(
        reviewer=base.candidates[number]
    )


def test_marks_and_words_of_another_review_show_to_nobody_who_may_not_know(base):
    names = list(base.people)
    seen = compare(base, names, marks(base, 0, "Weak."), marks(base, 5, "Splendid."))
    # The crawl went somewhere: the reviewer's own pages, and the one that stays shut.
    own = seen["assigned reviewer"]
    assert own[f"/reviews/{base.own.pk}/"][0] == 200
    assert own[f"/reviews/{base.own.pk}/others/"][0] == 404
    assert own[f"/reviews/{base.own.pk}/discussion/"][0] == 403
    assert seen["chair in conflict"]["/panel/preliminary/discussion/"][0] == 200


def test_who_another_reviewer_is_shows_to_nobody_who_may_not_know(base):
    names = [name for name in base.people if name != "auditor"]  # who sees assignments
    compare(base, names, reviewer(base, 0), reviewer(base, 1))


def test_who_has_filed_sees_what_others_wrote_and_not_who_they_are(base):
    review = Review.objects.get(assignment=base.own)
    actions.submit_review(review, actor=base.people["assigned reviewer"])
    seen = compare(base, ["assigned reviewer"], reviewer(base, 0), reviewer(base, 1))
    for page in ("others", "discussion"):
        status, _headers, text = seen["assigned reviewer"][f"/reviews/{base.own.pk}/{page}/"]
        assert status == 200
        assert "Reviewer <code>" in text
        assert not any(person.name in text for person in base.candidates)
    assert "I said so." in text
