"""The two-person steps about the call itself: opening its letters."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from decisions.forms import NamedForm
from decisions.permissions import admit, can
from proposals import actions as letters_room
from proposals.models import Call, CallSeal, Opening
from proposals.states import Answer


@require_safe
def call(request):
    """Where the call stands: its cutoff, its seal and its opening, and who does what next."""
    admit(request.user, "steer")
    the_call = Call.objects.current()
    openings = _openings(the_call)
    awaited = next((one for one in openings if one.answer == Answer.AWAITED), None)
    now = clock.now()
    context = {
        "call": the_call,
        "now": now,
        "phase": the_call and the_call.phase_at(now),
        "closed": the_call is not None and now >= the_call.closes_at,
        "filed": the_call and the_call.letters.filed().count(),
        "seal": CallSeal.objects.filter(call=the_call).first(),
        "opening": next((one for one in openings if one.answer == Answer.YES), None),
        "opening_awaited": awaited,
        "can_approve_opening": awaited is not None and can(request.user, "answer", awaited),
        "openings_past": [o for o in openings if o.answer in (Answer.NO, Answer.TAKEN_BACK)],
        "other_publishers": _others(request.user),
    }
    return render(request, "decisions/call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request):
    """The first person asks for the letters to be opened."""
    admit(request.user, "steer")
    the_call = _the_call()
    if request.method == "POST":
        letters_room.propose_opening(the_call, actor=request.user)
        messages.success(
            request, _("Proposed. Another publisher can now approve it; nothing is open yet.")
        )
        return redirect("decisions:call")
    letters_room.ensure_closed(the_call)
    if the_call.openings.filter(answer__in=(Answer.AWAITED, Answer.YES)).exists():
        return redirect("decisions:call")
    context = {
        "call": the_call,
        "filed": the_call.letters.filed().count(),
        "other_publishers": _others(request.user),
    }
    return render(request, "decisions/opening_propose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request):
    """The second person opens the letters."""
    admit(request.user, "steer")
    the_call = _the_call()
    if request.method != "POST":
        awaited = the_call.openings.filter(answer=Answer.AWAITED).first()
        if awaited is None:
            return redirect("decisions:call")
        admit(request.user, "answer", awaited)
        return _approve_page(request, awaited)
    opening = _named(request, the_call)
    admit(request.user, "answer", opening)
    try:
        letters_room.approve_opening(opening, actor=request.user)
    except letters_room.Refused as refusal:
        return _approve_page(request, opening, refusal=refusal)
    messages.success(request, _("The letters are open. The chair has been told by mail."))
    return redirect("decisions:call")


@require_POST
def take_back(request):
    """The author takes the proposal back, or another publisher refuses it."""
    admit(request.user, "steer")
    opening = letters_room.take_back_opening(_named(request, _the_call()), actor=request.user)
    messages.success(
        request,
        _("The proposal is taken back. Nothing was opened.")
        if opening.answer == Answer.TAKEN_BACK
        else _("The proposal is refused. Nothing was opened."),
    )
    return redirect("decisions:call")


def _the_call() -> Call:
    the_call = Call.objects.current()
    if the_call is None:
        raise Http404
    return the_call


def _openings(the_call) -> list:
    if the_call is None:
        return []
    return list(the_call.openings.select_related("proposed_by", "answered_by"))


def _named(request, the_call) -> Opening:
    """The proposal the form speaks of, which need not be the last one any more.

    A form that names none is answered like one that comes too early: there is nothing to answer.
    """
    form = NamedForm(request.POST)
    if not form.is_valid():
        raise letters_room.Refused(
            _("Nothing is proposed. Look at the page again."), code="not_proposed"
        )
    openings = the_call.openings.select_related("proposed_by", "call")
    return get_object_or_404(openings, pk=form.cleaned_data["proposal"])


def _approve_page(request, opening, refusal=None):
    context = {
        "call": opening.call,
        "opening": opening,
        "seal": CallSeal.objects.filter(call=opening.call).first(),
        "refusal": refusal,
    }
    return render(
        request, "decisions/opening_approve.html", context, status=409 if refusal else 200
    )


def _others(user) -> list:
    """The publishers who could be the second person."""
    return list(User.objects.active().with_role(Role.PUBLISHER).exclude(pk=user.pk))
