"""The reviewers as the chair sees them."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.states import Role
from reviews.models import Practice, ReviewerProfile
from tests import make

pytestmark = pytest.mark.django_db
POOL = reverse("panel:reviewers")


@pytest.fixture
def call(it_is):
    made = make.call()
    it_is(made.closes_at + timedelta(days=20))
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def profiled(name, **fields):
    person = make.reviewer(name=name)
    fields = {"expertise": "SCIENTIST", "country": "PE", **fields}
    ReviewerProfile.objects.create(user=person, **fields)
    return person


def names(client, **query):
    return "".join(line["person"].name[0] for line in client.get(POOL, query).context["lines"])


def test_reviewers_are_found_by_what_they_know_and_what_is_missing(client, chair, call):
    ada = profiled("Ada", keywords=["dust"], most_letters=1)
    profiled("Bea", expertise="ENGINEER", away_from=date(2024, 1, 1), away_until=date(2024, 3, 1))
    cy = make.reviewer(name="Cy")
    make.user(Role.PUBLISHER, name="Nobody")
    make.member(name="Nobody")
    letter = make.eligible_letter(call=call, chair=chair)
    make.assignment(letter=letter, reviewer=ada, assigned_by=chair)
    make.check(cy, letter, answered=False)
    for query, found in (
        ({}, "ABC"),
        ({"q": "dust"}, "A"),
        ({"q": cy.email}, "C"),
        ({"expertise": "ENGINEER"}, "B"),
        ({"only": "away"}, "B"),
        ({"only": "full"}, "A"),
        ({"only": "profile"}, "C"),
        ({"only": "pledge"}, "ABC"),
        ({"only": "questions"}, "C"),
        ({"sort": "-load"}, "ACB"),
        ({"sort": "-open"}, "CBA"),
    ):
        assert names(client, **query) == found, query
    text = client.get(reverse("panel:reviewers_csv"), {"q": "ada"}).content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["Name"], row["Letters now"], row["At most"], row["Pledge"]) == (
        *("Ada", "1", "1"),
        "no",
    )
    assert row["Has practised"] == "no"


def test_the_tables_say_who_has_practised_as_the_page_does(client, chair, call):
    ada, _bea = profiled("Ada"), profiled("Bea")
    at = call.closes_at
    Practice.objects.create(user=ada, call=call, done_at=at)
    text = client.get(reverse("panel:reviewers_csv")).content.decode("utf-8-sig")
    assert [row["Has practised"] for row in csv.DictReader(io.StringIO(text))] == ["yes", "no"]
    sheet = load_workbook(io.BytesIO(client.get(reverse("panel:reviewers_xlsx")).content)).active
    assert [row[-1] for row in sheet.values] == ["Has practised", "yes", "no"]


def test_a_load_does_not_tell_a_chair_who_reads_the_letter_she_is_barred_from(client, chair, call):
    letter = make.eligible_letter(call=call, chair=chair)
    make.check(chair, letter, conflicted=True)
    reader = profiled("Ada")
    before = client.get(POOL).content
    make.assignment(letter=letter, reviewer=reader, assigned_by=chair)
    make.check(make.reviewer(name="Ada"), make.eligible_letter(chair=chair), answered=False)
    other = make.reviewer(name="Zoe")
    make.check(other, letter, answered=False)
    lines = client.get(POOL).context["lines"]
    assert {(line["person"].load, line["person"].open_questions) for line in lines} == {(0, 0)}
    assert b"Ada" in before


@pytest.mark.parametrize("people", [1, 3])
def test_the_pool_costs_the_same(client, chair, call, people, django_assert_num_queries):
    for n in range(people):
        make.assignment(
            letter=make.eligible_letter(call=call, chair=chair),
            reviewer=profiled(f"N{n}"),
            assigned_by=chair,
        )
    client.get(reverse("panel:home"))
    with django_assert_num_queries(10):
        client.get(POOL)
