from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.refusal import Refused
from accounts.states import Role
from chang_e8_portal import clock
from reviews import actions, pledges
from reviews.forms import ConflictAnswersForm
from reviews.models import ConflictCheck
from reviews.states import DECLARABLE
from reviews.views.access import PanelPage, ReviewerPage


class _Questions:
    """All letters a person was asked about, on one screen, before any text opens."""

    def get(self, request):
        return self.page(self.form_for(self.checks()))

    def post(self, request):
        checks = self.checks()
        self.refuse_strangers(checks)
        form = self.form_for(checks, request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            changed = actions.answer_conflicts(request.user, form.answers, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        if changed:
            text = ngettext("%(count)s answer was saved.", "%(count)s answers were saved.", changed)
            messages.success(request, text % {"count": changed})
        else:
            messages.info(request, _("There was no new answer to save."))
        left = self.checks().unanswered().exists()
        return redirect(self.here if left else self.after)

    def form_for(self, checks, data=None):
        return ConflictAnswersForm([c for c in checks if not c.conflicted], data)

    def refuse_strangers(self, checks):
        """An answer about a letter one was not asked about, or whose conflict is on record."""
        open_names = {f"answer-{c.letter_id}" for c in checks if not c.conflicted}
        recorded = {f"answer-{c.letter_id}" for c in checks if c.conflicted}
        for name in self.request.POST:
            if name.startswith("answer-") and name not in open_names:
                if name in recorded:
                    raise actions.Refused(
                        _("Only the chair can remove a conflict that was recorded.")
                    )
                raise Http404

    def page(self, form, status=200):
        checks = self.checks()
        rows = form.rows
        return render(
            self.request,
            self.template,
            {
                "form": form,
                "questions": [row for row in rows if not row["check"].answered_at],
                "clear": [row for row in rows if row["check"].answered_at],
                "conflicts": [check for check in checks if check.conflicted],
                "answered": sum(1 for check in checks if check.answered_at),
                "asked": len(checks),
                "kinds": [label for _kind, label in DECLARABLE],
                **self.more(checks),
            },
            status=status,
        )


class Conflicts(_Questions, ReviewerPage):
    """A reviewer's questions."""

    template = "reviews/conflicts.html"
    here, after = "reviews:conflicts", "reviews:queue"

    def get(self, request):
        if pledges.owed_by(request.user, pledges.asked_calls(request.user)):
            return redirect("reviews:pledge")
        if self.by_name and not self.checks().exists():
            return redirect("reviews:names")
        return super().get(request)

    def checks(self):
        return ConflictCheck.objects.filter(reviewer=self.request.user).named().for_list()

    @cached_property
    def by_name(self) -> bool:
        """Whether there are questions on the page that does not show whose letter is whose."""
        return ConflictCheck.objects.filter(reviewer=self.request.user).nameless().exists()

    def more(self, checks):
        return {"by_name": self.by_name}


class ChairConflicts(_Questions, PanelPage):
    """A chair's own questions, and who presides where she or he, or another chair, does not."""

    action = "preside"
    template = "panel/own_conflicts.html"

    @property
    def here(self):
        return self.address("panel:own_conflicts")

    after = here

    def checks(self):
        own = ConflictCheck.objects.filter(reviewer=self.request.user)
        if not (self.call and self.call.is_opened()):
            # Which letters there are is sealed until two publishers have opened them.
            own = own.none()
        return own.filter(letter__call=self.call).for_list()

    def more(self, checks):
        chairs = list(User.objects.with_role(Role.CHAIR).active().order_by("name", "pk"))
        barred: dict = {}
        rows = ConflictCheck.objects.conflicted().filter(reviewer__in=chairs)
        for check in rows.filter(letter__in=[c.letter_id for c in checks]):
            barred.setdefault(check.letter_id, set()).add(check.reviewer_id)
        instead, own = [], []
        for check in checks:
            out = barred.get(check.letter_id, set())
            if check.conflicted:
                free = [chair for chair in chairs if chair.pk not in out]
                own.append({"letter": check.letter, "free": free})
            elif out:
                names = [chair for chair in chairs if chair.pk in out]
                instead.append({"letter": check.letter, "barred": names})
        alone = len(chairs) < 2
        return {"chairs": chairs, "alone": alone, "instead": instead, "own_lines": own}
