"""One answer for each kind of refusal: a page for people, JSON for the page's own script.

The order in which a request is judged: 404 for a stranger, 403 for insufficient rights, 409 for
"not now", 400 or 422 for bad data. 503 means: send it again, nothing was done.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import problems

RETRY_AFTER = "10"  # seconds; a database that restarts is back in about that time


def wants_json(request) -> bool:
    """Whether a script of ours asks, which cannot read a page."""
    if request.headers.get("X-Requested-With") == "autosave":
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
    return _answer(request, 403, "csrf", sentence, template="403_csrf.html")


def not_found(request, exception):
    # The exception's own words name models and numbers; a stranger need not read them.
    return _answer(request, 404, "not_found", _("There is no page at this address."))


def refused(request, refusal):
    return _answer(request, 409, refusal.code, str(refusal), {"detail": str(refusal)})


def server_error(request):
    """Our mistake, or a database that is away: Django calls this for both, wherever it happened."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        sentence = _("The portal cannot reach its database. Please try again in a moment.")
        response = _answer(request, 503, "unavailable", sentence, bare=True)
        response.headers["Retry-After"] = RETRY_AFTER
        return response
    return _answer(request, 500, "error", _("Something went wrong on our side."), bare=True)


def _answer(request, status, code, sentence, context=None, *, template=None, bare=False):
    if request.path.startswith(problems.ROOT):
        found = problems.not_found() if status == 404 else problems.Problem(status, code, sentence)
        return problems.answer(found)
    if wants_json(request):
        return JsonResponse({"detail": sentence, "code": code}, status=status)
    # A bare page is drawn without the request: what failed may be what the others need.
    page = template or f"{status}.html"
    return render(None if bare else request, page, context, status=status)
