"""The screen of a meeting: the same part for the chair and for everybody invited.

The page asks for it again every few seconds and says which one it has; as long as nothing changed
that its reader may see the answer is 304. The tag is made of what the reader sees and of nothing
else, so an item that is shut to her or him does not show in it either.
"""

import json

from django.http import HttpResponseNotModified
from django.shortcuts import render
from django.utils.http import parse_etags, quote_etag

from accounts.states import Role
from reviews import threads
from reviews.models import Consensus, Criterion, Review
from reviews.states import MeetingState
from reviews.views.others import filed_reviews


def context_of(screen, user) -> dict:
    """What the template `reviews/meeting_screen.html` draws."""
    headers = {"If-None-Match": quote_etag(screen.key)}
    if screen.meeting.state != MeetingState.RUNNING:
        # Who only waits for it to begin is not at work: the page must not keep the session alive.
        headers["X-Portal-Poll"] = "1"
    context = {
        "screen": screen,
        "meeting": screen.meeting,
        "headers": json.dumps(headers),
        "openly": user.has_role(Role.CHAIR),
    }
    if screen.current is None or screen.current.letter is None:
        return context
    letter, call_round = screen.current.letter, screen.meeting.round
    criteria = list(Criterion.objects.filter(call=letter.call_id))
    names = threads.Names(call_round, letter, user, openly=context["openly"])
    if screen.reads_marks:
        columns = threads.columns(_reviews(screen, user), criteria, names, user)
        context |= {"columns": columns, "table": threads.table(columns, criteria)}
    if screen.reads_consensus:
        about = Consensus.objects.filter(round=call_round, letter=letter)
        consensus = about.select_related("written_by").first()
        context |= {
            "consensus": consensus,
            "consensus_by": names.of(consensus.written_by) if consensus else "",
            "consensus_marks": [
                (criterion, consensus.marks[criterion.code])
                for criterion in criteria
                if criterion.code in consensus.marks
            ]
            if consensus
            else [],
        }
    return context


def answer(request, screen, **more):
    """The screen alone, or 304 to whoever has it."""
    tag = quote_etag(screen.key)
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": tag})
    context = context_of(screen, request.user) | more
    response = render(request, "reviews/meeting_screen.html", context)
    response["ETag"] = tag
    return response


def _reviews(screen, user) -> list:
    if screen.assignment is not None:
        return filed_reviews(user, screen.assignment)
    filed = Review.objects.visible_to(user).submitted()
    about = {
        "assignment__round": screen.meeting.round_id,
        "assignment__letter": screen.current.letter_id,
    }
    rows = filed.filter(**about).select_related("assignment__reviewer")
    return list(rows.prefetch_related("scores"))
