"""An interest in one of two competing letters is an interest in the other."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import actions as people_room
from accounts.states import Role
from audit.models import Entry
from reviews import actions, permissions
from reviews.models import Assignment, CompetingLetters, ConflictCheck
from tests import make

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=6)


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


@pytest.fixture
def pair():
    first = make.eligible_letter()
    return first, make.eligible_letter(call=first.call)


def named(first, second, chair):
    return actions.name_competitors(first, second, reason="One place.", actor=chair, at=AT)


def standing(person, letter):
    check = ConflictCheck.objects.get(reviewer=person, letter=letter)
    return (check.conflicted, check.strength if check.source else "", check.kind)


def test_a_hard_conflict_with_one_letter_is_a_soft_one_with_its_competitor(pair, chair):
    reader = make.reviewer()
    make.check(reader, pair[0], conflicted=True, kind="FAMILY")
    given = make.assignment(letter=pair[1], reviewer=reader)

    made = named(*pair, chair)

    assert standing(reader, pair[1]) == (False, "SOFT", "COMPETING")
    assert Assignment.objects.active().get() == given
    assert list(Entry.objects.order_by("seq").values_list("action", flat=True)) == [
        "letters.paired",
        "conflict.found",
    ]
    actions.unname_competitors(made, actor=chair, at=AT)
    assert standing(reader, pair[1]) == (False, "", "")
    assert list(Entry.objects.order_by("seq").values_list("action", flat=True))[2:] == [
        "letters.unpaired",
        "conflict.gone",
    ]


def test_a_conflict_declared_later_reaches_the_competitor_and_leaves_it_when_lifted(pair, chair):
    reader = make.reviewer()
    for letter in pair:
        make.check(reader, letter)
    named(*pair, chair)

    actions.answer_conflicts(reader, {pair[0].pk: ("MONEY", "")}, at=AT)
    assert standing(reader, pair[1]) == (False, "SOFT", "COMPETING")

    check = ConflictCheck.objects.get(reviewer=reader, letter=pair[0])
    actions.lift_conflict(check, reason="Sold.", actor=chair, at=AT)
    assert standing(reader, pair[1]) == (False, "", "")


def test_a_chairs_conflict_bars_from_both(pair, chair):
    other, reader_too = make.user(Role.CHAIR), make.user(Role.CHAIR, Role.REVIEWER)
    make.check(other, pair[0], conflicted=True)
    make.check(other, pair[1], answered=False)
    make.check(reader_too, pair[0], conflicted=True)
    given = make.assignment(letter=pair[1], reviewer=reader_too)

    made = named(*pair, chair)

    assert standing(other, pair[1]) == (True, "HARD", "COMPETING")
    assert standing(reader_too, pair[1]) == (True, "HARD", "COMPETING")
    given.refresh_from_db()
    assert given.ended_at == AT
    actions.unname_competitors(made, actor=chair, at=AT)
    assert standing(other, pair[1]) == (False, "", "")
    assert ConflictCheck.objects.get(reviewer=other, letter=pair[1]).answered_at is None


def test_a_reviewer_who_becomes_a_chair_presides_over_neither(pair, chair):
    person = make.reviewer()
    make.check(person, pair[0], conflicted=True, kind="FAMILY")
    make.check(person, pair[1], answered=False)
    named(*pair, chair)
    assert standing(person, pair[1]) == (False, "SOFT", "COMPETING")
    both = [Role.REVIEWER, Role.CHAIR]
    people_room.grant_roles(person, both, actor=make.user(Role.OPERATOR), at=AT)
    actions.ask_chairs(at=AT)
    person.refresh_from_db()
    assert not permissions.presides(person, pair[1])
    entries = Entry.objects.count()
    actions.ask_chairs(at=AT)
    assert Entry.objects.count() == entries, "once is enough"


def test_competition_is_not_handed_on(pair, chair):
    third = make.eligible_letter(call=pair[0].call)
    other = make.user(Role.CHAIR)
    make.check(other, pair[0], conflicted=True)
    make.check(other, pair[1])
    make.check(other, third)
    named(pair[1], third, chair)
    named(*pair, chair)
    assert standing(other, pair[1])[0]
    assert standing(other, third) == (False, "", "")


def test_the_chairs_word_stands_against_the_rule(pair, chair):
    reader = make.reviewer()
    make.check(reader, pair[0], conflicted=True)
    check = make.check(reader, pair[1])
    named(*pair, chair)
    actions.lift_conflict(check, reason="Other teams.", actor=chair, at=AT)
    third = make.eligible_letter(call=pair[0].call)
    named(pair[1], third, chair)
    assert standing(reader, pair[1]) == (False, "", "")
    # Whoever had answered that there is no conflict need not answer that again.
    assert ConflictCheck.objects.get(pk=check.pk).is_clear


def test_a_pair_is_two_letters_of_one_call_named_once(pair, chair):
    made = named(pair[1], pair[0], chair)
    assert made.first_id < made.second_id
    foreign = make.eligible_letter()
    for wrong in (pair, pair[::-1], (pair[0], pair[0]), (pair[0], foreign)):
        with pytest.raises(actions.Refused):
            named(*wrong, chair)
    actions.unname_competitors(made, actor=chair, at=AT)
    with pytest.raises(actions.Refused):
        actions.unname_competitors(made, actor=chair, at=AT)
    assert not CompetingLetters.objects.exists()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["declare", "deny", "lift", "soften", "harden", "name", "unname"]),
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_whatever_happens_in_whatever_order_no_hard_conflict_is_read_and_pairs_hold(steps):
    """After each step: no active assignment in conflict, and softness is what the pairs say."""
    with transaction.atomic():
        chair = make.user(Role.CHAIR)
        first = make.eligible_letter()
        letters = [first, *(make.eligible_letter(call=first.call) for _ in range(2))]
        people = [make.reviewer(), make.reviewer()]
        for person in people:
            for letter in letters:
                make.assignment(letter=letter, reviewer=person, assigned_by=chair)
        for deed, who, one, other in steps:
            person, letter = people[who], letters[one]
            check = ConflictCheck.objects.get(reviewer=person, letter=letter)
            try:
                with transaction.atomic():
                    _do(deed, person, letter, letters[other], check, chair)
            except actions.Refused:
                pass
            _check_all(people, letters)
        transaction.set_rollback(True)


def _do(deed, person, letter, other, check, chair):
    match deed:
        case "declare":
            actions.answer_conflicts(person, {letter.pk: ("MONEY", "")}, at=AT)
        case "deny":
            actions.answer_conflicts(person, {letter.pk: None}, at=AT)
        case "name":
            named(letter, other, chair)
        case "unname":
            pair = CompetingLetters.objects.first()
            if pair:
                actions.unname_competitors(pair, actor=chair, at=AT)
        case _:
            getattr(actions, f"{deed}_conflict")(check, reason="x", actor=chair, at=AT)


def _check_all(people, letters):
    pairs = {frozenset(p) for p in CompetingLetters.objects.values_list("first", "second")}
    checks = {(c.reviewer_id, c.letter_id): c for c in ConflictCheck.objects.all()}
    active = set(Assignment.objects.active().values_list("reviewer", "letter"))
    for (person, letter), check in checks.items():
        assert not (check.conflicted and (person, letter) in active)
        rivals = [other for other in letters if frozenset((other.pk, letter)) in pairs]
        reached = any(
            checks[person, rival.pk].conflicted and checks[person, rival.pk].kind != "COMPETING"
            for rival in rivals
        )
        if not check.ruling and not check.conflicted:
            assert check.is_soft == reached
