"""Letters that compete closely, named in pairs by the chair."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, permissions
from reviews.forms import PairForm
from reviews.models import CompetingLetters
from reviews.panel_letters import open_letters
from reviews.views import lists
from reviews.views.access import PanelPage


class Competing(PanelPage):
    """The pairs, and a form that names another one."""

    action = "rule_on_conflicts"

    def get(self, request):
        start = {name: request.GET.get(name, "")[:40] for name in ("first", "second")}
        return self.page(self.form(initial=start))

    def post(self, request):
        if request.POST.get("do") == "unname":
            return self.unname()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            actions.name_competitors(**form.cleaned_data, actor=request.user, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        messages.success(
            request, _("The two letters are named. Conflicts reach from one to the other.")
        )
        return redirect(self.address("panel:competing"))

    def unname(self):
        pk = self.request.POST.get("pair", "")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            raise Http404
        pair = get_object_or_404(self.pairs(), pk=pk)
        try:
            actions.unname_competitors(pair, actor=self.request.user, at=clock.now())
        except Refused as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, _("The pair was taken back."))
        return redirect(self.address("panel:competing"))

    def pairs(self):
        """Pairs of letters over both of which the reader presides."""
        pairs = CompetingLetters.objects.filter(first__call=self.call)
        for letter in ("first", "second"):
            pairs = permissions.presided_by(self.request.user, pairs, letter=letter)
        return pairs.select_related("first__agency", "second__agency", "named_by")

    def form(self, *data, **initial):
        letters = open_letters(self.request.user, self.call)
        return PairForm(*data, **initial, letters=letters)

    def page(self, form, status=200):
        pairs = self.pairs()
        words = lists.search_of(self.request)
        if words:
            pairs = pairs.filter(
                lists.about_letters(words, "first__") | lists.about_letters(words, "second__")
            )
        context = {
            "form": form,
            "page": lists.page_of(self.request, pairs),
            "words": words,
            "total": self.pairs().count(),
        }
        return render(self.request, "panel/competing.html", context, status=status)
