"""The publishers' page about the call itself, and what its two-person steps share."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from decisions.forms import NamedForm
from decisions.permissions import admit, can
from proposals import actions as letters_room
from proposals.models import Call, CallSeal
from proposals.states import Answer

_ENDED = (Answer.NO, Answer.TAKEN_BACK)


@require_safe
def call(request):
    """Where the call stands: its cutoff, its seal and its opening, and who does what next."""
    admit(request.user, "steer")
    the_call = Call.objects.current()
    if the_call is None:
        return render(request, "decisions/call.html", {"call": None})
    now = clock.now()
    context = {
        "call": the_call,
        "now": now,
        "closed": now >= the_call.closes_at,
        "filed": the_call.letters.filed().count(),
        "seal": CallSeal.objects.filter(call=the_call).first(),
        "opening": _steps(request.user, the_call.openings),
        "extension": _steps(request.user, the_call.extensions),
        "other_publishers": others(request.user),
    }
    return render(request, "decisions/call.html", context)


def current_call() -> Call:
    the_call = Call.objects.current()
    if the_call is None:
        raise Http404
    return the_call


def named(request, steps):
    """The proposal the form speaks of, which need not be the last one any more.

    A form that names none is answered like one that comes too early: there is nothing to answer.
    """
    form = NamedForm(request.POST)
    if not form.is_valid():
        raise letters_room.Refused(
            _("Nothing is proposed. Look at the page again."), code="not_proposed"
        )
    return get_object_or_404(
        steps.select_related("proposed_by", "call"), pk=form.cleaned_data["proposal"]
    )


def others(user) -> list:
    """The publishers who could be the second person."""
    return list(User.objects.active().with_role(Role.PUBLISHER).exclude(pk=user.pk))


def _steps(user, steps) -> dict:
    """What was proposed, by what became of it: `awaited`, `done` (a list), `ended` (a list)."""
    rows = list(steps.select_related("call", "proposed_by", "answered_by"))
    awaited = next((row for row in rows if row.answer == Answer.AWAITED), None)
    return {
        "awaited": awaited,
        "can_approve": awaited is not None and can(user, "answer", awaited),
        "done": [row for row in rows if row.answer == Answer.YES],
        "ended": [row for row in rows if row.answer in _ENDED],
    }
