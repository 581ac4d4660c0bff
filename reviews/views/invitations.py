"""Asking people to review: the chair's list, the invited person's page, the operator's grant."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.forms import typed
from proposals.states import RoundKind
from reviews import actions
from reviews.forms import AnswerForm, InviteForm
from reviews.models import ReviewerInvitation
from reviews.states import InvitationStanding
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.queue import HOURS_A_REVIEW

SORTS = {
    "name": ("name",),
    "invited": ("invited_at", "name"),
    "answered": ("answered_at", "name"),
}
FILTERS = (
    lists.Select("standing", gettext_lazy("Answer"), InvitationStanding.choices),
    lists.Select("round", gettext_lazy("Round"), RoundKind.choices),
)


class Invitations(PanelPage):
    """Who was invited, and what they answered."""

    action = "invite"

    def get(self, request):
        return self.page()

    def post(self, request):
        """Remind those who have not answered, or take one invitation back: the list first."""
        do = request.POST.get("do", "")
        if do in ("remind", "all"):
            return self.remind()
        if do == "take_back":
            ids = self.ticked()
            if len(ids) != 1:
                messages.error(request, _("Tick the one invitation that you mean."))
                return self.page(status=409)
            invitation = get_object_or_404(self.everybody(), pk=ids.pop())
            return self.deed(
                lambda: actions.take_back_invitation(
                    invitation, actor=request.user, at=clock.now()
                ),
                lambda _done: (
                    _("The invitation of %(name)s was taken back.") % {"name": invitation.name}
                ),
            )
        raise BadRequest("nothing to do")

    def remind(self):
        """First the exact list and how many mails it is; the deed when that is confirmed."""
        waiting = self.everybody().standing(InvitationStanding.WAITING).order_by("name", "pk")
        if self.request.POST["do"] == "remind":
            waiting = waiting.filter(pk__in=self.ticked())
        due = [one for one in waiting if actions.may_remind(one, clock.now())]
        if "confirmed" not in self.request.POST and due:
            context = {"due": due, "spared": len(waiting) - len(due)}
            return render(self.request, "panel/remind_invited.html", context)
        return self.deed(
            lambda: actions.remind_invited(due, actor=self.request.user, at=clock.now()),
            lambda count: (
                ngettext("%(count)s person is reminded.", "%(count)s people are reminded.", count)
                % {"count": count}
            ),
        )

    def deed(self, do, said):
        try:
            messages.success(self.request, said(do()))
        except Refused as refusal:
            messages.error(self.request, str(refusal))
            return self.page(status=409)
        return redirect(self.address("panel:invitations"))

    def ticked(self):
        ids = lists.uuids(self.request.POST.getlist("invitation"))
        if self.everybody().filter(pk__in=ids).count() != len(ids):
            raise Http404
        return ids

    def everybody(self):
        seen = ReviewerInvitation.objects.visible_to(self.request.user)
        return seen.filter(round__call=self.call).for_list()

    def shown(self) -> tuple:
        """The rows that the address asks for, in its order, and what it asks for."""
        request = self.request
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        sort = lists.sort_of(request, SORTS, "-invited")
        rows = self.everybody()
        for word in words.split()[:10]:
            rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
        if chosen["standing"]:
            rows = rows.standing(chosen["standing"])
        if chosen["round"]:
            rows = rows.filter(round__kind=chosen["round"])
        return lists.order(rows, SORTS, sort), {"words": words, "chosen": chosen, "sort": sort}

    def page(self, status=200):
        rows, asked = self.shown()
        everybody = self.everybody()
        counts = {standing: everybody.standing(standing).count() for standing in InvitationStanding}
        return render(
            self.request,
            "panel/invitations.html",
            {
                "page": lists.page_of(self.request, rows),
                **asked,
                "filters": FILTERS,
                "address": self.request.GET.urlencode(),
                "total": sum(counts.values()),
                "counts": [
                    (standing.label, counts[standing])
                    for standing in InvitationStanding
                    if counts[standing]
                ],
                "waiting": counts[InvitationStanding.WAITING],
            },
            status=status,
        )


class InvitationsTable(Invitations):
    """Exactly the rows the page shows, on all its pages, as a table to download."""

    ending = "csv"
    http_method_names = ("get", "head")

    def get(self, request):
        rows, _asked = self.shown()
        header = [
            *(_("Name"), _("E-mail"), _("Round"), _("Letters"), _("Due (UTC)"), _("Answer")),
            *(_("Note"), _("Invited (UTC)"), _("Reminded (UTC)"), _("Answered (UTC)")),
        ]
        table = (
            [
                *(one.name, one.email, one.round, one.letters, one.due_at),
                *(one.standing.label, one.note, one.invited_at, one.reminded_at, one.answered_at),
            ]
            for one in rows
        )
        return lists.as_file("invitations", self.ending, _("Invitations"), header, table)


class Invite(PanelPage):
    """A list of people and what the work is; then the list as it was read; then the mails."""

    action = "invite"

    def get(self, request):
        if self.call is None:
            raise Http404
        call_round = self.rounds[0]
        local = timezone.localtime(call_round.reviews_due_at, self.call.tzinfo)
        start = {"round": call_round, "due_at": f"{local:%Y-%m-%dT%H:%M}"}
        return self.page(self.form(initial=start))

    def post(self, request):
        if self.call is None:
            raise Http404
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        if request.POST.get("do") == "back":
            return self.page(form)
        work = dict(form.cleaned_data)
        guests = work.pop("people")
        if request.POST.get("do") != "confirm":
            context = {"form": form, "guests": guests, "work": work}
            return render(request, "panel/invite_confirm.html", context)
        try:
            made = actions.invite_reviewers(
                work.pop("round"), guests, **work, actor=request.user, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        text = ngettext(
            "%(count)s person is invited by mail.",
            "%(count)s people are invited by mail.",
            len(made),
        )
        messages.success(request, text % {"count": len(made)})
        return redirect(self.address("panel:invitations"))

    def form(self, *data, **initial):
        rounds = self.call.rounds.all()
        return InviteForm(*data, **initial, rounds=rounds, zone=self.call.tzinfo)

    def page(self, form, status=200):
        return render(self.request, "panel/invite.html", {"form": form}, status=status)


class GrantReviewers(PanelPage):
    """People who accepted, for the operator to give them the role."""

    action = "grant_reviewer"

    def get(self, request):
        return self.page()

    def post(self, request):
        ids = lists.uuids(request.POST.getlist("invitation"))
        found = list(self.waiting().filter(pk__in=ids))
        if len(found) != len(ids):
            raise Http404
        try:
            count = actions.grant_reviewers(found, actor=request.user, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(ticked=ids, status=409)
        text = ngettext(
            "%(count)s person is a reviewer now.", "%(count)s people are reviewers now.", count
        )
        messages.success(request, text % {"count": count})
        return redirect("panel:grant_reviewers")

    def waiting(self):
        rows = ReviewerInvitation.objects.standing(InvitationStanding.ACCEPTED)
        return rows.for_list().order_by("answered_at", "pk")

    def page(self, ticked=(), status=200):
        rows = self.waiting()
        words = lists.search_of(self.request)
        shown = rows
        for word in words.split()[:10]:
            shown = shown.filter(Q(name__icontains=word) | Q(email__icontains=word))
        context = {
            "page": lists.page_of(self.request, shown),
            "words": words,
            "total": rows.count(),
            "ticked": ticked,
        }
        return render(self.request, "panel/grant_reviewers.html", context, status=status)


# The secret in the address is the permission; it came by mail. The page shows what the mail says
# and nothing of any letter.
@method_decorator(login_not_required, name="dispatch")
class Answer(View):
    """The invited person's page. Reading it changes nothing: mail scanners open every link."""

    http_method_names = ("get", "head", "post")

    def get(self, request, secret):
        invitation = self.find(secret)
        return self.page(invitation, AnswerForm(initial={"note": invitation.note}))

    def post(self, request, secret):
        invitation = self.find(secret)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.page(invitation, form, status=422)
        try:
            invitation = actions.answer_reviewer_invitation(
                invitation,
                accept=form.cleaned_data["answer"] == "yes",
                note=form.cleaned_data["note"],
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(invitation, form, status=409)
        return self.page(invitation, form, done=True)

    def find(self, secret):
        invitation = actions.invitation_by(secret)
        if invitation is None:
            raise Http404
        return invitation

    def page(self, invitation, form, *, done=False, status=200):
        context = {
            "invitation": invitation,
            "call": invitation.round.call,
            "hours": invitation.letters * HOURS_A_REVIEW,
            "form": form,
            "done": done,
            "standing": str(invitation.standing),
            # Whether a password must be chosen before the first log-in.
            "new": invitation.user is not None and not invitation.user.has_usable_password(),
        }
        page = render(self.request, "reviews/invitation.html", context, status=status)
        page.headers["X-Robots-Tag"] = "noindex"
        return page


answer = Answer.as_view()
answer.hands_back = typed.answers
