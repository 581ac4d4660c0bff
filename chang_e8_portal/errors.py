"""One answer for each kind of refusal: a page for people, JSON for the page's own script.

The order in which a request is judged: 404 for a stranger, 403 for insufficient rights, 409 for
"not now", 400 or 422 for bad data. 503 means: send it again, nothing was done.
"""

import sys

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accounts import problems, step_up
from decisions import pdf_signature
from proposals import files, signing
from proposals.forms.typed import Answers, Typed

# Sent along by pages, or soon worth nothing.
_UNTYPED = {"csrfmiddlewaretoken", "next"} | step_up.FIELDS
RETRY_AFTER = "10"  # seconds; a database that restarts is back in about that time


def wants_json(request) -> bool:
    """Whether a script of ours asks, which cannot read a page."""
    if request.headers.get("X-Requested-With") in ("autosave", "heartbeat"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def bad_request(request, exception):
    sentence = _("The portal could not read this request. Nothing was changed.")
    return _answer(request, 400, "bad_request", sentence, bare=True)


def forbidden(request, exception):
    sentence = str(exception) or _("Your account does not carry the role that this page needs.")
    return _answer(request, 403, "forbidden", sentence, {"exception": sentence})


def csrf_failure(request, reason=""):
    sentence = _("This page was opened before you signed in or out. Load it anew and send again.")
    return _answer(request, 403, "csrf", sentence, _typed(request), template="403_csrf.html")


def signed_out(request):
    """The answer to somebody whose session ended while they typed, or None if nothing was typed."""
    typed = _typed(request)
    return render(request, "signed_out.html", typed, status=401) if typed else None


def other_person(request):
    """The answer to a page that one person opened and that arrives in the name of another."""
    sentence = _(
        "You are now signed in as %(name)s, and this page was opened by somebody else. "
        "Nothing was saved in your name."
    ) % {"name": request.user}
    context = {"sentence": sentence, **_typed(request)}
    return _answer(request, 409, "other_person", sentence, context, template="other_person.html")


def not_found(request, exception):
    # The exception's own words name models and numbers; a stranger need not read them.
    return _answer(request, 404, "not_found", _("There is no page at this address."))


def refused(request, refusal):
    context = {"detail": str(refusal), **_typed(request)}
    return _answer(request, 409, refusal.code, str(refusal), context)


def too_large(request):
    sentence = _("This is larger than the portal takes: a file may have 10 MB. Make it smaller.")
    return _answer(request, 413, "too_large", sentence, bare=True)


def server_error(request):
    """Our mistake, or a database that is away: Django calls this for both, wherever it happened."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        sentence = _("The portal cannot reach its database. Please try again in a moment.")
        return _later(request, "unavailable", sentence, _typed(request))
    if isinstance(sys.exception(), files.Unavailable):
        return try_again(request)
    # A key file that is spoilt while the portal runs; which one stands in the log.
    if isinstance(sys.exception(), signing.KeyUnusable | pdf_signature.KeyUnusable):
        sentence = _("The portal cannot use one of its keys right now. Nothing was changed.")
        return _later(request, "key_unusable", sentence, _typed(request))
    sentence = _("Something went wrong on our side.")
    return _answer(request, 500, "error", sentence, _typed(request), bare=True)


def _typed(request) -> dict:
    """What a page of ours sent and is to be handed back; empty if nothing in it was written.

    A view may say how by an attribute `hands_back`, a function from the posted data to what was
    typed; of the others it is every text of several words. Only for our own pages: another site
    could make a browser send its text here, and we would show it as if the reader had written it,
    with a button to send it off.
    """
    if request.method != "POST" or not _is_our_own_page(request):
        return {}
    try:
        hands_back = getattr(resolve(request.path_info).func, "hands_back", _words_in)
        typed = [] if _holds_secrets(request) else hands_back(request.POST)
    except (Resolver404, SuspiciousOperation):
        return {}
    if not typed:
        return {}
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    token = request.POST.get("csrfmiddlewaretoken", "")
    return {"typed": typed, "sent": sent, "address": request.get_full_path(), "token": token}


def _words_in(posted) -> Answers:
    """What nobody wants to write a second time: a reason, an answer, a note of a meeting.

    A single word, a date or a code is not; where words are not parted, every text is.
    """
    texts = [
        text
        for name, values in posted.lists()
        if name not in _UNTYPED
        for text in values
        if len(text.split()) > 1 or not text.isascii()
    ]
    return Answers(Typed(_("Your text"), text) for text in texts)


def _holds_secrets(request) -> bool:
    """Whether passwords and codes are typed there, which no page may show again."""
    return request.path_info.startswith("/accounts/")


def _is_our_own_page(request) -> bool:
    origin = request.headers.get("Origin")
    return origin in settings.CSRF_TRUSTED_ORIGINS or origin == (
        f"{request.scheme}://{request.get_host()}"
    )


def try_again(request):
    """The disk is full or the store of files is away."""
    sentence = _("The portal cannot store or read files right now. Please try again in a moment.")
    return _later(request, "try_again", sentence)


def _later(request, code, sentence, typed=None):
    context = {"sentence": sentence, **(typed or {})}
    response = _answer(request, 503, code, sentence, context, bare=True)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _answer(request, status, code, sentence, context=None, *, template=None, bare=False):
    if request.path.startswith(problems.ROOT):
        found = problems.not_found() if status == 404 else problems.Problem(status, code, sentence)
        return problems.answer(found)
    if wants_json(request):
        return JsonResponse({"detail": sentence, "code": code}, status=status)
    # A bare page is drawn without the request: what failed may be what the others need.
    page = template or f"{status}.html"
    return render(None if bare else request, page, context, status=status)
