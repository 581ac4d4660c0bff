"""Partners confirm their participation: the agency asks, the partner answers by a secret link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.states import Language
from chang_e8_portal import clock
from proposals import actions, participations, permissions
from proposals.forms import AskForm, PartnerAnswerForm, typed
from proposals.models import Participation
from proposals.views.access import letter_for, only_expected


@require_http_methods(["GET", "HEAD", "POST"])
def panel(request, pk):
    """Every partner organisation with where it stands; a POST asks one of them."""
    if request.method != "POST":
        return _panel(request, letter_for(request, pk))
    letter = letter_for(request, pk, "edit")
    only_expected(request.POST, AskForm.base_fields)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _panel(request, letter, form, status=422)
    try:
        question = actions.ask_partner(letter, actor=request.user, **form.cleaned_data)
    except actions.Refused as refusal:
        return _panel(request, letter, form, status=409, sentence=str(refusal))
    sentence = _("%(who)s is asked by mail to %(address)s.")
    messages.success(request, sentence % {"who": question.organisation, "address": question.email})
    return redirect("proposals:partners", letter.pk)


@require_POST
def take_back(request, pk, question_pk):
    letter = letter_for(request, pk, "edit")
    question = get_object_or_404(Participation, letter=letter, pk=question_pk)
    only_expected(request.POST, ())
    actions.take_back_question(question, actor=request.user)
    messages.success(request, _("The question to %s is taken back.") % question.organisation)
    return redirect("proposals:partners", letter.pk)


# The secret in the address is the permission; it came by mail. It shows the title, the lead agency
# and what the letter says of this one partner, and nothing else of the letter.
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, secret):
    """One organisation's page. Reading it changes nothing: mail scanners open every link."""
    question = actions.question_by(secret)
    if question is None:
        raise Http404
    letter = question.letter
    actions.ensure_answerable(question)
    form = PartnerAnswerForm(initial={"name": question.answered_name, "note": question.note})
    status, done = 200, False
    if request.method == "POST":
        only_expected(request.POST, PartnerAnswerForm.base_fields)
        form = PartnerAnswerForm(request.POST)
        status = 422
        if form.is_valid():
            said = dict(form.cleaned_data)
            takes_part = said.pop("answer") == "yes"
            question = actions.answer_question(question, takes_part=takes_part, **said)
            status, done = 200, True
    context = {
        "question": question,
        "letter": letter,
        "call": letter.call,
        "standing": participations.standing_of(question),
        "form": form,
        "done": done,
        "now": clock.now(),
    }
    page = render(request, "proposals/partner_answer.html", context, status=status)
    page.headers["X-Robots-Tag"] = "noindex"
    return page


answer.hands_back = typed.answers


def _panel(request, letter, form=None, *, status=200, sentence=""):
    is_open = letter.is_editable and letter.call.is_open_at(clock.now())
    context = {
        "letter": letter,
        "call": letter.call,
        "standings": participations.standings(letter),
        "form": form,
        "sentence": sentence,
        "languages": Language.choices,
        "can_ask": is_open and permissions.can(request.user, "edit", letter),
    }
    return render(request, "proposals/partners.html", context, status=status)
