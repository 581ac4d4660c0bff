"""Agencies: their own page, founding and editing one, members and invitations."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, permissions, step_up
from accounts.forms import AgencyForm, InvitationForm
from accounts.models import Agency, Invitation
from accounts.states import Role, Seat
from chang_e8_portal import clock


@require_safe
def agency(request):
    """A person's own agency; of several, a choice; of none, the ways to one."""
    if request.user.has_role(Role.OPERATOR):
        return redirect("admin:accounts_agency_changelist")
    own = list(Agency.objects.visible_to(request.user))
    if not own and not permissions.can(request.user, "found"):
        raise Http404
    if len(own) == 1:
        return _show(request, own[0])
    page = "accounts/choose.html" if own else "accounts/start.html"
    return render(request, page, {"agencies": own, "form": AgencyForm(), **_invitations(request)})


@require_safe
def detail(request, pk):
    return _show(request, _visible(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def found(request):
    """Register an agency; whoever does becomes its first authorised representative."""
    if not permissions.can(request.user, "found"):
        raise PermissionDenied(_("People who judge the call cannot answer it."))
    form = AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.found_agency(actor=request.user, at=clock.now(), **form.cleaned_data)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(agency)s is registered.") % {"agency": made})
            return redirect("accounts:agency")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/found.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    agency = _visible(request, pk)
    _require(request, "edit", agency)
    form = AgencyForm(request.POST or None, instance=agency)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            actions.edit_agency(agency, changes=changes, actor=request.user, at=clock.now())
        messages.success(request, _("Saved."))
        return redirect("accounts:detail", agency.pk)
    status = 422 if request.method == "POST" else 200
    # The form has already put what was typed into its own instance.
    context = {"form": form, "agency": _visible(request, pk)}
    return render(request, "accounts/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def members(request, pk):
    """Who belongs to an agency, and a form to invite somebody."""
    agency = _visible(request, pk)
    _require(request, "see_members", agency)
    form = InvitationForm(request.POST or None)
    status = 200
    if request.method == "POST":
        _require(request, "invite", agency)
        status = 422
        if form.is_valid():
            asked = _asked_for_a_code(request, agency, form.cleaned_data)
            if asked:
                return asked
            try:
                actions.invite(agency, **form.cleaned_data, actor=request.user, at=clock.now())
            except actions.Refused as refusal:
                form.add_error("email", str(refusal))
                status = 409
            else:
                words = _("%(email)s is invited; the mail is on its way.")
                messages.success(request, words % {"email": form.cleaned_data["email"]})
                return redirect("accounts:detail", agency.pk)
    return render(request, "accounts/members.html", _people(request, agency, form), status=status)


@require_POST
def withdraw(request, pk, invitation):
    """Take an open invitation back."""
    agency = _visible(request, pk)
    _require(request, "invite", agency)
    invitation = get_object_or_404(agency.invitations.all(), pk=invitation)
    actions.withdraw_invitation(invitation, actor=request.user, at=clock.now())
    messages.success(
        request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email}
    )
    return redirect("accounts:detail", agency.pk)


@require_POST
def answer(request, invitation):
    """Accept or decline an invitation that was sent to an address of mine."""
    invitation = get_object_or_404(_addressed_to(request), pk=invitation)
    if request.POST.get("answer") not in ("accept", "decline"):
        raise BadRequest("answer: accept or decline")
    accept = request.POST["answer"] == "accept"
    actions.answer_invitation(invitation, accept=accept, actor=request.user, at=clock.now())
    if accept:
        words = _("Welcome. You now belong to %(agency)s.")
    else:
        words = _("You declined the invitation of %(agency)s.")
    messages.success(request, words % {"agency": invitation.agency})
    return redirect("accounts:agency")


def _visible(request, pk):
    return get_object_or_404(Agency.objects.visible_to(request.user), pk=pk)


def _require(request, action, agency):
    if not permissions.can(request.user, action, agency):
        raise PermissionDenied(_("Only an authorised representative of the agency may do this."))


def _show(request, agency):
    context = {
        "agency": agency,
        "seat": agency.memberships.filter(user=request.user).first(),
        "may_edit": permissions.can(request.user, "edit", agency),
        **_invitations(request),
    }
    if permissions.can(request.user, "see_members", agency):
        context |= _people(request, agency, InvitationForm())
    return render(request, "accounts/detail.html", context)


def _people(request, agency, form):
    return {
        "agency": agency,
        "members": agency.memberships.for_list(),
        "open_invitations": agency.invitations.open(),
        "may_manage": permissions.can(request.user, "manage", agency),
        "form": form,
    }


def _invitations(request):
    return {"invitations": _addressed_to(request)}


def _addressed_to(request):
    return Invitation.objects.addressed_to(request.user, at=clock.now())


def _asked_for_a_code(request, agency, invited):
    """Whoever may sign for an agency is not invited with an open browser alone."""
    if invited["seat"] != Seat.REPRESENTATIVE:
        return None
    return step_up.ask(
        request,
        "seat",
        what=gettext_lazy("invite %(who)s as an authorised representative"),
        names={"who": invited["email"]},
        back=reverse("accounts:members", args=[agency.pk]),
        about=f"invite-{agency.pk}-{invited['email']}",
    )
