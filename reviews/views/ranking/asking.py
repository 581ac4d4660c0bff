"""What the chair asks on the ranking: how many to select, a new run now, one review more."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions
from reviews.forms import AimForm
from reviews.grounds import aim_of
from reviews.panel_letters import round_letters
from reviews.views import lists
from reviews.views.access import PanelPage


class ScoreNow(PanelPage):
    """A button: calculate what the board shows anew."""

    action = "see_scores"
    http_method_names = ("post",)

    def post(self, request, slug):
        call_round = self.round_of(slug)
        try:
            made = actions.ask_for_scores(call_round, actor=request.user, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if not made:
                messages.info(
                    request, _("Asked for. With so many reviews it takes a worker a little while.")
                )
        return redirect("panel:ranking", slug)


class SetAim(PanelPage):
    """How many letters are to be selected, and which total passes."""

    action = "freeze"

    def get(self, request, slug):
        return self.page(AimForm(instance=aim_of(self.round_of(slug))), slug)

    def post(self, request, slug):
        call_round = self.round_of(slug)
        form = AimForm(request.POST, instance=aim_of(call_round))
        if not form.is_valid():
            return self.page(form, slug, status=422)
        at = clock.now()
        try:
            actions.set_aim(call_round, **form.cleaned_data, actor=request.user, at=at)
            actions.ask_for_scores(call_round, actor=request.user, at=at)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, slug, status=409)
        return redirect("panel:ranking", slug)

    def page(self, form, slug, status=200):
        context = {"form": form, "slug": slug, "round": self.round_of(slug)}
        return render(self.request, "panel/ranking/aim.html", context, status=status)


class WantOneMore(PanelPage):
    """A button: one reviewer more for each letter that is ticked."""

    action = "assign"
    http_method_names = ("post",)

    def post(self, request, slug):
        call_round = self.round_of(slug)
        ids = lists.uuids(request.POST.getlist("letter"))
        letters = list(round_letters(request.user, call_round).filter(pk__in=ids))
        if len(letters) != len(ids):
            raise Http404
        try:
            count = actions.want_one_more(call_round, letters, actor=request.user, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("panel:ranking", slug)
        text = ngettext(
            "%(count)s letter gets one reviewer more. Choose who reads it.",
            "%(count)s letters get one reviewer more. Choose who reads them.",
            count,
        )
        messages.success(request, text % {"count": count})
        return redirect(f"{reverse('panel:assignment', args=[slug])}?need=short")
