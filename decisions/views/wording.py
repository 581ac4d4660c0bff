"""The words around the facts of letters: who wrote them, what holds, and another person's yes."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.states import Language
from chang_e8_portal import clock
from decisions import actions, draft_letters, letter_texts, rounds, telling
from decisions.models import LetterTemplate
from decisions.pdf_response import as_pdf
from decisions.permissions import admit, can
from decisions.rendering import Unfit, fit, wording
from decisions.states import OUTCOMES, PublicationState
from decisions.wording_changes import changes_between, history_of
from decisions.wording_forms import EndForm, TextsForm

_MEANINGS = {
    "call": gettext_lazy("The title of the call"),
    "round": gettext_lazy("The name of the round"),
    "reference": gettext_lazy("The reference of the letter of intent"),
    "title": gettext_lazy("The title of the project"),
    "agency": gettext_lazy("The agency that wrote it"),
    "contact": gettext_lazy("The address for questions about the call"),
    "number": gettext_lazy("The number of the decision letter"),
    "project": gettext_lazy("The project that this one joins"),
}


@require_safe
def overview(request, kind):
    """Every outcome in every language: what holds, who approved it, and what waits."""
    call_round = _round(request, kind)
    approved = letter_texts.approved_in(call_round)
    awaited = LetterTemplate.objects.visible_to(request.user).awaited().filter(round=call_round)
    waiting = {(one.outcome, one.language): one for one in awaited.select_related("proposed_by")}
    lines = [
        {
            "outcome": outcome,
            "cells": [
                {
                    "tongue": tongue,
                    "holds": approved.get((outcome, tongue["code"])),
                    "waits": waiting.get((outcome, tongue["code"])),
                }
                for tongue in telling.TONGUES
            ],
        }
        for outcome in OUTCOMES[call_round.kind]
    ]
    context = {
        "round": call_round,
        "lines": lines,
        "tongues": telling.TONGUES,
        "waiting": sorted(waiting.values(), key=lambda one: one.proposed_at),
        "locked": _locked(call_round),
    }
    return render(request, "decisions/wording.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def texts(request, kind, outcome, language):
    """The texts of one kind of letter in one language; the first person proposes others."""
    call_round = _round(request, kind, outcome, language)
    if request.method != "POST":
        return _page(request, call_round, outcome, language)
    form = TextsForm(request.POST, outcome=outcome, language=language)
    if not form.is_valid():
        return _page(request, call_round, outcome, language, form=form, status=422)
    try:
        actions.propose_wording(
            call_round,
            outcome=outcome,
            language=language,
            texts=form.texts(),
            actor=request.user,
            at=clock.now(),
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, call_round, outcome, language, form=form, status=409)
    messages.success(
        request, _("Proposed. The letters keep their words until another publisher approves.")
    )
    return redirect("decisions:texts", kind, outcome, language)


@require_POST
def draft(request, kind, outcome, language):
    """How a letter would look in the words that were typed, or in those of one version."""
    call_round = _round(request, kind, outcome, language)
    form = None
    if "version" in request.POST:
        said = _of_version(request, call_round, outcome, language)
    else:
        form = TextsForm(request.POST, outcome=outcome, language=language)
        if not form.is_valid():
            return _page(request, call_round, outcome, language, form=form, status=422)
        said = form.texts()
    try:
        made = actions.draft_of(
            call_round,
            outcome,
            language=language,
            texts=said,
            decision=_chosen(request, call_round, outcome),
            actor=request.user,
            at=clock.now(),
        )
    except Unfit as why:
        raise actions.Refused(str(why), code="unfit") from why
    except actions.NotPrinted as why:
        sentence = _("The draft could not be set now. Try again in %(seconds)s seconds.")
        refusal = actions.Refused(sentence % {"seconds": why.again_in}, code="not_printed")
        raise refusal from why
    return as_pdf(made, f"draft-{outcome.lower()}-{language}.pdf", inline=True)


@require_POST
def approve(request, kind, outcome, language, version):
    """The second person lets the proposed words hold."""
    call_round = _round(request, kind, outcome, language)
    template = _named(request, call_round, outcome, language, version)
    admit(request.user, "answer", template)
    actions.approve_wording(template, actor=request.user, at=clock.now())
    messages.success(
        request, _("Approved. The letters of this round say it in these words from now on.")
    )
    return redirect("decisions:texts", kind, outcome, language)


@require_POST
def end(request, kind, outcome, language, version):
    """The author takes the proposal back, or another publisher refuses it; either says why."""
    call_round = _round(request, kind, outcome, language)
    template = _named(request, call_round, outcome, language, version)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, template.round, outcome, language, end_form=form, status=422)
    reason = form.cleaned_data["reason"]
    actions.end_wording(template, reason=reason, actor=request.user, at=clock.now())
    messages.success(request, _("The proposal has ended. The words that held before still hold."))
    return redirect("decisions:texts", kind, outcome, language)


def _round(request, kind, outcome=None, language=None):
    """The round for a publisher; Http404 for an outcome or a language that it does not have."""
    admit(request.user, "propose")
    call_round = rounds.round_at(kind)
    if call_round is None:
        raise Http404
    if outcome is not None and (
        outcome not in OUTCOMES[call_round.kind] or language not in Language.values
    ):
        raise Http404
    return call_round


def _named(request, call_round, outcome, language, version):
    return get_object_or_404(
        LetterTemplate.objects.visible_to(request.user).select_related("round"),
        round=call_round,
        outcome=outcome,
        language=language,
        version=version,
    )


def _of_version(request, call_round, outcome, language):
    """The texts of the version that the form names; 0 is the standard wording."""
    version = request.POST["version"]
    if version == "0":
        return wording.standard(outcome, language)
    if not (version.isascii() and version.isdecimal() and len(version) < 6):
        raise Http404
    return letter_texts.texts_of(_named(request, call_round, outcome, language, int(version)))


def _chosen(request, call_round, outcome):
    """The decision whose letter fills the draft, by its reference, or None if none is named."""
    reference = request.POST.get("letter", "")
    if not reference:
        return None
    return get_object_or_404(
        draft_letters.decided(call_round, outcome), letter__reference=reference
    )


def _locked(call_round):
    """The publication that locks the wording, or None."""
    latest = rounds.latest_publication(call_round)
    return latest if latest and latest.state != PublicationState.VOID else None


def _page(request, call_round, outcome, language, *, form=None, end_form=None, status=200):
    rows = LetterTemplate.objects.visible_to(request.user).filter(
        round=call_round, outcome=outcome, language=language
    )
    versions = list(rows.select_related("proposed_by", "answered_by"))
    waits = next((one for one in versions if one.is_open), None)
    holds = letter_texts.in_force(call_round, outcome, language)
    standard = wording.standard(outcome, language)
    decided = list(draft_letters.decided(call_round, outcome))
    start = standard if request.GET.get("start") == "standard" else holds
    context = {
        "round": call_round,
        "outcome": outcome,
        "tongue": next(tongue for tongue in telling.TONGUES if tongue["code"] == language),
        "direction": "rtl" if wording.of(language).is_rtl else "ltr",
        "holds": holds,
        "holds_since": next((one for one in versions if one.is_approved), None),
        "standard": standard,
        "from_standard": start is standard,
        "waits": waits,
        "changes": changes_between(holds, letter_texts.texts_of(waits)) if waits else [],
        "may_approve": waits is not None and can(request.user, "answer", waits),
        "history": history_of(versions, standard),
        "decided": decided,
        "places": _places(call_round, outcome, language, standard, decided),
        "locked": _locked(call_round),
        "form": form
        or TextsForm(initial=TextsForm.initial_of(start), outcome=outcome, language=language),
        "end_form": end_form or EndForm(),
    }
    return render(request, "decisions/texts.html", context, status=status)


def _places(call_round, outcome, language, standard, decided) -> list[dict]:
    """Every placeholder with its meaning and what stands there in a letter of this round."""
    given = {"language": language, "texts": standard, "at": clock.now()}
    facts = (
        draft_letters.of_decision(decided[0], **given)
        if decided
        else draft_letters.invented(call_round, outcome, **given)
    )
    usable = {name for field in fit.FIELDS for name in fit.allowed(field, outcome)}
    return [
        {"token": f"${{{name}}}", "meaning": _MEANINGS[name], "value": value}
        for name, value in wording.values_of(facts).items()
        if name in usable
    ]
