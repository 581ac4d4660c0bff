"""One's own account: where the work begins, preferences, tokens, sessions."""

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, second_factor, step_up
from accounts.forms import PreferencesForm, TokenForm
from accounts.models import Agency, ApiToken, User
from accounts.states import Role, TokenScope
from chang_e8_portal import clock

# Where each role's work begins, the most occupied first.
HOMES = (
    (Role.CHAIR, "panel:home"),
    (Role.PUBLISHER, "decisions:home"),
    (Role.REVIEWER, "reviews:queue"),
    (Role.AUDITOR, "audit:log"),
    (Role.OPERATOR, "operations:home"),
)


@require_safe
def home(request):
    """Send a person who signed in to where their work begins."""
    for role, page in HOMES:
        if request.user.has_role(role):
            return redirect(page)
    if Agency.objects.visible_to(request.user).exists():
        return redirect("proposals:list")
    return redirect("accounts:agency")


@login_not_required
@ensure_csrf_cookie
@require_safe
def whoami(request):
    """Who is signed in, for a page that was left open; only ever about the one who asks."""
    user = request.user
    known = user.is_authenticated
    return JsonResponse(
        {"person": str(user.pk) if known else None, "name": str(user) if known else ""}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request):
    """Keys for one's own programs. A new one is shown in this very answer and never again."""
    form = TokenForm(request.POST or None)
    context, status, at = {"form": form}, 200, clock.now()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            # A program with a key files without being asked for a code: its person is asked here.
            writes = form.cleaned_data["scope"] == TokenScope.WRITE
            what, back = gettext_lazy("make a token that may write"), reverse("accounts:tokens")
            asked = writes and step_up.ask(request, "token", what=what, back=back)
            if asked:
                return asked
            try:
                made, secret = actions.make_token(request.user, **form.cleaned_data, at=at)
            except actions.Refused as refusal:
                form.add_error("name", str(refusal))
                status = 409
            else:
                context |= {"made": made, "secret": secret, "form": TokenForm()}
                status = 201
    own = ApiToken.objects.visible_to(request.user)
    context |= {
        "usable": [token for token in own if token.is_usable_at(at)],
        "ended": [token for token in own if not token.is_usable_at(at)],
        "base_url": settings.BASE_URL,
    }
    return render(request, "accounts/tokens.html", context, status=status)


@require_POST
def revoke_token(request, pk):
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    actions.revoke_token(token, actor=request.user, at=clock.now())
    messages.success(request, _("“%(name)s” no longer opens anything.") % {"name": token.name})
    return redirect("accounts:tokens")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request):
    """One's own account: name, language and time zone, and the ways to all else about it."""
    # A copy: the page around a form with mistakes still shows the person as they are.
    form = PreferencesForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            actions.set_preferences(request.user, changes=changes)
        messages.success(request, _("Saved."))
        response = redirect("accounts:preferences")
        # The switch at the top of a page holds for the visit; what was just chosen holds now.
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return response
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "second_factor": second_factor.is_on(request.user)}
    return render(request, "accounts/preferences.html", context, status=status)


@require_POST
def end_session(request, session):
    """End one of one's own sessions; the browser in question is signed out at its next request."""
    session = get_object_or_404(UserSession, pk=session, user=request.user)
    ends_here = session.session_key == request.session.session_key
    end_sessions(request, [session])
    if ends_here:
        return redirect("account_login")
    messages.success(request, _("The session is ended."))
    return redirect("usersessions_list")
