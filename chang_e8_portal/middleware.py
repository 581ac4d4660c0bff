"""What is true of every request."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from accounts.refusal import Refused


class PersonMiddleware:
    """Speak the signed-in person's language and use their time zone.

    A language chosen for this visit by the switch at the top of the page comes first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        with timezone.override(ZoneInfo(request.user.time_zone)):
            return self.get_response(request)


class RefusalMiddleware:
    """Answer 409 with the sentence when an action refuses and the page did not say so itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return None
        sentence = str(exception)
        if request.headers.get("X-Requested-With") == "autosave":
            return JsonResponse({"detail": sentence, "code": exception.code}, status=409)
        return render(request, "409.html", {"sentence": sentence}, status=409)


class PrivateCacheMiddleware:
    """No page is kept by a browser or a proxy unless its view says it may be.

    Also refuses a NUL byte in an address, which PostgreSQL would turn into an error of ours.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("400 Bad Request: a NUL character in the address\n")
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response
