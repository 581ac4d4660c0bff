"""The chair asks an agency about its letter."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from proposals import actions as letters_room
from reviews.actions import ensure_opened
from reviews.forms import QuestionForm
from reviews.panel_letters import letter_of_any_call
from reviews.views.access import PanelPage


class AskAgency(PanelPage):
    """A question with the instant before which it is to be answered."""

    action = "ask"

    def get(self, request, pk):
        letter = self.find(pk)
        ensure_opened(self.call)
        return self.page(letter, QuestionForm(zone=self.call.tzinfo))

    def post(self, request, pk):
        letter = self.find(pk)
        form = QuestionForm(request.POST, zone=self.call.tzinfo)
        if not form.is_valid():
            return self.page(letter, form, status=422)
        try:
            letters_room.ask_clarification(letter, **form.cleaned_data, actor=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(letter, form, status=409)
        messages.success(request, _("The question is asked. The agency is told by mail."))
        return redirect("panel:letter", letter.pk)

    def find(self, pk):
        letter = letter_of_any_call(self.request.user, pk)
        self.turn_to(letter.call)
        return letter

    def page(self, letter, form, status=200):
        context = {
            "letter": letter,
            "form": form,
            "call": self.call,
            "asked": letter.clarifications.select_related("asked_by", "answered_by"),
            "people": letter.agency.memberships.count(),
        }
        return render(self.request, "panel/question.html", context, status=status)
