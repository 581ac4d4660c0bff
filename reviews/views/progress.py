"""How far the reviews of a round are: who is missing, by person and by letter."""

from collections import defaultdict
from datetime import UTC, datetime

from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chang_e8_portal import clock
from proposals.models import LetterOfIntent
from reviews import actions, headcount, permissions
from reviews.models import Assignment
from reviews.plots.steps import steps
from reviews.states import ReviewState
from reviews.templatetags.panel_display import title_of
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
        at = clock.now()
        active = self.assignments(call_round)
        by = self.by()
        rows = tally(active, by, at=at, letters=self.letters(call_round, by))
        shown, asked = self.shown(rows)
        filed = sum(1 for assignment in active if is_filed(assignment))
        return render(
            request,
            "panel/progress.html",
            {
                "round": call_round,
                "slug": slug,
                "by": by,
                "page": lists.page_of(request, shown),
                **asked,
                "filters": FILTERS,
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

    def by(self) -> str:
        """Which of the two tables the address asks for."""
        return "letter" if self.request.GET.get("by") == "letter" else "reviewer"

    def letters(self, call_round, by) -> list:
        """The round's letters, each with how many reviewers it is to have; none beside people."""
        if by == "reviewer":
            return []
        letters = LetterOfIntent.objects.in_round(call_round).for_list()
        presided = permissions.presided_by(self.request.user, letters)
        return list(presided.annotate(needed=headcount.needed(call_round)))

    def shown(self, rows) -> tuple:
        """The rows that the address asks for, in its order, and what it asks for."""
        chosen = lists.chosen(self.request, FILTERS)
        words = lists.search_of(self.request)
        sort = lists.sort_of(self.request, SORTS, "-missing")
        shown = [row for row in rows if fits(row, words, chosen["only"])]
        shown.sort(key=lambda row: row["name"].casefold())
        shown.sort(key=lambda row: _order(row, sort), reverse=sort.startswith("-"))
        return shown, {"words": words, "chosen": chosen, "sort": sort}

    def assignments(self, call_round):
        """One list for both tables: an assignment belongs to a person and to a letter."""
        rows = Assignment.objects.active().filter(round=call_round).for_list()
        return list(permissions.presided_by(self.request.user, rows, letter="letter"))


class ProgressTable(Progress):
    """Exactly the rows the page shows, on all its pages, as a table to download."""

    action = "export"
    ending = "csv"
    http_method_names = ("get", "head")

    def get(self, request, slug):
        call_round, by = self.round_of(slug), self.by()
        active, letters = self.assignments(call_round), self.letters(call_round, by)
        rows, _asked = self.shown(tally(active, by, at=clock.now(), letters=letters))
        table = (_cells(row, by) for row in rows)
        title = gettext("Progress of the reviews")
        return lists.as_file(f"progress-{slug}", self.ending, title, _header(by), table)


def _header(by) -> list[str]:
    if by == "letter":
        about, out = (gettext("Reference"), gettext("Title")), gettext("Reviewers still missing")
    else:
        about, out = (gettext("Reviewer"), gettext("E-mail")), gettext("Letters still missing")
    counts = (gettext("Assigned"), gettext("In"), gettext("Missing"), gettext("Begun"))
    header = [*about, *counts, out, gettext("Due (UTC)"), gettext("Late")]
    return [*header, gettext("Reviewers to be chosen")] if by == "letter" else header


def _cells(row, by) -> list:
    about, out = row["about"], row["out"]
    cells = [
        row["name"],
        title_of(about) if by == "letter" else about.email,
        *(row[name] for name in ("given", "filed", "missing", "begun")),
        "; ".join(a.reviewer.name if by == "letter" else a.letter.reference for a in out),
        f"{row['due'].astimezone(UTC):%Y-%m-%d %H:%M}" if row["due"] else "",
        gettext("yes") if row["late"] else gettext("no"),
    ]
    return [*cells, row["lacking"]] if by == "letter" else cells


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


def _order(row, sort):
    """What a row is sorted by; nothing that is due comes after everything that is."""
    name = sort.removeprefix("-")
    return row["due"] or datetime.max.replace(tzinfo=UTC) if name == "due" else row[name]


def tally(assignments, by, *, at, letters=()) -> list[dict]:
    """One row a person or a letter, with what is in and what is missing.

    `letters` have a row each, also where nobody reads them; `needed` is how many should.
    """
    needed = {letter.pk: letter.needed for letter in letters}
    groups = defaultdict(list, {letter: [] for letter in letters})
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
                "lacking": max(0, needed.get(about.pk, 0) - len(given)),
                "out": sorted(out, key=lambda a: (a.letter.reference, a.reviewer.name)),
                "begun": sum(1 for a in out if hasattr(a, "review")),
                "due": min((a.due_at for a in out or given), default=None),
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
            return found and (row["missing"] > 0 or row["lacking"] > 0)
        case "late":
            return found and row["late"]
        case "done":
            return found and row["missing"] == row["lacking"] == 0
    return found


def is_filed(assignment) -> bool:
    review = getattr(assignment, "review", None)
    return review is not None and review.state == ReviewState.SUBMITTED
