"""The consent of lead agencies to a merger: what the panel sees, and what an agency is asked."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up
from chang_e8_portal import clock
from decisions import actions, mergers, rounds
from decisions.models import Decision, MergeConsent
from decisions.permissions import admit, can
from decisions.public_forms import ConsentForm
from decisions.querysets import letters_barred_to
from decisions.states import PublicationState


@require_safe
def consents(request, kind):
    """Every merger of the round and what its lead agencies said; asking is the chair's."""
    call_round = rounds.round_at(kind)
    publication = call_round and rounds.latest_publication(call_round)
    admit(request.user, "see", publication)
    admit(request.user, "read")
    if call_round is None or not call_round.is_final:
        raise Http404
    barred = letters_barred_to(request.user)
    live = publication is not None and publication.state != PublicationState.VOID
    context = {
        "round": call_round,
        "mergers": mergers.of(call_round, barred),
        "barred": barred.exists(),
        "can_ask": can(request.user, "decide") and not live,
    }
    return render(request, "decisions/consents.html", context)


@require_POST
def ask(request, kind, letter_id):
    """Ask the lead agencies of one merger, in confidence."""
    call_round = rounds.round_at(kind)
    owed = call_round and rounds.letters_of(call_round).filter(pk=letter_id).first()
    admit(request.user, "decide", owed)
    if not owed:
        raise Http404
    decision = Decision.objects.filter(round=call_round, letter=owed).first()
    admit(request.user, "decide", decision and decision.merged_with)
    asked = actions.ask_consents(call_round, owed, actor=request.user, at=clock.now())
    messages.success(
        request,
        ngettext(
            "%(count)s agency is asked. The mail to its representatives does not say what.",
            "%(count)s agencies are asked. The mail to their representatives does not say what.",
            len(asked),
        )
        % {"count": len(asked)},
    )
    return redirect("decisions:consents", kind)


@require_safe
def confidential(request):
    """What somebody who speaks for an agency is asked in confidence; for all others: nothing."""
    questions = MergeConsent.objects.visible_to(request.user).select_related(
        "letter", "lead", "agency"
    )
    return render(request, "decisions/confidential.html", {"questions": questions})


@require_http_methods(["GET", "HEAD", "POST"])
def question(request, consent_id):
    """One such question, with no more about the other project than its answer needs."""
    found = get_object_or_404(
        MergeConsent.objects.visible_to(request.user).select_related(
            "letter__agency", "lead__agency", "agency", "answered_by"
        ),
        pk=consent_id,
    )
    form = ConsentForm(request.POST or None)
    context = {"question": found, "form": form}
    if request.method != "POST":
        return render(request, "decisions/question.html", context)
    if found.is_awaited and not form.is_valid():
        return render(request, "decisions/question.html", context, status=422)
    if found.is_awaited and step_up.goes_back(request):
        return render(request, "decisions/question.html", context)
    if found.is_awaited and (asked := _who_answers(request, found)):
        return asked
    said = form.cleaned_data if form.is_valid() else {"answer": "", "reason": ""}
    answered = actions.answer_consent(
        found,
        agrees=said["answer"] == ConsentForm.YES,
        reason=said["reason"],
        actor=request.user,
        at=clock.now(),
    )
    messages.success(
        request,
        _("Your answer is recorded: %(answer)s.") % {"answer": answered.get_state_display()},
    )
    return redirect("decision_letters:question", answered.pk)


def _who_answers(request, found):
    """The page that asks for a code: the answer binds the agency and cannot be changed."""
    return step_up.ask(
        request,
        "consent",
        what=gettext_lazy("answer the confidential question about %(reference)s"),
        names={"reference": found.own.reference},
        about=f"consent-{found.pk}",
    )
