"""The filed letters as the chair sees them: the list to screen, and one letter whole."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals import filed_files
from proposals.models import LetterOfIntent, Screening
from proposals.states import Eligibility, Level, ProjectType, ScanState
from reviews import actions
from reviews.forms import ScreeningForm
from reviews.letter_files import file_response
from reviews.letter_text import fuller_of, parts_of
from reviews.models import Assignment, Criterion, Review
from reviews.panel_letters import letter_of_any_call, open_letters
from reviews.sheets import sheet_of, total_of
from reviews.views import lists
from reviews.views.access import PanelPage

SORTS = {
    "reference": ("reference",),
    "agency": ("agency__name",),
    "submitted": ("submitted_at",),
    "mass": ("mass_kg",),
}
FILTERS = (
    lists.Select(
        "outcome",
        gettext_lazy("Screening"),
        [("waiting", gettext_lazy("Not screened yet")), *Eligibility.choices],
    ),
    lists.Select("level", gettext_lazy("Level"), Level.choices),
    lists.Select("type", gettext_lazy("Project type"), ProjectType.choices),
)


def shown_letters(request, call) -> tuple:
    """The letters that the address asks for, in its order, and what it asks for.

    The list and its exports have nothing else, so that a table holds exactly what the page shows.
    """
    chosen = lists.chosen(request, FILTERS)
    words = lists.search_of(request)
    sort = lists.sort_of(request, SORTS, "reference")
    rows = open_letters(request.user, call).filter(lists.about_letters(words))
    rows = rows.filter(outcome_is(chosen["outcome"]))
    if chosen["level"]:
        rows = rows.filter(level=chosen["level"])
    if chosen["type"]:
        rows = rows.filter(project_type=chosen["type"])
    rows = lists.order(rows.select_related("agency", "screening"), SORTS, sort)
    return rows, {"words": words, "chosen": chosen, "sort": sort}


class ScreeningList(PanelPage):
    """Filed letters, and whether they may be assessed; several at once can be called eligible."""

    action = "screen"

    def get(self, request):
        return self.page()

    def post(self, request):
        """The list of what was chosen first, the deed second."""
        letters = self.chosen_letters()
        if request.POST.get("do") != "confirm":
            if not letters:
                messages.warning(request, _("No letter was chosen. Tick the letters you mean."))
                return redirect(request.get_full_path())
            return render(request, "panel/screening_confirm.html", {"letters": letters})
        try:
            count = actions.screen_letters(
                letters, outcome=Eligibility.ELIGIBLE, actor=request.user, at=clock.now()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(status=409)
        text = ngettext(
            "%(count)s letter was called eligible.",
            "%(count)s letters were called eligible.",
            count,
        )
        messages.success(request, text % {"count": count})
        return redirect(self.address("panel:screening"))

    def chosen_letters(self):
        letters = open_letters(self.request.user, self.call).select_related("agency")
        if self.request.POST.get("do") == "all":
            return list(letters.filter(screening__isnull=True).order_by("reference"))
        ids = lists.uuids(self.request.POST.getlist("letter"))
        found = list(letters.filter(pk__in=ids).order_by("reference"))
        if len(found) != len(ids):
            raise Http404
        return found

    def page(self, status=200):
        request = self.request
        everything = open_letters(request.user, self.call)
        rows, asked = shown_letters(request, self.call)
        total = everything.count()
        waiting = everything.filter(screening__isnull=True).count()
        return render(
            request,
            "panel/screening.html",
            {
                "page": lists.page_of(request, rows),
                **asked,
                "filters": FILTERS,
                "address": request.GET.urlencode(),
                "total": total,
                "waiting": waiting,
                "screened": total - waiting,
                "call": self.call,
            },
            status=status,
        )


class PanelLetter(PanelPage):
    """One filed letter with everything the panel knows of it, and its screening."""

    action = "read_letter"
    post_action = "screen"

    def get(self, request, pk):
        letter = self.find(pk)
        screening = Screening.objects.filter(letter=letter).first()
        initial = {}
        if screening:
            initial = {name: getattr(screening, name) for name in ("outcome", "rule", "reason")}
        return self.page(letter, screening, ScreeningForm(initial=initial))

    def post(self, request, pk):
        letter = self.find(pk)
        screening = Screening.objects.filter(letter=letter).first()
        form = ScreeningForm(request.POST)
        if not form.is_valid():
            return self.page(letter, screening, form, status=422)
        try:
            actions.screen_letters(
                [letter], **form.cleaned_data, actor=request.user, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(letter, screening, form, status=409)
        messages.success(
            request, _("%(reference)s was screened.") % {"reference": letter.reference}
        )
        waiting = open_letters(request.user, self.call).filter(screening__isnull=True)
        following = waiting.order_by("reference").first()
        if "next" in request.POST and following:
            return redirect("panel:letter", following.pk)
        return redirect("panel:letter", letter.pk)

    def find(self, pk):
        letter = letter_of_any_call(self.request.user, pk)
        self.turn_to(letter.call)
        return letter

    def page(self, letter, screening, form, status=200):
        criteria = list(Criterion.objects.filter(call=letter.call_id))
        version = letter.versions.order_by("-number").first()
        assignments = (
            Assignment.objects.visible_to(self.request.user)
            .filter(letter=letter)
            .for_list()
            .order_by("round__announced_for", "ended_at", "reviewer__name")
        )
        reviews = (
            Review.objects.visible_to(self.request.user)
            .submitted()
            .filter(assignment__letter=letter)
            .select_related("assignment__reviewer", "assignment__round")
            .prefetch_related("scores__criterion")
            .order_by("assignment__round__announced_for", "submitted_at")
        )
        waiting = open_letters(self.request.user, self.call).filter(screening__isnull=True)
        filed = filed_files.of(version) if version else []
        context = {
            "letter": letter,
            "clarifications": letter.clarifications.all(),
            "version": version,
            "parts": parts_of(version, letter.call, for_chair=True) if version else [],
            "files": [file for file in filed if file.is_ready],
            # The secretariat is told what reviewers will miss, and asks the agency for it.
            "withheld": [file for file in filed if file.scan == ScanState.INFECTED],
            "fuller": fuller_of(letter, version),
            "lacks_fuller": self.lacks_fuller(letter),
            "screening": screening,
            "form": form,
            "more_waiting": waiting.exclude(pk=letter.pk).exists(),
            "assignments": assignments,
            "reviews": [
                {
                    "review": review,
                    "scores": sheet_of(review, criteria),
                    "total": total_of(review, criteria),
                }
                for review in reviews
            ],
        }
        return render(self.request, "panel/letter.html", context, status=status)

    def lacks_fuller(self, letter) -> bool:
        """Whether the second round asked for a fuller proposal, in vain and until now."""
        asked = [r for r in self.rounds if r.asks_fuller]
        return bool(asked) and (
            LetterOfIntent.objects.awaited_in(asked[0]).filter(pk=letter.pk).exists()
        )


class PanelLetterFile(PanelPage):
    """A file the agency filed, for the chair."""

    action = "read_letter"
    http_method_names = ("get", "head")

    def get(self, request, pk, kind):
        letter = letter_of_any_call(request.user, pk)
        return file_response(request, letter, kind, with_fuller=True)


def outcome_is(value) -> Q:
    match value:
        case "":
            return Q()
        case "waiting":
            return Q(screening__isnull=True)
    return Q(screening__outcome=value)
