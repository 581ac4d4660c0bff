"""Severity of reviewers, and what the selection owes to one of them. For the chair alone."""

from django.shortcuts import render

from accounts.models import User
from proposals.models import LetterOfIntent
from reviews.models import ScoringRun
from reviews.plots.severity import Severity, severities
from reviews.views import lists
from reviews.views.ranking.board_page import BoardPage

_SORTS = ("name", "reviews", "severity", "moves")


class SeverityPage(BoardPage):
    action = "see_severity"
    here = "severity"

    def get(self, request, slug):
        self.load(slug)
        context = self.context()
        if self.board:
            sort = lists.sort_of(request, _SORTS, "-severity")
            people = in_order(self.people(), sort)
            page = lists.page_of(request, people, self.per_page)
            context |= {
                "page": page,
                "sort": sort,
                "plot": drawing(page),
                "movers": [one for one in people if one["moves"]],
                "count": len(people),
            }
        return render(request, "panel/ranking/severity.html", context)

    def people(self) -> list[dict]:
        """Each reviewer of the run with severity, and the letters that hang on her or him."""
        run = ScoringRun.objects.filter(pk=self.board.run_id)
        found = run.values_list("result__reviewers", flat=True).first() or []
        people = User.objects.in_bulk({one["reviewer"] for one in found})
        people = {str(key): person for key, person in people.items()}
        moved = {letter for one in found for letter in (*one["leave"], *one["enter"])}
        letters = LetterOfIntent.objects.filter(pk__in=moved).only("reference")
        references = {str(letter.pk): letter for letter in letters}
        return [
            {
                **one,
                "person": people[one["reviewer"]],
                "name": people[one["reviewer"]].name,
                "leave": [references[key] for key in one["leave"]],
                "enter": [references[key] for key in one["enter"]],
                "moves": len(one["leave"]) + len(one["enter"]),
            }
            for one in found
        ]


def in_order(people, sort) -> list[dict]:
    """People by the column of the address; those of unknown severity last."""
    key, down = sort.removeprefix("-"), sort.startswith("-")
    people = sorted(people, key=lambda one: one["name"].casefold())
    known = [one for one in people if one[key] is not None]
    known.sort(key=lambda one: one[key].casefold() if key == "name" else one[key], reverse=down)
    return [*known, *(one for one in people if one[key] is None)]


def drawing(people):
    """The plot of those whose severity is known, or None where it is nobody's."""
    known = [one for one in people if one["severity"] is not None]
    if not known:
        return None
    return severities(
        Severity(one["name"], one["severity"], one["severity_error"], one["clear"]) for one in known
    )
