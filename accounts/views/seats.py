"""Seats in an agency: a colleague's, and one's own. Each page says first what will happen."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import actions, permissions, step_up
from accounts.forms import HandOverForm, SeatForm
from accounts.models import Agency
from chang_e8_portal import clock

_ASK_THEN_ACT = require_http_methods(["GET", "HEAD", "POST"])


@_ASK_THEN_ACT
def member(request, pk, seat):
    """A colleague's seat: change it, or take the colleague out of the agency."""
    agency = _agency(request, pk, "manage")
    membership = get_object_or_404(agency.memberships.for_list(), pk=seat)
    if membership.user_id == request.user.pk:
        return redirect("accounts:leave", agency.pk)
    form = SeatForm(initial={"seat": membership.seat})
    if request.method != "POST":
        return _member(request, agency, membership, form)
    act = request.POST.get("act")
    if act not in ("change", "remove"):
        raise BadRequest("act: change or remove")
    form = SeatForm(request.POST)
    if act == "change" and not form.is_valid():
        return _member(request, agency, membership, form, status=422)
    changes = act == "change"
    what = gettext_lazy("change the role of %(who)s") if changes else gettext_lazy("remove %(who)s")
    asked = step_up.ask(
        request,
        "seat",
        what=what,
        names={"who": membership.user},
        back=reverse("accounts:member", args=[agency.pk, membership.pk]),
        about=f"{act}-{membership.pk}",
    )
    if asked:
        return asked
    given = {"actor": request.user, "at": clock.now()}
    if act == "change":
        actions.change_seat(membership, form.cleaned_data["seat"], **given)
        sentence = _("The role of %(who)s is changed. Everybody concerned is told by mail.")
    else:
        actions.end_seat(membership, **given)
        sentence = _("%(who)s no longer belongs to the agency. All concerned are told by mail.")
    messages.success(request, sentence % {"who": membership.user})
    return redirect("accounts:detail", agency.pk)


@_ASK_THEN_ACT
def hand_over(request, pk):
    """Give one's own seat as representative to a colleague."""
    agency = _agency(request, pk, "manage")
    own = _own(request, agency)
    form = HandOverForm(request.POST or None, membership=own)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            to = form.cleaned_data["to"]
            asked = step_up.ask(
                request,
                "seat",
                what=gettext_lazy("hand your seat over to %(who)s"),
                names={"who": to.user},
                back=reverse("accounts:hand_over", args=[agency.pk]),
                about=f"hand-over-{to.pk}",
            )
            if asked:
                return asked
            actions.hand_over(own, to, actor=request.user, at=clock.now())
            messages.success(
                request,
                _("%(who)s is now an authorised representative, and you are an editor.")
                % {"who": to.user},
            )
            return redirect("accounts:detail", agency.pk)
    context = {"agency": agency, "form": form}
    return render(request, "accounts/hand_over.html", context, status=status)


@_ASK_THEN_ACT
def leave(request, pk):
    """Give one's own seat up."""
    agency = _agency(request, pk, "leave")
    own = _own(request, agency)
    if request.method == "POST":
        actions.end_seat(own, actor=request.user, at=clock.now())
        messages.success(request, _("You left %(agency)s.") % {"agency": agency})
        return redirect("accounts:agency")
    context = {"agency": agency, "is_last": agency.is_last_representative(own)}
    return render(request, "accounts/leave.html", context)


def _agency(request, pk, action):
    agency = get_object_or_404(Agency.objects.visible_to(request.user), pk=pk)
    if not permissions.can(request.user, action, agency):
        raise PermissionDenied(_("Only an authorised representative of the agency may do this."))
    return agency


def _own(request, agency):
    own = agency.memberships.filter(user=request.user).select_related("user").first()
    if own is None:
        raise Http404
    return own


def _member(request, agency, membership, form, *, status=200):
    context = {"agency": agency, "member": membership, "form": form}
    return render(request, "accounts/member.html", context, status=status)
