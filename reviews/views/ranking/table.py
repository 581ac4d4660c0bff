"""The table of a round's letters: totals as scored beside those with severity removed."""

from django.db.models import F, Q
from django.shortcuts import render

from reviews import headcount, permissions
from reviews.models import Assignment
from reviews.panel_letters import round_letters, with_counts
from reviews.scoring import CLEAR, UNLIKELY
from reviews.views import lists
from reviews.views.ranking.board_page import BoardPage


class RankingPage(BoardPage):
    template = "panel/ranking/table.html"

    def get(self, request, slug):
        self.load(slug)
        context = self.context()
        if self.board:
            page = lists.page_of(request, self.shown(), self.per_page)
            context |= {"page": page, **self.more(page)}
        return render(request, self.template, context)

    def more(self, page) -> dict:
        """What this page prints beyond the frame and the lines."""
        return {
            "passing": self.board.summary.get("threshold"),
            "unclear": () if self.ranking else self.unclear(),
            "out": 0 if self.ranking else reviews_out(self.round, self.request.user),
        }

    def unclear(self):
        """Undecided letters, and those whose reviewers are further apart than chance explains.

        One more review helps most there; who still waits for a reviewer is left out.
        """
        user = self.request.user
        if not permissions.can(user, "assign"):
            return ()
        chance = Q(p_top__gte=UNLIKELY, p_top__lt=CLEAR)
        lines = self.lines().filter(chance | Q(disagreement=True))
        letters = with_counts(round_letters(user, self.round), self.round)
        served = letters.filter(pk__in=lines.values("letter"), given__gte=F("needed"))
        return served.filter(needed__lt=headcount.MOST).order_by("reference")


def reviews_out(call_round, user) -> int:
    """How many reviews of the letters `user` presides over are not in."""
    pending = Assignment.objects.pending().filter(round=call_round)
    return permissions.presided_by(user, pending, letter="letter").count()
