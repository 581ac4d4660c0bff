"""What is true of every request."""

import re
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import Http404, JsonResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from accounts.refusal import Refused
from accounts.states import PanelLanguage
from chang_e8_portal import errors

# The letter U+0000 as JSON spells it: \\u0000 not behind a backslash that is itself escaped.
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Where no agency works.
_PANEL_PATHS = (
    *("/reviews/", "/panel/", "/decisions/", "/audit/", "/operations/", "/people/", "/admin/"),
)


class LoginMiddleware(LoginRequiredMiddleware):
    """Nobody gets further than the log-in page, except to views marked as public."""

    def handle_no_permission(self, request, view_func):
        if "admin" in request.resolver_match.app_names:
            raise Http404  # strangers need not learn where the operator works
        if errors.wants_json(request):
            sentence = _("You are signed out. Sign in again in another tab; nothing is lost.")
            body = {"detail": sentence, "code": "login_required", "login": True}
            return JsonResponse(body, status=401)
        if request.htmx:
            # The log-in page must not land in the middle of another one.
            return HttpResponseClientRefresh()
        if handed_back := errors.signed_out(request):
            return handed_back
        return super().handle_no_permission(request, view_func)


class PersonMiddleware:
    """Speak the signed-in person's language and use their time zone.

    A language chosen for this visit by the switch at the top of the page comes first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        if not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        with timezone.override(ZoneInfo(request.user.time_zone)):
            return self.get_response(request)


class PanelLanguageMiddleware:
    """Speak English on the panel's pages to whoever reads a language that they are not written in.

    Agencies read the portal in six languages, the panel in two. A page half in one language and
    half in another would be worse than one in English.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(_PANEL_PATHS):
            request.languages = PanelLanguage.values  # what the switch at the top offers
            if translation.get_language() not in PanelLanguage.values:
                translation.activate(PanelLanguage.ENGLISH)
                request.LANGUAGE_CODE = PanelLanguage.ENGLISH
        return self.get_response(request)


class SamePersonMiddleware:
    """Keep what one person typed from being saved in the name of another.

    In an office two people may share a browser: the second signs in in a new tab, and the page of
    the first saves itself a moment later. A form with much text says who it was drawn for in a
    hidden field, its script in a header.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # After the CSRF check and the log-in check: only people who are signed in come this far.
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        opened_by = request.headers.get("X-Portal-Person") or request.POST.get("opened_by")
        if not opened_by or opened_by == str(request.user.pk):
            return None
        return errors.other_person(request)


class RefusalMiddleware:
    """Answer 409 with the sentence when an action refuses and the page did not say so itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return errors.refused(request, exception) if isinstance(exception, Refused) else None


class BodyLimitMiddleware:
    """Answer 413 to a body larger than any form of ours, before a byte of it is read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            raise BadRequest("Content-Length: a whole number")
        if int(length[:20]) > settings.MOST_BODY_BYTES:
            return errors.too_large(request)
        return self.get_response(request)


class NulMiddleware:
    """Answer 400 to a NUL character, which PostgreSQL cannot store, wherever it hides.

    Forms refuse it themselves, but a session's name in a cookie, a filter in an address or a value
    that a view reads without a form would become an error of ours.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        headers = (value for name, value in request.META.items() if name.startswith("HTTP_"))
        if (
            "\x00" in request.path
            or "%00" in request.META.get("QUERY_STRING", "")
            or any("\x00" in value for value in (*headers, *request.COOKIES.values()))
        ):
            raise BadRequest("NUL")
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if getattr(view, "reads_its_own_body", False):
            return  # the interface for programs reads strictly, once it knows who asks
        if request.content_type == "application/json":
            if _NUL_IN_JSON.search(request.body) or b"\x00" in request.body:
                raise BadRequest("NUL")
        elif any("\x00" in value for values in request.POST.lists() for value in values[1]):
            raise BadRequest("NUL")


class PrivateCacheMiddleware:
    """No page is kept by a browser or a proxy unless its view says it may be."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        if "public" in response.headers["Cache-Control"]:
            # The same for everybody, whoever was looked up on the way: not another one for each.
            response.headers["Vary"] = "Accept-Language"
        else:
            patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response
