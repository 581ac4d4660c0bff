"""Telling the others of a discussion by mail that it went on, without saying who or what."""

from datetime import timedelta

from django.urls import reverse

from accounts.models import User
from notifications import outbox
from reviews.addresses import named
from reviews.models import Assignment, Consensus, Contribution, Review
from reviews.permissions import presides

_HOUR = timedelta(hours=1)


def discussion_went_on(call_round, letter, *, author, at) -> None:
    """Owe each of the others one mail for this hour, due when the hour is over.

    However much is said within an hour, it is one mail a person and letter, and two of them are at
    least an hour apart. It names the letter and nobody.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    owed = {}
    for person, address in _others(call_round, letter, author):
        key = f"discussion-{call_round.pk}-{letter.pk}-{hour:%Y%m%dT%H}-{person.pk}"
        context = {"letter": letter, "address": address}
        owed[key] = (person, context, {"due_at": hour + _HOUR})
    outbox.enqueue_new(owed, template="discussion_went_on", at=at)


def _others(call_round, letter, author):
    """Everybody who may read the discussion and has a part in it, with where they read it."""
    filed = Review.objects.submitted().filter(
        assignment__round=call_round, assignment__letter=letter
    )
    readers = Assignment.objects.active().filter(review__in=filed).exclude(reviewer=author)
    for assignment in readers.select_related("reviewer").order_by("pk"):
        yield assignment.reviewer, f"/reviews/{assignment.pk}/discussion/"
    own = {"round": call_round, "letter": letter}
    spoke = Contribution.objects.filter(**own).values("author")
    wrote = Consensus.objects.filter(**own).values("written_by")
    people = User.objects.active().exclude(pk=author.pk)
    for person in (people.filter(pk__in=spoke) | people.filter(pk__in=wrote)).order_by("pk"):
        if presides(person, letter):
            yield person, reverse("panel:discussion", args=[named(call_round), letter.pk])
