"""The public pages of the call."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chang_e8_portal import clock
from proposals import steps
from proposals.models import Call, LetterEvent


@login_not_required
@require_safe
def call(request):
    """What is offered, who may answer, by when, and what comes next."""
    now = clock.now()
    the_call = Call.objects.defer("correspondence").noting_others().current()
    if the_call is None:
        return render(request, "proposals/no_call.html")
    # Nothing can have been announced before the cutoff, when this page is read the most.
    closed = now >= the_call.closes_at
    announced = LetterEvent.objects.announcements(the_call) if closed else {}
    extensions = list(the_call.extensions.in_force())
    context = {
        "call": the_call,
        "extensions": extensions,
        "facts": the_call.facts,
        "now": now,
        "phase": the_call.phase_at(now),
        "steps": steps.of_call(the_call, announced=announced, now=now, extensions=extensions),
        "announced": announced,
    }
    return render(request, "proposals/call.html", context)


@login_not_required
@require_safe
def promises(request):
    """What the portal promises on the last day."""
    the_call = Call.objects.current()
    extensions = the_call.extensions.in_force() if the_call else ()
    context = {"call": the_call, "extensions": extensions}
    return render(request, "proposals/promises.html", context)
