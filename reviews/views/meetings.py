"""The panel's meetings as the chair plans them: when, with whom, about what."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.refusal import Refused
from accounts.states import Role
from chang_e8_portal import clock
from reviews import actions, permissions
from reviews.forms import MeetingForm, SubjectForm
from reviews.models import Meeting, Review
from reviews.states import MeetingState
from reviews.views import lists
from reviews.views.access import PanelPage

TONES = {
    MeetingState.PLANNED: "neutral",
    MeetingState.RUNNING: "accent",
    MeetingState.CLOSED: "success",
    MeetingState.CANCELLED: "danger",
}


class MeetingRoom(PanelPage):
    """A page about one meeting of a round, for the chair."""

    action = "meet"

    def find(self, slug, pk) -> Meeting:
        self.slug, call_round = slug, self.round_of(slug)
        meeting = get_object_or_404(Meeting.objects.for_list().filter(round=call_round), pk=pk)
        meeting.round = call_round
        return meeting

    def item_of(self, meeting, text):
        """The item that a form named; 404 for one that the reader may not know of."""
        [pk] = lists.uuids([text])
        return get_object_or_404(meeting.items.open_to(self.request.user), pk=pk)

    def about(self, meeting) -> dict:
        return {
            "meeting": meeting,
            "round": meeting.round,
            "call": meeting.round.call,
            "slug": self.slug,
            "tone": TONES[MeetingState(meeting.state)],
        }


class Meetings(PanelPage):
    """The meetings of a round, and a form that plans another one."""

    action = "meet"

    def get(self, request, slug):
        call_round = self.round_of(slug)
        return self.page(slug, call_round, MeetingForm(zone=self.call.tzinfo))

    def post(self, request, slug):
        call_round = self.round_of(slug)
        form = MeetingForm(request.POST, zone=self.call.tzinfo)
        if not form.is_valid():
            return self.page(slug, call_round, form, status=422)
        try:
            meeting = actions.make_meeting(
                call_round, **form.cleaned_data, actor=request.user, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(slug, call_round, form, status=409)
        messages.success(request, _("The meeting is planned. Nobody is invited yet."))
        return redirect("panel:meeting_people", slug, meeting.pk)

    def page(self, slug, call_round, form, status=200):
        meetings = Meeting.objects.for_list().filter(round=call_round)
        page = lists.page_of(self.request, meetings)
        context = {
            "round": call_round,
            "call": self.call,
            "slug": slug,
            "form": form,
            "page": page,
            "rows": [(one, TONES[MeetingState(one.state)]) for one in page],
        }
        return render(self.request, "panel/meetings.html", context, status=status)


class ChangeMeeting(MeetingRoom):
    """Another title, time or place; or no meeting after all."""

    def get(self, request, slug, pk):
        meeting = self.find(slug, pk)
        # As it is typed: in the call's zone.
        local = meeting.starts_at.astimezone(self.call.tzinfo)
        initial = {"title": meeting.title, "place": meeting.place}
        initial["starts_at"] = f"{local:%Y-%m-%dT%H:%M}"
        return self.page(meeting, MeetingForm(initial=initial, zone=self.call.tzinfo))

    def post(self, request, slug, pk):
        meeting = self.find(slug, pk)
        if request.POST.get("do") == "cancel":
            actions.cancel_meeting(meeting, actor=request.user, at=clock.now())
            messages.success(request, _("The meeting was cancelled."))
            return redirect("panel:meeting", slug, pk)
        form = MeetingForm(request.POST, zone=self.call.tzinfo)
        if not form.is_valid():
            return self.page(meeting, form, status=422)
        try:
            actions.change_meeting(meeting, **form.cleaned_data, actor=request.user, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(meeting, form, status=409)
        messages.success(request, _("The meeting was changed."))
        return redirect("panel:meeting", slug, pk)

    def page(self, meeting, form, status=200):
        context = self.about(meeting) | {"form": form, "invited": meeting.participants.count()}
        return render(self.request, "panel/meeting_change.html", context, status=status)


class MeetingPeople(MeetingRoom):
    """Who is invited, and who could be: reviewers who have filed and chairs are proposed."""

    def get(self, request, slug, pk):
        return self.page(self.find(slug, pk))

    def post(self, request, slug, pk):
        meeting = self.find(slug, pk)
        ids = lists.uuids(request.POST.getlist("person"))
        people = list(invitable().filter(pk__in=ids).order_by("name", "pk"))
        if len(people) != len(ids):
            raise Http404
        try:
            made = actions.invite_to_meeting(meeting, people, actor=request.user, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(meeting, ticked=ids, status=409)
        text = ngettext(
            "%(count)s person was invited.", "%(count)s people were invited.", len(made)
        )
        messages.success(request, text % {"count": len(made)})
        return redirect("panel:meeting_agenda", slug, pk)

    def page(self, meeting, ticked=None, status=200):
        invited = list(meeting.participants.select_related("person"))
        free = invitable().exclude(pk__in=[one.person_id for one in invited])
        reviews = Review.objects.submitted().filter(assignment__round=meeting.round)
        # That a review of a letter in conflict came in is nothing for the reader either.
        reviews = permissions.presided_by(self.request.user, reviews, "assignment__letter")
        filed = set(reviews.values_list("assignment__reviewer", flat=True))
        people = [
            {
                "person": person,
                "is_chair": person.has_role(Role.CHAIR),
                "has_filed": person.pk in filed,
            }
            for person in free.order_by("name", "pk")
        ]
        if ticked is None:
            ticked = {one["person"].pk for one in people if one["is_chair"] or one["has_filed"]}
        context = self.about(meeting) | {"invited": invited, "people": people, "ticked": ticked}
        return render(self.request, "panel/meeting_people.html", context, status=status)


class Agenda(MeetingRoom):
    """What is to be talked about, in which order, and why in this one."""

    def get(self, request, slug, pk):
        return self.page(self.find(slug, pk))

    def post(self, request, slug, pk):
        meeting = self.find(slug, pk)
        try:
            self.change(meeting, request.POST)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(meeting, status=409)
        return redirect("panel:meeting_agenda", slug, pk)

    def change(self, meeting, posted):
        actor = self.request.user
        match posted.get("do"):
            case "propose":
                actions.propose_agenda(meeting, actor=actor)
            case "add":
                ids = lists.uuids(posted.getlist("letter"))
                free = permissions.presided_by(actor, actions.free_letters(meeting))
                letters = list(free.filter(pk__in=ids))
                actions.add_letters(meeting, letters, actor=actor)
            case "subject":
                form = SubjectForm(posted)
                if not form.is_valid():
                    raise actions.Refused(" ".join(form.errors["subject"]))
                actions.add_subject(meeting, subject=form.cleaned_data["subject"], actor=actor)
            case "up" | "down" as way:
                item = self.item_of(meeting, posted.get("item", ""))
                actions.move_item(meeting, item, up=way == "up", actor=actor)
            case "remove":
                item = self.item_of(meeting, posted.get("item", ""))
                actions.remove_item(meeting, item, actor=actor)
            case _:
                raise Http404

    def page(self, meeting, status=200):
        user = self.request.user
        free = permissions.presided_by(user, actions.free_letters(meeting))
        closed = meeting.is_over
        context = self.about(meeting) | {
            "items": list(meeting.items.open_to(user).for_list()),
            "flagged": [] if closed else actions.proposed_letters(meeting, user),
            "free": [] if closed else list(free.select_related("agency").order_by("reference")),
            "subject": SubjectForm(),
            "closed": closed,
        }
        return render(self.request, "panel/meeting_agenda.html", context, status=status)


def invitable():
    """Everybody of the panel."""
    panel = Q(roles__contains=[Role.REVIEWER]) | Q(roles__contains=[Role.CHAIR])
    return User.objects.active().filter(panel)
