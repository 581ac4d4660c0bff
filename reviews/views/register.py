"""The register of conflicts: what was found and declared, and removing one with a reason."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, permissions
from reviews.forms import ReasonForm
from reviews.models import ConflictCheck
from reviews.states import ConflictKind, ConflictSource
from reviews.views import lists
from reviews.views.access import PanelPage

SORTS = {
    "letter": ("letter__reference",),
    "reviewer": ("reviewer__name",),
    "when": ("answered_at",),
}
FILTERS = (
    lists.Select(
        "source",
        gettext_lazy("Source"),
        [(value, label) for value, label in ConflictSource.choices if value],
    ),
    lists.Select("kind", gettext_lazy("Reason"), ConflictKind.choices),
)


def register_of(user, call):
    """Recorded conflicts of the call, without the reader's own letters in conflict."""
    found = ConflictCheck.objects.visible_to(user).conflicted().filter(letter__call=call)
    return found.exclude(ConflictCheck.objects.bar(user, letter="letter"))


class Register(PanelPage):
    action = "see_conflicts"

    def get(self, request):
        everything = register_of(request.user, self.call)
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
        return render(
            request,
            "panel/conflicts.html",
            {
                "page": lists.page_of(request, rows),
                "words": words,
                "chosen": chosen,
                "filters": FILTERS,
                "sort": sort,
                "total": everything.count(),
                "may_lift": permissions.can(request.user, "lift_conflict"),
            },
        )


class Lift(PanelPage):
    """Remove one recorded conflict."""

    action = "lift_conflict"

    def get(self, request, pk):
        return self.page(self.find(pk), ReasonForm())

    def post(self, request, pk):
        check = self.find(pk)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(check, form, status=422)
        try:
            actions.lift_conflict(check, **form.cleaned_data, actor=request.user, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(check, form, status=409)
        messages.success(
            request, _("The conflict was removed. The reviewer is asked anew before reading.")
        )
        return redirect("panel:conflicts")

    def find(self, pk):
        return get_object_or_404(register_of(self.request.user, self.call).for_list(), pk=pk)

    def page(self, check, form, status=200):
        context = {"check": check, "form": form}
        return render(self.request, "panel/lift_conflict.html", context, status=status)
