"""Where the letters of a round stand: live until the chair freezes it, then the frozen copy."""

from decimal import Decimal

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models.call import in_language
from proposals.states import Level
from reviews import actions, permissions, scoring
from reviews.models import Assignment, ConflictCheck, Criterion, RankedLetter, Ranking
from reviews.standings import standings
from reviews.templatetags.panel_display import agency_name, title_of
from reviews.views import lists
from reviews.views.access import PanelPage, admit

FILTERS = (
    lists.Select("level", gettext_lazy("Level"), Level.choices),
    lists.Select(
        "only",
        gettext_lazy("Show only"),
        [
            ("apart", gettext_lazy("Reviewers disagree")),
            ("few", gettext_lazy("Too few reviews")),
            ("below", gettext_lazy("Below a threshold")),
        ],
    ),
)
PER_PAGE = 100


class RankingPage(PanelPage):
    """The heat map: letters by criteria, with totals."""

    action = "see_ranking"

    def get(self, request, slug):
        call_round, ranking, rubric, lines = self.load(slug)
        shown, words, chosen, sort = self.narrowed(lines, rubric)
        return render(
            request,
            "panel/ranking.html",
            {
                "round": call_round,
                "slug": slug,
                "ranking": ranking,
                "rubric": rubric,
                "page": lists.page_of(request, shown, PER_PAGE),
                "words": words,
                "chosen": chosen,
                "filters": FILTERS,
                "sort": sort,
                "total": len(lines),
                "out": reviews_out(call_round, request.user),
                "wanted": call_round.reviewers_per_letter,
                "apart": sum(1 for line in lines if line["apart"]),
                "may_freeze": permissions.can(request.user, "freeze"),
            },
        )

    def load(self, slug):
        """The round, its frozen ranking or None, the rubric and the lines of the table."""
        call_round = self.round_of(slug)
        ranking = Ranking.objects.filter(round=call_round).select_related("frozen_by").first()
        if ranking:
            lines = frozen_lines(ranking, self.request.user)
            rubric = ranking.rubric
        else:
            # Nobody but the chair learns anything of the order before it is frozen.
            admit(self.request.user, "see_scores")
            criteria = list(Criterion.objects.filter(call=self.call))
            lines = live_lines(call_round, criteria, self.request.user)
            rubric = [rubric_line(criterion) for criterion in criteria]
        for criterion in rubric:
            criterion["short"] = in_language(criterion["short_name"] or criterion["name"])
        for line in lines:
            line["few"] = line["reviews"] < call_round.reviewers_per_letter
            line["cells"] = [cell_of(line, criterion) for criterion in rubric]
            line["below"] = any(cell["below"] for cell in line["cells"])
        return call_round, ranking, rubric, lines

    def narrowed(self, lines, rubric):
        request = self.request
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        sorts = {"position", "total", "reference", "spread", *(c["code"] for c in rubric)}
        sort = lists.sort_of(request, sorts, "position")
        shown = [line for line in lines if fits(line, words, chosen)]
        key = sort.removeprefix("-")
        known = [line for line in shown if sort_value(line, key) is not None]
        unknown = [line for line in shown if sort_value(line, key) is None]
        known.sort(key=lambda line: sort_value(line, key), reverse=sort.startswith("-"))
        return [*known, *unknown], words, chosen, sort


class RankingTable(RankingPage):
    """Exactly the lines the page shows, as a table to download."""

    action = "export"

    def get(self, request, slug):
        _round, _ranking, rubric, lines = self.load(slug)
        shown = self.narrowed(lines, rubric)[0]
        header = [
            *(_("Position"), _("Reference"), _("Title"), _("Agency"), _("Country or region")),
            *(_("Level"), _("Reviews"), _("Weighted total")),
            *(in_language(criterion["name"]) for criterion in rubric),
        ]
        table = (
            [
                line["position"],
                line["letter"].reference,
                title_of(line["letter"]),
                agency_name(line["letter"].agency),
                line["letter"].agency.place,
                line["letter"].get_level_display(),
                line["reviews"],
                line["total"],
                *(cell["mean"] for cell in line["cells"]),
            ]
            for line in shown
        )
        return lists.as_csv(f"ranking-{slug}.csv", header, table)


class Freeze(PanelPage):
    """The question before the deed, and the deed."""

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
        criteria = list(Criterion.objects.filter(call=self.call))
        lines = live_lines(call_round, criteria, self.request.user)
        context = {
            "round": call_round,
            "slug": slug,
            "refusal": refusal,
            "letters": len(lines),
            "reviews": sum(line["reviews"] for line in lines),
            "out": reviews_out(call_round, self.request.user),
            "unrated": [line["letter"] for line in lines if line["total"] is None],
        }
        return render(self.request, "panel/freeze.html", context, status=status)


def reviews_out(call_round, user) -> int:
    """How many reviews of the letters `user` presides over are not in."""
    pending = Assignment.objects.pending().filter(round=call_round)
    return permissions.presided_by(user, pending, letter="letter").count()


def live_lines(call_round, criteria, user) -> list[dict]:
    """Today's standings of the letters `user` presides over."""
    barred = _barred(user)
    lines = [ln for ln in standings(call_round, criteria) if ln["letter"].pk not in barred]
    for line in lines:
        line["apart"] = line["totals_apart"] or bool(line["marks_apart"])
    return placed(lines)


def frozen_lines(ranking, user) -> list[dict]:
    """The lines of a frozen ranking that `user` may read, in the shape of today's standings.

    Whoever may not read all of it gets places counted among what is shown: the gap at a place would
    tell the rank of the letter that is not.
    """
    barred = _barred(user)
    rows = RankedLetter.objects.filter(ranking=ranking).exclude(letter__in=barred)
    lines = [
        {
            "letter": row.letter,
            "position": row.position,
            "total": row.total,
            "reviews": row.reviews,
            "means": {code: m if m is None else Decimal(m) for code, m in row.means.items()},
            "spread": None,
            "totals_apart": False,
            "marks_apart": (),
            "apart": False,
        }
        for row in rows.select_related("letter__agency").order_by("position", "letter__reference")
    ]
    return placed(lines) if barred else lines


def placed(lines) -> list[dict]:
    """The lines with their places by total; those without a total have none."""
    rated = {ln["letter"].pk: ln["total"] for ln in lines if ln["total"] is not None}
    places = scoring.positions(rated)
    for line in lines:
        line["position"] = places.get(line["letter"].pk)
    return lines


def rubric_line(criterion) -> dict:
    return {
        "code": criterion.code,
        "name": criterion.name,
        "short_name": criterion.short_name,
        "weight": criterion.weight,
        "threshold": criterion.threshold,
    }


def cell_of(line, criterion) -> dict:
    """One cell of the heat map: the mean, and what is to be said of it."""
    mean = line["means"].get(criterion["code"])
    threshold = criterion.get("threshold")
    return {
        "mean": mean,
        "name": criterion["name"],
        "apart": criterion["code"] in line["marks_apart"],
        "below": mean is not None and threshold is not None and mean < Decimal(threshold),
    }


def sort_value(line, key):
    if key == "reference":
        return line["letter"].reference
    return line[key] if key in ("position", "total", "spread") else line["means"].get(key)


def fits(line, words, chosen) -> bool:
    letter = line["letter"]
    texts = [letter.reference, letter.title, letter.title_zh, letter.agency.name]
    texts = [text.casefold() for text in texts]
    if not all(any(w.casefold() in text for text in texts) for w in words.split()[:10]):
        return False
    if chosen["level"] and letter.level != chosen["level"]:
        return False
    return not chosen["only"] or bool(line[chosen["only"]])


def _barred(user) -> set:
    conflicts = ConflictCheck.objects.conflicted().filter(reviewer=user)
    return set(conflicts.values_list("letter_id", flat=True))
