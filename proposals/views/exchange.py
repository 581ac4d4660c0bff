"""What is written between the portal and an agency about a letter: mails, questions, answers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from notifications.models import Message
from proposals import actions, permissions
from proposals.forms import AnswerForm
from proposals.states import ASSESSED
from proposals.views.access import letter_for, only_expected

_PAGE = 25


@require_safe
def mails(request, pk):
    """Every mail that went to people of the agency about this letter, and how it went."""
    letter = letter_for(request, pk)
    # Without the texts: one may hold the receipt of a colleague, and none is needed here.
    sent = Message.objects.about(letter).defer("body").order_by("-queued_at", "pk")
    search = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if search:
        sent = sent.matching(search)
    context = {
        "letter": letter,
        "call": letter.call,
        "search": search,
        "page": Paginator(sent.select_related("recipient"), _PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "proposals/mails.html", context)


@require_safe
def questions(request, pk):
    """The panel's questions about this letter, and what was answered."""
    letter = letter_for(request, pk)
    return _questions(request, letter)


@require_http_methods(["POST"])
def answer(request, pk, question_pk):
    """Answer a question. One that comes too late is handed back, and so is one that is refused."""
    letter = letter_for(request, pk)
    question = get_object_or_404(letter.clarifications, pk=question_pk)
    if not permissions.can(request.user, "answer", letter):
        raise PermissionDenied(_("Editors and authorised representatives answer for the agency."))
    only_expected(request.POST, AnswerForm.base_fields)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _questions(request, letter, question, form, status=422)
    try:
        actions.answer_clarification(question, **form.cleaned_data, actor=request.user)
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return _questions(request, letter, question, form, status=409)
    messages.success(request, _("Your answer is with the panel. It can no longer be changed."))
    return redirect("proposals:questions", letter.pk)


def _questions(request, letter, tried=None, form=None, *, status=200):
    now = clock.now()
    may_answer = permissions.can(request.user, "answer", letter)
    rows = []
    for question in letter.clarifications.select_related("answered_by"):
        is_due = question.answered_at is None and now < question.due_at
        is_open = is_due and letter.state in ASSESSED
        row = {"question": question, "is_open": is_open, "rests": is_due and not is_open}
        if tried is not None and question.pk == tried.pk:
            row |= {"form": form, "handed_back": not is_open or status == 409}
        elif is_open and may_answer:
            row["form"] = AnswerForm()
        rows.append(row)
    context = {
        "letter": letter,
        "call": letter.call,
        "rows": rows,
        "now": now,
    }
    return render(request, "proposals/questions.html", context, status=status)
