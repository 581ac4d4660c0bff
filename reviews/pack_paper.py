"""What stands in a committee pack: a paper for each letter, and the cover with the contents.

A letter's paper has its marks first, what the reviewers agreed on and what flags it, and then the
letter itself as reviewers read it; in a round that asks for fuller proposals, its one after it. Set
in the language that is active.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals import papers, printing
from proposals.models import FullerVersion, LetterOfIntent, LetterVersion
from proposals.papers import printable
from proposals.printing.characters import GETA
from reviews import flags, scoreboards, threads
from reviews.anonymity import HIDDEN
from reviews.grounds import aim_of
from reviews.letter_text import FOR_THE_CHAIR
from reviews.models import CommitteePack, Consensus, Criterion, Review, ScoreboardLine
from reviews.states import PackOrder
from reviews.templatetags.panel_display import agency_name, title_of

# In the contents a line leads to `LINK` and the letter's number, until pages are joined.
LINK = "https://pack.invalid/"


@dataclass(frozen=True)
class Line:
    """A line of the contents: what a letter is called, and the page on which it begins."""

    number: int
    reference: str
    title: str
    agency: str
    page: int
    # In the order of the ranking: that the letter has no place there.
    unplaced: bool = False

    @property
    def link(self) -> str:
        return f"{LINK}{self.number}"


@dataclass(frozen=True)
class Filed:
    """What an agency filed last: its letter, and its fuller proposal if the round asks for one."""

    letter: LetterVersion | None
    fuller: FullerVersion | None

    @property
    def versions(self) -> list:
        return [version for version in (self.letter, self.fuller) if version]


class Papers:
    """The papers of one pack. Marks are gathered when a letter's turn comes."""

    def __init__(self, pack: CommitteePack, letters: list[LetterOfIntent]):
        self.pack, self.letters, self.call = pack, letters, pack.round.call
        # Without names it is for people who may not know whose the letters are.
        self.nameless = pack.round.double_anonymous and not pack.with_names
        self._criteria = list(Criterion.objects.filter(call=self.call))
        weights = {criterion.code: criterion.weight for criterion in self._criteria}
        # Without the letters that its maker may not know of: they are not among these.
        self._flags = flags.flags_of(
            flags.sheets_of(pack.round, letters),
            letters,
            weights,
            passes=aim_of(pack.round).threshold,
        )
        self._unplaced = _unplaced(pack)
        self._copy_for = printable(_("Confidential copy for %(name)s") % {"name": pack.asked_by})

    def cover(self, lines: list[Line]) -> bytes:
        """Cover and contents. The same number of lines fills the same number of pages."""
        page = {
            **self._frame(name=_("Committee pack"), start=1),
            "order": self.pack.get_order_display(),
            "date": f"{self.pack.asked_at:%Y-%m-%d %H:%M} UTC",
            "with_names": self.pack.with_names,
            "lines": lines,
        }
        return self._set("reviews/paper/pack_cover.html", page)

    def filed(self, letter: LetterOfIntent) -> Filed:
        """What is filed now, never a working copy. A fuller proposal may yet be replaced: whoever
        sets the letter and takes its files asks once.
        """
        return Filed(
            letter.versions.order_by("-number").first(),
            letter.fuller_versions.order_by("-number").first()
            if self.pack.round.asks_fuller
            else None,
        )

    def letter(self, number: int, letter: LetterOfIntent, filed: Filed, *, start: int = 1) -> bytes:
        """The paper of one letter, whose first page has the number `start`."""
        page = {
            **self._frame(name=letter.reference, start=start),
            "number": number,
            "reference": letter.reference,
            "letter_title": printable(title_of(letter)),
            "letter_agency": self._agency(letter),
            "level": letter.get_level_display(),
            **self._marks(letter),
            **self._agreed(letter),
            "marks_flags": self._flagged(letter),
            "lacks_fuller": self.pack.round.asks_fuller and filed.fuller is None,
        }
        has_geta = GETA in str(page)
        for name, version, left_out in (
            ("own", filed.letter, FOR_THE_CHAIR),
            # Nothing that it asks is for the chair alone, and so no page says that something is.
            ("fuller", filed.fuller, frozenset()),
        ):
            page[name], page[f"{name}_unprintable"] = self._text(version, left_out)
        return self._set("reviews/paper/pack_letter.html", {**page, "has_geta": has_geta})

    def _text(self, version, left_out) -> tuple[dict | None, bool]:
        """What a filed version says, for the template, and whether it cannot be set."""
        if version is None:
            return None, False
        try:
            text = papers.letter_page(
                version.content,
                call=self.call,
                sha256=version.sha256,
                version=version,
                without=HIDDEN if self.nameless else left_out,
                nameless=self.nameless,
            )
        except printing.Unprintable:
            return None, True
        return text, False

    def line(self, number: int, letter: LetterOfIntent, *, page: int) -> Line:
        return Line(
            number,
            letter.reference,
            printable(title_of(letter)),
            self._agency(letter),
            page,
            letter.pk in self._unplaced,
        )

    def _agency(self, letter) -> str:
        return "" if self.nameless else printable(agency_name(letter.agency))

    def _frame(self, *, name, start) -> dict:
        return {
            "lang": "zh-Hans" if get_language() == "zh-hans" else get_language(),
            "day": f"{self.pack.asked_at:%Y-%m-%d}",
            "name": f"{name} · {self.pack.round}",
            "pack_call": printable(self.call),
            "round": str(self.pack.round),
            "pack_copy_for": self._copy_for,
            "start": start,
        }

    def _marks(self, letter) -> dict:
        """The table of marks: reviewers across, criteria down, and the totals."""
        reviews = list(
            Review.objects.submitted()
            .filter(assignment__round=self.pack.round, assignment__letter=letter)
            .select_related("assignment__reviewer")
            .prefetch_related("scores")
        )
        names = threads.Names(
            self.pack.round, letter, self.pack.asked_by, openly=self.pack.with_names
        )
        columns = threads.columns(reviews, self._criteria, names, self.pack.asked_by)
        return {
            "columns": [printable(column["name"]) for column in columns],
            "rows": [
                {
                    "name": printable(criterion),
                    "weight": criterion.weight,
                    "marks": [_mark(column["lines"][at]["score"]) for column in columns],
                }
                for at, criterion in enumerate(self._criteria)
            ],
            "totals": [_number(column["total"]) for column in columns],
            "advice": [column["review"].get_recommendation_display() for column in columns],
        }

    def _agreed(self, letter) -> dict:
        found = Consensus.objects.filter(round=self.pack.round, letter=letter).first()
        if found is None:
            return {"consensus": [], "minority": [], "agreed_marks": []}
        names = {criterion.code: printable(criterion) for criterion in self._criteria}
        return {
            "consensus": _lines(found.text),
            "minority": _lines(found.minority_view),
            "agreed_marks": [(names.get(code, code), mark) for code, mark in found.marks.items()],
        }

    def _flagged(self, letter) -> list[str]:
        apart = self._flags[letter.pk]
        names = {criterion.code: str(criterion) for criterion in self._criteria}
        found = []
        if apart.totals:
            found.append(_("%(spread)s apart") % {"spread": apart.spread})
        if apart.codes:
            found.append(f"{_('marks:')} {', '.join(names[code] for code in apart.codes)}")
        if apart.crosses:
            found.append(_("one passes, one does not"))
        if apart.beyond_chance:
            found.append(_("more than chance"))
        return [printable(one) for one in found]

    def _set(self, template, page) -> bytes:
        return printing.pdf_from(render_to_string(template, page), papers.STYLE)


def _mark(score) -> str:
    if score is None or (score.mark is None and not score.cannot_judge):
        return ""
    return _("cannot judge") if score.cannot_judge else _number(score.mark)


def _number(value) -> str:
    return "–" if value is None else f"{Decimal(value):f}"


def _lines(text) -> list[str]:
    lines = [line for line in map(printable, text.splitlines()) if line]
    return lines if len(lines) <= papers.MOST_LINES else [papers.LINE_END.join(lines)]


def _unplaced(pack) -> set:
    """Ids of letters that come last in the order of the ranking, without a place in it."""
    if pack.order != PackOrder.RANK:
        return set()
    board = scoreboards.board_of(pack.asked_by, pack.round)
    lines = ScoreboardLine.objects.filter(board=board, position=None)
    return set(lines.visible_to(pack.asked_by).values_list("letter", flat=True))
