"""How far the reviews of a round are: who is missing, by person and by letter."""

from collections import defaultdict

from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from chang_e8_portal import clock
from reviews import actions, permissions
from reviews.models import Assignment
from reviews.plots.steps import steps
from reviews.states import ReviewState
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.reminding import remind

FILTERS = (
    lists.Select(
        "only",
        _("Show only"),
        [("missing", _("Something is missing")), ("late", _("Late")), ("done", _("All in"))],
    ),
)
SORTS = ("name", "given", "filed", "missing", "due")


class Progress(PanelPage):
    """Who owes what; the button mails those who do."""

    action = "see_progress"

    def get(self, request, slug):
        call_round = self.round_of(slug)
        chosen = lists.chosen(request, FILTERS)
        by = "letter" if request.GET.get("by") == "letter" else "reviewer"
        words = lists.search_of(request)
        sort = lists.sort_of(request, SORTS, "-missing")
        at = clock.now()
        active = self.assignments(call_round)
        rows = tally(active, by, at=at)
        shown = [row for row in rows if fits(row, words, chosen["only"])]
        shown.sort(key=lambda row: row["name"].casefold())
        shown.sort(key=lambda row: row[sort.removeprefix("-")], reverse=sort.startswith("-"))
        filed = sum(1 for assignment in active if is_filed(assignment))
        return render(
            request,
            "panel/progress.html",
            {
                "round": call_round,
                "slug": slug,
                "by": by,
                "page": lists.page_of(request, shown),
                "words": words,
                "chosen": chosen,
                "filters": FILTERS,
                "sort": sort,
                "total": len(rows),
                "given": len(active),
                "filed": filed,
                "late": sum(1 for a in active if not is_filed(a) and a.due_at <= at),
                "curve": curve(active, zone=self.call.tzinfo, at=at),
                "zone": self.call.zone,
                "zone_name": self.call.zone_name,
                "now": at,
            },
        )

    def post(self, request, slug):
        call_round = self.round_of(slug)
        remind(request, actions.remind_reviewers, call_round)
        return redirect("panel:progress", slug)

    def assignments(self, call_round):
        """One list for both tables: an assignment belongs to a person and to a letter."""
        rows = Assignment.objects.active().filter(round=call_round).for_list()
        return list(permissions.presided_by(self.request.user, rows, letter="letter"))


def curve(assignments, *, zone, at) -> dict | None:
    """How the reviews came in, from the first assignment to now, drawn and by day of `zone`.

    Not further than the last due date or the last review; None where nothing is assigned.
    """
    if not assignments:
        return None
    filed = sorted(a.review.submitted_at for a in assignments if is_filed(a))
    end = max([a.due_at for a in assignments] + filed)
    days: dict = {}
    for number, moment in enumerate(filed, 1):
        day = moment.astimezone(zone).date()
        came, _before = days.get(day, (0, 0))
        days[day] = (came + 1, number)
    line = steps(
        ((moment, 1) for moment in filed),
        start=min(a.assigned_at for a in assignments),
        until=min(at, end),
        top=len(assignments),
    )
    return {"line": line, "days": [(day, *row) for day, row in days.items()]}


def tally(assignments, by, *, at) -> list[dict]:
    """One row a person or a letter, with what is in and what is missing."""
    groups = defaultdict(list)
    for assignment in assignments:
        groups[assignment.reviewer if by == "reviewer" else assignment.letter].append(assignment)
    rows = []
    for about, given in groups.items():
        out = [assignment for assignment in given if not is_filed(assignment)]
        rows.append(
            {
                "about": about,
                "name": about.name if by == "reviewer" else about.reference,
                "given": len(given),
                "filed": len(given) - len(out),
                "missing": len(out),
                "out": sorted(out, key=lambda a: (a.letter.reference, a.reviewer.name)),
                "begun": sum(1 for a in out if hasattr(a, "review")),
                "due": min(a.due_at for a in out or given),
                "late": any(a.due_at <= at for a in out),
            }
        )
    return rows


def fits(row, words, only) -> bool:
    texts = [row["name"], *(a.letter.reference for a in row["out"])]
    texts += [a.reviewer.name for a in row["out"]]
    found = all(any(w.casefold() in t.casefold() for t in texts) for w in words.split()[:10])
    match only:
        case "missing":
            return found and row["missing"] > 0
        case "late":
            return found and row["late"]
        case "done":
            return found and row["missing"] == 0
    return found


def is_filed(assignment) -> bool:
    review = getattr(assignment, "review", None)
    return review is not None and review.state == ReviewState.SUBMITTED
