"""Dates of a call that concern a person: for a calendar of her or his own, not for reminders.

No title of a letter and nothing of an outcome is in them: a calendar is read over shoulders, and
by whoever keeps it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from proposals.models import Call, Clarification


@dataclass(frozen=True)
class Due:
    """`key` names it for ever; `at` is a moment or a day; `path` leads to its page."""

    key: str
    at: datetime | date
    words: str
    path: str
    # When it was set; a moved date keeps it.
    known_at: datetime


def dates_of(user: User) -> list[Due]:
    """The cutoff, when fuller proposals are due, what was announced to the day, and questions to
    one's own agencies.
    """
    call = Call.objects.current()
    if call is None:
        return []
    found = []
    if user.seats or user.has_role(Role.CHAIR) or user.has_role(Role.PUBLISHER):
        found += _of_the_call(call)
    if user.seats:
        found += fuller_due(call, reverse("proposals:list"))
    found += [
        Due(
            f"question-{question.pk}",
            question.due_at,
            _("Answer due to the panel's question: %(reference)s")
            % {"reference": question.letter.reference},
            reverse("proposals:answer", args=[question.letter_id, question.pk]),
            question.asked_at,
        )
        for question in Clarification.objects.waiting()
        .filter(letter__agency__in=list(user.seats))
        .select_related("letter")
    ]
    return found


def fuller_due(call, path) -> list[Due]:
    """Until when fuller proposals are taken, for whoever writes or reads them.

    For every agency, whether it is asked for one or not: in the calendars of those alone it would
    tell who is on the shortlist.
    """
    return [
        Due(
            f"fuller-{one.pk}",
            one.proposals_due_at,
            _("Fuller proposals due: %(round)s") % {"round": one},
            path,
            call.opens_at,
        )
        for one in call.rounds.all()
        if one.asks_fuller
    ]


def _of_the_call(call) -> list[Due]:
    words = _("Letters of intent close: %(call)s") % {"call": call}
    found = [Due(f"cutoff-{call.pk}", call.closes_at, words, reverse("call"), call.opens_at)]
    for one in call.rounds.all():
        if one.precise_to_day:
            words = _("Announced for this day: %(round)s") % {"round": one}
            key = f"announced-{one.pk}"
            found.append(Due(key, one.announced_for, words, reverse("call"), call.opens_at))
    return found
