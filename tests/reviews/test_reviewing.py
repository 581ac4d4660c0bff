import hashlib
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from reviews import actions
from reviews.models import Assignment, ConflictCheck, MarkChange, Ranking, Review, Score
from reviews.scoring import must_explain
from reviews.states import MOVES, ReviewState
from tests import make
from tests.reviews.papers import scores

pytestmark = pytest.mark.django_db
MILLISECOND = timedelta(milliseconds=1)
WHOLE = {
    "strengths": "Strong team.",
    "weaknesses": "Tight schedule.",
    "recommendation": "SELECT",
    "risk": "LOW",
    "confidence": "HIGH",
}
FOUR = Decimal(4)


def save(assignment, *, revision=0, marks=None, **changes):
    return actions.save_review(
        assignment,
        changes=changes,
        scores=scores(**(marks or {})),
        revision=revision,
        actor=assignment.reviewer,
    )


def whole(assignment):
    """A complete review that is not submitted."""
    return save(assignment, marks={"science": FOUR, "feasibility": "none"}, **WHOLE)


def test_every_state_has_its_moves():
    assert set(MOVES) == set(ReviewState)


def test_the_first_save_makes_the_review_and_each_save_counts(assignment):
    review = save(assignment, marks={"science": Decimal("3.5")}, strengths="Good.")
    assert review.revision == 1
    review = save(assignment, revision=1, marks={"science": "none"}, weaknesses="Late.")

    review.refresh_from_db()
    assert (review.revision, review.strengths, review.weaknesses) == (2, "Good.", "Late.")
    assert list(Score.objects.values_list("criterion__code", "mark", "cannot_judge")) == [
        ("science", None, True)
    ]


@pytest.mark.parametrize("revision", [0, 2])
def test_a_stale_save_is_told_of_the_other_text_and_writes_nothing(assignment, revision):
    save(assignment, strengths="First.")

    with pytest.raises(actions.Stale) as stale:
        save(assignment, revision=revision, strengths="Second.", marks={"science": FOUR})

    assert (stale.value.current.strengths, stale.value.current.revision) == ("First.", 1)
    assert Review.objects.get().strengths == "First."
    assert not Score.objects.exists()


@pytest.mark.parametrize("mark", ["5.5", "-0.5", "3.7", "NaN", "Infinity", "11", "1E+1"])
def test_a_mark_outside_the_scale_is_refused_and_nothing_is_written(assignment, mark):
    with pytest.raises(actions.Refused):
        save(assignment, marks={"science": Decimal(mark)}, strengths="Kept?")
    assert not Review.objects.exists()


@pytest.mark.parametrize("mark", ["5.5", "3.7", "NaN", "-1"])
def test_the_database_refuses_a_mark_outside_the_scale(assignment, mark):
    review = save(assignment, marks={"science": FOUR})
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reviews_score SET mark = %s::numeric WHERE review_id = %s", [mark, review.pk]
        )


def test_a_criterion_of_another_rubric_is_refused(assignment):
    with pytest.raises(actions.Refused):
        save(assignment, marks={"beauty": FOUR})
    assert not Review.objects.exists()


# --- submitting -----------------------------------------------------------------------------------


def test_submitting_records_when_and_a_second_time_changes_nothing(assignment, it_is):
    review = actions.submit_review(whole(assignment), actor=assignment.reviewer)
    again = actions.submit_review(review, actor=assignment.reviewer)

    assert (again.state, again.revision, again.submitted_at) == (
        "SUBMITTED",
        2,
        review.submitted_at,
    )
    assert list(Entry.objects.values_list("action", "actor")) == [
        ("review.submitted", str(assignment.reviewer_id))
    ]


def test_a_submitted_review_is_not_edited_but_can_be_reopened(assignment):
    review = actions.submit_review(whole(assignment), actor=assignment.reviewer)

    with pytest.raises(actions.Refused) as refused:
        save(assignment, revision=review.revision, strengths="More.")
    assert refused.value.code == "submitted"

    review = actions.reopen_review(review, actor=assignment.reviewer)
    assert (review.state, Review.objects.submitted().count()) == ("DRAFT", 0)
    assert save(assignment, revision=review.revision, strengths="More.").strengths == "More."
    with pytest.raises(actions.Refused):
        actions.reopen_review(review, actor=assignment.reviewer)


def test_an_unfinished_review_says_what_is_missing(assignment):
    review = save(assignment, marks={"science": None})

    with pytest.raises(actions.Unfinished) as unfinished:
        actions.submit_review(review, actor=assignment.reviewer)

    assert set(unfinished.value.fields) == {
        *("mark-science", "mark-feasibility", "strengths", "weaknesses"),
        *("recommendation", "risk", "confidence"),
    }
    assert Review.objects.get().state == "DRAFT"


@pytest.mark.parametrize(
    ("mark", "explained"),
    [("0", True), ("2", True), ("2.5", False), ("4.5", False), ("5", True)],
)
def test_low_marks_and_the_best_one_need_a_comment(assignment, mark, explained):
    given_scores = scores(science=Decimal(mark), feasibility=FOUR)
    given_scores["science"]["comment"] = " "
    review = actions.save_review(
        assignment, changes=WHOLE, scores=given_scores, revision=0, actor=assignment.reviewer
    )
    if explained:
        with pytest.raises(actions.Unfinished) as unfinished:
            actions.submit_review(review, actor=assignment.reviewer)
        assert list(unfinished.value.fields) == ["comment-science"]
    else:
        actions.submit_review(review, actor=assignment.reviewer)


@given(half=st.integers(0, 10))
def test_whatever_needs_a_comment_is_at_an_end_of_the_scale(half):
    mark = Decimal(half) / 2
    assert must_explain(mark) == (mark <= 2 or mark == 5)
    assert not must_explain(None)


@pytest.mark.parametrize(
    ("name", "either"), [("strengths", "weaknesses"), ("weaknesses", "strengths")]
)
def test_one_strength_and_one_weakness_of_either_kind_are_enough(assignment, name, either):
    words = {**WHOLE, name: " ", f"major_{name}": "This decides."}
    review = save(assignment, marks={"science": FOUR, "feasibility": FOUR}, **words)
    assert actions.submit_review(review, actor=assignment.reviewer).state == "SUBMITTED"

    review = actions.reopen_review(review, actor=assignment.reviewer)
    review = save(assignment, revision=review.revision, **{f"major_{name}": ""})
    with pytest.raises(actions.Unfinished) as unfinished:
        actions.submit_review(review, actor=assignment.reviewer)
    assert list(unfinished.value.fields) == [name]


def test_what_is_not_named_stays_as_it_is(assignment):
    save(assignment, marks={"science": FOUR, "feasibility": "none"}, strengths="Good.")
    comment = {"science": {"comment": "Now with a reason."}}
    actions.save_review(
        assignment, changes={}, scores=comment, revision=1, actor=assignment.reviewer
    )
    assert list(Score.objects.values_list("mark", "cannot_judge", "comment")) == [
        (FOUR, False, "Now with a reason."),
        (None, True, "Because."),
    ]
    assert Review.objects.get().strengths == "Good."


# --- other marks after filing ---------------------------------------------------------------------


def reopened(assignment):
    """A review filed with 4 and "cannot judge", and taken back."""
    review = actions.submit_review(whole(assignment), actor=assignment.reviewer)
    return actions.reopen_review(review, actor=assignment.reviewer)


def changes():
    return list(MarkChange.objects.values_list("criterion__code", "before", "after", "reason"))


def test_a_review_filed_again_with_the_same_marks_needs_no_reason(assignment):
    review = reopened(assignment)
    review = save(assignment, revision=review.revision, strengths="Said better.")
    review = actions.submit_review(review, actor=assignment.reviewer)
    assert (review.state, review.filed_marks, changes()) == ("SUBMITTED", None, [])


def test_other_marks_need_a_reason_and_both_stay_on_record(assignment, it_is):
    review = reopened(assignment)
    marks = {"science": Decimal("2.5"), "feasibility": FOUR}
    review = save(assignment, revision=review.revision, marks=marks)

    with pytest.raises(actions.Unfinished) as unfinished:
        actions.submit_review(review, actor=assignment.reviewer)
    assert list(unfinished.value.fields) == ["change_reason"]
    assert changes() == []

    review = save(assignment, revision=review.revision, change_reason="I misread the mass.")
    review = actions.submit_review(review, actor=assignment.reviewer)
    assert changes() == [
        ("science", FOUR, Decimal("2.5"), "I misread the mass."),
        ("feasibility", None, FOUR, "I misread the mass."),
    ]
    review.refresh_from_db()
    assert (review.filed_marks, review.change_reason) == (None, "")
    # The record proves the change to those who may know it, and tells the others nothing.
    said = "science: 4.0 > 2.5\nfeasibility: None > 4.0\nI misread the mass."
    data = Entry.objects.last().data
    assert data["changed_marks_sha256"] == hashlib.sha256(said.encode()).hexdigest()
    assert "2.5" not in str(data)
    # The next change is one of its own: from what was filed last, with a reason of its own.
    review = actions.reopen_review(review, actor=assignment.reviewer)
    review = save(assignment, revision=review.revision, marks={"science": FOUR})
    with pytest.raises(actions.Unfinished):
        actions.submit_review(review, actor=assignment.reviewer)
    review = save(assignment, revision=review.revision, change_reason="I read it once more.")
    actions.submit_review(review, actor=assignment.reviewer)
    assert changes()[2:] == [("science", Decimal("2.5"), FOUR, "I read it once more.")]


def test_a_mark_changed_and_changed_back_is_no_change(assignment):
    review = reopened(assignment)
    for mark in (Decimal(1), FOUR):
        review = save(assignment, revision=review.revision, marks={"science": mark})
    assert actions.submit_review(review, actor=assignment.reviewer).state == "SUBMITTED"
    assert changes() == []


# --- when and whose -------------------------------------------------------------------------------


def test_a_review_is_open_until_its_due_date_and_not_at_it(assignment, it_is):
    it_is(assignment.due_at - MILLISECOND)
    review = actions.submit_review(whole(assignment), actor=assignment.reviewer)
    review = actions.reopen_review(review, actor=assignment.reviewer)

    it_is(assignment.due_at)
    for attempt in (
        lambda: save(assignment, revision=review.revision, strengths="Late."),
        lambda: actions.submit_review(review, actor=assignment.reviewer),
        lambda: actions.reopen_review(review, actor=assignment.reviewer),
    ):
        with pytest.raises(actions.Refused) as refused:
            attempt()
        assert refused.value.code == "past_due"
    assert Review.objects.get().strengths == "Strong team."


def unanswered(assignment):
    ConflictCheck.objects.update(answered_at=None)
    return "conflict"


def in_conflict(assignment):
    actions.answer_conflicts(
        assignment.reviewer, {assignment.letter_id: ("MONEY", "")}, at=assignment.assigned_at
    )
    return "conflict"


def waived(assignment):
    Assignment.objects.update(ended_at=assignment.assigned_at, conflicted=None)
    return "ended"


def frozen(assignment):
    Ranking.objects.create(
        round=assignment.round,
        frozen_at=assignment.due_at,
        frozen_by=assignment.assigned_by,
        rubric=[],
    )
    return "frozen"


@pytest.mark.parametrize("why", [unanswered, in_conflict, waived, frozen])
def test_nothing_can_be_written_once_the_reason_to_review_is_gone(assignment, why):
    review = whole(assignment)
    code = why(assignment)

    for attempt in (
        lambda: save(assignment, revision=1, strengths="Later."),
        lambda: actions.submit_review(review, actor=assignment.reviewer),
    ):
        with pytest.raises(actions.Refused) as refused:
            attempt()
        assert refused.value.code == code
    review.refresh_from_db()
    assert (review.strengths, review.state, review.revision) == ("Strong team.", "DRAFT", 1)


@pytest.mark.django_db(transaction=True)
def test_two_first_saves_at_once_keep_one_text_and_tell_the_other():
    # Bad input IR05.
    given_to = make.assignment()
    make.rubric(given_to.letter.call)
    barrier, told = threading.Barrier(2), []

    def write(words):
        barrier.wait()
        try:
            save(given_to, strengths=words)
            told.append("saved")
        except actions.Stale:
            told.append("stale")
        finally:
            connection.close()

    # Real clocks in threads: the letter is due long before today.
    Assignment.objects.update(due_at=given_to.due_at + timedelta(days=100_000))
    threads = [threading.Thread(target=write, args=[words]) for words in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["saved", "stale"]
    assert Review.objects.get().strengths in ("one", "two")
