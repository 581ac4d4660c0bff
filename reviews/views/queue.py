from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from chang_e8_portal import clock
from reviews.models import Assignment, ConflictCheck, Criterion
from reviews.states import ReviewState
from reviews.views import lists
from reviews.views.access import ReviewerPage

# What the mail that brings the letter says, too.
HOURS_A_REVIEW = 1

FILTERS = (
    lists.Select(
        "state",
        _("State"),
        [("todo", _("To do")), ("begun", _("Begun")), ("filed", _("Submitted"))],
    ),
)


class Queue(ReviewerPage):
    """The letters one reads, in an order that is one's own, with what is left to do."""

    def get(self, request):
        own = Assignment.objects.active().filter(reviewer=request.user)
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        shown = self.filtered(own, chosen["state"]).filter(lists.about_letters(words, "letter__"))
        page = lists.page_of(request, shown.for_list().with_answers().shuffled())
        pending = own.pending()
        following = next_unscored(request.user)
        total, left = own.count(), pending.count()
        return render(
            request,
            "reviews/queue.html",
            {
                "page": page,
                "words": words,
                "chosen": chosen,
                "filters": FILTERS,
                "total": total,
                "filed": total - left,
                "hours": left * HOURS_A_REVIEW,
                "soonest": pending.select_related("letter__call").order_by("due_at").first(),
                "following": following,
                "unanswered": ConflictCheck.objects.unanswered()
                .filter(reviewer=request.user)
                .count(),
                "criteria": criteria_count(page.object_list),
                "now": clock.now(),
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


def next_unscored(user, but=None):
    """The first letter in the reviewer's own order that can be marked now, or None."""
    waiting = Assignment.objects.pending().filter(reviewer=user, due_at__gt=clock.now())
    if but:
        waiting = waiting.exclude(pk=but.pk)
    return waiting.with_answers().filter(asked=False).select_related("letter").shuffled().first()


def criteria_count(assignments) -> int:
    """How many criteria the letters of a list are marked by; all of one call."""
    calls = {assignment.letter.call_id for assignment in assignments}
    return Criterion.objects.filter(call__in=calls).count() if len(calls) == 1 else 0
