"""What a reviewer would like to read, before letters are given out."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models import Call
from reviews import actions
from reviews.forms import WishesForm
from reviews.models import Wish
from reviews.views.access import ReviewerPage


class Wishes(ReviewerPage):
    """Every letter without a conflict on one screen, and what one would like.

    A change is saved at once; without JavaScript there is a button. 409 once letters are given out.
    """

    http_method_names = ("get", "head", "post")

    def get(self, request):
        self.find()
        return self.page()

    def post(self, request):
        self.find()
        names = {f"wish-{letter.pk}" for letter in self.letters}
        if any(name.startswith("wish-") and name not in names for name in request.POST):
            raise Http404
        form = WishesForm(self.letters, request.POST, said=self.said())
        if not form.is_valid():
            return self.answer(_("Not saved: choose one of the four."), form, status=422)
        try:
            actions.save_wishes(self.round, form.wishes, reviewer=request.user, at=clock.now())
        except Refused as refusal:
            return self.answer(str(refusal), None, status=409)
        at = timezone.localtime(clock.now()).strftime("%H:%M:%S")
        said = _("Saved %(time)s") % {"time": at}
        if request.htmx:
            return HttpResponse(format_html("{}", said))
        messages.success(request, said)
        return redirect("reviews:wishes")

    def find(self):
        """The round that is being prepared: the last one with letters one may read; or 404."""
        call = Call.objects.current()
        rounds = call.rounds.order_by("-announced_for") if call else ()
        for self.round in rounds:
            letters = actions.readable_letters(self.round, self.request.user)
            self.letters = list(letters.select_related("agency").order_by("reference"))
            if self.letters:
                return
        self.round, self.letters = None, []

    def said(self) -> dict:
        rows = Wish.objects.filter(round=self.round, reviewer=self.request.user)
        return dict(rows.values_list("letter", "choice"))

    def answer(self, sentence, form, *, status):
        if self.request.htmx:
            return HttpResponse(format_html("{}", sentence), status=status)
        messages.error(self.request, sentence)
        return self.page(form, status=status)

    def page(self, form=None, status=200):
        said = self.said() if self.round else {}
        context = {
            "round": self.round,
            "form": form or WishesForm(self.letters, said=said),
            "closed": actions.wishes_closed_because(self.round, self.request.user)
            if self.round
            else None,
            "said": len(said),
            "total": len(self.letters),
        }
        return render(self.request, "reviews/wishes.html", context, status=status)
