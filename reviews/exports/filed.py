"""The filed reviews of a round as plain values: thousands of them as objects take seconds."""

from itertools import islice

from reviews.models import Review
from reviews.sheets import given_in

_TOGETHER = 500


def filed(user, call_round, *fields):
    """For each review that `user` may see: its `fields`, and criterion id to what was marked.

    By letter and then by reviewer. What was marked is (mark, cannot_judge, comment).
    """
    reviews = Review.objects.visible_to(user).submitted().filter(assignment__round=call_round)
    ordered = reviews.order_by("assignment__letter__reference", "assignment__reviewer__name", "pk")
    rows = ordered.values_list("pk", *fields).iterator(chunk_size=_TOGETHER)
    while some := list(islice(rows, _TOGETHER)):
        given = given_in([pk for pk, *_rest in some])
        for pk, *values in some:
            yield values, given[pk]
