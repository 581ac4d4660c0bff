"""Asking once more who is there, at the moment of an act that speaks for an agency.

A page that files, withdraws or hands something over calls `ask` in its POST, before it acts:

    asked = step_up.ask(request, "submit", what=gettext_lazy("submit the letter"), back=...)
    if asked:
        return asked

The answer is a page of its own that carries along, unseen, all that was posted. Given the code, it
posts the same again to the same address: nothing is lost, nothing is kept in the session, no script
is needed. Whoever has a second factor uses it; others get a code by mail.
"""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.shortcuts import render
from django.utils.functional import lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts import codes, second_factor
from chang_e8_portal import clock

# So long the answer holds for further acts of the same kind.
HOLDS = timedelta(minutes=10)
# Fields of the page that asks; the act's own form knows nothing of them.
FIELDS = frozenset({"step_up_code", "step_up_answer", "step_up_again", "step_up_back"})
SESSION_KEY = "stepped_up_until"


def is_fresh(request, kind: str) -> bool:
    """Whether this session has lately shown who it is, for acts of this kind."""
    until = request.session.get(SESSION_KEY, {}).get(kind)
    return until is not None and clock.now() < datetime.fromisoformat(until)


def source(request, kind: str) -> str:
    """Where the code would come from, for a page to say: "factor", "mail", or "" if none is due."""
    if is_fresh(request, kind):
        return ""
    return "factor" if second_factor.is_on(request.user) else "mail"


def goes_back(request) -> bool:
    """Whether the page that asks sent everything back, to be shown in the form it came from."""
    return "step_up_back" in request.POST


def ask(request, kind: str, *, what, names=None, back: str = "", about: str = ""):
    """Return the page that asks, or None once the answer is right or was lately.

    `kind` of act ("submit"), `about` which thing ("letter-<id>"): a mailed code fits this act and
    this thing only. `what` completes "A code is needed to ..." and is a lazy text with places for
    `names`: the page says it in its own language, the mail in that of the person. `back` is where
    whoever thinks better of it goes; without it what was posted comes back, for the caller that
    asks `goes_back`.
    """
    if is_fresh(request, kind):
        return None
    what = lazy(lambda text: text % (names or {}), str)(what)
    factor, problem = second_factor.is_on(request.user), ""
    given = request.POST.get("step_up_answer") or "step_up_code" in request.POST
    if given and "step_up_again" not in request.POST:
        right, problem = _by_factor(request) if factor else _by_mail(request, kind, about)
        if right:
            _remember(request, kind)
            return None
    sent = None if factor else _mailed(request, kind, about, what)
    if not factor and sent is None:
        problem = _("Three codes were mailed within the hour. Use the newest, or try again later.")
    return _page(request, what=what, back=back, factor=factor, sent=sent, problem=problem)


def _by_factor(request):
    if answer := request.POST.get("step_up_answer"):
        form = _form("PasskeyReauthenticateForm")(user=request.user, data={"credential": answer})
    else:
        code = request.POST.get("step_up_code", "")
        form = _form("ReauthenticateForm")(user=request.user, data={"code": code})
    if not form.is_valid():
        return False, next(iter(form.errors.values()))[0]
    form.save()
    return True, ""


def _form(name):
    # By name: forms stand to the right of this module, and lean on it.
    return import_string(f"accounts.forms.factors.{name}")


def _by_mail(request, kind, about):
    code = request.POST.get("step_up_code", "").strip()
    if not code:
        return False, _("Please give the code from the mail.")
    right = codes.take(
        request.user,
        code,
        purpose=_purpose(kind, about),
        session=request.session.session_key,
        at=clock.now(),
    )
    return right, "" if right else _(
        "This is not the code. It may be too old, or a newer one came."
    )


def _mailed(request, kind, about, what):
    """The code that waits to be given; a new one is mailed if there is none or it was asked for."""
    given = {"purpose": _purpose(kind, about), "session": request.session.session_key}
    at = clock.now()
    waiting = codes.live(request.user, **given, at=at)
    if waiting and "step_up_again" not in request.POST:
        return waiting
    try:
        return codes.send(request.user, **given, what=what, at=at)
    except codes.TooMany:
        return waiting


def _purpose(kind, about) -> str:
    return f"{kind}:{about}"[:80]


def _remember(request, kind):
    until = (clock.now() + HOLDS).isoformat()
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), kind: until}


def _page(request, *, what, back, factor, sent, problem):
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in FIELDS and name != "csrfmiddlewaretoken"
    ]
    context = {
        "what": what,
        "back": back,
        "carried": carried,
        "action": request.get_full_path(),
        "factor": factor,
        "sent": sent,
        "email": request.user.email,
        "minutes": codes.LIFE.seconds // 60,
        "problem": problem,
    }
    if factor:
        types = Authenticator.objects.filter(user=request.user).values_list("type", flat=True)
        if Authenticator.Type.WEBAUTHN in set(types):
            context["js_data"] = {"request_options": begin_authentication(request.user)}
    # 401: the act was not done; it needs to be known who asks for it.
    return render(request, "accounts/step_up.html", context, status=401)
