"""Opening the letters of a closed call: one publisher proposes, another approves."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from decisions.permissions import admit
from decisions.views import steering
from proposals import actions as letters_room
from proposals.models import CallSeal
from proposals.states import Answer


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request):
    """The first person asks for the letters to be opened."""
    admit(request.user, "steer")
    the_call = steering.current_call()
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
        "other_publishers": steering.others(request.user),
    }
    return render(request, "decisions/opening_propose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request):
    """The second person opens the letters."""
    admit(request.user, "steer")
    the_call = steering.current_call()
    if request.method != "POST":
        awaited = the_call.openings.filter(answer=Answer.AWAITED).first()
        if awaited is None:
            return redirect("decisions:call")
        admit(request.user, "answer", awaited)
        return _approve_page(request, awaited)
    opening = steering.named(request, the_call.openings)
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
    opening = letters_room.take_back_opening(
        steering.named(request, steering.current_call().openings), actor=request.user
    )
    messages.success(
        request,
        _("The proposal is taken back. Nothing was opened.")
        if opening.answer == Answer.TAKEN_BACK
        else _("The proposal is refused. Nothing was opened."),
    )
    return redirect("decisions:call")


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
