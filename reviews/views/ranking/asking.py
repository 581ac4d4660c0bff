"""What the chair asks on the ranking: how many to select, a new run now, one review more."""

from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, headcount
from reviews.forms import AimForm
from reviews.grounds import aim_of
from reviews.panel_letters import round_letters, with_counts
from reviews.scoring import CLEAR, UNLIKELY
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.ranking.board_page import BoardPage


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


class WantOneMore(BoardPage):
    """Letters where one more review helps most, and a button that wants it of those ticked.

    A page of its own: to count reviewers over all letters takes as long as the ranking itself.
    """

    action = "assign"

    def get(self, request, slug):
        self.load(slug)
        unclear = [] if self.ranking or not self.board else list(self.unclear())
        context = {"slug": slug, "round": self.round, "letters": unclear}
        return render(request, "panel/ranking/one_more.html", context)

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
            return redirect("panel:one_more", slug)
        text = ngettext(
            "%(count)s letter gets one reviewer more. Choose who reads it.",
            "%(count)s letters get one reviewer more. Choose who reads them.",
            count,
        )
        messages.success(request, text % {"count": count})
        return redirect(f"{reverse('panel:assignment', args=[slug])}?need=short")

    def unclear(self):
        """Undecided letters, and those whose reviewers are further apart than chance explains.

        Who still waits for a reviewer is left out.
        """
        chance = Q(p_top__gte=UNLIKELY, p_top__lt=CLEAR)
        lines = self.lines().filter(chance | Q(disagreement=True))
        letters = with_counts(round_letters(self.request.user, self.round), self.round)
        served = letters.filter(pk__in=lines.values("letter"), given__gte=F("needed"))
        return served.filter(needed__lt=headcount.MOST).order_by("reference")
