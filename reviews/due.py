"""Dates of the panel's work that concern a person, as `proposals.due` has those of the call."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from proposals.due import Due, fuller_due
from proposals.models import Call
from proposals.states import RoundKind
from reviews.addresses import Named, named
from reviews.models import Assignment, Meeting


def dates_of(user: User) -> list[Due]:
    """For a reviewer the reviews that are not in, for the chair the rounds; for both meetings, and
    until when the texts change that they read.
    """
    call = Call.objects.current()
    if call is None:
        return []
    found = []
    if user.has_role(Role.REVIEWER):
        found += _reviews(user)
    if user.has_role(Role.CHAIR):
        found += [
            Due(
                f"reviews-{one.pk}",
                one.reviews_due_at,
                _("Reviews due: %(round)s") % {"round": one},
                reverse("panel:progress", args=[named(one)]),
                call.opens_at,
            )
            for one in call.rounds.all()
        ]
    if user.has_role(Role.REVIEWER) or user.has_role(Role.CHAIR):
        found += _meetings(user)
        if not user.seats:  # whoever has one finds it among the dates of the call
            found += fuller_due(call, _page_of_fuller(user, call))
    return found


def _reviews(user) -> list[Due]:
    # A conflict ends the assignment, so nothing here tells of one.
    own = Assignment.objects.pending().own_of(user).select_related("letter")
    return [
        Due(
            f"review-{one.pk}",
            one.due_at,
            _("Review due: %(reference)s") % {"reference": one.letter.reference},
            reverse("reviews:review", args=[one.pk]),
            one.assigned_at,
        )
        for one in own.only("due_at", "assigned_at", "letter__reference").order_by("due_at", "pk")
    ]


def _meetings(user) -> list[Due]:
    meetings = Meeting.objects.visible_to(user).unfinished().for_list()
    return [
        Due(
            f"meeting-{one.pk}",
            one.starts_at,
            # Not by its title: people write into one what it is about.
            _("Meeting of the panel: %(round)s") % {"round": one.round},
            _page_of(one, user),
            one.made_at,
        )
        for one in meetings.order_by("starts_at", "pk")
    ]


def _page_of(meeting, user) -> str:
    if user.has_role(Role.CHAIR):
        return reverse("panel:meeting", args=[named(meeting.round), meeting.pk])
    return reverse("reviews:meeting", args=[meeting.pk])


def _page_of_fuller(user, call) -> str:
    if user.has_role(Role.CHAIR):
        return reverse("panel:fuller_due", args=[Named(RoundKind.FINAL, call.code)])
    return reverse("reviews:queue")
