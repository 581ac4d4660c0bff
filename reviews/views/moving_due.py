"""Until when fuller proposals are taken: the chair looks at it, and moves it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models import DueChange, LetterEvent
from proposals.states import RoundKind
from reviews import actions
from reviews.forms import MoveDueForm, typed
from reviews.views.access import PanelPage


class FullerDue(PanelPage):
    """The present due time, how it was moved before, and a form that moves it.

    What was typed is shown first as what it means; it moves when the chair confirms that.
    """

    action = "move_due"

    def get(self, request, slug):
        return self.page(self.asking_round(slug))

    def post(self, request, slug):
        call_round, at = self.asking_round(slug), clock.now()
        if "confirm" in request.POST:
            return self.move(call_round)
        form = MoveDueForm(request.POST, call_round=call_round, at=at)
        if fixed := actions.due_fixed_because(call_round, at):
            form.add_error(None, fixed)
            return self.page(call_round, form, status=409)
        if not form.is_valid():
            return self.page(call_round, form, status=422)
        # Whoever comes back to change something finds it as it was typed.
        return self.page(call_round, form) if "back" in request.POST else self.check(form)

    def move(self, call_round):
        # The action looks at the time, which a second click would find to be the present one.
        form = MoveDueForm(self.request.POST, call_round=call_round)
        if not form.is_valid():
            return self.page(call_round, form, status=422)
        try:
            actions.move_fuller_due(call_round, **form.cleaned_data, actor=self.request.user)
        except Refused as refusal:
            is_date = refusal.code == "date"
            form.add_error("due_at" if is_date else None, str(refusal))
            # It may have been moved meanwhile: the page shows it as it is now.
            call_round.refresh_from_db(fields=["proposals_due_at"])
            return self.page(call_round, form, status=422 if is_date else 409)
        messages.success(self.request, _("The due time has moved."))
        return redirect("panel:fuller_due", self.slug)

    def asking_round(self, slug):
        self.slug, call_round = slug, self.round_of(slug)
        if not call_round.asks_fuller:
            raise Http404
        call_round.call = self.call
        return call_round

    def check(self, form):
        """What would be done, before it is."""
        call_round, data = form.call_round, form.cleaned_data
        change = DueChange(
            round=call_round,
            due_before=call_round.proposals_due_at,
            due_at=data["due_at"],
            reason=data["reason"],
            changed_at=form.at,
        )
        context = {
            **self.around(call_round),
            "form": form,
            "change": change,
            "elsewhere": self.call.elsewhere(change.due_at),
            "told": RoundKind.PRELIMINARY in LetterEvent.objects.announcements(self.call),
            "kept": actions.KEPT.days,
            "reviews_due": self.call.in_words(call_round.reviews_due_at),
        }
        return render(self.request, "panel/fuller_due_check.html", context)

    def page(self, call_round, form=None, status=200):
        now = clock.now()
        fixed = actions.due_fixed_because(call_round, now)
        if form is None and not fixed:
            form = MoveDueForm(call_round=call_round)
        context = {
            **self.around(call_round),
            "form": form,
            "fixed": fixed,
            "closed": now >= call_round.proposals_due_at,
            "changes": call_round.due_changes.select_related("round__call", "changed_by"),
            "reviews_due": self.call.in_words(call_round.reviews_due_at),
            "kept": actions.KEPT.days,
        }
        return render(self.request, "panel/fuller_due.html", context, status=status)

    def around(self, call_round) -> dict:
        return {"round": call_round, "call": self.call, "slug": self.slug}


fuller_due = FullerDue.as_view()
# Shows again what was typed when it cannot even begin to answer.
fuller_due.hands_back = typed.answers
