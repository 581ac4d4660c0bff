"""The board's tables as files: the lines the page shows after its filters, of all its pages."""

from django.utils.translation import gettext as _

from reviews.exports import boards
from reviews.views import lists
from reviews.views.ranking.board_page import BoardPage


class _Table(BoardPage):
    """`ending` says which kind of file."""

    action = "export"
    name = "ranking"
    ending = ""

    def get(self, request, slug):
        self.load(slug)
        header, rows = self.table(self.shown() if self.board else ())
        return lists.as_file(f"{self.name}-{slug}", self.ending, _("Ranking"), header, rows)


class RankingTable(_Table):
    def table(self, lines):
        return boards.ranking(lines, as_scored=self.as_scored)


class CriteriaTable(_Table):
    name = "criteria"

    def table(self, lines):
        return boards.criteria(lines, self.rubric, as_scored=self.as_scored)
