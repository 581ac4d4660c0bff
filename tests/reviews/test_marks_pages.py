from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from reviews.models import ConflictCheck
from tests import make
from tests.reviews.papers import page_of, seen

pytestmark = pytest.mark.django_db
MARKS = reverse("reviews:marks")
THANKS = reverse("reviews:thanks")


def read(client, **query):
    return client.get(MARKS, query)


def given_to(reviewer, call, **review):
    of = make.assignment(letter=make.eligible_letter(call=call), reviewer=reviewer)
    if review:
        make.review(of=of, **review)
    return of


def test_ones_own_marks_stand_beside_each_other_with_totals_and_bars(reader, assignment):
    reviewer, call = assignment.reviewer, assignment.letter.call
    make.review(of=assignment, marks={"science": Decimal("2.5")}, submitted=False)
    given_to(reviewer, call, marks={"science": Decimal(5)})
    given_to(reviewer, call)

    response = read(reader)

    [one] = response.context["rounds"]
    totals = [line["total"] for line in one["lines"]]
    assert totals == [Decimal("62.00"), Decimal("92.00"), None]
    assert (one["given"], one["mean"]) == (4, Decimal("3.88"))
    assert {bar.mark: bar.count for bar in one["bars"] if bar.count} == {
        Decimal("2.5"): 1,
        Decimal(4): 2,
        Decimal(5): 1,
    }
    assert page_of(assignment) in response.content.decode()


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("total", [0, 1, 2]),
        ("-total", [1, 0, 2]),
        ("-science", [1, 0, 2]),
        ("-reference", [2, 1, 0]),
        ("nonsense", [0, 1, 2]),
    ],
)
def test_lines_are_sorted_by_the_address_and_those_without_a_mark_come_last(
    reader, assignment, sort, order
):
    make.review(of=assignment, marks={"science": Decimal(1)}, submitted=False)
    second = given_to(assignment.reviewer, assignment.letter.call, marks={"science": Decimal(3)})
    third = given_to(assignment.reviewer, assignment.letter.call)
    letters = [assignment, second, third]
    [one] = read(reader, sort=sort).context["rounds"]
    assert [line["row"].pk for line in one["lines"]] == [letters[n].pk for n in order]


def test_nothing_of_anybody_else_is_on_it(reader, assignment):
    make.review(of=assignment, submitted=False)
    before = seen(read(reader))
    for mark in (Decimal(0), Decimal(5)):
        other = make.assignment(letter=assignment.letter)
        make.review(of=other, marks={"science": mark})
        assert seen(read(reader)) == before


def test_a_letter_whose_question_is_open_is_named_and_leads_nowhere(reader, assignment):
    ConflictCheck.objects.update(answered_at=None)
    assert page_of(assignment) not in read(reader).content.decode()


def test_without_letters_it_says_what_comes_next(client):
    client.force_login(make.reviewer())
    assert "no letter for you" in read(client).content.decode()
    assert client.get(THANKS).url == reverse("reviews:queue")


@pytest.mark.parametrize("letters", [1, 3])
def test_it_costs_the_same_however_many_letters(client, it_is, letters, django_assert_num_queries):
    reviewer, call = make.reviewer(), make.call()
    make.rubric(call)
    for _ in range(letters):
        given_to(reviewer, call, marks={})
    client.force_login(reviewer)
    with django_assert_num_queries(5):
        response = read(client)
    assert len(response.context["rounds"][0]["lines"]) == letters
    with django_assert_num_queries(5):
        assert client.get(THANKS).status_code == 200


def test_thanks_are_given_once_all_reviews_of_a_round_are_in(reader, assignment):
    review = make.review(of=assignment, submitted=False, strengths="x" * 40, weaknesses="")
    assert reader.get(THANKS).status_code == 302

    review.state, review.submitted_at = "SUBMITTED", assignment.assigned_at + timedelta(days=2)
    review.save(update_fields=["state", "submitted_at"])
    response = reader.get(THANKS)

    [one] = response.context["rounds"]
    assert (one["given"], one["not_judged"], one["mean"]) == (2, 0, Decimal("4.00"))
    assert (one["lowest"], one["highest"], one["characters"]) == (Decimal(80), Decimal(80), 40)
    body = response.content.decode()
    assert assignment.reviewer.name in body
    assert assignment.letter.reference not in body
