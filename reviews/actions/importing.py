from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from proposals.models import CallRound
from reviews import mark_file
from reviews.actions.refusal import Refused
from reviews.models import Assignment, ConflictCheck, Criterion, Ranking, Review, Score
from reviews.review_table import BadFile
from reviews.states import ReviewState


@transaction.atomic
def import_reviews(call_round, marks, *, sha256, actor=None, at, dry_run=False) -> list[Review]:
    """File the reviews that a file of marks holds, all or none; raises `BadFile` with each fault.

    A pair needs an assignment and an answered conflict question, and must have no review yet: what
    somebody wrote is never overwritten. Marks given elsewhere come without words and without a due
    date of ours; both are asked of reviewers, not of a file. `sha256` is the file's, for the
    record. With `dry_run` everything is looked at and nothing is written.
    """
    call_round = CallRound.objects.select_for_update().select_related("call").get(pk=call_round.pk)
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is frozen."), code="frozen")
    _lock_pairs(call_round)
    filed, faults = mark_file.match(marks, call_round, actor=actor, at=at)
    if faults:
        raise BadFile(faults)
    reviews = [
        Review(
            assignment=one.assignment,
            state=ReviewState.SUBMITTED,
            updated_at=at,
            submitted_at=one.submitted_at or at,
            confidence=one.confidence,
        )
        for one in filed
    ]
    if dry_run:
        return reviews
    Review.objects.bulk_create(reviews, batch_size=1000)
    criteria = dict(Criterion.objects.filter(call=call_round.call_id).values_list("code", "pk"))
    Score.objects.bulk_create(
        (
            Score(review=review, criterion_id=criteria[code], mark=mark, cannot_judge=mark is None)
            for review, one in zip(reviews, filed, strict=True)
            for code, mark in one.scores.items()
        ),
        batch_size=1000,
    )
    _log(call_round, reviews, sha256=sha256, actor=actor, at=at)
    return reviews


def _lock_pairs(call_round):
    """Questions and then assignments, as everybody locks them: what is declared meanwhile waits."""
    active = Assignment.objects.active().filter(round=call_round)
    checks = ConflictCheck.objects.filter(letter__in=active.values("letter"))
    list(checks.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    rows = Assignment.objects.filter(pk__in=active.values("pk"))
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _log(call_round, reviews, *, sha256, actor, at):
    who = str(actor.pk) if actor else ""
    each = [
        {
            "action": "review.submitted",
            "subject": f"letter:{review.assignment.letter_id}",
            "actor": who,
            "at": at,
            "data": {"review": str(review.pk), "revision": review.revision, "import": sha256},
        }
        for review in reviews
    ]
    whole = {
        "action": "reviews.imported",
        "subject": f"round:{call_round.pk}",
        "actor": who,
        "at": at,
        "data": {"sha256": sha256, "reviews": len(reviews)},
    }
    chain.append_many([*each, whole])
