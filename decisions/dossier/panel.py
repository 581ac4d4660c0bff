"""What the panel did with the letter: who might read it, who did, and what they said."""

from decisions.dossier.scope import Scope, instant
from decisions.rounds import plain, ranked_in
from decisions.states import Reader
from proposals.models import Screening
from reviews.models import Assignment, ConflictCheck, Consensus, MarkChange, Ranking, Review
from reviews.states import ReviewState

_TEXTS = (
    *("major_strengths", "major_weaknesses", "strengths", "weaknesses"),
    *("comment_to_applicant", "risk", "recommendation", "confidence"),
)


def screening(scope: Scope) -> dict | None:
    """Whether the letter might be assessed; before anything was told that is half an outcome."""
    if scope.is_agency or not (scope.reader == Reader.CHAIR or scope.told):
        return None
    found = Screening.objects.filter(letter=scope.letter).select_related("screened_by").first()
    return found and {
        "outcome": found.outcome,
        "rule": found.rule,
        "reason": found.reason,
        "by": scope.person(found.screened_by),
        "at": instant(found.screened_at),
    }


def conflicts(scope: Scope) -> list[dict]:
    """Everybody who was asked for a conflict of interest with the letter, and what stands."""
    if scope.is_agency:
        return []
    rows = ConflictCheck.objects.visible_to(scope.user).filter(letter=scope.letter)
    return [
        {
            "person": scope.person(check.reviewer),
            "asked_and_answered_at": instant(check.answered_at),
            "conflict": bool(check.source),
            "bars": check.conflicted,
            "source": check.source,
            "kind": check.kind,
            "note": check.note,
            "recorded_by": scope.person(check.recorded_by),
            "ruling": check.ruling,
        }
        for check in rows.select_related("reviewer", "recorded_by").order_by(
            "reviewer__name", "reviewer__pk"
        )
    ]


def assignments(scope: Scope, call_round) -> list[dict]:
    """Who read the letter in a round, those included to whom it was given and taken away again."""
    if scope.is_agency:
        return []
    rows = Assignment.objects.filter(letter=scope.letter, round=call_round)
    return [
        {
            "reviewer": scope.person(one.reviewer),
            "assigned_by": scope.person(one.assigned_by),
            "assigned_at": instant(one.assigned_at),
            "due_at": instant(one.due_at),
            "opened_at": instant(one.opened_at),
            "ended_at": instant(one.ended_at),
            "ended_because": one.ended_because,
        }
        for one in rows.select_related("reviewer", "assigned_by").order_by("assigned_at", "pk")
    ]


def reviews(scope: Scope, call_round) -> list[dict]:
    """The filed reviews of a round with every mark, before and after it was changed."""
    if not scope.knows_the_panel_of(call_round):
        return []
    filed = Review.objects.filter(
        assignment__letter=scope.letter,
        assignment__round=call_round,
        state=ReviewState.SUBMITTED,
    )
    rows = list(
        filed.select_related("assignment__reviewer")
        .prefetch_related("scores__criterion")
        .order_by("submitted_at", "pk")
    )
    changed: dict = {}
    for change in MarkChange.objects.filter(review__in=rows).select_related("criterion"):
        changed.setdefault(change.review_id, []).append(change)
    return [_review(scope, one, changed.get(one.pk, [])) for one in rows]


def _review(scope, review, changes) -> dict:
    said = {
        "reviewer": scope.person(review.assignment.reviewer),
        "submitted_at": instant(review.submitted_at),
        "revision": review.revision,
        # What somebody filed whose assignment was ended afterwards is kept and weighs nothing.
        "counts": review.assignment.ended_at is None,
        "marks": [
            {
                "criterion": score.criterion.code,
                "mark": _mark(score.mark),
                "cannot_judge": score.cannot_judge,
                "before_the_team_was_known": _mark(score.blind_mark),
                "comment": score.comment,
            }
            for score in sorted(review.scores.all(), key=lambda one: one.criterion.position)
        ],
        "changes": [
            {
                "at": instant(one.at),
                "criterion": one.criterion.code,
                "before": _mark(one.before),
                "after": _mark(one.after),
                "reason": one.reason,
                "knowing_the_team": one.knowing_team,
            }
            for one in changes
        ],
        **{name: getattr(review, name) for name in _TEXTS},
    }
    if scope.reader == Reader.CHAIR:
        said["confidential_comment"] = review.confidential_comment
    return said


def consensus(scope: Scope, call_round) -> dict | None:
    """What the reviewers agreed on, and the view of those who did not."""
    if not scope.knows_the_panel_of(call_round):
        return None
    rows = Consensus.objects.filter(letter=scope.letter, round=call_round)
    found = rows.select_related("written_by").first()
    return found and {
        "text": found.text,
        "minority_view": found.minority_view,
        "marks": found.marks,
        "by": scope.person(found.written_by),
        "at": instant(found.written_at),
    }


def ranking(scope: Scope, call_round) -> dict | None:
    """Where the letter stood when the order was frozen, and by which criteria."""
    if not scope.knows_the_panel_of(call_round):
        return None
    frozen = Ranking.objects.filter(round=call_round).select_related("rubric_version").first()
    line = ranked_in(call_round, scope.hidden).filter(letter=scope.letter).first()
    if frozen is None or line is None:
        return None
    run = frozen.scoring_run
    return {
        "frozen_at": instant(frozen.frozen_at),
        "place": line.place,
        "total": plain(line.total),
        "reviews": line.reviews,
        "means": line.means,
        "criteria": [
            {"code": one["code"], "name": one["name"], "weight_percent": one["weight"]}
            for one in frozen.rubric
        ],
        "rubric_sha256": frozen.rubric_version.sha256 if frozen.rubric_version else None,
        "calibration_input_sha256": run.input_sha256 if run else None,
    }


def _mark(mark) -> str | None:
    return None if mark is None else str(mark)
