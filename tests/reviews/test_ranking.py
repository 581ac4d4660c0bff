from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from audit.models import Entry
from reviews import actions
from reviews.grounds import grounds
from reviews.models import Assignment, Criterion, RankedLetter, Ranking, Review
from reviews.standings import standings
from tests import make
from tests.proposals.test_actions import at_once

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=80)


@pytest.fixture
def call_round():
    call = make.call()
    make.rubric(call)
    return make.first_round(call)


def marked(call_round, *sheets, submitted=True):
    """A letter of the round with one review for each (science, feasibility)."""
    letter = make.eligible_letter(call=call_round.call)
    for science, feasibility in sheets:
        of = make.assignment(letter=letter, round=call_round)
        given = {"science": _mark(science), "feasibility": _mark(feasibility)}
        make.review(of=of, marks=given, submitted=submitted)
    return letter


def _mark(value):
    return None if value is None else Decimal(str(value))


def lines(call_round):
    return {line["letter"].pk: line for line in standings(grounds(call_round))}


def test_a_total_is_the_mean_of_the_reviews_totals(call_round):
    letter = marked(call_round, (4, 3), (5, 2.5))

    line = lines(call_round)[letter.pk]

    # 60 % of 4 and 40 % of 3 are 72 of 100; 60 % of 5 and 40 % of 2.5 are 80.
    assert (line["total"], line["reviews"]) == (Decimal("76.00"), 2)
    assert line["means"] == {"science": Decimal("4.50"), "feasibility": Decimal("2.75")}


def test_reviewers_disagree_from_the_limits_of_the_rules_on(call_round):
    near = marked(call_round, (4, 4), (3, 3))  # totals exactly 20 apart: not yet
    far = marked(call_round, (4, 4), (3, 2.5))  # 22 apart
    one_mark = marked(call_round, (4, 4), (2, 4))  # a mark exactly 2 apart: already
    alone = marked(call_round, (5, 0))

    found = lines(call_round)
    flags = {pk: (found[pk]["totals_apart"], found[pk]["marks_apart"]) for pk in found}
    assert flags == {
        near.pk: (False, []),
        far.pk: (True, []),
        one_mark.pk: (True, ["science"]),
        alone.pk: (False, []),
    }


def test_drafts_waived_reviews_and_other_rounds_do_not_count(call_round):
    letter = marked(call_round, (1, 1), submitted=False)
    waived = make.review(of=make.assignment(letter=letter, round=call_round)).assignment
    actions.waive(waived, reason="Ill.", actor=waived.assigned_by, at=AT)
    other = make.final_round(call_round.call)
    make.review(of=make.assignment(letter=letter, round=other))

    line = lines(call_round)[letter.pk]
    assert (line["reviews"], line["total"]) == (0, None)


def test_letters_nobody_rated_come_last(call_round):
    unrated, low, high = (marked(call_round, *s) for s in ([], [(1, 1)], [(5, 5)]))
    assert list(lines(call_round)) == [high.pk, low.pk, unrated.pk]


def test_cannot_judge_leaves_the_mean_of_the_others(call_round):
    letter = marked(call_round, (None, 3), (None, 4))
    assert lines(call_round)[letter.pk]["means"] == {
        "science": None,
        "feasibility": Decimal("3.50"),
    }


@pytest.mark.parametrize("letters", [1, 3])
def test_standings_cost_the_same_however_many(call_round, letters, django_assert_num_queries):
    for _ in range(letters):
        marked(call_round, (4, 4), (3, 3))
    ground = grounds(call_round)
    with django_assert_num_queries(3):
        standings(ground)


# --- freezing -------------------------------------------------------------------------------------


def freeze(call_round):
    return actions.freeze_ranking(call_round, actor=make.user(Role.CHAIR), at=AT)


def test_the_frozen_ranking_is_a_copy(call_round):
    best, same, last = (marked(call_round, s, s) for s in ((4, 4), (4, 4), (3, 3)))

    ranking = freeze(call_round)
    Criterion.objects.update(weight=1, name={"en": "Beauty"})

    assert list(RankedLetter.objects.values_list("letter", "position", "total")) == [
        *((letter.pk, 1, Decimal(80)) for letter in sorted((best, same), key=_reference)),
        (last.pk, 3, Decimal(60)),
    ]
    ranking.refresh_from_db()
    assert [(line["name"]["en"], line["weight"]) for line in ranking.rubric] == [
        ("Science", 60),
        ("Feasibility", 40),
    ]
    assert RankedLetter.objects.first().means == {"science": "4.00", "feasibility": "4.00"}
    frozen = Entry.objects.last()
    # The auditor reads the record before anybody is told, and knows no totals.
    assert (frozen.action, frozen.data["letters"]) == ("ranking.frozen", 3)
    assert "80.00" not in str(frozen.data)


def test_a_letter_with_one_opinion_has_no_place_and_is_last(call_round):
    alone, unable = marked(call_round, (5, 5)), marked(call_round, (5, 5), (None, None))
    best, last = marked(call_round, (4, 4), (4, 4)), marked(call_round, (1, 1), (1, 1))

    assert list(lines(call_round)) == [best.pk, last.pk, alone.pk, unable.pk]
    freeze(call_round)

    frozen = list(RankedLetter.objects.values_list("letter", "position", "total", "reviews"))
    assert frozen == [
        (best.pk, 1, Decimal(80), 2),
        (last.pk, 2, Decimal(20), 2),
        (alone.pk, None, Decimal(100), 1),
        (unable.pk, None, Decimal(100), 2),
    ]


def _reference(letter):
    return letter.reference


def a_review_is_out(call_round):
    marked(call_round, (4, 4))
    make.assignment(letter=marked(call_round, (4, 4)), round=call_round)


def a_draft_is_out(call_round):
    marked(call_round, (4, 4), submitted=False)


def a_letter_was_never_given_out(call_round):
    marked(call_round, (4, 4))
    marked(call_round)


def nobody_could_judge(call_round):
    marked(call_round, (None, None))


def no_letter(call_round):
    """The round is empty."""


@pytest.mark.parametrize(
    "why",
    [
        a_review_is_out,
        a_draft_is_out,
        a_letter_was_never_given_out,
        nobody_could_judge,
        no_letter,
    ],
)
def test_a_ranking_is_not_frozen_before_all_is_in(call_round, why):
    why(call_round)
    with pytest.raises(actions.Refused):
        freeze(call_round)
    assert not Ranking.objects.exists()
    assert not Entry.objects.exclude(action="rubric.frozen").exists()


def test_a_waived_review_does_not_hold_up_the_ranking(call_round):
    letter = marked(call_round, (4, 4))
    out = make.assignment(letter=letter, round=call_round)
    actions.waive(out, reason="Ill.", actor=out.assigned_by, at=AT)
    assert freeze(call_round)


def test_a_ranking_is_frozen_once(call_round):
    marked(call_round, (4, 4))
    freeze(call_round)
    with pytest.raises(actions.Refused) as refused:
        freeze(call_round)
    assert refused.value.code == "frozen"
    assert Ranking.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_a_review_reopened_while_the_ranking_freezes_is_counted_or_holds_it_up(it_is, attempt):
    """IR07: what is frozen is what was filed, and what is out is in no frozen ranking."""
    it_is(AT)
    call = make.call()
    make.rubric(call)
    call_round = make.first_round(call)
    marked(call_round, (4, 4))
    review = Review.objects.get()
    # An older due date has passed by the clock that the test holds.
    Assignment.objects.update(due_at=AT + timedelta(days=1))
    deeds = [
        lambda: actions.reopen_review(review, actor=review.assignment.reviewer),
        lambda: freeze(call_round),
    ]

    reopened, frozen = at_once(2, lambda number: deeds[number]())

    assert isinstance(reopened, actions.Refused) != isinstance(frozen, actions.Refused)
    totals = list(RankedLetter.objects.values_list("total", flat=True))
    if isinstance(frozen, Ranking):
        assert (reopened.code, totals) == ("frozen", [Decimal(80)])
        assert Review.objects.get().state == "SUBMITTED"
    else:
        assert (reopened.state, totals) == ("DRAFT", [])
