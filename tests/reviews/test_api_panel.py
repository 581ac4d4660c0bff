"""Who reads what and where the letters stand, by program: as on the pages, and for nobody else."""

import pytest

from accounts.states import Role
from reviews import actions
from tests import make
from tests.programs import Program, refusal
from tests.reviews.marks import AT, letter_marked, scored

pytestmark = pytest.mark.django_db
ASSIGNMENTS, RANKING = "/panel/assignments", "/panel/ranking"


@pytest.fixture
def call_round(it_is):
    call = make.call()
    make.rubric(call)
    it_is(AT)
    return make.first_round(call)


@pytest.fixture
def chair(call_round):
    return Program(make.user(Role.CHAIR))


def marked(call_round, *marks):
    """A letter with a review of somebody new for each mark."""
    return letter_marked(call_round, {make.reviewer(): mark for mark in marks})


def references(answer):
    return [item["letter"]["reference"] for item in answer.json()["items"]]


# --- who reads what ---


def test_the_chair_reads_who_reads_what(call_round, chair):
    letter = make.eligible_letter(call=call_round.call)
    reviewer = make.reviewer(name="Ana Nakara")
    given = make.assignment(letter=letter, reviewer=reviewer)
    body = chair.get(ASSIGNMENTS).json()
    assert (body["round"], body["count"]) == ("PRELIMINARY", 1)
    [item] = body["items"]
    assert item["id"] == str(given.pk)
    assert item["reviewer"] == {"id": str(reviewer.pk), "name": "Ana Nakara"}
    assert (item["letter"]["reference"], item["state"]) == (letter.reference, "NOT_BEGUN")
    make.review(of=given)
    assert chair.get(ASSIGNMENTS).json()["items"][0]["state"] == "SUBMITTED"


def test_what_ended_or_was_withdrawn_is_not_among_them(call_round, chair):
    ended, withdrawn, kept = (
        make.assignment(letter=make.eligible_letter(call=call_round.call)) for _n in range(3)
    )
    actions.waive(ended, reason="Ill.", actor=chair.person, at=AT)
    withdrawn.letter.state = "WITHDRAWN"
    withdrawn.letter.save(update_fields=["state"])
    assert references(chair.get(ASSIGNMENTS)) == [kept.letter.reference]


def test_a_letter_in_conflict_is_nowhere_and_forbidden_by_name(call_round, chair):
    barred, other = (
        make.assignment(letter=make.eligible_letter(call=call_round.call)) for _n in range(2)
    )
    make.check(chair.person, barred.letter, conflicted=True)
    body = chair.get(ASSIGNMENTS).json()
    assert (body["count"], [i["id"] for i in body["items"]]) == (1, [str(other.pk)])
    assert refusal(chair.get(f"{ASSIGNMENTS}?letter={barred.letter.pk}")) == (403, "forbidden")
    one = chair.get(f"{ASSIGNMENTS}?letter={other.letter.pk}")
    assert references(one) == [other.letter.reference]
    for nothing in ("x", "11111111-2222-4333-8444-555555555555"):
        assert refusal(chair.get(f"{ASSIGNMENTS}?letter={nothing}")) == (404, "not_found")


def test_the_round_is_the_last_one_that_letters_entered_or_the_one_that_is_named(call_round, chair):
    first = make.assignment(letter=make.eligible_letter(call=call_round.call)).letter
    assert chair.get(ASSIGNMENTS).json()["round"] == "PRELIMINARY"
    letter = make.shortlisted_letter(call=call_round.call)
    make.assignment(letter=letter, round=make.final_round(call_round.call))
    assert references(chair.get(ASSIGNMENTS)) == [letter.reference]
    for word in ("PRELIMINARY", "preliminary"):
        assert references(chair.get(f"{ASSIGNMENTS}?round={word}")) == [first.reference]
    for call in (ASSIGNMENTS, RANKING):
        assert refusal(chair.get(f"{call}?round=third")) == (404, "not_found")
        assert refusal(chair.get(f"{call}?rounds=FINAL")) == (400, "bad_request")


def test_without_a_call_there_is_nothing():
    program = Program(make.user(Role.CHAIR))
    for call in (ASSIGNMENTS, RANKING, "/decisions"):
        assert refusal(program.get(call)) == (404, "not_found")


@pytest.mark.parametrize("letters", [1, 3])
def test_the_list_costs_the_same_however_long(
    call_round, chair, letters, django_assert_num_queries
):
    for _number in range(letters):
        given = make.assignment(letter=make.eligible_letter(call=call_round.call))
        make.review(of=given)
    chair.get(ASSIGNMENTS)
    with django_assert_num_queries(7):
        assert len(chair.get(ASSIGNMENTS).json()["items"]) == letters


# --- where the letters stand ---


def test_the_ranking_has_both_totals_side_by_side(call_round, chair):
    best = marked(call_round, 5, 4, 4)
    worst = marked(call_round, 1, 2, 1)
    unrated = make.eligible_letter(call=call_round.call)
    scored()
    body = chair.get(RANKING).json()
    assert references(chair.get(RANKING)) == [
        best.reference,
        worst.reference,
        unrated.reference,
    ]
    assert (body["frozen_at"], body["count"]) == (None, 3)
    first, _second, last = body["items"]
    assert (first["position"], first["reviews"]) == (1, 3)
    assert first["rank_5"] <= first["expected_rank"] <= first["rank_95"]
    assert 0 <= first["chance"] <= 1
    assert first["means"] == {"science": 4.33, "feasibility": 4.33}
    assert (last["position"], last["total"], last["chance"]) == (None, None, None)


def test_a_letter_with_one_review_has_no_position_and_comes_last(call_round, chair):
    alone, worse = marked(call_round, 5), marked(call_round, 1, 2)
    scored()
    assert references(chair.get(RANKING)) == [worse.reference, alone.reference]
    _first, last = chair.get(RANKING).json()["items"]
    assert (last["position"], last["total"], last["reviews"]) == (None, 100.0, 1)


def test_before_anything_is_calculated_it_is_empty(call_round, chair):
    body = chair.get(RANKING).json()
    assert (body["made_at"], body["items"]) == (None, [])


def test_publishers_read_it_once_it_is_frozen_and_reviewers_never(call_round, chair):
    letter = marked(call_round, 4, 4)
    scored()
    publisher, reviewer = Program(make.user(Role.PUBLISHER)), Program(make.reviewer())
    assert refusal(publisher.get(RANKING)) == (404, "not_found")
    actions.freeze_ranking(call_round, actor=chair.person, at=AT)
    scored()
    answer = publisher.get(RANKING)
    assert references(answer) == [letter.reference]
    assert answer.json()["frozen_at"]
    assert refusal(reviewer.get(RANKING)) == (403, "forbidden")
    assert refusal(Program(make.member()).get(RANKING)) == (404, "not_found")


def test_a_chair_in_conflict_gets_every_figure_as_if_the_letter_were_not_there(call_round):
    letters = [marked(call_round, *marks) for marks in ((5, 5), (4, 4), (3, 2))]
    barred = Program(make.user(Role.CHAIR))
    make.check(barred.person, letters[0], conflicted=True)
    scored()
    body = barred.get(RANKING).json()
    assert body["count"] == 2
    assert [item["position"] for item in body["items"]] == [1, 2]
    assert letters[0].reference not in str(body)


@pytest.mark.parametrize("letters", [1, 3])
def test_the_ranking_costs_the_same_however_long(
    call_round, chair, letters, django_assert_num_queries
):
    for _number in range(letters):
        marked(call_round, 4, 3)
    scored()
    chair.get(RANKING)
    with django_assert_num_queries(11):
        assert len(chair.get(RANKING).json()["items"]) == letters


def test_pages_of_the_ranking_go_on_where_the_last_one_ended(call_round, chair):
    for mark in (5, 4, 3):
        marked(call_round, mark, mark)
    scored()
    pages = [chair.get(f"{RANKING}?page={n}&page_size=2").json() for n in (1, 2)]
    assert [item["position"] for page in pages for item in page["items"]] == [1, 2, 3]
    assert {page["pages"] for page in pages} == {2}
