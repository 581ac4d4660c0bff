"""The minutes of a meeting: a draft while it is held, the record once it is closed."""

import logging

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals import printing
from reviews import actions, minutes, minutes_paper
from reviews.minutes_words import Words
from reviews.models import Minutes
from reviews.views.meetings import MeetingRoom
from reviews.views.own_meetings import OwnMeeting

log = logging.getLogger(__name__)


class PanelMinutes(MeetingRoom):
    """The draft, which a POST closes, or the minutes as they stand."""

    def get(self, request, slug, pk):
        return self.page(self.find(slug, pk))

    def post(self, request, slug, pk):
        meeting = self.find(slug, pk)
        try:
            actions.close_meeting(
                meeting,
                leaving="leaving" in request.POST,
                actor=request.user,
                at=clock.now(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(meeting, status=409)
        messages.success(request, _("The meeting is closed; its minutes stand."))
        return redirect("panel:meeting_minutes", slug, pk)

    def page(self, meeting, status=200):
        if meeting.started_at is None:
            raise Http404
        user = self.request.user
        kept = Minutes.objects.filter(meeting=meeting).first()
        content = kept.content if kept else minutes.content_of(meeting)
        shown = minutes.for_reader(content, user)
        context = self.about(meeting) | {
            "words": Words(shown),
            "kept": kept,
            # Of the whole: it would tell of what is left out for this reader.
            "sha256": kept.sha256 if kept and shown == content else "",
            "left_open": [] if kept else actions.left_open(meeting, user),
        }
        return render(self.request, "panel/minutes.html", context, status=status)


class PanelMinutesPdf(MeetingRoom):
    http_method_names = ("get", "head")

    def get(self, request, slug, pk):
        return pdf_of(request, self.find(slug, pk))


class OwnMinutes(OwnMeeting):
    """The minutes of a closed meeting, as far as the reader may know of its items."""

    def get(self, request, pk):
        meeting = self.find(pk)
        content = kept_minutes(meeting).content
        context = {
            "meeting": meeting,
            "words": Words(minutes.for_reader(content, request.user)),
        }
        return render(request, "reviews/minutes.html", context)


class OwnMinutesPdf(OwnMeeting):
    def get(self, request, pk):
        return pdf_of(request, self.find(pk))


def kept_minutes(meeting) -> Minutes:
    """404 before the meeting is closed: a draft is the chair's."""
    found = Minutes.objects.filter(meeting=meeting).first()
    if found is None:
        raise Http404
    return found


def pdf_of(request, meeting):
    """The minutes as this reader may know them, as a download."""
    content = minutes.for_reader(kept_minutes(meeting).content, request.user)
    name = f"minutes-{meeting.starts_at:%Y-%m-%d}.pdf"
    try:
        pdf = minutes_paper.pdf(content, call=meeting.round.call, copy_for=str(request.user))
    except printing.Unprintable:
        log.exception("%s cannot be set", name)
        return render(request, "reviews/minutes_unprintable.html", status=409)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
