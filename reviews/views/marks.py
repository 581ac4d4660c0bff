"""A reviewer's own marks, all letters beside each other; and thanks, once all are filed."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reviews import histogram, scoring
from reviews.own_marks import in_order, own_rounds
from reviews.states import ReviewState
from reviews.views import lists
from reviews.views.access import ReviewerPage


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
            one["characters"] = sum(line["written"] for line in one["lines"])
            one["last"] = max(line["row"].submitted_at for line in one["lines"])
        context = {"rounds": done, "height": histogram.HEIGHT, "width": histogram.WIDTH}
        return render(request, "reviews/thanks.html", context)
