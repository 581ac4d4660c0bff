"""The register of conflicts: what was found and declared, and what the chair says of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusal import Refused
from accounts.states import Role
from chang_e8_portal import clock
from reviews import actions, evidence, permissions
from reviews.forms import RecordForm, RulingForm
from reviews.models import ConflictCheck
from reviews.panel_letters import open_letters
from reviews.states import ConflictKind, ConflictSource, ConflictStrength
from reviews.templatetags.panel_display import agency_name, title_of
from reviews.views import lists
from reviews.views.access import PanelPage

SORTS = {
    "letter": ("letter__reference",),
    "reviewer": ("reviewer__name",),
    "strength": ("strength", "letter__reference"),
    "when": ("answered_at",),
}
FILTERS = (
    lists.Select("strength", gettext_lazy("Strength"), ConflictStrength.choices),
    lists.Select(
        "source",
        gettext_lazy("Source"),
        [(value, label) for value, label in ConflictSource.choices if value],
    ),
    lists.Select("kind", gettext_lazy("Reason"), ConflictKind.choices),
)
_RULINGS = {
    "lift": (
        actions.lift_conflict,
        gettext_lazy("The conflict was removed. The person is asked anew before reading."),
    ),
    "soften": (actions.soften_conflict, gettext_lazy("The conflict is soft now and bars nobody.")),
    "harden": (actions.harden_conflict, gettext_lazy("The conflict is hard now. The text shuts.")),
}


def register_of(user, call):
    """Recorded conflicts of the call, of the letters the reader presides over."""
    found = ConflictCheck.objects.visible_to(user).recorded().filter(letter__call=call)
    return permissions.presided_by(user, found, letter="letter")


class Register(PanelPage):
    action = "see_conflicts"

    def get(self, request):
        everything = register_of(request.user, self.call)
        rows, asked = self.shown(everything)
        return render(
            request,
            "panel/conflicts.html",
            {
                "page": lists.page_of(request, rows),
                **asked,
                "filters": FILTERS,
                "address": request.GET.urlencode(),
                "total": everything.count(),
                "hard": everything.conflicted().count(),
                "may_rule": permissions.can(request.user, "rule_on_conflicts"),
                "chair": Role.CHAIR,
            },
        )

    def shown(self, everything) -> tuple:
        """The rows that the address asks for, in its order, and what it asks for."""
        request = self.request
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        sort = lists.sort_of(request, SORTS, "letter")
        rows = everything.filter(
            lists.about_letters(words, "letter__") | lists.about_people(words, "reviewer__")
        )
        for name, value in chosen.items():
            if value:
                rows = rows.filter(**{name: value})
        rows = lists.order(rows.for_list(), SORTS, sort)
        return rows, {"words": words, "chosen": chosen, "sort": sort}


class RegisterTable(Register):
    """Exactly the rows the page shows, on all its pages, as a table to download."""

    ending = "csv"
    http_method_names = ("get", "head")

    def get(self, request):
        rows, _asked = self.shown(register_of(request.user, self.call))
        table = (_cells(check) for check in rows.iterator(chunk_size=500))
        title = _("Register of conflicts")
        return lists.as_file("conflicts", self.ending, title, _header(), table)


class Ruling(PanelPage):
    """One recorded conflict: remove it, or make it hard or soft."""

    action = "rule_on_conflicts"

    def get(self, request, pk):
        return self.page(self.find(pk), RulingForm())

    def post(self, request, pk):
        check = self.find(pk)
        form = RulingForm(request.POST)
        if not form.is_valid():
            return self.page(check, form, status=422)
        rule, done = _RULINGS[form.cleaned_data["do"]]
        try:
            rule(check, reason=form.cleaned_data["reason"], actor=request.user, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(check, form, status=409)
        messages.success(request, str(done))
        return redirect(self.address("panel:conflicts"))

    def find(self, pk):
        return get_object_or_404(register_of(self.request.user, self.call).for_list(), pk=pk)

    def page(self, check, form, status=200):
        context = {"check": check, "form": form}
        return render(self.request, "panel/conflict.html", context, status=status)


class Record(PanelPage):
    """Write down a conflict of a reviewer that the chair was told of."""

    action = "rule_on_conflicts"

    def get(self, request):
        start = {"letter": request.GET.get("letter", "")[:40]}
        return self.page(self.form(initial=start))

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        letter, person = form.cleaned_data["letter"], form.cleaned_data["person"]
        check = ConflictCheck.objects.filter(letter=letter, reviewer=person).first()
        try:
            if check is None:
                raise actions.Refused(
                    _("Ask the reviewers about conflicts first; then this one can be recorded.")
                )
            actions.record_conflict(
                check,
                **{name: form.cleaned_data[name] for name in ("kind", "strength", "note")},
                actor=request.user,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        messages.success(request, _("The conflict was recorded."))
        return redirect(self.address("panel:conflicts"))

    def form(self, *data, **initial):
        letters = open_letters(self.request.user, self.call).select_related("agency")
        return RecordForm(*data, **initial, letters=letters, user=self.request.user)

    def page(self, form, status=200):
        return render(self.request, "panel/record_conflict.html", {"form": form}, status=status)


def _header() -> list[str]:
    return [
        *(_("Reference"), _("Title"), _("Agency"), _("Country or region"), _("Person")),
        *(_("Strength"), _("Reason"), _("Source"), _("Note"), _("Evidence")),
        *(_("The chair's reason"), _("Answered, UTC")),
    ]


def _cells(check) -> list:
    return [
        check.letter.reference,
        title_of(check.letter),
        agency_name(check.letter.agency),
        check.letter.agency.place,
        check.reviewer.name,
        check.get_strength_display(),
        check.get_kind_display(),
        check.get_source_display(),
        check.note,
        evidence.in_one_line(check.evidence),
        check.ruling,
        check.answered_at,
    ]
