"""A reviewer's own marks, all letters beside each other; and thanks, once all are filed."""

from itertools import groupby

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from proposals.models.call import in_language
from proposals.states import RoundKind
from reviews import histogram, scoring
from reviews.models import Assignment, Criterion, Score
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
            for one in own_rounds(request.user, "written")
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
            one["characters"] = sum(line["written"] for line in one["lines"])
            one["last"] = max(line["row"].submitted_at for line in one["lines"])
        context = {"rounds": done, "height": histogram.HEIGHT, "width": histogram.WIDTH}
        return render(request, "reviews/thanks.html", context)


def own_rounds(user, *more) -> list[dict]:
    """The rounds in which `user` reads letters, with a line a letter; the latest round first.

    `more` as in `AssignmentQuerySet.for_own_marks`.
    """
    own = Assignment.objects.active().own_of(user)
    latest = sorted(own.for_own_marks(*more), key=_order, reverse=True)
    given = Score.objects.given_in([row.review for row in latest if row.review])
    rubrics: dict = {}
    for criterion in Criterion.objects.filter(call__in={row.call for row in latest}):
        criterion.short = in_language(criterion.short_name or criterion.name)
        rubrics.setdefault(criterion.call_id, []).append(criterion)
    rounds = []
    for _key, rows in groupby(latest, key=lambda row: row.round):
        lines = list(rows)
        first = lines[0]
        criteria = rubrics.get(first.call, [])
        codes = {criterion.pk: criterion.code for criterion in criteria}
        weights = {criterion.code: criterion.weight for criterion in criteria}
        rounds.append(
            {
                "name": RoundKind(first.kind).label,
                "call_title": first.call_title,
                "criteria": criteria,
                "lines": [line_of(row, given.get(row.review, {}), codes, weights) for row in lines],
            }
        )
    return rounds


def line_of(row, given, codes, weights) -> dict:
    """One letter with one's marks by criterion code; without any where no review is begun.

    `apart` holds the codes that could not be judged, `written` the characters of all texts, where
    the row knows those of the review.
    """
    marks = {codes[pk]: mark for pk, (mark, _cannot, _comment) in given.items()}
    apart = {codes[pk] for pk, (_mark, cannot, _comment) in given.items() if cannot}
    comments = sum(len(comment) for _mark, _cannot, comment in given.values())
    return {
        "row": row,
        "state": row.state or "",
        "marks": marks,
        "apart": apart,
        "marked": len(apart) + sum(mark is not None for mark in marks.values()),
        "total": scoring.weighted_total(marks, weights),
        "written": (getattr(row, "written", 0) or 0) + comments,
    }


def in_order(lines, sort) -> list[dict]:
    """By reference, total or a criterion's code, "-" downward; lines without a mark come last."""
    key = sort.removeprefix("-")
    lines = sorted(lines, key=lambda line: line["row"].reference)
    if key == "reference":
        return lines[::-1] if sort.startswith("-") else lines

    def value(line):
        return line["total"] if key == "total" else line["marks"].get(key)

    known = [line for line in lines if value(line) is not None]
    unknown = [line for line in lines if value(line) is None]
    return [*sorted(known, key=value, reverse=sort.startswith("-")), *unknown]


def _order(row):
    return row.opens_at, _ROUNDS.index(row.kind), row.round
