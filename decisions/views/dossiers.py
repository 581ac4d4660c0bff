"""Dossiers: asking for one of a letter, how far it is, and its file for who asked."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from decisions import actions
from decisions.actions.dossiers import KEPT_FOR, refusal_of
from decisions.dossier_forms import DossierForm
from decisions.models import Dossier
from decisions.permissions import dossier_reader
from proposals import downloads
from proposals.models import LetterOfIntent
from reviews.states import PackState


@require_http_methods(["GET", "HEAD", "POST"])
def dossiers(request, letter_id):
    """What a dossier of this letter holds for this person, and a button that has one made."""
    seen = LetterOfIntent.objects.visible_to(request.user).select_related("call", "agency")
    letter = get_object_or_404(seen, pk=letter_id)
    reader = dossier_reader(request.user, letter)
    if request.method != "POST":
        return _page(request, letter, reader, DossierForm(reader=reader))
    form = DossierForm(request.POST, reader=reader)
    # Not now goes before not so.
    if refusal := refusal_of(letter, reader):
        form.is_valid()
        form.errors.clear()
        form.add_error(None, refusal)
        return _page(request, letter, reader, form, status=409)
    if not form.is_valid():
        return _page(request, letter, reader, form, status=422)
    try:
        actions.ask_for_dossier(
            letter,
            reader=reader,
            reason=form.cleaned_data.get("reason", ""),
            language=get_language(),
            actor=request.user,
            at=clock.now(),
        )
    except actions.Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, letter, reader, form, status=409)
    return redirect("decision_letters:dossiers", letter_id)


@require_safe
def progress(request, letter_id, dossier_id):
    """How far a dossier is, for the page that waits for it."""
    dossier = get_object_or_404(_own(request, letter_id), pk=dossier_id)
    return render(request, "decisions/dossier_state.html", {"dossier": dossier})


@require_safe
def file(request, letter_id, dossier_id):
    """The file, for who asked for it; to everybody else it is not there, whatever their office."""
    ready = _own(request, letter_id).filter(state=PackState.READY).select_related("letter")
    dossier = get_object_or_404(ready, pk=dossier_id)
    name = f"dossier-{dossier.letter.reference}-{dossier.asked_at:%Y%m%d}.zip"
    return downloads.response(request, sha256=dossier.sha256, name=name)


def _own(request, letter_id):
    """One's own of this letter that are not forgotten yet, the newest first."""
    own = Dossier.objects.visible_to(request.user)
    return own.filter(letter=letter_id, asked_at__gt=clock.now() - KEPT_FOR)


def _page(request, letter, reader, form, status=200):
    context = {
        "letter": letter,
        "reader": reader,
        "form": form,
        "refusal": refusal_of(letter, reader),
        "dossiers": _own(request, letter.pk),
        "days": KEPT_FOR.days,
    }
    return render(request, "decisions/dossiers.html", context, status=status)
