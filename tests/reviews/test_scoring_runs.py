"""Runs, boards and aims: what is calculated when, once, and what is kept."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from audit.models import Entry
from reviews import actions, scoreboards
from reviews.actions import scoring as scoring_actions
from reviews.grounds import Fingerprint, aim_of, fingerprint, grounds
from reviews.models import (
    Aim,
    Assignment,
    Criterion,
    Ranking,
    Review,
    Scoreboard,
    ScoreboardLine,
    ScoringRun,
)
from tests import make
from tests.reviews.marks import AT, add_review, crossed, letter_marked, lines, scored

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def call_round():
    call = make.call()
    make.rubric(call)
    return make.first_round(call)


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


def board(call_round, user=None) -> Scoreboard:
    return scoreboards.board_of(user or make.user(Role.CHAIR), call_round)


# --- runs -----------------------------------------------------------------------------------------


def test_a_board_holds_totals_as_scored_beside_those_with_severity_removed(call_round):
    letters, reviewers = crossed(call_round)
    assert scored() == 1

    made = lines(board(call_round))
    run = ScoringRun.objects.get()
    by_letter = {line["letter"]: line for line in run.result["letters"]}
    for letter in letters:
        line, found = made[letter.pk], by_letter[str(letter.pk)]
        assert float(line.total) == pytest.approx(found["raw_mean"], abs=0.01)
        names = ("merit", "merit_error", "place", "expected_rank", "rank_5", "rank_95", "p_top")
        assert [getattr(line, name) for name in names] == [found[name] for name in names]
    severity = {line["reviewer"]: line["severity"] for line in run.result["reviewers"]}
    assert max(severity, key=severity.get) == str(reviewers[0].pk)
    assert run.result["correction"]["supported"]
    assert (run.made_at, run.made_by) == (AT, None)


def test_the_same_marks_are_scored_once_whoever_asks(call_round, chair):
    crossed(call_round)
    assert [scored(), scored(AT + MINUTE)] == [1, 0]
    assert actions.ask_for_scores(call_round, actor=chair, at=AT + MINUTE)
    assert ScoringRun.objects.count() == 1
    [entry] = Entry.objects.filter(action="scoring.made")
    run = ScoringRun.objects.get()
    assert entry.data == {
        "run": str(run.pk),
        "input_sha256": run.input_sha256,
        "code_version": run.code_version,
        "rubric_sha256": run.rubric.sha256,
        "reviews": 16,
    }


def a_review_more(call_round, letters):
    add_review(call_round, letters[0], make.reviewer(), 4)


def a_review_reopened(call_round, letters):
    review = Review.objects.filter(assignment__letter=letters[0]).first()
    actions.reopen_review(review, actor=review.assignment.reviewer)


def a_mark_changed(call_round, letters):
    # Marks of 3, which need no comment.
    review = Review.objects.get(
        assignment__letter=letters[4], assignment__reviewer__name__contains="C"
    )
    review = actions.reopen_review(review, actor=review.assignment.reviewer)
    revision, changed = review.revision, {"mark": Decimal(4), "cannot_judge": False}
    review = actions.save_review(
        review.assignment,
        changes={"change_reason": "I had read the wrong table."},
        scores={"science": {**changed, "comment": "Better founded than I thought."}},
        revision=revision,
        actor=review.assignment.reviewer,
    )
    actions.submit_review(review, actor=review.assignment.reviewer)


def a_review_waived(call_round, letters):
    waived = Assignment.objects.filter(letter=letters[0]).first()
    actions.waive(waived, reason="Ill.", actor=waived.assigned_by, at=AT)


def a_letter_more(call_round, letters):
    make.eligible_letter(call=call_round.call)


def another_weight(call_round, letters):
    Criterion.objects.filter(code="science").update(weight=50)
    Criterion.objects.filter(code="feasibility").update(weight=50)


def another_threshold(call_round, letters):
    Criterion.objects.filter(code="science").update(threshold=Decimal("3.0"))


def another_aim(call_round, letters):
    chair = make.user(Role.CHAIR)
    actions.set_aim(call_round, top=3, threshold=Decimal(60), actor=chair, at=AT)


@pytest.mark.parametrize(
    "happens",
    [
        *(a_review_more, a_review_reopened, a_mark_changed, a_review_waived),
        *(a_letter_more, another_weight, another_threshold, another_aim),
    ],
)
def test_a_worker_scores_anew_when_something_changed(call_round, it_is, happens):
    it_is(AT - timedelta(days=40))  # reviews may still be reopened
    letters, _reviewers = crossed(call_round)
    scored()
    before = board(call_round)

    happens(call_round, letters)

    assert scored(AT + MINUTE) == 1
    after = board(call_round)
    assert (after.pk, after.made_at) == (before.pk, AT + MINUTE)
    assert after.marks != before.marks
    assert ScoringRun.objects.filter(pk=before.run_id).exists()


def test_marks_that_change_back_lead_back_to_the_first_run(call_round):
    letters, _reviewers = crossed(call_round)
    scored()
    first = board(call_round).run_id
    review = add_review(call_round, letters[0], make.reviewer(), 1)
    scored(AT + MINUTE)
    assert board(call_round).run_id != first
    Review.objects.filter(pk=review.pk).update(state="DRAFT")
    scored(AT + 2 * MINUTE)
    assert board(call_round).run_id == first
    assert ScoringRun.objects.count() == 2


def test_a_round_that_nobody_has_judged_has_a_board_and_no_run(call_round):
    letter = letter_marked(call_round, {})
    unable = letter_marked(call_round, {make.reviewer(): None})
    assert scored() == 1
    made = board(call_round)
    assert (made.run, made.summary) == (None, {})
    assert {key: (line.total, line.reviews) for key, line in lines(made).items()} == {
        letter.pk: (None, 0),
        unable.pk: (None, 1),
    }


def test_one_letter_with_one_review_is_not_rateable_and_nothing_fails(call_round):
    letter = letter_marked(call_round, {make.reviewer(): 4})
    scored()
    made = board(call_round)
    line = lines(made)[letter.pk]
    assert (line.total, line.position, line.merit, line.p_top) == (
        Decimal("80.00"),
        None,
        None,
        None,
    )
    assert made.summary["reason"] == "nothing_rateable"
    assert made.summary["not_rateable"] == 1


def test_nothing_is_scored_for_a_round_without_letters(call_round):
    assert scored() == 0
    assert not ScoreboardLine.objects.exists()


def test_a_portal_without_a_call_scores_nothing():
    assert scored() == 0


def test_a_worker_that_died_holds_a_board_for_five_minutes(call_round):
    crossed(call_round)
    Scoreboard.objects.create(round=call_round, claimed_at=AT)
    assert scored(AT + 4 * MINUTE) == 0
    assert scored(AT + 5 * MINUTE) == 1


def test_a_large_round_is_left_to_the_worker_which_then_rests(call_round, chair, monkeypatch):
    monkeypatch.setattr(scoring_actions, "AT_ONCE", 3)
    letters, _reviewers = crossed(call_round)
    assert not actions.ask_for_scores(call_round, actor=chair, at=AT)
    assert not ScoringRun.objects.exists()
    assert scored(AT) == 1

    add_review(call_round, letters[0], make.reviewer(), 1)
    assert scored(AT + 59 * MINUTE) == 0
    assert scored(AT + 60 * MINUTE) == 1

    add_review(call_round, letters[0], make.reviewer(), 2)
    assert not actions.ask_for_scores(call_round, actor=chair, at=AT + 61 * MINUTE)
    assert scored(AT + 61 * MINUTE) == 1
    assert board(call_round).asked_at is None


def test_how_much_a_fingerprint_covers(call_round):
    letters, _reviewers = crossed(call_round)
    ground, aim = grounds(call_round), aim_of(call_round)
    whole = fingerprint(ground, aim)
    assert (whole.letters, whole.reviews) == (8, 16)
    without = fingerprint(ground, aim, (str(letters[0].pk),))
    assert (without.letters, without.reviews) == (7, 14)
    assert whole.sha256 != without.sha256
    assert fingerprint(ground, aim) == whole
    assert fingerprint(grounds(make.final_round(call_round.call)), aim) == Fingerprint(
        fingerprint(grounds(make.final_round(call_round.call)), aim).sha256, 0, 0
    )


# --- flags ----------------------------------------------------------------------------------------


def test_flags_of_a_line(call_round):
    Criterion.objects.filter(code="science").update(threshold=Decimal(3))
    one, other = make.reviewer(), make.reviewer()
    fine = letter_marked(call_round, {one: 4, other: 4})
    apart = letter_marked(call_round, {one: 5, other: 2})
    weak_mean = letter_marked(call_round, {one: (2, 5), other: (3, 5)})
    weak_total = letter_marked(call_round, {one: 3, other: 3})
    scored()
    found = lines(board(call_round))
    flags = {
        key: (line.apart, line.below, line.crosses, line.marks_apart) for key, line in found.items()
    }
    assert flags == {
        fine.pk: (False, False, False, []),
        apart.pk: (True, False, True, ["science", "feasibility"]),
        weak_mean.pk: (False, True, True, []),
        weak_total.pk: (False, True, False, []),
    }


def test_a_letter_that_one_reviewer_holds_among_the_best_hinges(call_round):
    letters, _reviewers = crossed(call_round)
    another = make.reviewer()
    for number, mark in ((3, 5), (0, 3), (7, "1.5")):
        add_review(call_round, letters[number], another, mark)
    scored()
    run = ScoringRun.objects.get()
    moved = {key for line in run.result["reviewers"] for key in (*line["leave"], *line["enter"])}
    found = {str(line.letter_id) for line in lines(board(call_round)).values() if line.hinges}
    assert found == moved
    assert 0 < len(moved) < 8


# --- whose eyes -----------------------------------------------------------------------------------


def test_whoever_has_a_conflict_has_a_board_as_if_the_letter_were_not_there(call_round):
    letters, _reviewers = crossed(call_round)
    barred = make.user(Role.CHAIR)
    make.check(barred, letters[2], conflicted=True)
    assert scored() == 2

    theirs, whole = board(call_round, barred), board(call_round)
    assert letters[2].pk not in lines(theirs)
    assert letters[2].pk in lines(whole)
    assert str(letters[2].pk) not in str(theirs.run.result)
    # Expected ranks of n letters add up to 1 + 2 + ... + n: none is missing.
    ranks = [line.expected_rank for line in lines(theirs).values()]
    assert sum(ranks) == pytest.approx(7 * 8 / 2)
    assert sorted(line.position for line in lines(theirs).values()) == list(range(1, 8))


def test_a_conflict_recorded_later_makes_a_board_and_one_removed_takes_it_away(call_round):
    letters, _reviewers = crossed(call_round)
    chair = make.user(Role.CHAIR)
    scored()
    check = make.check(chair, letters[0], conflicted=True)
    # Until the worker came by there is nothing to look at.
    assert board(call_round, chair) is None
    scored()
    assert letters[0].pk not in lines(board(call_round, chair))
    check.delete()
    scored()
    assert Scoreboard.objects.filter(round=call_round).count() == 1


def test_a_reviewers_conflict_makes_no_board(call_round):
    letters, _reviewers = crossed(call_round)
    make.check(make.reviewer(), letters[0], conflicted=True)
    assert scored() == 1


# --- aims -----------------------------------------------------------------------------------------


def test_an_aim_says_how_many_and_what_passes(call_round, chair):
    _letters, _reviewers = crossed(call_round)
    scored()
    assert board(call_round).summary["top"] == 2  # a quarter of eight
    actions.set_aim(call_round, top=5, threshold=Decimal("40.5"), actor=chair, at=AT)
    scored()
    summary = board(call_round).summary
    assert (summary["top"], summary["threshold"]) == (5, 40.5)
    chances = [line.p_top for line in lines(board(call_round)).values()]
    assert sum(chances) == pytest.approx(5)
    entry = Entry.objects.get(action="ranking.aimed")
    assert entry.data == {"top": 5, "threshold": "40.5"}
    assert ScoringRun.objects.count() == 2


# --- freezing -------------------------------------------------------------------------------------


def test_a_frozen_ranking_refers_to_the_run_of_its_marks(call_round, chair):
    crossed(call_round)
    ranking = actions.freeze_ranking(call_round, actor=chair, at=AT)
    run = ScoringRun.objects.get()
    assert ranking.scoring_run == run
    assert run.made_by == chair
    assert [entry.action for entry in Entry.objects.order_by("seq")][-2:] == [
        "scoring.made",
        "ranking.frozen",
    ]
    assert Entry.objects.last().data["input_sha256"] == run.input_sha256
    assert board(call_round).run == run


def test_a_run_made_before_the_freeze_is_the_one_it_refers_to(call_round, chair):
    crossed(call_round)
    scored()
    ranking = actions.freeze_ranking(call_round, actor=chair, at=AT + MINUTE)
    assert ranking.scoring_run == ScoringRun.objects.get()
    assert Entry.objects.filter(action="scoring.made").count() == 1


def test_after_the_freeze_nothing_is_scored_anew_nor_aimed_at(call_round, chair):
    crossed(call_round)
    actions.freeze_ranking(call_round, actor=chair, at=AT)
    Criterion.objects.filter(code="science").update(weight=10)
    assert scored(AT + MINUTE) == 0
    for refused in (
        lambda: actions.ask_for_scores(call_round, actor=chair, at=AT + MINUTE),
        lambda: actions.set_aim(call_round, top=1, threshold=Decimal(1), actor=chair, at=AT),
    ):
        with pytest.raises(actions.Refused) as refusal:
            refused()
        assert refusal.value.code == "frozen"
    assert not Aim.objects.exists()
    assert ScoringRun.objects.count() == 1


def test_a_ranking_frozen_before_there_were_runs_gets_a_board_and_stays_as_it_is(call_round, chair):
    _letters, _reviewers = crossed(call_round)
    ranking = actions.freeze_ranking(call_round, actor=chair, at=AT)
    Ranking.objects.update(scoring_run=None)
    Scoreboard.objects.all().delete()
    ScoringRun.objects.all().delete()
    Criterion.objects.filter(code="science").update(weight=10)

    assert scored(AT + MINUTE) == 1

    ranking.refresh_from_db()
    assert ranking.scoring_run is None
    totals = {row.letter_id: row.total for row in ranking.letters.all()}
    assert {key: line.total for key, line in lines(board(call_round)).items()} == totals


def test_a_calculation_overtaken_by_the_freeze_is_thrown_away(call_round, chair, monkeypatch):
    crossed(call_round)
    calculate = scoring_actions.calculate

    def freeze_meanwhile(*args):
        found = calculate(*args)
        monkeypatch.undo()
        actions.freeze_ranking(call_round, actor=chair, at=AT)
        return found

    monkeypatch.setattr(scoring_actions, "calculate", freeze_meanwhile)
    assert scored(AT + MINUTE) == 0
    assert board(call_round).made_at == AT
    assert board(call_round).claimed_at is None


@pytest.mark.parametrize("letters", [8, 16])
def test_scoring_asks_the_database_the_same_however_many(
    call_round, letters, django_assert_num_queries
):
    crossed(call_round, letters=letters)
    scored()
    add_review(call_round, make.eligible_letter(call=call_round.call), make.reviewer(), 3)
    with django_assert_num_queries(48):
        scored(AT + MINUTE)
