"""Who publishes, and how somebody becomes one of them: one proposes, another approves."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, step_up
from accounts.forms.administering import PublisherForm
from accounts.models import Appointment, User
from accounts.permissions import admit_to_people, can_with_people
from accounts.states import AppointmentState, Role
from chang_e8_portal import clock

# Older ones are in the audit record.
MOST_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def publishers(request):
    """All publishers, who is proposed, and a form to propose somebody."""
    if request.method != "POST":
        admit_to_people(request.user, "see_publishers")
        return _page(request, PublisherForm())
    admit_to_people(request.user, "propose_publisher")
    form = PublisherForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    who = User.objects.filter(email=form.cleaned_data["email"]).first()
    if who is None:
        form.add_error("email", _("No account has this address. The operator can make one."))
        return _page(request, form, status=422)
    asked = _ask(request, f"propose-{who.pk}", gettext_lazy("propose %(who)s as a publisher"), who)
    if asked:
        return asked
    given = {"reason": form.cleaned_data["reason"], "actor": request.user, "at": clock.now()}
    try:
        actions.propose_publisher(who, **given)
    except actions.Refused as refusal:
        form.add_error("email", str(refusal))
        return _page(request, form, status=409)
    messages.success(
        request,
        _("Proposed. %(who)s becomes a publisher when another publisher approves.") % {"who": who},
    )
    return redirect("accounts:publishers")


@require_POST
def approve(request, pk):
    """The second publisher approves."""
    appointment = _named(request, pk, "answer_publisher")
    what = gettext_lazy("approve %(who)s as a publisher")
    asked = _ask(request, f"approve-{appointment.pk}", what, appointment.person)
    if asked:
        return asked
    actions.approve_publisher(appointment, actor=request.user, at=clock.now())
    messages.success(
        request,
        _("%(who)s is a publisher now. All publishers are told by mail.")
        % {"who": appointment.person},
    )
    return redirect("accounts:publishers")


@require_POST
def end(request, pk):
    """The author takes a proposal back, or another publisher refuses it."""
    appointment = _named(request, pk, "propose_publisher")
    ended = actions.end_proposal(appointment, actor=request.user, at=clock.now())
    messages.success(
        request,
        _("The proposal is taken back.")
        if ended.state == AppointmentState.TAKEN_BACK
        else _("The proposal is refused."),
    )
    return redirect("accounts:publishers")


def _named(request, pk, action):
    # Whoever knows nothing of proposals is told the same of one that is there and one that is not.
    admit_to_people(request.user, "know_publishers")
    rows = Appointment.objects.select_related("person", "proposed_by")
    appointment = get_object_or_404(rows, pk=pk)
    admit_to_people(request.user, action, appointment)
    return appointment


def _ask(request, about, what, who):
    return step_up.ask(
        request,
        "people",
        what=what,
        names={"who": who},
        back=reverse("accounts:publishers"),
        about=about,
    )


def _page(request, form, *, status=200):
    proposals = Appointment.objects.select_related("person", "proposed_by", "answered_by")
    context = {
        "publishers": User.objects.with_role(Role.PUBLISHER).for_list().order_by("name", "email"),
        "awaited": [
            {
                "proposal": one,
                "own": one.proposed_by_id == request.user.pk,
                "may_approve": can_with_people(request.user, "answer_publisher", one),
            }
            for one in proposals.awaited()
        ],
        "ended": proposals.exclude(state=AppointmentState.PROPOSED)[:MOST_SHOWN],
        "may_propose": can_with_people(request.user, "propose_publisher"),
        "form": form,
    }
    return render(request, "accounts/publishers.html", context, status=status)
