"""The board's tables as files: the lines the page shows after its filters, of all its pages."""

from decimal import Decimal

from django.utils.translation import gettext as _

from proposals.models.call import in_language
from reviews.scoring import percent
from reviews.templatetags.panel_display import agency_name, chance_word, flags, title_of
from reviews.views import lists
from reviews.views.ranking.board_page import BoardPage
from reviews.views.ranking.criteria import cells_of


class _Table(BoardPage):
    """Columns, and the cells of a line; `ending` says which kind of file."""

    action = "export"
    name = "ranking"
    ending = ""

    def get(self, request, slug):
        self.load(slug)
        rows = (self.row(line) for line in self.shown()) if self.board else ()
        name = f"{self.name}-{slug}.{self.ending}"
        if self.ending == "csv":
            return lists.as_csv(name, self.header(), rows)
        return lists.as_xlsx(name, _("Ranking"), self.header(), rows)

    def place(self, line):
        return line.position if self.as_scored else line.place


class RankingTable(_Table):
    def header(self) -> list[str]:
        return [
            *_letter_header(),
            _("Total as scored"),
            _("Total, severity removed"),
            _("Standard error"),
            _("Expected rank"),
            _("Rank, 5 %"),
            _("Rank, 95 %"),
            _("Chance of being among the best, %"),
            _("In words"),
            _("Reviews"),
            _("To talk about"),
        ]

    def row(self, line) -> list:
        return [
            self.place(line),
            *_letter(line),
            line.total,
            _tenths(line.merit),
            _tenths(line.merit_error),
            _tenths(line.expected_rank),
            line.rank_5,
            line.rank_95,
            None if line.p_top is None else percent(line.p_top),
            _("not rateable") if line.p_top is None else chance_word(line.p_top),
            line.reviews,
            "; ".join(flags(line)),
        ]


class CriteriaTable(_Table):
    name = "criteria"

    def header(self) -> list[str]:
        names = (in_language(criterion["name"]) for criterion in self.rubric)
        return [*_letter_header(), _("Total as scored"), *names]

    def row(self, line) -> list:
        means = (cell["mean"] for cell in cells_of(line, self.rubric))
        return [self.place(line), *_letter(line), line.total, *means]


def _letter_header() -> list[str]:
    return [_("Place"), _("Reference"), _("Level"), _("Title"), _("Agency")]


def _letter(line) -> list:
    letter = line.letter
    return [
        letter.reference,
        letter.get_level_display(),
        title_of(letter),
        agency_name(letter.agency),
    ]


def _tenths(number):
    return None if number is None else Decimal(number).quantize(Decimal("0.1"))
