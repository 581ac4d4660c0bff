import hashlib
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from chang_e8_portal import clock
from proposals.states import LetterState
from reviews.actions.refusal import Refused, Stale, Unfinished
from reviews.models import (
    Assignment,
    ConflictCheck,
    Criterion,
    MarkChange,
    Ranking,
    Review,
    Score,
)
from reviews.scoring import HALF_MARKS, must_explain
from reviews.states import MOVES, ReviewState


@transaction.atomic
def save_review(assignment, *, changes, scores, revision, actor) -> Review:
    """Write a reviewer's working copy; the first save makes it.

    `changes` are fields of the review; `scores` maps criterion codes to dicts of mark (a half step
    from 0 to 5, or None) with cannot_judge, and comment; what is not named stays as it is.
    `revision` is the one the page was opened with, 0 where there was no review yet. Raises `Stale`,
    or `Refused` when it may not be written now.
    """
    assignment, at = _lock_open(assignment)
    review = Review.objects.filter(assignment=assignment).first()
    if (review.revision if review else 0) != revision:
        raise Stale(review)
    ensure_draft(review)
    if review is None:
        review = Review(assignment=assignment, updated_at=at, **changes)
        review.save(force_insert=True)
    else:
        for name, value in changes.items():
            setattr(review, name, value)
        review.revision, review.updated_at = review.revision + 1, at
        review.save(update_fields=[*changes, "revision", "updated_at"])
    _write_scores(review, scores, call_id=assignment.letter.call_id)
    return review


@transaction.atomic
def save_reviews(forms, *, actor) -> list[Review]:
    """Write several working copies, or none if one is refused or stale.

    `forms` are pairs of an assignment and the other arguments of `save_review`.
    """
    # In the order in which everybody else locks them.
    ordered = sorted(forms, key=lambda pair: pair[0].pk)
    return [save_review(assignment, **form, actor=actor) for assignment, form in ordered]


@transaction.atomic
def submit_review(review, *, actor, key="", revision=None) -> Review:
    """File a complete review. Raises `Unfinished` with what is missing.

    Marks that differ from those filed before stay on record with the reason, as `MarkChange`. A
    `key` that was used before files nothing, whenever it comes again, and gives the review as it
    is now; with a `revision`, only what stands there is filed, or `Stale` is raised.
    """
    if key and (known := Review.objects.filter(pk=review.pk, filing_keys__contains=[key]).first()):
        return known
    review, at = lock_own(review)
    if review.state == ReviewState.SUBMITTED:
        _remember(review, key)
        return review
    if revision is not None and review.revision != revision:
        raise Stale(review)
    gaps = missing(review)
    if gaps:
        raise Unfinished(gaps)
    changed = changed_marks(review)
    MarkChange.objects.bulk_create(
        MarkChange(
            review=review,
            criterion=criterion,
            before=before,
            after=after,
            reason=review.change_reason,
            at=at,
        )
        for criterion, before, after in changed
    )
    reason = review.change_reason
    _remember(review, key)
    review.submitted_at, review.filed_marks, review.change_reason = at, None, ""
    return _move(
        review,
        ReviewState.SUBMITTED,
        actor=actor,
        at=at,
        fields=["submitted_at", "filed_marks", "change_reason"],
        **_fingerprint(changed, reason),
    )


@transaction.atomic
def reopen_review(review, *, actor) -> Review:
    """Take a submitted review back to correct it, until the due date or the freeze.

    The marks as they were filed are kept aside: whoever has seen what others think may change her
    or his mind, but not without a trace.
    """
    review, at = lock_own(review)
    if review.team_opened_at:
        raise Refused(
            _("You have seen the team. From then on marks can only be lowered, on its page."),
            code="team_opened",
        )
    review.filed_marks = marks_of(review)
    return _move(review, ReviewState.DRAFT, actor=actor, at=at, fields=["filed_marks"])


def ensure_draft(review) -> None:
    """Refuse to write a review that was filed; None is one that nobody has begun."""
    if review and review.state != ReviewState.DRAFT:
        raise Refused(_("This review was submitted. Reopen it to change it."), code="submitted")


def marks_of(review) -> dict[str, str | None]:
    """The marks as they stand, by the criterion's code; None is "cannot judge"."""
    return {
        score.criterion.code: None if score.mark is None else str(score.mark)
        for score in review.scores.all()
    }


def changed_marks(review) -> list[tuple]:
    """(criterion, mark as filed, mark now) where a reopened review differs; None cannot judge."""
    if not review.is_reopened:
        return []
    found = []
    for score in review.scores.select_related("criterion"):
        filed = review.filed_marks.get(score.criterion.code)
        before = None if filed is None else Decimal(filed)
        if before != score.mark:
            found.append((score.criterion, before, score.mark))
    return found


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
    for name, either, sentence in (
        ("strengths", "major_strengths", _("Name at least one strength, major or minor.")),
        ("weaknesses", "major_weaknesses", _("Name at least one weakness, major or minor.")),
    ):
        if not getattr(review, name).strip() and not getattr(review, either).strip():
            gaps[name] = sentence
    for name, sentence in (
        ("recommendation", _("Choose a recommendation.")),
        ("risk", _("Say how risky you think the project is.")),
        ("confidence", _("Say how confident you are.")),
    ):
        if not getattr(review, name):
            gaps[name] = sentence
    if review.assignment.round.double_anonymous and not review.recognised:
        gaps["recognised"] = _("Say whether you recognise the team.")
    if not gaps and changed_marks(review) and not review.change_reason.strip():
        gaps["change_reason"] = _("A mark differs from what you had filed. Say why you changed it.")
    return gaps


def closed_because(assignment, *, at, frozen=None) -> Refused | None:
    """Why the review of an assignment cannot be written at `at`; None while it can.

    `frozen` are ids of rounds whose ranking is frozen, for whoever asks about many.
    """
    if assignment.letter.state == LetterState.WITHDRAWN:
        return Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
    if assignment.ended_at:
        return Refused(_("You are no longer asked to review this letter."), code="ended")
    if frozen is None:
        frozen = set(
            Ranking.objects.filter(round=assignment.round_id).values_list("round", flat=True)
        )
    if assignment.round_id in frozen:
        return Refused(_("The ranking of this round is frozen."), code="frozen")
    if at >= assignment.due_at:
        return Refused(
            _("The due date of this review has passed. Ask the chair for more time."),
            code="past_due",
        )
    return None


def _write_scores(review, scores, *, call_id):
    criteria = dict(Criterion.objects.filter(call=call_id).order_by().values_list("code", "pk"))
    kept = {score.criterion_id: score for score in review.scores.order_by()}
    rows = []
    for code, given in scores.items():
        if code not in criteria:
            raise Refused(_("This rubric has no such criterion."))
        old = kept.get(criteria[code]) or Score()
        mark = given.get("mark", old.mark)
        if mark is not None and mark not in HALF_MARKS:
            raise Refused(_("A mark is a number from 0 to 5 in half steps."))
        cannot_judge = given.get("cannot_judge", old.cannot_judge)
        if old.blind_mark is not None and (cannot_judge or mark is None or mark > old.blind_mark):
            raise Refused(_("Once you know the team, a mark can only be lowered."))
        now = (None if cannot_judge else mark, cannot_judge, given.get("comment", old.comment))
        if old.pk is None or now != (old.mark, old.cannot_judge, old.comment):
            row = Score(review=review, criterion_id=criteria[code])
            row.mark, row.cannot_judge, row.comment = now
            rows.append(row)
    Score.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["mark", "cannot_judge", "comment"],
    )


def lock_own(review):
    """A review with everything around it, behind the locks under which it may be written."""
    assignment, at = _lock_open(review.assignment)
    rows = Review.objects.select_related("assignment__letter__call", "assignment__round")
    return rows.get(assignment=assignment), at


def _lock_open(assignment):
    """The assignment under lock and the moment, if its review may be written now.

    The conflict check is locked as well: a conflict declared while the review is being saved is
    either seen here or waits for us, and then ends the assignment together with what was saved.
    """
    check = (
        ConflictCheck.objects.select_for_update()
        .filter(reviewer=assignment.reviewer_id, letter=assignment.letter_id)
        .only("conflicted", "answered_at")
        .first()
    )
    rows = Assignment.objects.select_for_update(of=("self",)).for_saving()
    assignment = rows.get(pk=assignment.pk)
    if check and check.conflicted:
        raise Refused(_("You have a conflict of interest with this letter."), code="conflict")
    if check is None or not check.is_clear:
        raise Refused(_("Answer the conflict question for this letter first."), code="conflict")
    # Read after the locks: whoever waited past the due date is late.
    at = clock.database_now()
    if refusal := closed_because(assignment, at=at):
        raise refusal
    return assignment, at


def _remember(review, key):
    if key and key not in review.filing_keys:
        review.filing_keys = [*review.filing_keys, key]
        review.save(update_fields=["filing_keys"])


def _fingerprint(changed, reason) -> dict:
    """What the record keeps of changed marks: it is read by people who may not know marks."""
    if not changed:
        return {}
    lines = [f"{criterion.code}: {before} > {after}" for criterion, before, after in changed]
    text = "\n".join([*lines, reason])
    return {"changed_marks_sha256": hashlib.sha256(text.encode()).hexdigest()}


def _move(review, state, *, actor, at, fields=(), **told):
    if state not in MOVES[ReviewState(review.state)]:
        raise Refused(_("This review is already there."))
    review.state, review.revision = state, review.revision + 1
    review.save(update_fields=["state", "revision", *fields])
    chain.append(
        f"review.{'submitted' if state == ReviewState.SUBMITTED else 'reopened'}",
        subject=f"letter:{review.assignment.letter_id}",
        actor=str(actor.pk),
        at=at,
        data={"review": str(review.pk), "revision": review.revision, **told},
    )
    return review
