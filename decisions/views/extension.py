"""Moving the cutoff later: one publisher proposes, another approves."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from decisions.forms import ExtensionForm
from decisions.permissions import admit
from decisions.views import steering
from proposals import actions as letters_room
from proposals.states import Answer


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request):
    """The first person says until when, and why. What was typed stays when it is refused."""
    admit(request.user, "steer")
    the_call = steering.current_call()
    letters_room.ensure_not_closed(the_call)
    form = ExtensionForm(request.POST or None, call=the_call)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                letters_room.propose_extension(the_call, **form.cleaned_data, actor=request.user)
            except letters_room.Refused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(
                    request,
                    _("Proposed. The cutoff stays where it is until another publisher approves."),
                )
                return redirect("decisions:call")
    context = {
        "call": the_call,
        "form": form,
        "people": _people(the_call),
        "other_publishers": steering.others(request.user),
    }
    return render(request, "decisions/extension_propose.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request):
    """The second person sees the old time, the new one, the reason and how many are told."""
    admit(request.user, "steer")
    the_call = steering.current_call()
    if request.method != "POST":
        awaited = the_call.extensions.filter(answer=Answer.AWAITED).first()
        if awaited is None:
            return redirect("decisions:call")
        admit(request.user, "answer", awaited)
        letters_room.ensure_not_closed(the_call)
        return _approve_page(request, awaited)
    extension = steering.named(request, the_call.extensions)
    admit(request.user, "answer", extension)
    try:
        letters_room.approve_extension(extension, actor=request.user)
    except letters_room.Refused as refusal:
        return _approve_page(request, extension, refusal=refusal)
    messages.success(request, _("The cutoff has moved for everybody. The mails are on their way."))
    return redirect("decisions:call")


@require_POST
def take_back(request):
    """The author takes the proposal back, or another publisher refuses it."""
    admit(request.user, "steer")
    named = steering.named(request, steering.current_call().extensions)
    extension = letters_room.take_back_extension(named, actor=request.user)
    messages.success(
        request,
        _("The proposal is taken back. The cutoff stays where it is.")
        if extension.answer == Answer.TAKEN_BACK
        else _("The proposal is refused. The cutoff stays where it is."),
    )
    return redirect("decisions:call")


def _approve_page(request, extension, refusal=None):
    context = {
        "call": extension.call,
        "extension": extension,
        "people": _people(extension.call),
        "refusal": refusal,
    }
    return render(
        request, "decisions/extension_approve.html", context, status=409 if refusal else 200
    )


def _people(call) -> int:
    """How many people would be told."""
    return letters_room.holders_of(call).values("user").distinct().count()
