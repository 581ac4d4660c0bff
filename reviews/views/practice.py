"""The practice letter: marked on the scale of real ones, then seen beside the experts' marks."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models import Call
from reviews import actions, practice
from reviews.forms import PracticeForm
from reviews.models import Criterion, Practice
from reviews.views.access import ReviewerPage


class PracticeLetter(ReviewerPage):
    """404 where the call has none. Nothing of it counts."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        self.find()
        if self.done and self.done.done_at:
            return self.compared()
        return self.page(PracticeForm(self.criteria))

    def post(self, request):
        self.find()
        if request.POST.get("do") == "decline":
            actions.decline_practice(request.user, self.call, at=clock.now())
            said = _("Fine. You find it at %(address)s, should you want it later.")
            messages.info(request, said % {"address": request.build_absolute_uri(request.path)})
            return redirect("reviews:queue")
        form = PracticeForm(self.criteria, request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            actions.practise(request.user, self.call, form.scores, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        return redirect("reviews:practice")

    def find(self):
        self.call = Call.objects.current()
        self.letter = self.call and practice.letter_of(self.call)
        if not self.letter:
            raise Http404
        rubric = Criterion.objects.filter(call=self.call)
        self.criteria = [one for one in rubric if one.code in self.letter.experts]
        self.done = Practice.objects.filter(user=self.request.user, call=self.call).first()

    def page(self, form, status=200):
        context = {"letter": self.letter, "form": form, "advice": {}, "declined": self.done}
        return render(self.request, "reviews/practice.html", context, status=status)

    def compared(self):
        lines = practice.compared(self.letter, self.done, self.criteria)
        own, experts = practice.totals(lines)
        context = {"letter": self.letter, "lines": lines, "own": own, "experts": experts}
        return render(self.request, "reviews/practice_compared.html", context)
