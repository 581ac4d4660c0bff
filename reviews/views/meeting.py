"""Holding a meeting, for the chair who leads it and for the one who steps in."""

import hashlib

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, screens
from reviews.attendance import attendees, outside_of
from reviews.forms import DecisionForm, decision_values
from reviews.states import ItemState
from reviews.views import lists, meeting_screen
from reviews.views.meetings import MeetingRoom


class MeetingPage(MeetingRoom):
    """The meeting before, while and after it is held; a POST is one step of it."""

    def get(self, request, slug, pk):
        return self.page(self.find(slug, pk))

    def post(self, request, slug, pk):
        meeting = self.find(slug, pk)
        posted, who = request.POST, {"actor": request.user, "at": clock.now()}
        if posted.get("do") == "record":
            return self.record(meeting, who)
        try:
            self.step(meeting, posted, who)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(meeting, status=409)
        return redirect("panel:meeting", slug, pk)

    def step(self, meeting, posted, who):
        people = lists.uuids(posted.getlist("person"))
        match posted.get("do"):
            case "start":
                return actions.start_meeting(meeting, people, **who)
            case "attendance":
                return actions.note_attendance(meeting, people, **who)
            case "back":
                return actions.confirm_back(meeting, people, **who)
        item = self.item_of(meeting, posted.get("item", ""))
        match posted.get("do"):
            case "call":
                seen = lists.uuids(filter(None, [posted.get("seen", "")]))
                return actions.call_item(meeting, item, seen=next(iter(seen), None), **who)
            case "left":
                return actions.confirm_left(meeting, item, people, **who)
            case "open":
                return actions.open_item(meeting, item, **who)
            case "put_back":
                return actions.put_back(meeting, item, **who)
            case "finish":
                return actions.finish_item(meeting, item, **who)
        raise Http404

    def record(self, meeting, who):
        posted = self.request.POST
        item = self.item_of(meeting, posted.get("item", ""))
        form = DecisionForm(posted, item=item)
        if not form.is_valid():
            return self.page(meeting, form, status=422)
        try:
            actions.record_item(meeting, item, **form.recorded, ends="ends" in posted, **who)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(meeting, form, status=409)
        return redirect("panel:meeting", self.slug, meeting.pk)

    def page(self, meeting, form=None, status=200):
        user = self.request.user
        meeting.refresh_from_db(fields=["state", "current", "started_at", "closed_at"])
        screen = screens.screen_of(meeting, user)
        current = screen.current
        around = attendees(meeting, current) if current and current.letter else []
        seen = [item.pk for item in screen.items]
        outside = outside_of(meeting, seen)
        people = list(meeting.participants.select_related("person"))
        if form is None and current is not None and current.state == ItemState.OPEN:
            form = DecisionForm(initial=decision_values(current), item=current)
        waiting = [item for item in screen.items if item.state == ItemState.WAITING]
        address = reverse("panel:meeting_screen", args=[self.slug, meeting.pk])
        context = {
            **self.about(meeting),
            **meeting_screen.context_of(screen, user),
            "screen_url": f"{address}?seen={scene(screen, around)}",
            "people": people,
            "leaving": [one for one in around if one.must_leave],
            "shut_out": [one for one in around if one.because and not one.must_leave],
            "soft": [one.person for one in around if one.soft and not one.because],
            "owing": [one.person for one in around if one.owes],
            "outside": [one.person for one in people if one.person_id in outside],
            "form": form,
            # What is ticked goes into the minutes, so that nobody is ticked without a word.
            "everybody": "everybody" in self.request.GET,
            "following": next((i for i in waiting if not screens.is_withdrawn(i)), None),
            "is_invited": any(one.person_id == user.pk for one in people),
        }
        return render(self.request, "panel/meeting.html", context, status=status)


class MeetingScreen(MeetingRoom):
    """The screen by itself. Where the forms beside it no longer fit, the page loads anew."""

    http_method_names = ("get", "head")

    def get(self, request, slug, pk) -> HttpResponse:
        meeting = self.find(slug, pk)
        screen = screens.screen_of(meeting, request.user)
        current = screen.current
        around = attendees(meeting, current) if current and current.letter else []
        now = scene(screen, around)
        if request.htmx and request.GET.get("seen") != now:
            return HttpResponseClientRefresh()
        address = reverse("panel:meeting_screen", args=[slug, pk])
        return meeting_screen.answer(request, screen, screen_url=f"{address}?seen={now}")


def scene(screen, around) -> str:
    """What the chair's forms are about, in a few letters: another scene needs other forms."""
    current = screen.current
    said = [
        screen.meeting.state,
        screen.leaves,
        (current.pk, current.state) if current else "",
        sorted(str(one.person.pk) for one in around if one.must_leave),
    ]
    return hashlib.sha256(str(said).encode()).hexdigest()[:16]
