"""The interface for programs: how it is put together from the rooms' own doors.

Every request passes `guarded`, whichever room answers it: cookies are not read, a token in the
address is refused, and each refusal leaves as problem details. What a call does is in `api.py` of
its room.
"""

from datetime import UTC
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import Throttled, ValidationError

from accounts import problems, tokens
from accounts.bearer import bearer
from accounts.problems import Problem
from accounts.refusal import Refused
from chang_e8_portal import openapi

# Names of the calls that anybody may make.
PUBLIC = ("api-call", "api-results")
_OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
_TOKEN_NAMES = {"token", "access_token", "api_token", "api_key", "apikey", "key", "authorization"}


class PortalAPI(NinjaAPI):
    def get_openapi_schema(self, **kwargs):
        return openapi.finished(super().get_openapi_schema(**kwargs))


def urls(*routers):
    """The addresses of these rooms' calls, with the description of all of them."""
    api = PortalAPI(
        title="Chang'e-8 portal",
        version="1",
        description=openapi.INTRODUCTION,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
        openapi_extra={"tags": openapi.TAGS},
    )
    for router in routers:
        api.add_router("", router)
    _refuse_in_one_form(api)

    def description(request):
        return api.create_response(request, api.get_openapi_schema(), status=200)

    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        view = _nothing if pattern.name == "api-root" else pattern.callback
        pattern.callback = guarded(view, public=pattern.name in PUBLIC)
    patterns = [
        path("openapi.json", guarded(description, hidden=True), name="openapi"),
        *patterns,
        # The same answer for an address that does not exist and for a letter that is another's.
        path("<path:anything>", guarded(_nothing), name="nothing"),
    ]
    return patterns, app_name, namespace


def guarded(view, *, public=False, hidden=False):
    """What is true of every request of a program, around the view that answers it.

    `public` calls need no token. A `hidden` one looks to strangers as if it were not there.
    """

    @csrf_exempt  # no cookie is read, so there is nothing to forge
    @login_not_required  # by session, that is; the token is asked for below
    @wraps(view)
    def answered(request, *args, **kwargs):
        request.COOKIES, request.user = {}, AnonymousUser()
        language = get_language_from_request(request)
        with translation.override(language), timezone.override(UTC):
            try:
                response = _answered(view, request, args, kwargs, public=public, hidden=hidden)
            except Problem as problem:
                response = problems.answer(problem)
            except Http404:
                response = problems.answer(problems.not_found())
            response.headers["Content-Language"] = language
        return response

    answered.reads_its_own_body = True
    return answered


def _answered(view, request, args, kwargs, *, public, hidden):
    _refuse_tricks(request)
    if request.method == "HEAD":
        request.method = "GET"
        try:
            return _answered(view, request, args, kwargs, public=public, hidden=hidden)
        finally:
            request.method = "HEAD"  # by which the server knows to leave the body out
    if hidden:
        try:
            bearer(request)
        except Problem:
            raise problems.not_found() from None
        if request.method != "GET":
            raise _not_allowed("GET")
    response = view(request, *args, **kwargs)
    if response.status_code == 405:
        if not public:
            bearer(request)
        raise _not_allowed(response.headers["Allow"])
    return response


def _refuse_tricks(request):
    if any(name in request.headers for name in _OVERRIDES):
        raise _not_allowed(request.method)
    for name, values in request.GET.lists():
        if name.lower() in _TOKEN_NAMES or any(tokens.PREFIX in value for value in values):
            raise Problem(
                400,
                "token_in_address",
                _(
                    "A token does not belong into an address, where logs keep it. Revoke this one, "
                    "make another and send it as a header."
                ),
            )
        if len(values) > 1:
            raise problems.bad_request(_("One value for each name in the address, please."))


def _not_allowed(methods):
    methods = ", ".join(sorted(methods.replace(",", " ").split()))
    return Problem(
        405,
        "method_not_allowed",
        _("This address answers only %(methods)s.") % {"methods": methods},
        headers={"Allow": methods},
    )


def _nothing(request, anything=""):
    bearer(request)
    raise problems.not_found()


def _refuse_in_one_form(api):
    """Say for each kind of refusal that the rooms know how a program reads it."""

    def handle(kind, problem_of):
        api.add_exception_handler(kind, lambda request, error: problems.answer(problem_of(error)))

    handle(Problem, lambda problem: problem)
    handle(Http404, lambda error: problems.not_found())
    handle(PermissionDenied, lambda error: Problem(403, "forbidden", str(error) or _("Not yours.")))
    handle(Refused, lambda refusal: Problem(409, refusal.code, str(refusal)))
    for kind in (BadRequest, SuspiciousOperation, MultiPartParserError, ValidationError):
        handle(kind, lambda error: problems.bad_request(_("The portal could not read this.")))
    handle(
        Throttled,
        lambda error: Problem(
            429,
            "too_many_requests",
            _("This token or address asks too often."),
        ),
    )
