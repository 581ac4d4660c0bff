"""Correcting one decision that was released: one publisher proposes, another releases."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up
from chang_e8_portal import clock
from decisions import actions, history, rounds
from decisions.forms import CorrectionForm, WhyForm
from decisions.models import Correction, Decision, DecisionLetter, DecisionVersion
from decisions.permissions import admit, can
from decisions.querysets import letters_barred_to
from decisions.views.deciding import decision_forms, written
from proposals.models import LetterOfIntent


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, kind, letter_id):
    """The first person: writes the decision as it should be, and why."""
    admit(request.user, "propose")
    call_round = rounds.round_at(kind)
    owed = rounds.letters_of(call_round) if call_round else LetterOfIntent.objects.none()
    loi = owed.select_related("screening", "call").filter(pk=letter_id).first()
    if loi is None:
        raise Http404
    decision = (
        Decision.objects.filter(round=call_round, letter=loi).select_related("merged_with").first()
    )
    publication = rounds.latest_publication(call_round)
    if decision is None or publication is None or not publication.is_released:
        raise actions.Refused(_("Only what was released can be corrected."), code="not_released")
    barred = letters_barred_to(request.user)
    sent = request.POST if request.method == "POST" else None
    form, conditions = decision_forms(call_round, loi, decision, barred, data=sent)
    why = WhyForm(sent)
    context = {
        "round": call_round,
        "letter": loi,
        "decision": decision,
        "form": form,
        "conditions": conditions,
        "why": why,
    }
    if sent is None:
        return render(request, "decisions/correct.html", context)
    # All three, so that every fault is named at once.
    if not all([form.is_valid(), conditions.is_valid(), why.is_valid()]):
        return render(request, "decisions/correct.html", context, status=422)
    details = dict(form.cleaned_data)
    try:
        made = actions.propose_correction(
            call_round,
            loi,
            why=why.cleaned_data["why"],
            seen_version=details.pop("version"),
            conditions=written(conditions),
            actor=request.user,
            at=clock.now(),
            **details,
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "decisions/correct.html", context, status=409)
    messages.success(
        request,
        _("The correction is proposed. Its letters are being rendered; nobody is told yet."),
    )
    return redirect("decisions:correction", made.pk)


@require_safe
def correction(request, correction_id):
    """What is corrected, why, with which letters, and what the second person does."""
    found = _found(request, correction_id)
    form = CorrectionForm(initial={"key": uuid4().hex})
    return _page(request, found, form)


@require_POST
def release(request, correction_id):
    """The second person: re-types the reference, and the correction is told."""
    found = _found(request, correction_id)
    form = CorrectionForm(request.POST)
    form.is_valid()
    key = form.cleaned_data.get("key", "")
    if found.is_open or found.release_key == key:
        admit(request.user, "release", found)
    if found.is_open and not form.is_valid():
        return _page(request, found, form, status=422)
    if found.is_open and step_up.goes_back(request):
        return _page(request, found, form)
    try:
        if found.is_open and (asked := _who_releases(request, found, form.cleaned_data)):
            return asked
        actions.release_correction(
            found,
            confirmed_reference=form.cleaned_data.get("reference", ""),
            key=key,
            actor=request.user,
            at=clock.now(),
        )
    except actions.Refused as refusal:
        if refusal.code == "not_proposed":
            raise
        wrong = refusal.code == "wrong_reference"
        form.add_error("reference" if wrong else None, str(refusal))
        return _page(request, _found(request, correction_id), form, status=422 if wrong else 409)
    messages.success(request, _("The correction is released; the mails are on their way."))
    return redirect("decisions:correction", found.pk)


def _who_releases(request, found, said):
    """The page that asks for a code: what is told cannot be taken back."""
    actions.refuse_wrong_reference(found, said["reference"])
    return step_up.ask(
        request,
        "release",
        what=gettext_lazy("release the correction of %(reference)s"),
        names={"reference": found.decision.letter.reference},
        about=f"correction-{found.pk}",
    )


@require_POST
def withdraw(request, correction_id):
    """Either publisher takes an open correction back."""
    found = _found(request, correction_id)
    actions.withdraw_correction(found, actor=request.user, at=clock.now())
    messages.success(request, _("The correction is withdrawn. What was told stays."))
    return redirect("decisions:correction", found.pk)


def _found(request, correction_id) -> Correction:
    admit(request.user, "propose")
    rows = Correction.objects.select_related(
        "publication__round__call", "decision__letter__agency", "proposed_by", "released_by"
    )
    return get_object_or_404(rows, pk=correction_id)


def _page(request, found, form, status=200):
    decision = found.decision
    before = (
        DecisionVersion.objects.filter(
            round=found.publication.round, letter=decision.letter, number__lt=found.version
        )
        .order_by("-number")
        .first()
    )
    files = DecisionLetter.objects.visible_to(request.user).filter(correction=found)
    context = {
        "correction": found,
        "round": found.publication.round,
        "letter": decision.letter,
        "changes": history.changes(before and before.content, found.content),
        "files": files.order_by("language"),
        "rendering": rounds.counts_of(found.letters),
        "form": form,
        "can_release": can(request.user, "release", found),
    }
    return render(request, "decisions/correction.html", context, status=status)
