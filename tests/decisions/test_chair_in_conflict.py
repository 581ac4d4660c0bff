"""A chair in conflict with a letter learns nothing of its rank and outcome, not even by difference.

Two worlds are made that differ only in where that letter stands and what is decided on it. Every
page of the decisions' room that this chair can open must be the same in both, byte by byte.
"""

import re
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client

from accounts.states import Role
from decisions import actions, rounds
from decisions.states import Outcome
from tests import make
from tests.decisions import stage, tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


class Base:
    """Three letters in the final round, a chair in conflict with one of them, and another chair."""

    def __init__(self):
        self.call = make.call()
        self.barred, *self.others = [
            make.shortlisted_letter(call=self.call, agency=make.agency(), title=title)
            for title in ("Barred hopper", "Seismometer", "Spectrometer")
        ]
        self.round = make.final_round(self.call)
        make.rubric(self.call)
        self.chair = make.user(Role.CHAIR)
        make.check(self.chair, self.barred, conflicted=True)
        self.deputy = make.user(Role.CHAIR)
        self.publisher = make.user(Role.PUBLISHER)

    def weigh(self, *, inside):
        """Sets of the portfolio: the deputy's is pinned to the letters `inside` and no others."""
        self.rules = tables.rules(self.round, self.deputy)
        every = (self.barred, *self.others)
        pins = [tables.pin(letter, inside=letter in inside) for letter in every]
        self.whole = tables.ready(self.round, self.deputy, signed=self.rules, pins=pins)
        tables.adopted(self.whole, self.deputy)
        self.own = tables.ready(self.round, self.chair, signed=self.rules, name="Mine")


@pytest.fixture
def base():
    return Base()


@contextmanager
def world(base, *, place, outcome, proposed):
    """The barred letter stands at `place` (0 is best) and gets `outcome`; undone at the end."""
    with transaction.atomic():
        order = list(base.others)
        order.insert(place, base.barred)
        ranking = stage.freeze(base.round, order)
        # What others got for their marks hangs on nobody's place.
        for total, letter in zip((82, 71), base.others, strict=True):
            ranking.letters.filter(letter=letter).update(total=total)
        chosen = [base.barred] if outcome == Outcome.SELECTED else []
        base.weigh(inside=[*chosen, base.others[0]])
        outcomes = [outcome, Outcome.SELECTED, Outcome.NOT_SELECTED]
        for letter, decided in zip([base.barred, *base.others], outcomes, strict=True):
            actions.decide(
                base.round,
                letter,
                outcome=decided,
                reason=stage.REASON,
                actor=base.deputy,
                at=stage.late(base.call),
            )
        if proposed:
            stage.render_all(stage.propose(base.round, actor=base.publisher))
        yield
        transaction.set_rollback(True)


def pages(base):
    own = "/decisions/final/"
    yield from ("/decisions/", own, f"{own}publication/", f"{own}publication/progress/")
    yield from (f"{own}consents/", f"{own}several/undo/", f"{own}exceptions/")
    yield from (f"{own}?outcome={outcome}" for outcome in Outcome)
    yield from (f"{own}?sort={sort}" for sort in ("rank", "mass", "outcome"))
    for letter in (base.barred, *base.others):
        yield f"{own}{letter.pk}/"
        yield f"{own}several/?letter={letter.pk}"
    yield from ("/decisions/portfolio/", f"{own}portfolio/", f"{own}portfolio/rules/")
    yield from (f"{own}several/?scenario={base.whole.pk}&proposal={side}" for side in ("in", "out"))
    for scenario in (base.whole, base.own):
        there = f"{own}portfolio/{scenario.pk}"
        yield from (f"{there}/", f"{there}/state/", f"{there}/adopt/", f"{there}.csv")
        yield from (f"{there}/?letter={letter.reference}" for letter in base.others)
        yield f"{own}portfolio/compare/?scenario={base.own.pk}&scenario={scenario.pk}"
    yield f"{own}portfolio/rules/{base.rules.pk}/"


def seen_by(person, base):
    client = Client()
    client.force_login(person)
    answers = {}
    # Made in each world anew, so that their ids differ.
    names = {
        str(base.whole.pk): "<whole>",
        str(base.own.pk): "<own>",
        str(base.rules.pk): "<rules>",
    }
    for address in pages(base):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body.decode())
        for pk, name in names.items():
            text, address = text.replace(pk, name), address.replace(pk, name)
        answers[address] = (response.status_code, text, response.headers.get("Location"))
    return answers


@pytest.mark.parametrize("proposed", [False, True])
def test_every_page_is_the_same_wherever_the_letter_stands(base, proposed):
    worlds = []
    for place, outcome in ((0, Outcome.SELECTED), (2, Outcome.NOT_SELECTED)):
        with world(base, place=place, outcome=outcome, proposed=proposed):
            worlds.append(seen_by(base.chair, base))
    first, *others = worlds
    for other in others:
        assert [address for address in first if first[address] != other[address]] == []
    assert first["/decisions/final/"][0] == 200
    assert first["/decisions/final/publication/"][0] == 200
    assert base.barred.reference not in str(first)
    assert first["/decisions/final/portfolio/<own>/"][0] == 200
    assert first["/decisions/final/portfolio/<own>.csv"][0] == 200
    assert first["/decisions/final/portfolio/<whole>/"][0] == 404
    assert base.others[0].reference in first["/decisions/final/"][1]


def test_places_are_counted_without_the_letter_and_the_publisher_counts_them_all(base):
    with world(base, place=0, outcome=Outcome.SELECTED, proposed=True):
        without = [base.barred.pk]
        places = rounds.letters_of(base.round, without).order_by("position")
        assert [letter.position for letter in places] == [1, 2]
        assert list(places) == base.others
        assert rounds.counts_by_outcome(base.round, without) == {"SELECTED": 1, "NOT_SELECTED": 1}
        seen = seen_by(base.publisher, base)
        assert base.barred.reference in seen["/decisions/final/"][1]
        assert seen["/decisions/final/"] != seen_by(base.chair, base)["/decisions/final/"]


def test_whom_a_merged_letter_joins_is_not_told_where_it_is_the_barred_one(base):
    with transaction.atomic():
        stage.freeze(base.round, [base.barred, *base.others])
        base.weigh(inside=[base.barred, base.others[1]])
        outcomes = (Outcome.SELECTED, Outcome.NOT_SELECTED, Outcome.MERGED)
        for letter, outcome in zip([base.barred, *base.others], outcomes, strict=True):
            actions.decide(
                base.round,
                letter,
                outcome=outcome,
                reason=stage.REASON,
                actor=base.deputy,
                at=stage.late(base.call),
                **({"merged_with": base.barred} if outcome == Outcome.MERGED else {}),
            )
        stage.consent(base.round, base.others[1])
        stage.render_all(stage.propose(base.round, actor=base.publisher))
        assert base.barred.title not in str(seen_by(base.chair, base))
        assert base.barred.title in str(seen_by(base.publisher, base))


def test_a_merger_with_the_barred_letter_and_its_consents_are_not_there(base):
    """Neither on the page of consents nor among those that the conductor waits for."""
    stage.freeze(base.round, [base.barred, *base.others])
    base.weigh(inside=[base.barred, *base.others])
    stage.decide(base.round, [base.barred, base.others[0]], [Outcome.SELECTED] * 2)
    stage.merge(base.round, base.others[1], base.barred, actor=base.deputy)
    seen = seen_by(base.chair, base)
    others = seen_by(base.deputy, base)
    for page in ("consents", "publication"):
        address = f"/decisions/final/{page}/"
        name = base.barred.agency.name
        assert (name in seen[address][1], name in others[address][1]) == (False, True)
    client = Client()
    client.force_login(base.chair)
    ask = f"/decisions/final/{base.others[1].pk}/consents/ask/"
    assert client.post(ask).status_code == 403
