"""The panel's meetings for whoever is invited: what is on, and what is being spoken about now."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from reviews import screens
from reviews.models import Meeting
from reviews.states import MeetingState
from reviews.views import lists, meeting_screen
from reviews.views.access import ReviewerPage
from reviews.views.meetings import TONES


class OwnMeeting(ReviewerPage):
    """A page about a meeting to which the reader is invited; 404 for any other."""

    http_method_names: tuple = ("get", "head")

    def find(self, pk) -> Meeting:
        meetings = Meeting.objects.visible_to(self.request.user).for_list()
        return get_object_or_404(meetings, pk=pk)


class OwnMeetings(ReviewerPage):
    http_method_names = ("get", "head")

    def get(self, request):
        page = lists.page_of(request, Meeting.objects.visible_to(request.user).for_list())
        rows = [(one, TONES[MeetingState(one.state)]) for one in page]
        return render(request, "reviews/meetings.html", {"page": page, "rows": rows})


class OwnMeetingPage(OwnMeeting):
    """The screen, in the page around it."""

    def get(self, request, pk):
        meeting = self.find(pk)
        screen = screens.screen_of(meeting, request.user)
        context = {
            **meeting_screen.context_of(screen, request.user),
            "call": meeting.round.call,
            "tone": TONES[MeetingState(meeting.state)],
            "screen_url": reverse("reviews:meeting_screen", args=[pk]),
        }
        return render(request, "reviews/meeting.html", context)


class OwnMeetingScreen(OwnMeeting):
    """The screen by itself."""

    def get(self, request, pk) -> HttpResponse:
        screen = screens.screen_of(self.find(pk), request.user)
        address = reverse("reviews:meeting_screen", args=[pk])
        return meeting_screen.answer(request, screen, screen_url=address)
