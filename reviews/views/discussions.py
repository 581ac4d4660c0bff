"""The chair's list of what is worth talking about in a round."""

from django.db.models import Count, Max
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from proposals.models import LetterOfIntent
from proposals.models.call import in_language
from reviews import flags, permissions, scoring
from reviews.grounds import aim_of
from reviews.models import Consensus, Contribution, Criterion
from reviews.templatetags.panel_display import title_of
from reviews.views import lists
from reviews.views.access import PanelPage

FILTERS = (
    lists.Select(
        "only",
        _("Show only"),
        [
            ("apart", _("Reviewers disagree")),
            ("talked", _("Talked about")),
            ("open", _("Disagreement without a consensus")),
        ],
    ),
)
SORTS = ("reference", "reviews", "spread", "said")


class Discussions(PanelPage):
    """Letters with what their reviewers differ in, how much was said, and whether they agreed."""

    action = "see_scores"
    http_method_names = ("get", "head")

    def get(self, request, slug):
        call_round = self.round_of(slug)
        passes = aim_of(call_round).threshold
        lines = self.lines(call_round, passes)
        shown, asked = self.shown(lines)
        context = {
            "round": call_round,
            "slug": slug,
            "page": lists.page_of(request, shown),
            **asked,
            "filters": FILTERS,
            "total": len(lines),
            "apart": sum(1 for line in lines if line["apart"]),
            "settled": sum(1 for line in lines if line["agreed"]),
            "totals_apart": scoring.TOTALS_APART,
            "marks_apart": scoring.MARKS_APART,
            "passing": passes,
        }
        return render(request, "panel/discussions.html", context)

    def shown(self, lines) -> tuple:
        """The lines that the address asks for, in its order, and what it asks for."""
        chosen = lists.chosen(self.request, FILTERS)
        words = lists.search_of(self.request)
        sort = lists.sort_of(self.request, SORTS, "-spread")
        shown = [line for line in lines if _fits(line, words, chosen["only"])]
        key = sort.removeprefix("-")
        shown.sort(key=lambda line: line["reference"])
        known = [line for line in shown if line[key] is not None]
        known.sort(key=lambda line: line[key], reverse=sort.startswith("-"))
        unknown = [line for line in shown if line[key] is None]
        return [*known, *unknown], {"words": words, "chosen": chosen, "sort": sort}

    def lines(self, call_round, passes) -> list[dict]:
        user = self.request.user
        criteria = list(Criterion.objects.filter(call=self.call))
        letters = LetterOfIntent.objects.in_round(call_round).select_related("agency")
        letters = list(permissions.presided_by(user, letters))
        # Whoever is in conflict with a letter sees none of its marks, nor what they do to others.
        weights = {criterion.code: criterion.weight for criterion in criteria}
        names = {criterion.code: criterion for criterion in criteria}
        sheets = flags.sheets_of(call_round, letters)
        flagged = flags.flags_of(sheets, letters, weights, passes=passes)
        said = {
            row["letter"]: row
            for row in Contribution.objects.filter(round=call_round)
            .order_by()
            .values("letter")
            .annotate(number=Count("pk"), last=Max("at"))
        }
        written = Consensus.objects.filter(round=call_round)
        agreed = dict(written.values_list("letter", "written_at"))
        lines = []
        for letter in letters:
            found = flagged[letter.pk]
            talk = said.get(letter.pk, {})
            lines.append(
                {
                    "letter": letter,
                    "reference": letter.reference,
                    "reviews": len(sheets.get(letter.pk, [])),
                    "apart": found,
                    "criteria": [names[code] for code in found.codes],
                    "spread": found.spread,
                    "said": talk.get("number", 0),
                    "last": talk.get("last"),
                    "agreed": agreed.get(letter.pk),
                }
            )
        return lines


class DiscussionsTable(Discussions):
    """Exactly the letters the page shows, on all its pages, as a table to download."""

    action = "export"
    ending = "csv"

    def get(self, request, slug):
        call_round = self.round_of(slug)
        lines = self.lines(call_round, aim_of(call_round).threshold)
        shown, _asked = self.shown(lines)
        header = [
            *(gettext("Reference"), gettext("Title"), gettext("Reviews"), gettext("Totals apart")),
            *(gettext("Flags"), gettext("Said"), gettext("Last said (UTC)")),
            gettext("Consensus (UTC)"),
        ]
        table = (_cells(line) for line in shown)
        title = gettext("What to talk about")
        return lists.as_file(f"discussion-{slug}", self.ending, title, header, table)


def _cells(line) -> list:
    apart = line["apart"]
    names = ", ".join(in_language(one.short_name or one.name) for one in line["criteria"])
    flagged = [
        (apart.totals, gettext("totals")),
        (names, f"{gettext('marks:')} {names}"),
        (apart.crosses, gettext("one passes, one does not")),
        (apart.beyond_chance, gettext("more than chance")),
    ]
    return [
        line["reference"],
        title_of(line["letter"]),
        line["reviews"],
        line["spread"],
        "; ".join(words for is_so, words in flagged if is_so),
        line["said"],
        line["last"],
        line["agreed"],
    ]


def _fits(line, words, only) -> bool:
    letter = line["letter"]
    texts = [letter.reference, letter.title, letter.title_zh, letter.agency.name]
    texts = [text.casefold() for text in texts]
    if not all(any(w.casefold() in text for text in texts) for w in words.split()[:10]):
        return False
    match only:
        case "apart":
            return bool(line["apart"])
        case "talked":
            return line["said"] > 0
        case "open":
            return bool(line["apart"]) and line["agreed"] is None
    return True
