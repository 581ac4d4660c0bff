"""What goes against the rules of a round: a chair says why, another person agrees or not."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chang_e8_portal import clock
from decisions import actions, exceptions, rounds
from decisions.forms import ExceptionForm
from decisions.models import GrantedException
from decisions.permissions import admit, can
from decisions.querysets import letters_barred_to
from decisions.states import PublicationState


@require_safe
def page(request, kind):
    """Every case with its reason and its answer, and the form for whoever can go on."""
    call_round = rounds.round_at(kind)
    publication = call_round and rounds.latest_publication(call_round)
    admit(request.user, "see", publication)
    admit(request.user, "read")
    if call_round is None:
        raise Http404
    return _page(request, call_round, ExceptionForm())


@require_POST
def ask(request, kind):
    """The chair says why one case should be let through."""
    admit(request.user, "decide")
    call_round = rounds.round_at(kind)
    if call_round is None:
        raise Http404
    form = ExceptionForm(request.POST)
    form.is_valid()
    letter_id = form.cleaned_data.get("letter")
    barred = letters_barred_to(request.user)
    owed = rounds.letters_of(call_round, barred).filter(pk=letter_id).first()
    if letter_id and owed is None:
        raise Http404
    if letter_id is None and barred.exists():
        raise PermissionDenied(_("A chair who sees every letter asks for this."))
    if not form.is_valid():
        return _page(request, call_round, form, status=422)
    actions.ask_exception(
        call_round,
        kind=form.cleaned_data["kind"],
        letter=owed,
        reason=form.cleaned_data["reason"],
        actor=request.user,
        at=clock.now(),
    )
    messages.success(request, _("The reason is written down. Another person must agree now."))
    return redirect("decisions:exceptions", kind)


@require_POST
def answer(request, kind, exception_id):
    """A publisher or another chair agrees, or not."""
    admit(request.user, "read")
    call_round = rounds.round_at(kind)
    rows = GrantedException.objects.exclude(letter__in=letters_barred_to(request.user))
    asked = get_object_or_404(rows, round=call_round, pk=exception_id)
    if asked.proposed_by_id == request.user.pk:
        raise PermissionDenied(_("Another person must agree to what you asked for."))
    if asked.letter_id is None and letters_barred_to(request.user).exists():
        raise Http404
    agrees = request.POST.get("answer") == "yes"
    actions.answer_exception(asked, agrees=agrees, actor=request.user, at=clock.now())
    messages.success(request, _("You agree.") if agrees else _("You do not agree."))
    return redirect("decisions:exceptions", kind)


def _page(request, call_round, form, status=200):
    barred = letters_barred_to(request.user)
    publication = rounds.latest_publication(call_round)
    context = {
        "round": call_round,
        "cases": exceptions.of(call_round, barred),
        "barred": barred.exists(),
        "form": form,
        "can_ask": can(request.user, "decide"),
        "locked": publication is not None and publication.state != PublicationState.VOID,
    }
    return render(request, "decisions/exceptions.html", context, status=status)
