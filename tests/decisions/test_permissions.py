"""Who gets what answer at every door of this room: the rows D, P and T of the security matrix."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.states import Role, Seat
from decisions.models import DecisionLetter
from decisions.states import Outcome, RenderState
from reviews.models import ConflictCheck
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

# anonymous · own agency: editor, representative, viewer · other agency · reviewer: assigned,
# unassigned, in conflict · chair, chair in conflict · operator · publisher who proposed, another
# publisher · auditor
PEOPLE = ["an", "ed", "su", "vw", "ob", "ra", "ru", "rc", "ch", "cc", "ad", "p1", "p2", "au"]
ANSWERS = {"L": "login", "2": "allowed", "3": 403, "4": 404, "9": 409}


class World:
    """One selected and one declined letter in the final round, and everybody there is."""

    def __init__(self):
        self.round, [self.letter, self.other] = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
        agency = self.letter.agency
        self.people = {
            "an": None,
            "ed": make.member(of=agency, seat=Seat.EDITOR),
            "su": make.member(of=agency),
            "vw": make.member(of=agency, seat=Seat.VIEWER),
            "ob": make.member(),
            "ra": make.reviewer(),
            "ru": make.reviewer(),
            "rc": make.reviewer(),
            "ch": make.user(Role.CHAIR),
            "cc": make.user(Role.CHAIR),
            "ad": make.user(Role.OPERATOR),
            "p1": make.user(Role.PUBLISHER),
            "p2": make.user(Role.PUBLISHER),
            "au": make.user(Role.AUDITOR),
        }
        make.assignment(letter=self.letter, reviewer=self.people["ra"], round=self.round)
        for code in ("rc", "cc"):
            for letter in (self.letter, self.other):
                make.check(self.people[code], letter, conflicted=True)
        self.publication = None

    def propose(self, *, render=True):
        self.publication = stage.propose(self.round, actor=self.people["p1"])
        if render:
            stage.render_all(self.publication)
        return self

    def release(self):
        self.propose()
        stage.release(self.publication, actor=self.people["p2"], key="the key")
        self.publication.refresh_from_db()
        return self

    def fail_one(self):
        self.propose()
        DecisionLetter.objects.update(state=RenderState.FAILED)
        return self


def in_round(name, *more):
    return lambda world: reverse(
        f"decisions:{name}", args=[world.round.kind, *[getattr(world, part).pk for part in more]]
    )


def of_letter(name, which="letter"):
    return lambda world: reverse(f"decision_letters:{name}", args=[getattr(world, which).pk])


def of_file(name):
    def address(world):
        row = world.publication.letters.filter(decision__letter=world.letter).first()
        return reverse(f"decisions:{name}", args=[row.pk])

    return address


def decision_form(version):
    return lambda world: {
        "outcome": "NOT_SELECTED",
        "reason": "Thought better of it.",
        "version": str(version),
        "conditions-TOTAL_FORMS": "0",
        "conditions-INITIAL_FORMS": "0",
    }


def release_form(key):
    return lambda world: {
        "publication": str(world.publication.pk),
        "key": key,
        "count": str(world.publication.positive_count),
    }


def several_form(world):
    return {"letter": [str(world.other.pk)], "version": ["1"]} | decision_form(1)(world)


def as_decided(world):
    return world


def unrendered(world):
    return world.propose(render=False)


# Row: the state of the world, the request, and the answers in the order of PEOPLE.
ROWS = [
    (
        "D01 decide",
        as_decided,
        "post",
        in_round("letter", "letter"),
        decision_form(1),
        "L444434423 3 33 4",
    ),
    ("D02 propose", as_decided, "post", in_round("propose"), None, "L444444433 3 22 4"),
    (
        "D03 release",
        World.propose,
        "post",
        in_round("release"),
        release_form("k"),
        "L444444433 3 32 4",
    ),
    ("D05 read", as_decided, "get", in_round("letter", "letter"), None, "L444444423 3 22 3"),
    ("D05 list", as_decided, "get", in_round("round"), None, "L444444422 3 22 3"),
    ("D07 own decision", World.release, "get", of_letter("page"), None, "L222424422 2 22 2"),
    ("D07 before", World.propose, "get", of_letter("page"), None, "L444444444 4 44 4"),
    ("D08 results", World.release, "get", lambda world: "/results/", None, "2222222222 2 22 2"),
    ("D09 list, told", World.release, "get", in_round("round"), None, "L444444422 3 22 2"),
    (
        "D12 decide, told",
        World.release,
        "post",
        in_round("letter", "letter"),
        decision_form(1),
        "L444434493 3 33 4",
    ),
    (
        "P03 not rendered",
        unrendered,
        "post",
        in_round("release"),
        release_form("k"),
        "L444444433 3 39 4",
    ),
    (
        "P04 same form",
        World.release,
        "post",
        in_round("release"),
        release_form("the key"),
        "L444444433 3 32 4",
    ),
    (
        "P05 new form",
        World.release,
        "post",
        in_round("release"),
        release_form("new"),
        "L444444433 3 99 4",
    ),
    (
        "P06 results, before",
        World.propose,
        "get",
        lambda world: "/results/",
        None,
        "2222222222 2 22 2",
    ),
    ("T01 preview", World.propose, "get", of_file("preview"), None, "L444444433 3 22 4"),
    ("T02 letter, before", World.propose, "get", of_letter("pdf"), None, "L444444433 3 22 4"),
    ("T02 not proposed", as_decided, "get", of_letter("pdf"), None, "L444444433 3 44 4"),
    ("T03 own letter", World.release, "get", of_letter("pdf"), None, "L222444424 3 22 3"),
    ("T04 another's", World.release, "get", of_letter("pdf", "other"), None, "L444444424 3 22 3"),
    ("T05 render again", World.fail_one, "post", of_file("retry"), None, "L444444433 3 22 4"),
    ("T07 verify", World.release, "get", lambda world: "/verify/", None, "2222222222 2 22 2"),
    ("home", as_decided, "get", lambda world: "/decisions/", None, "L444444422 3 22 3"),
    ("conductor", World.propose, "get", in_round("publication"), None, "L444444422 3 22 3"),
    ("progress", World.propose, "get", in_round("progress"), None, "L444444422 3 22 3"),
    (
        "withdraw",
        World.propose,
        "post",
        in_round("withdraw"),
        lambda w: {"reason": "x"},
        "L444444433 3 22 4",
    ),
    ("rehearse", World.propose, "post", in_round("rehearse"), None, "L444444433 3 22 4"),
    ("press", World.propose, "get", in_round("press"), None, "L444444433 3 22 4"),
    ("exceptions", as_decided, "get", in_round("exceptions"), None, "L444444422 3 22 3"),
    ("consents", as_decided, "get", in_round("consents"), None, "L444444422 3 22 3"),
    ("unschedule", World.propose, "post", in_round("unschedule"), None, "L444444433 3 99 4"),
    ("undo", as_decided, "get", in_round("undo"), None, "L444444422 3 33 4"),
    ("undo nothing", as_decided, "post", in_round("undo"), None, "L444444499 3 33 4"),
    ("questions", as_decided, "get", lambda w: "/letters/confidential/", None, "L222222222 2 22 2"),
    ("several", as_decided, "post", in_round("several"), several_form, "L444444423 3 33 4"),
]


def answer_to(person, method, address, data):
    """What a person gets, with every trace of the request undone."""
    client = Client()
    if person is not None:
        client.force_login(person)
        make.stepped_up(client)
    with transaction.atomic():
        response = getattr(client, method)(address, data)
        transaction.set_rollback(True)
    if response.status_code == 302 and response.url.startswith("/accounts/login/"):
        return "login"
    return "allowed" if response.status_code in (200, 302) else response.status_code


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_everybody_gets_the_answer_of_the_matrix(row):
    _name, to_state, method, address, data, cells = row
    world = to_state(World())
    expected = {
        code: ANSWERS[cell] for code, cell in zip(PEOPLE, cells.replace(" ", ""), strict=True)
    }
    where, sent = address(world), data and data(world)

    answers = {
        code: answer_to(person, method, where, sent) for code, person in world.people.items()
    }

    assert answers == expected


def test_a_letter_of_another_round_is_nowhere_here():
    world = World()
    stray = make.eligible_letter(call=world.letter.call)
    address = reverse("decisions:letter", args=[world.round.kind, stray.pk])
    for code in ("ch", "p1"):
        assert answer_to(world.people[code], "get", address, None) == 404
    assert answer_to(world.people["ch"], "post", address, decision_form(0)(world)) == 404


def test_a_chair_in_conflict_decides_the_letter_neither_alone_nor_among_others():
    world = World()
    sent = several_form(world) | {"letter": [str(world.letter.pk), str(world.other.pk)]}
    assert answer_to(world.people["cc"], "post", in_round("several")(world), sent) == 403


@pytest.mark.parametrize("page", ["round", "publication"])
def test_a_chair_in_conflict_finds_no_row_of_the_letter_in_any_list(page, client):
    world = World().propose()
    ConflictCheck.objects.filter(letter=world.other).update(conflicted=False, strength="SOFT")
    shown = {}
    for code in ("ch", "cc", "p1"):
        client.force_login(world.people[code])
        text = client.get(in_round(page)(world)).content.decode()
        shown[code] = [letter.reference in text for letter in (world.letter, world.other)]
    assert shown == {"ch": [True, True], "cc": [False, True], "p1": [True, True]}


def test_the_next_letter_of_a_chair_in_conflict_is_another_one(client):
    call_round, [barred, first, second] = stage.final(None, None, None)
    barred, first, second = sorted([barred, first, second], key=lambda row: row.reference)
    chair = make.user(Role.CHAIR)
    make.check(chair, barred, conflicted=True)
    client.force_login(chair)
    address = reverse("decisions:letter", args=[call_round.kind, first.pk])
    response = client.post(address, decision_form(0)(None) | {"version": "0", "next": ""})
    assert response.url.endswith(f"{second.pk}/")


def test_a_role_that_is_taken_away_is_gone_at_the_next_request():
    world = World().propose()
    person = world.people["p2"]
    person.roles = []
    person.save(update_fields=["roles"])
    assert answer_to(person, "get", in_round("release")(world), None) == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_what_writes_takes_a_post_only(method):
    world = World().propose()
    for address in (in_round("withdraw"), of_file("retry")):
        assert answer_to(world.people["p2"], method, address(world), None) == 405
