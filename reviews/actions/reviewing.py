from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from chang_e8_portal import clock
from proposals.states import LetterState
from reviews.actions.refusal import Refused, Stale, Unfinished
from reviews.models import Assignment, ConflictCheck, Criterion, Ranking, Review, Score
from reviews.scoring import HALF_MARKS
from reviews.states import MOVES, ReviewState

# A mark this low, or the best one, must be explained.
LOW_MARK, BEST_MARK = 2, 5


@transaction.atomic
def save_review(assignment, *, changes, scores, revision, actor) -> Review:
    """Write a reviewer's working copy; the first save makes it.

    `changes` are fields of the review; `scores` maps criterion codes to dicts of mark (a half step
    from 0 to 5, or None), cannot_judge and comment. `revision` is the one the page was opened with,
    0 where there was no review yet. Raises `Stale`, or `Refused` when it may not be written now.
    """
    assignment, at = _lock_open(assignment)
    review = Review.objects.filter(assignment=assignment).first()
    if (review.revision if review else 0) != revision:
        raise Stale(review)
    if review and review.state != ReviewState.DRAFT:
        raise Refused(_("This review was submitted. Reopen it to change it."), code="submitted")
    if review is None:
        review = Review.objects.create(assignment=assignment, updated_at=at, **changes)
    else:
        for name, value in changes.items():
            setattr(review, name, value)
        review.revision, review.updated_at = review.revision + 1, at
        review.save(update_fields=[*changes, "revision", "updated_at"])
    _write_scores(review, scores, call_id=assignment.letter.call_id)
    return review


@transaction.atomic
def submit_review(review, *, actor) -> Review:
    """File a complete review. Raises `Unfinished` with what is missing."""
    review, at = _lock_own(review)
    if review.state == ReviewState.SUBMITTED:
        return review
    gaps = missing(review)
    if gaps:
        raise Unfinished(gaps)
    review.submitted_at = at
    return _move(review, ReviewState.SUBMITTED, actor=actor, at=at, fields=["submitted_at"])


@transaction.atomic
def reopen_review(review, *, actor) -> Review:
    """Take a submitted review back to correct it, until the due date or the freeze."""
    review, at = _lock_own(review)
    return _move(review, ReviewState.DRAFT, actor=actor, at=at)


def missing(review) -> dict[str, str]:
    """What a review still needs: names of fields to sentences; empty if complete.

    A criterion's fields are "mark-<code>" and "comment-<code>".
    """
    gaps = {}
    scores = {score.criterion_id: score for score in review.scores.all()}
    for criterion in Criterion.objects.filter(call=review.assignment.letter.call_id):
        score = scores.get(criterion.pk)
        if score is None or (score.mark is None and not score.cannot_judge):
            gaps[f"mark-{criterion.code}"] = _("Give a mark, or say that you cannot judge this.")
        elif must_explain(score.mark) and not score.comment.strip():
            gaps[f"comment-{criterion.code}"] = _(
                "A mark of 2 or less, or of 5, needs a comment that explains it."
            )
    for name, sentence in (
        ("strengths", _("Name at least one strength.")),
        ("weaknesses", _("Name at least one weakness.")),
        ("recommendation", _("Choose a recommendation.")),
        ("risk", _("Say how risky you think the project is.")),
        ("confidence", _("Say how confident you are.")),
    ):
        if not getattr(review, name).strip():
            gaps[name] = sentence
    return gaps


def must_explain(mark) -> bool:
    """Whether a mark is low or high enough to need a comment. Source: section 4 of the call."""
    return mark is not None and (mark <= LOW_MARK or mark == BEST_MARK)


def closed_because(assignment, *, at) -> Refused | None:
    """Why the review of an assignment cannot be written at `at`; None while it can."""
    if assignment.letter.state == LetterState.WITHDRAWN:
        return Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
    if assignment.ended_at:
        return Refused(_("You are no longer asked to review this letter."), code="ended")
    if Ranking.objects.filter(round=assignment.round_id).exists():
        return Refused(_("The ranking of this round is frozen."), code="frozen")
    if at >= assignment.due_at:
        return Refused(
            _("The due date of this review has passed. Ask the chair for more time."),
            code="past_due",
        )
    return None


def _write_scores(review, scores, *, call_id):
    criteria = {c.code: c for c in Criterion.objects.filter(call=call_id)}
    rows = []
    for code, score in scores.items():
        if code not in criteria:
            raise Refused(_("This rubric has no such criterion."))
        if score["mark"] is not None and score["mark"] not in HALF_MARKS:
            raise Refused(_("A mark is a number from 0 to 5 in half steps."))
        rows.append(
            Score(
                review=review,
                criterion=criteria[code],
                mark=None if score["cannot_judge"] else score["mark"],
                cannot_judge=score["cannot_judge"],
                comment=score["comment"],
            )
        )
    Score.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["mark", "cannot_judge", "comment"],
    )


def _lock_own(review):
    assignment, at = _lock_open(review.assignment)
    return Review.objects.select_related("assignment__letter").get(assignment=assignment), at


def _lock_open(assignment):
    """The assignment under lock and the moment, if its review may be written now.

    The conflict check is locked as well: a conflict declared while the review is being saved is
    either seen here or waits for us, and then ends the assignment together with what was saved.
    """
    check = (
        ConflictCheck.objects.select_for_update()
        .filter(reviewer=assignment.reviewer_id, letter=assignment.letter_id)
        .first()
    )
    rows = Assignment.objects.select_for_update(of=("self",))
    assignment = rows.select_related("letter", "round").get(pk=assignment.pk)
    if check and check.conflicted:
        raise Refused(_("You have a conflict of interest with this letter."), code="conflict")
    if check is None or not check.is_clear:
        raise Refused(_("Answer the conflict question for this letter first."), code="conflict")
    # Read after the locks: whoever waited past the due date is late.
    at = clock.database_now()
    if refusal := closed_because(assignment, at=at):
        raise refusal
    return assignment, at


def _move(review, state, *, actor, at, fields=()):
    if state not in MOVES[ReviewState(review.state)]:
        raise Refused(_("This review is already there."))
    review.state, review.revision = state, review.revision + 1
    review.save(update_fields=["state", "revision", *fields])
    chain.append(
        f"review.{'submitted' if state == ReviewState.SUBMITTED else 'reopened'}",
        subject=f"letter:{review.assignment.letter_id}",
        actor=str(actor.pk),
        at=at,
        data={"review": str(review.pk), "revision": review.revision},
    )
    return review
