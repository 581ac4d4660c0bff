"""The team is opened last: after the marks are filed, and then they can only fall.

Source: section 3 of the science of reviewing (the rule of the Hubble telescope's panels).
"""

import hashlib

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit import chain
from reviews import anonymity
from reviews.actions.refusal import Refused
from reviews.actions.reviewing import lock_own
from reviews.models import MarkChange, Review, Score
from reviews.scoring import HALF_MARKS
from reviews.states import ReviewState


@transaction.atomic
def open_team(review, *, actor) -> Review:
    """Show a reviewer whose letter it is. From then on the review cannot be reopened."""
    review, at = lock_own(review)
    _refuse_unless_filed(review)
    if review.team_opened_at:
        return review
    Score.objects.filter(review=review).update(blind_mark=F("mark"))
    review.team_opened_at = at
    review.save(update_fields=["team_opened_at"])
    _log("review.team_opened", review, actor=actor, at=at)
    return review


@transaction.atomic
def lower_marks(review, marks, *, reason, actor) -> list[MarkChange]:
    """Lower marks for what the team is; `marks` maps codes of criteria to the new marks.

    Each change stays on record with the mark before and the reason. What is not named, or named
    with the mark it has, stays. Refused: a higher mark, a criterion whose marks may not fall, and
    no reason.
    """
    review, at = lock_own(review)
    _refuse_unless_filed(review)
    if not review.team_opened_at:
        raise Refused(_("Look at the team first."), code="not_opened")
    allowed = anonymity.may_fall(review.assignment.letter.call.facts)
    scores = {s.criterion.code: s for s in review.scores.select_related("criterion")}
    changes = []
    for code, mark in marks.items():
        score = scores.get(code)
        if score is None or code not in allowed:
            raise Refused(_("The marks of this criterion stay as they are."))
        if mark not in HALF_MARKS:
            raise Refused(_("A mark is a number from 0 to 5 in half steps."))
        if score.mark is None or mark > score.mark:
            raise Refused(_("Once you know the team, a mark can only be lowered."))
        if mark < score.mark:
            changes.append(
                MarkChange(
                    review=review,
                    criterion=score.criterion,
                    before=score.mark,
                    after=mark,
                    reason=reason.strip(),
                    knowing_team=True,
                    at=at,
                )
            )
            score.mark = mark
    if not changes:
        raise Refused(_("No mark is lower than before, so nothing was changed."))
    if not reason.strip():
        raise Refused(_("Say why a mark is lower now."))
    MarkChange.objects.bulk_create(changes)
    Score.objects.bulk_update([scores[change.criterion.code] for change in changes], ["mark"])
    # Whoever reckons with these marks sees by it that they are others.
    review.revision, review.updated_at = review.revision + 1, at
    review.save(update_fields=["revision", "updated_at"])
    _log("review.lowered", review, actor=actor, at=at, **_fingerprint(changes))
    return changes


def _refuse_unless_filed(review):
    if not review.assignment.round.double_anonymous:
        raise Refused(_("This round is not double-anonymous."))
    if review.state != ReviewState.SUBMITTED:
        raise Refused(_("Submit your review first; then the team is shown."), code="not_filed")


def _fingerprint(changes) -> dict:
    """What the record keeps: it is read by people who may not know marks."""
    lines = [f"{one.criterion.code}: {one.before} > {one.after}" for one in changes]
    text = "\n".join([*lines, changes[0].reason])
    return {"changed_marks_sha256": hashlib.sha256(text.encode()).hexdigest()}


def _log(action, review, *, actor, at, **told):
    chain.append(
        action,
        subject=f"letter:{review.assignment.letter_id}",
        actor=str(actor.pk),
        at=at,
        data={"review": str(review.pk), "revision": review.revision, **told},
    )
