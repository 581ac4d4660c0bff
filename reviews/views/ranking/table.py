"""The table of a round's letters: totals as scored beside those with severity removed."""

from django.shortcuts import render

from reviews import permissions
from reviews.models import Assignment
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
            "may_ask_more": not self.ranking and permissions.can(self.request.user, "assign"),
            "out": 0 if self.ranking else reviews_out(self.round, self.request.user),
        }


def reviews_out(call_round, user) -> int:
    """How many reviews of the letters `user` presides over are not in."""
    pending = Assignment.objects.pending().filter(round=call_round)
    return permissions.presided_by(user, pending, letter="letter").count()
