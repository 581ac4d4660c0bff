"""A reviewer's own marks, all letters beside each other; and thanks, once all are filed."""

from itertools import groupby

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from proposals.models.call import in_language
from proposals.states import RoundKind
from reviews import histogram, scoring
from reviews.models import Assignment, Criterion
from reviews.sheets import marks_of, total_of
from reviews.states import ReviewState
from reviews.views import lists
from reviews.views.access import ReviewerPage

_ROUNDS = list(RoundKind)


class MyMarks(ReviewerPage):
    """Letters by criteria, to be looked at before one files: is the same mark the same everywhere?

    Nobody else's marks are on it, and nothing that depends on them.
    """

    http_method_names = ("get", "head")

    def get(self, request):
        rounds = own_rounds(request.user)
        codes = {criterion.code for one in rounds for criterion in one["criteria"]}
        sort = lists.sort_of(request, {"reference", "total", *codes}, "reference")
        for one in rounds:
            one["lines"] = in_order(one["lines"], sort)
            given = [mark for line in one["lines"] for mark in line["marks"].values()]
            one["bars"] = histogram.bars(given)
            one["mean"] = scoring.mean(given)
            one["given"] = sum(1 for mark in given if mark is not None)
        context = {"rounds": rounds, "sort": sort, "height": histogram.HEIGHT}
        return render(request, "reviews/marks.html", {**context, "width": histogram.WIDTH})


class Thanks(ReviewerPage):
    """What one has done, once every review of a round is in."""

    http_method_names = ("get", "head")

    def get(self, request):
        done = [
            one
            for one in own_rounds(request.user)
            if all(line["state"] == ReviewState.SUBMITTED for line in one["lines"])
        ]
        if not done:
            messages.info(request, _("Some of your reviews are not submitted yet."))
            return redirect("reviews:queue")
        for one in done:
            given = [mark for line in one["lines"] for mark in line["marks"].values()]
            one["bars"] = histogram.bars(given)
            one["mean"] = scoring.mean(given)
            one["given"] = sum(1 for mark in given if mark is not None)
            one["not_judged"] = sum(1 for mark in given if mark is None)
            totals = [line["total"] for line in one["lines"] if line["total"] is not None]
            one["lowest"], one["highest"] = min(totals, default=None), max(totals, default=None)
            one["characters"] = sum(written_in(line["review"]) for line in one["lines"])
            one["last"] = max(line["review"].submitted_at for line in one["lines"])
        context = {"rounds": done, "height": histogram.HEIGHT, "width": histogram.WIDTH}
        return render(request, "reviews/thanks.html", context)


def own_rounds(user) -> list[dict]:
    """The rounds in which `user` reads letters, with a line a letter; the latest round first."""
    own = (
        Assignment.objects.active()
        .own_of(user)
        .for_own_marks()
        .with_answers()
        .prefetch_related("review__scores")
    )
    latest = sorted(own, key=_order, reverse=True)
    rubrics: dict = {}
    for criterion in Criterion.objects.filter(call__in={a.round.call_id for a in latest}):
        rubrics.setdefault(criterion.call_id, []).append(criterion)
    rounds = []
    for call_round, given in groupby(latest, key=lambda assignment: assignment.round):
        criteria = rubrics.get(call_round.call_id, [])
        for criterion in criteria:
            criterion.short = in_language(criterion.short_name or criterion.name)
        lines = [line_of(assignment, criteria) for assignment in given]
        rounds.append({"round": call_round, "criteria": criteria, "lines": lines})
    return rounds


def line_of(assignment, criteria) -> dict:
    """One letter with one's marks by criterion code; without any where no review is begun."""
    review = getattr(assignment, "review", None)
    return {
        "assignment": assignment,
        "review": review,
        "state": review.state if review else "",
        "marks": marks_of(review, criteria) if review else {},
        "apart": {score.criterion_id for score in review.scores.all() if score.cannot_judge}
        if review
        else set(),
        "total": total_of(review, criteria) if review else None,
    }


def in_order(lines, sort) -> list[dict]:
    """By reference, total or a criterion's code, "-" downward; lines without a mark come last."""
    key = sort.removeprefix("-")
    lines = sorted(lines, key=lambda line: line["assignment"].letter.reference)
    if key == "reference":
        return lines[::-1] if sort.startswith("-") else lines

    def value(line):
        return line["total"] if key == "total" else line["marks"].get(key)

    known = [line for line in lines if value(line) is not None]
    unknown = [line for line in lines if value(line) is None]
    return [*sorted(known, key=value, reverse=sort.startswith("-")), *unknown]


def written_in(review) -> int:
    """Characters written in a review."""
    texts = (
        *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
        *("comment_to_applicant", "confidential_comment"),
    )
    written = sum(len(getattr(review, name)) for name in texts)
    return written + sum(len(score.comment) for score in review.scores.all())


def _order(assignment):
    call_round = assignment.round
    return (
        call_round.call.opens_at,
        _ROUNDS.index(call_round.kind),
        call_round.pk,
        assignment.letter.reference,
    )
