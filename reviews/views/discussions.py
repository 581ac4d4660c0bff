"""The chair's list of what is worth talking about in a round."""

from django.db.models import Count, Max
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from proposals.models import LetterOfIntent
from reviews import flags, permissions, scoring
from reviews.models import Consensus, Contribution, Criterion
from reviews.states import PASSING_TOTAL
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
        criteria = list(Criterion.objects.filter(call=self.call))
        lines = self.lines(call_round, criteria)
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        sort = lists.sort_of(request, SORTS, "-spread")
        shown = [line for line in lines if _fits(line, words, chosen["only"])]
        key = sort.removeprefix("-")
        shown.sort(key=lambda line: line["reference"])
        known = [line for line in shown if line[key] is not None]
        known.sort(key=lambda line: line[key], reverse=sort.startswith("-"))
        unknown = [line for line in shown if line[key] is None]
        context = {
            "round": call_round,
            "slug": slug,
            "page": lists.page_of(request, [*known, *unknown]),
            "words": words,
            "chosen": chosen,
            "filters": FILTERS,
            "sort": sort,
            "total": len(lines),
            "apart": sum(1 for line in lines if line["apart"]),
            "settled": sum(1 for line in lines if line["agreed"]),
            "totals_apart": scoring.TOTALS_APART,
            "marks_apart": scoring.MARKS_APART,
            "passing": PASSING_TOTAL,
        }
        return render(request, "panel/discussions.html", context)

    def lines(self, call_round, criteria) -> list[dict]:
        user = self.request.user
        letters = LetterOfIntent.objects.in_round(call_round).select_related("agency")
        letters = list(permissions.presided_by(user, letters))
        # Whoever is in conflict with a letter sees none of its marks, nor what they do to others.
        weights = {criterion.code: criterion.weight for criterion in criteria}
        names = {criterion.code: criterion for criterion in criteria}
        sheets = flags.sheets_of(call_round, letters)
        flagged = flags.flags_of(sheets, letters, weights)
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
