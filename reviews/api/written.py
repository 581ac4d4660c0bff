"""How reviews, assignments and standings are written as JSON."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.preconditions import tag
from accounts.problems import Problem
from reviews import actions
from reviews.api.schemas import NOT_BEGUN
from reviews.letter_files import readable_files
from reviews.letter_text import fuller_of, parts_of
from reviews.sheets import sheet_of, total_of
from reviews.states import ConflictSource
from reviews.templatetags.panel_display import agency_name

_TEXTS = (
    *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
    *("comment_to_applicant", "confidential_comment", "change_reason"),
    *("risk", "recommendation", "confidence", "recognised"),
)
_FLAGS = ("totals_apart", "below", "crosses", "disagreement", "hinges")


def letter(row, *, nameless=False) -> dict:
    """What names a letter; whose it is stays empty for a reviewer of a double-anonymous round."""
    return {
        "id": row.pk,
        "reference": row.reference,
        "title": row.title,
        "title_zh": row.title_zh,
        "agency": "" if nameless else agency_name(row.agency),
        "place": "" if nameless else row.agency.place,
        "level": row.level,
    }


def head(assignment, *, at, frozen) -> dict:
    """One row of the list, of assignments with answers; `frozen` as in `actions.closed_because`."""
    review = getattr(assignment, "review", None)
    return {
        **_summary(assignment, review, at=at, frozen=frozen),
        "marked": assignment.marked,
        "asked": assignment.asked,
    }


def whole(assignment, review, criteria, *, at, frozen=None) -> dict:
    """One's own working copy; `review` with its scores, or None."""
    scores = {line["criterion"].code: _score(line["score"]) for line in sheet_of(review, criteria)}
    return {
        **_summary(assignment, review, at=at, frozen=frozen),
        "marked": sum(s["mark"] is not None or s["cannot_judge"] for s in scores.values()),
        "asked": False,
        "updated_at": review.updated_at if review else None,
        "submitted_at": review.submitted_at if review else None,
        "reopened": bool(review and review.is_reopened),
        "scores": scores,
        "total": number(total_of(review, criteria)) if review else None,
        **{name: getattr(review, name, "") for name in _TEXTS},
        "missing": [path_of(name) for name in actions.missing(review)] if review else None,
    }


def filed(assignment) -> dict | None:
    """The letter as its reviewer reads it: what was filed, and never the working copy."""
    version = assignment.letter.versions.order_by("-number").first()
    if version is None:
        return None
    nameless, beside = assignment.is_nameless, None
    if assignment.round.is_final:
        beside = fuller_of(assignment.letter, version, nameless=nameless)
    return {
        "version": version.number,
        "sha256": None if nameless else version.sha256,
        "sections": [
            {
                "section": part.key,
                "title": part.title,
                "answers": [
                    {"name": line.name, "label": str(line.label), "value": line.plain}
                    for line in part.lines
                ],
            }
            for part in parts_of(version, assignment.letter.call, nameless=nameless)
        ],
        "files": [
            {
                "kind": file.kind,
                "size": None if nameless else file.size,
                "pages": file.pages,
                "address": reverse("api:review-file", args=[assignment.pk, file.kind.lower()]),
            }
            for file in [
                *readable_files(version, nameless=nameless),
                *(beside.files if beside else ()),
            ]
        ],
        "fuller": beside and _fuller(beside, nameless=nameless),
        "questions": [
            {
                "question": one.question,
                "asked_at": one.asked_at,
                "answer": one.answer,
                "answered_at": one.answered_at,
            }
            for one in assignment.letter.clarifications.all()
        ],
    }


def _fuller(beside, *, nameless) -> dict:
    """The fuller proposal of the second round: its figures beside those of the letter."""
    return {
        "version": beside.version.number,
        "sha256": None if nameless else beside.version.sha256,
        "changes": beside.changes,
        "figures": [
            {"label": one.label, "letter": one.letter, "fuller": one.fuller}
            for one in beside.figures
        ],
    }


def conflict(check) -> dict:
    """What a person is told of their own: by which rule it was found would tell who named them."""
    return {
        "answered": check.answered_at is not None,
        "conflicted": check.conflicted,
        "kind": "" if check.source == ConflictSource.AUTOMATIC else check.kind,
        "note": check.note,
    }


def assignment(row) -> dict:
    review = getattr(row, "review", None)
    return {
        "id": row.pk,
        "round": row.round.kind,
        "letter": letter(row.letter),
        "reviewer": {"id": row.reviewer_id, "name": str(row.reviewer)},
        "assigned_at": row.assigned_at,
        "due_at": row.due_at,
        "state": review.state if review else NOT_BEGUN,
    }


def ranked(line) -> dict:
    return {
        "letter": letter(line.letter),
        "position": line.position,
        "total": number(line.total),
        "corrected_position": line.place,
        "corrected_total": line.merit,
        "standard_error": line.merit_error,
        "expected_rank": line.expected_rank,
        "rank_5": line.rank_5,
        "rank_95": line.rank_95,
        "chance": line.p_top,
        "reviews": line.reviews,
        "means": {code: number(mean) for code, mean in line.means.items()},
        "spread": number(line.spread),
        "marks_apart": line.marks_apart,
        "flags": [name for name in _FLAGS if getattr(line, name)],
    }


def stale(current, revision) -> Problem:
    """Somebody saved meanwhile: the review as it is now, to be merged with what was sent."""
    sentence = _("This review was saved elsewhere after you read it. Nothing was stored.")
    return Problem(412, "stale", sentence, headers={"ETag": tag(revision)}, current=current)


def path_of(name) -> str:
    """A field of the form as JSON holds it: "mark-science" is "scores.science.mark"."""
    kind, dash, code = name.partition("-")
    return f"scores.{code}.{kind}" if dash else name


def number(value):
    """A decimal of two places as a number, which every program reads exactly."""
    return None if value is None else float(value)


def _summary(assignment, review, *, at, frozen) -> dict:
    refusal = actions.closed_because(assignment, at=at, frozen=frozen)
    return {
        "id": assignment.pk,
        "round": assignment.round.kind,
        "letter": letter(assignment.letter, nameless=assignment.is_nameless),
        "due_at": assignment.due_at,
        "state": review.state if review else NOT_BEGUN,
        "revision": review.revision if review else 0,
        "closed": refusal.code if refusal else None,
    }


def _score(score) -> dict:
    return {
        "mark": number(score.mark) if score else None,
        "cannot_judge": bool(score and score.cannot_judge),
        "comment": score.comment if score else "",
    }
