"""What reviewers would like to read: saying it, and what becomes of it in a plan."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role
from reviews import actions, plan_pool
from reviews.affinity import BIDS, RELUCTANCE
from reviews.models import AssignmentPlan, Wish
from tests import make

pytestmark = pytest.mark.django_db
PAGE = reverse("reviews:wishes")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def call(it_is):
    made = make.call()
    it_is(made.closes_at + timedelta(days=10))
    return made


@pytest.fixture
def person(client, call):
    person = make.reviewer()
    client.force_login(person)
    return person


def clear(person, call, count):
    letters = [make.eligible_letter(call=call) for _ in range(count)]
    for letter in letters:
        make.check(person, letter)
    return letters


def said(person):
    return dict(Wish.objects.filter(reviewer=person).values_list("letter", "choice"))


def test_wishes_are_saved_by_the_button_and_as_one_chooses(client, person, call):
    first, second = clear(person, call, 2)
    form = {f"wish-{first.pk}": "YES", f"wish-{second.pk}": "NO"}
    assert client.post(PAGE, form).url == PAGE
    assert said(person) == {first.pk: "YES", second.pk: "NO"}
    response = client.post(PAGE, {f"wish-{first.pk}": "MAYBE"}, headers=HTMX)
    assert response.status_code == 200
    assert response.content.decode().startswith("Saved ")
    # What was not sent stays.
    assert said(person) == {first.pk: "MAYBE", second.pk: "NO"}
    body = client.get(PAGE).content.decode()
    assert f'name="wish-{first.pk}" value="MAYBE" id="id_wish-{first.pk}_2" checked' in body


def test_only_letters_without_a_conflict_are_there(client, person, call):
    mine = clear(person, call, 1)[0]
    barred, unanswered, unasked, withdrawn = (make.eligible_letter(call=call) for _ in range(4))
    make.check(person, barred, conflicted=True)
    make.check(person, unanswered, answered=False)
    make.check(person, withdrawn)
    withdrawn.state = "WITHDRAWN"
    withdrawn.save(update_fields=["state"])
    body = client.get(PAGE).content.decode()
    assert mine.reference in body
    for letter in (barred, unanswered, unasked, withdrawn):
        assert letter.reference not in body
        assert client.post(PAGE, {f"wish-{letter.pk}": "YES"}).status_code == 404
    assert said(person) == {}


@pytest.mark.parametrize("choice", ["", "yes", "1", "YES\x00", "x" * 5000])
def test_a_choice_that_is_none_of_the_four_is_not_saved(client, person, call, choice):
    letter = clear(person, call, 1)[0]
    for headers in ({}, HTMX):
        response = client.post(PAGE, {f"wish-{letter.pk}": choice}, headers=headers)
        assert response.status_code in (200, 302, 400, 422)
    assert said(person) == {}


def test_nothing_is_wished_for_once_the_letters_are_given_out(client, person, call):
    first, second = clear(person, call, 2)
    call_round = make.first_round(call)
    make.assignment(letter=first, reviewer=person, round=call_round)
    response = client.post(PAGE, {f"wish-{second.pk}": "YES"})
    assert response.status_code == 409
    assert "given out" in client.get(PAGE).content.decode()
    assert said(person) == {}
    # Nor by somebody who got none, once the plan is applied.
    other = make.reviewer()
    make.check(other, second)
    AssignmentPlan.objects.create(
        round=call_round,
        state="APPLIED",
        asked_by=make.user(Role.CHAIR),
        asked_at=call.closes_at,
        applied_by=make.user(Role.CHAIR),
        applied_at=call.closes_at,
        parameters={},
    )
    with pytest.raises(actions.Refused):
        actions.save_wishes(call_round, {second.pk: "YES"}, reviewer=other, at=call.closes_at)


def test_the_action_refuses_a_strange_letter_and_the_database_a_second_wish(person, call):
    letter = clear(person, call, 1)[0]
    call_round, strange = make.first_round(call), make.eligible_letter()
    wish = {"reviewer": person, "at": call.closes_at}
    with pytest.raises(actions.Refused):
        actions.save_wishes(call_round, {strange.pk: "YES"}, **wish)
    assert actions.save_wishes(call_round, {letter.pk: "YES"}, **wish) == 1
    assert actions.save_wishes(call_round, {letter.pk: "YES"}, **wish) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Wish.objects.create(
            round=call_round,
            letter=letter,
            reviewer=person,
            choice="NO",
            said_at=call.closes_at,
        )
    assert actions.save_wishes(call_round, {letter.pk: ""}, **wish) == 1
    assert said(person) == {}


@pytest.mark.parametrize("double_anonymous", [False, True])
def test_whose_letter_it_is_shows_as_the_round_allows(client, person, call, double_anonymous):
    clear(person, call, 1)
    actions.set_double_anonymous(
        make.first_round(call), double_anonymous, actor=make.user(), at=call.closes_at
    )
    assert ("Demo Space Agency" in client.get(PAGE).content.decode()) is not double_anonymous


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_however_many_letters(client, django_assert_num_queries, call, count):
    person = make.reviewer()
    client.force_login(person)
    clear(person, call, count)
    with django_assert_num_queries(11):
        client.get(PAGE)


def test_a_plan_takes_wishes_as_the_third_part(person, call):
    gladly, rather_not = clear(person, call, 2)
    call_round, chair = make.first_round(call), make.user(Role.CHAIR)
    actions.save_wishes(
        call_round,
        {gladly.pk: "YES", rather_not.pk: "NO"},
        reviewer=person,
        at=call.closes_at,
    )
    plan = actions.ask_for_plan(
        call_round, numbers=actions.planning.DEFAULTS, actor=chair, at=call.closes_at
    )
    pool = plan_pool.gather(plan, at=call.closes_at).pool
    rows = {letter: at for at, letter in enumerate(pool.letters)}
    column = list(pool.reviewers).index(str(person.pk))
    bids = pool.parts[BIDS]
    assert bids[rows[str(gladly.pk)], column] == 1
    assert bids[rows[str(rather_not.pk)], column] == -1
    assert np.isclose(pool.penalty[rows[str(rather_not.pk)], column], RELUCTANCE)
    assert pool.penalty[rows[str(gladly.pk)], column] == 0


def test_the_chair_sees_the_wish_beside_the_person(client, person, call):
    letter = clear(person, call, 1)[0]
    chair = make.user(Role.CHAIR)
    call_round = make.first_round(call)
    actions.save_wishes(call_round, {letter.pk: "YES"}, reviewer=person, at=call.closes_at)
    client.force_login(chair)
    body = client.get(reverse("panel:assign", args=["preliminary", letter.pk])).content.decode()
    assert "Gladly" in body
