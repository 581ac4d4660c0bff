"""Everybody who has an account: the operator's list, and a search for the chair."""

import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, second_factor, step_up
from accounts.cells import harmless
from accounts.forms.administering import (
    AccountForm,
    FactorForm,
    FindForm,
    NewPersonForm,
    PeopleForm,
    RolesForm,
)
from accounts.models import User
from accounts.permissions import admit_to_people, can_with_people
from accounts.states import Role, Seat
from chang_e8_portal import clock

PAGE = 50
# A search is for somebody in particular; whoever wants more is told to be more exact.
MOST_FOUND = 20


@require_safe
def everybody(request):
    """Who has an account: search, filters, order and pages live in the address."""
    admit_to_people(request.user, "list")
    form = PeopleForm(request.GET)
    people = _listed(request, form)
    context = {
        "form": form,
        "page_obj": Paginator(people, PAGE).get_page(request.GET.get("page")),
        "narrowed": any(request.GET.get(name) for name in form.fields),
    }
    status = 200 if form.is_valid() else 422
    return render(request, "accounts/everybody.html", context, status=status)


@require_safe
def everybody_csv(request):
    """Exactly the people of the list, as a table."""
    admit_to_people(request.user, "list")
    form = PeopleForm(request.GET)
    people = _listed(request, form)
    if not form.is_valid():
        return render(request, "accounts/everybody.html", {"form": form}, status=422)
    response = StreamingHttpResponse(_lines(people), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="people.csv"'
    return response


@require_safe
def search(request):
    """Find somebody by words: the operator anybody, the chair a reviewer."""
    admit_to_people(request.user, "search")
    form = FindForm(request.GET)
    valid = form.is_valid()
    words = valid and form.cleaned_data["q"]
    people = form.found_in(User.objects.visible_to(request.user)).for_list() if words else None
    found = list(people[: MOST_FOUND + 1]) if words else []
    context = {
        "form": form,
        "words": words,
        "found": found[:MOST_FOUND],
        "more": len(found) > MOST_FOUND,
        "may_open": can_with_people(request.user, "see"),
    }
    return render(request, "accounts/search.html", context, status=200 if valid else 422)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request):
    """Make an account for somebody who is to serve the call."""
    admit_to_people(request.user, "enrol")
    form = NewPersonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.enrol(**form.cleaned_data, actor=request.user, at=clock.now())
            except actions.Refused as refusal:
                form.add_error("email" if refusal.code == "known" else None, str(refusal))
                status = 409
            else:
                messages.success(
                    request,
                    _("%(who)s has an account. A mail asks them to choose a password.")
                    % {"who": made},
                )
                return redirect("accounts:person", made.pk)
    return render(request, "accounts/enrol.html", {"form": form}, status=status)


@require_safe
def person(request, pk):
    """One person: what they may do, how they sign in, and what the operator may change."""
    found = _known(request, pk, "see")
    return _person(request, found)


@require_POST
def roles(request, pk):
    """Say anew what a person does for the call."""
    found = _known(request, pk, "administer")
    form = RolesForm(request.POST, person=found)
    if not form.is_valid():
        return _person(request, found, status=422, roles_form=form)
    asked = _ask(request, found, "roles", gettext_lazy("change the roles of %(who)s"))
    if asked:
        return asked
    chosen = form.cleaned_data["roles"]
    actions.grant_roles(found, chosen, actor=request.user, at=clock.now())
    messages.success(request, _("The roles of %(who)s are changed.") % {"who": found})
    return redirect("accounts:person", found.pk)


@require_POST
def factor(request, pk):
    """Remove the second factor of somebody who lost it."""
    found = _known(request, pk, "administer")
    form = FactorForm(request.POST)
    if not form.is_valid():
        return _person(request, found, status=422, factor_form=form)
    asked = _ask(request, found, "factor", gettext_lazy("remove the second factor of %(who)s"))
    if asked:
        return asked
    given = {"reason": form.cleaned_data["reason"], "actor": request.user, "at": clock.now()}
    actions.remove_second_factor(found, **given)
    messages.success(
        request,
        _("The second factor of %(who)s is removed, and they are signed out. All are told by mail.")
        % {"who": found},
    )
    return redirect("accounts:person", found.pk)


@require_POST
def account(request, pk):
    """Close an account, or open it again."""
    found = _known(request, pk, "administer")
    opens = request.POST.get("do") == "open"
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _person(request, found, status=422, account_form=form)
    what = (
        gettext_lazy("open the account of %(who)s")
        if opens
        else gettext_lazy("close the account of %(who)s")
    )
    asked = _ask(request, found, "open" if opens else "close", what)
    if asked:
        return asked
    given = {"reason": form.cleaned_data["reason"], "actor": request.user, "at": clock.now()}
    actions.set_active(found, opens, **given)
    sentence = (
        _("The account of %(who)s is open again. All concerned are told by mail.")
        if opens
        else _("The account of %(who)s is closed, and every session has ended.")
    )
    messages.success(request, sentence % {"who": found})
    return redirect("accounts:person", found.pk)


def _known(request, pk, action):
    found = get_object_or_404(User.objects.known_to(request.user), pk=pk)
    admit_to_people(request.user, action, found)
    return found


def _ask(request, found, act, what):
    """The page that asks for a code: these acts decide who gets in."""
    return step_up.ask(
        request,
        "people",
        what=what,
        names={"who": found},
        back=reverse("accounts:person", args=[found.pk]),
        about=f"{act}-{found.pk}",
    )


def _person(request, found, *, status=200, roles_form=None, factor_form=None, account_form=None):
    # The forms of this page are tried on a copy: what is shown is what is stored.
    seats = list(found.memberships.select_related("agency").order_by("agency__name"))
    context = {
        "person": found,
        "seats": seats,
        "alone": [one.agency for one in seats if one.agency.is_last_representative(one)],
        "told": list(found.representatives()),
        "has_factor": second_factor.is_on(found),
        "sessions": found.usersession_set.count(),
        "seen": found.usersession_set.order_by("-last_seen_at").first(),
        "tokens": found.api_tokens.usable_at(clock.now()).count(),
        "may_administer": can_with_people(request.user, "administer", found),
        "is_publisher": found.has_role(Role.PUBLISHER),
        "roles_form": roles_form or RolesForm(person=found),
        "factor_form": factor_form or FactorForm(),
        "account_form": account_form or AccountForm(),
    }
    return render(request, "accounts/person.html", context, status=status)


def _listed(request, form):
    people = User.objects.visible_to(request.user).for_list()
    return form.found_in(people) if form.is_valid() else people.none()


def _lines(people):
    writer = csv.writer(_Echo())
    # Excel takes a file without this mark for one in the machine's old encoding.
    yield "\ufeff" + writer.writerow(
        [_("Name"), _("E-mail"), _("Roles"), _("Agencies"), _("Second factor"), _("Account")]
    )
    for one in people.iterator(chunk_size=500):
        cells = (
            one.name,
            one.email,
            ", ".join(one.role_names),
            ", ".join(f"{seat.agency} ({Seat(seat.seat).label})" for seat in one.memberships.all()),
            _("Set up") if one.has_factor else _("None"),
            _("Account open") if one.is_active else _("Account closed"),
        )
        yield writer.writerow([harmless(cell) for cell in cells])


class _Echo:
    """A file for csv.writer that hands each line back instead of keeping it."""

    def write(self, line):
        return line
