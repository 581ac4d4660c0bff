from django.db.models import Q
from django.http import Http404
from django.shortcuts import render

from reviews import threads
from reviews.models import Criterion, Review
from reviews.states import ReviewState
from reviews.views.own_assignment import OwnAssignment


def filed_reviews(user, assignment) -> list:
    """One's own filed review of a letter and those of the others; empty while it is not filed."""
    own = getattr(assignment, "review", None)
    if own is None or own.state != ReviewState.SUBMITTED:
        return []
    about = {
        "assignment__round": assignment.round_id,
        "assignment__letter": assignment.letter_id,
    }
    others = Review.objects.of_colleagues(user).filter(**about)
    both = Review.objects.filter(Q(pk=own.pk) | Q(pk__in=others.values("pk")))
    return list(both.select_related("assignment__reviewer").prefetch_related("scores"))


class Others(OwnAssignment):
    """All filed reviews of a letter side by side, under pseudonyms; 404 before one's own is in."""

    http_method_names = ("get", "head")

    def get(self, request, pk):
        assignment = self.find_to_read(pk)
        reviews = filed_reviews(request.user, assignment)
        if not reviews:
            raise Http404
        criteria = list(Criterion.objects.filter(call=assignment.letter.call_id))
        names = threads.Names(assignment.round, assignment.letter, request.user, openly=False)
        columns = threads.columns(reviews, criteria, names, request.user)
        context = {
            "assignment": assignment,
            "letter": assignment.letter,
            "columns": columns,
            "table": threads.table(columns, criteria),
            "own_code": names.code_of(request.user),
        }
        return render(request, "reviews/others.html", context)
