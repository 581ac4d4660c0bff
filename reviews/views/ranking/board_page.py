"""What every page about a round's board does alike: who may look, which lines, in which order."""

from django.db.models import Count, DecimalField, F, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from proposals.models.call import in_language
from proposals.states import Level
from reviews import headcount, permissions, scoreboards
from reviews.grounds import aim_of, fingerprint, grounds
from reviews.models import ScoreboardLine
from reviews.scoring import CLEAR, UNLIKELY
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.ranking.notices import notices_of

PER_PAGE = 50
SCORED, CORRECTED = "scored", "corrected"
FILTERS = (
    lists.Select("level", _("Level"), Level.choices),
    lists.Select(
        "chance",
        _("Among the best"),
        [("clear", _("Clear")), ("open", _("Open – discuss")), ("unlikely", _("Unlikely"))],
    ),
    lists.Select(
        "only",
        _("Show only"),
        [
            ("apart", _("Reviewers disagree")),
            ("disagreement", _("Further apart than chance explains")),
            ("crosses", _("Opinions on both sides of the passing total")),
            ("hinges", _("Hangs on one reviewer")),
            ("few", _("Too few reviews")),
            ("unrated", _("Not rateable")),
            ("below", _("Below a threshold")),
        ],
    ),
)
_CHANCES = {
    "clear": Q(p_top__gte=CLEAR),
    "open": Q(p_top__gte=UNLIKELY, p_top__lt=CLEAR),
    "unlikely": Q(p_top__lt=UNLIKELY),
}
# Column of the address: column of the row. "place" is added by what the reader wants to see.
_SORTS = {
    "reference": "letter__reference",
    "total": "total",
    "merit": "merit",
    "rank": "expected_rank",
    "interval": "rank_5",
    "chance": "p_top",
    "reviews": "reviews",
    "spread": "spread",
}


class BoardPage(PanelPage):
    """Loads the round and its board for this reader; a page that extends it says what it shows."""

    action = "see_ranking"
    template = ""
    # Which of the pages side by side this is.
    here = "table"
    per_page = PER_PAGE

    def load(self, slug):
        self.slug = slug
        self.round = self.round_of(slug)
        self.ground = grounds(self.round)
        self.ranking = self.ground.ranking
        permissions.admit_to_ranking(self.request.user, self.ranking)
        self.board = scoreboards.board_of(self.request.user, self.round)
        self.rubric = [
            {**line, "short": in_language(line.get("short_name") or line["name"])}
            for line in self.ground.rubric
        ]
        self.as_scored = self.request.GET.get("as") != CORRECTED
        self.chosen = lists.chosen(self.request, FILTERS)
        self.words = lists.search_of(self.request)
        codes = {line["code"] for line in self.rubric}
        self.sort = lists.sort_of(self.request, {"place", *_SORTS, *codes}, "place")

    def lines(self):
        """All lines of the board that the reader may see."""
        return ScoreboardLine.objects.filter(board=self.board).visible_to(self.request.user)

    def shown(self):
        """The lines after search and filters, in the order of the address; the unknown last."""
        needed = headcount.needed(self.round, "letter", "letter__mass_kg")
        rows = (
            self.lines()
            .annotate(needed=needed)
            .filter(lists.about_letters(self.words, "letter__"), self.filtered())
        )
        key, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        if key == "place":
            column = F("position" if self.as_scored else "place")
        elif key in _SORTS:
            column = F(_SORTS[key])
        else:
            mean = KeyTextTransform(key, "means")
            column = Cast(mean, DecimalField(max_digits=5, decimal_places=2))
        way = column.desc(nulls_last=True) if down else column.asc(nulls_last=True)
        return rows.for_list().order_by(way, "letter__reference")

    def filtered(self) -> Q:
        found = Q()
        if self.chosen["level"]:
            found &= Q(letter__level=self.chosen["level"])
        if self.chosen["chance"]:
            found &= _CHANCES[self.chosen["chance"]]
        match self.chosen["only"]:
            case "":
                return found
            case "few":
                return found & Q(reviews__lt=F("needed"))
            case "unrated":
                return found & Q(merit__isnull=True)
        return found & Q(**{self.chosen["only"]: True})

    def context(self) -> dict:
        """What the frame around every page about the board prints."""
        user, board = self.request.user, self.board
        context = {
            "round": self.round,
            "slug": self.slug,
            "here": self.here,
            "ranking": self.ranking,
            "board": board,
            "as_scored": self.as_scored,
            "words": self.words,
            "chosen": self.chosen,
            "filters": FILTERS,
            "sort": self.sort,
            "kept": "" if self.as_scored else CORRECTED,
            "may_freeze": permissions.can(user, "freeze"),
            "may_see_severity": permissions.can(user, "see_severity"),
            "may_export": permissions.can(user, "export"),
        }
        if board is None:
            letters = permissions.presided_by(user, self.ground.letters)
            return {**context, "total": 0, "is_awaited": letters.exists()}
        return {
            **context,
            "notices": notices_of(board.summary),
            "is_stale": self.is_stale(),
            "summary": board.summary,
            **self.lines().aggregate(total=Count("pk"), apart=Count("pk", filter=Q(apart=True))),
        }

    def is_stale(self) -> bool:
        """Whether marks changed after the board was made; those of a frozen ranking cannot."""
        if self.ranking:
            return False
        now = fingerprint(self.ground, aim_of(self.round), self.board.without)
        return now.sha256 != self.board.marks
