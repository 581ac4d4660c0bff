"""Conflicts before any content, where nobody may know whose letter is whose."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, parties, pledges
from reviews.forms import NamesForm
from reviews.models import ConflictCheck
from reviews.states import DECLARABLE
from reviews.views.access import ReviewerPage


class ConflictsByName(ReviewerPage):
    """One alphabetical list of everybody in the letters of double-anonymous rounds.

    The portal knows which letter a name belongs to, and never says so: neither in the list, nor in
    what it shows after an answer.
    """

    def get(self, request):
        if pledges.owed_by(request.user, pledges.asked_calls(request.user)):
            return redirect("reviews:pledge")
        return self.page()

    def post(self, request):
        checks = list(self.checks())
        form = self.form(checks, request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        asked = [c.letter_id for c in checks if c.answered_at is None and not c.conflicted]
        try:
            changed = actions.answer_conflicts(request.user, form.answers(asked), at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        if not changed:
            messages.info(request, _("There was no new answer to save."))
        elif marked := len(form.cleaned_data["names"]):
            text = ngettext(
                "A conflict with %(count)s name is recorded.",
                "Conflicts with %(count)s names are recorded.",
                marked,
            )
            messages.success(request, text % {"count": marked})
        else:
            messages.success(request, _("Your answer is saved: no conflict with anybody else."))
        left = self.checks().unanswered().exists()
        return redirect("reviews:names" if left else "reviews:queue")

    def checks(self):
        own = ConflictCheck.objects.filter(reviewer=self.request.user)
        return own.nameless().for_list()

    def form(self, checks, data=None):
        letters = [check.letter for check in checks if not check.conflicted]
        return NamesForm(parties.named_in(letters), data)

    def page(self, form=None, status=200):
        checks = list(self.checks())
        form = form or self.form(checks)
        # In the order of their names: that of the letters would tell.
        recorded = sorted(
            (check for check in checks if check.conflicted),
            key=lambda check: check.letter.agency.name.casefold(),
        )
        context = {
            "form": form,
            "chosen": set(form["names"].value() or ()),
            "asked": len(checks),
            "unanswered": any(c.answered_at is None and not c.conflicted for c in checks),
            "recorded": recorded,
            "kinds": [label for _kind, label in DECLARABLE],
        }
        return render(self.request, "reviews/names.html", context, status=status)
