"""Freezing a round's ranking: the question before the deed, and the deed."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, scoreboards
from reviews.grounds import grounds
from reviews.models import Ranking
from reviews.scoring import is_placed
from reviews.standings import standings
from reviews.views.access import PanelPage
from reviews.views.ranking.table import reviews_out


class Freeze(PanelPage):
    action = "freeze"

    def get(self, request, slug):
        return self.page(slug)

    def post(self, request, slug):
        call_round = self.round_of(slug)
        try:
            actions.freeze_ranking(call_round, actor=request.user, at=clock.now())
        except Refused as refusal:
            return self.page(slug, refusal=str(refusal), status=409)
        messages.success(request, _("The ranking is frozen. It can be decided upon now."))
        return redirect("panel:ranking", slug)

    def page(self, slug, refusal="", status=200):
        call_round = self.round_of(slug)
        if not refusal and Ranking.objects.filter(round=call_round).exists():
            return redirect("panel:ranking", slug)
        # From the marks and not from the board: what is about to be copied.
        barred = scoreboards.barred_letters(self.request.user, call_round.call_id)
        lines = standings(grounds(call_round), barred)
        context = {
            "round": call_round,
            "slug": slug,
            "refusal": refusal,
            "letters": len(lines),
            "reviews": sum(line["reviews"] for line in lines),
            "out": reviews_out(call_round, self.request.user),
            "unplaced": [
                line["letter"] for line in lines if not is_placed(line["totals"].values())
            ],
            "unrated": [line["letter"] for line in lines if line["total"] is None],
        }
        return render(self.request, "panel/freeze.html", context, status=status)
