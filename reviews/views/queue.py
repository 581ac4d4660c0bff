from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chang_e8_portal import clock
from proposals.models.call import ZONE_NAMES
from reviews import practice
from reviews.models import Assignment, ConflictCheck, Criterion, Meeting, Score
from reviews.states import ReviewState
from reviews.views import lists
from reviews.views.access import ReviewerPage

# What the mail that brings the letter says, too.
HOURS_A_REVIEW = 1

FILTERS = (
    lists.Select(
        "state",
        gettext_lazy("State"),
        [
            ("todo", gettext_lazy("To do")),
            ("begun", gettext_lazy("Begun")),
            ("filed", gettext_lazy("Submitted")),
        ],
    ),
)


class Queue(ReviewerPage):
    """The letters one reads, in an order that is one's own, with what is left to do."""

    def get(self, request):
        own = Assignment.objects.active().own_of(request.user)
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        # All of them as a few values, to count and to choose; in full those that are shown.
        everything = list(own.for_counting(request.user))
        shown = everything
        if words or chosen["state"]:
            found = own.filter(
                lists.about_letters(words, "letter__", nameless=Q(round__double_anonymous=True))
            )
            fitting = set(self.filtered(found, chosen["state"]).values_list("pk", flat=True))
            shown = [one for one in everything if one.pk in fitting]
        page = lists.page_of(request, shown)
        now = clock.now()
        page.object_list = in_full(own, page.object_list, now)
        pending = [one for one in everything if one.state != ReviewState.SUBMITTED]
        soonest = min(pending, key=lambda one: one.due_at, default=None)
        return render(
            request,
            "reviews/queue.html",
            {
                "page": page,
                "words": words,
                "chosen": chosen,
                "filters": FILTERS,
                "total": len(everything),
                "filed": len(everything) - len(pending),
                "hours": len(pending) * HOURS_A_REVIEW,
                "soonest": soonest,
                "zone_name": soonest and ZONE_NAMES.get(soonest.zone, soonest.zone),
                "following": next((one for one in pending if is_open(one, now)), None),
                "unanswered": ConflictCheck.objects.unanswered()
                .filter(reviewer=request.user)
                .count(),
                "meeting": next_meeting(request.user),
                "criteria": criteria_count(page.object_list),
                "practice": practice.owed_by(request.user),
                "now": now,
            },
        )

    def filtered(self, own, state):
        match state:
            case "todo":
                return own.filter(review__isnull=True)
            case "begun":
                return own.filter(review__state=ReviewState.DRAFT)
            case "filed":
                return own.filter(review__state=ReviewState.SUBMITTED)
        return own


def in_full(own, rows, now) -> list:
    """The assignments of these rows, in their order, each with `asked`, `marked` and `is_late`.

    Whether the question is open is known of the rows; how many criteria are answered is counted
    apart, for as subqueries of one long statement both cost more than all the rest of it.
    """
    found = own.for_queue().in_bulk([row.pk for row in rows])
    marked = Score.objects.answered_in(found)
    shown = []
    for row in rows:
        if assignment := found.get(row.pk):
            assignment.asked, assignment.marked = row.asked, marked.get(row.pk, 0)
            assignment.is_late = row.due_at <= now
            shown.append(assignment)
    return shown


def next_meeting(user) -> Meeting | None:
    """The meeting to which `user` is invited that is held now, or else begins first."""
    ahead = Meeting.objects.visible_to(user).unfinished().only("title", "state", "starts_at")
    return ahead.order_by("-state", "starts_at").first()


class NextLetter(ReviewerPage):
    """A link: on to the letter that comes next in the reviewer's own order, or to the queue.

    Looked for when it is pressed: every page of a review would else read all the others.
    """

    http_method_names = ("get", "head")

    def get(self, request, pk):
        following = next_unscored(request.user, but=pk)
        if following is None:
            messages.info(request, _("There is no other letter that you can mark now."))
            return redirect("reviews:queue")
        return redirect("reviews:review", following.pk)


def next_unscored(user, but):
    """The first letter in the reviewer's own order that can be marked now, but for one; or None."""
    waiting = Assignment.objects.pending().own_of(user).filter(due_at__gt=clock.now())
    others = waiting.answered(user).exclude(pk=but).only("reviewer", "letter")
    return min(others, key=lambda one: one.own_order, default=None)


def is_open(assignment, now) -> bool:
    """Whether a pending letter can be marked now."""
    return not assignment.asked and assignment.due_at > now


def criteria_count(assignments) -> int:
    """How many criteria the letters of a list are marked by; all of one call."""
    calls = {assignment.letter.call_id for assignment in assignments}
    return Criterion.objects.filter(call__in=calls).count() if len(calls) == 1 else 0
