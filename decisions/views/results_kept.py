"""The results page as strangers read it: drawn once by each process, and told from its memory.

The world comes at one instant, and nearly all of it without a session. The page is kept under the
mark of what holds now (`results.mark`), for which the database is asked with every request. So the
first request after the commit of a release or a correction is told what holds since, by every
process, and none has to be told to forget anything. Before the release there is no mark.
"""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import caches
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language_from_request

from decisions import results as results_of
from decisions.views.results import asked_language, language_of_stranger
from decisions.views.results_files import A_DAY, tag_of_bytes

# Who reads it, and what just happened to them: with one of these it is a page of one's own.
_PERSONAL = (settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name)
# A browser keeps its copy and asks each time whether it still holds, which is answered as cheaply
# as can be (304). Not one second without asking: while some read what a correction tells, nobody
# may read what was told before it. A proxy may keep it as well, for strangers (`Vary: Cookie`).
_KEPT = "no-cache"


class KeptResultsMiddleware:
    """Tell a stranger the kept page, or keep the one that is drawn; everybody else passes by.

    Almost on top: the headers that the others put on the page are kept with it.
    """

    def __init__(self, get_response):
        if settings.PORTAL_DEMO:
            raise MiddlewareNotUsed  # there each page says what time it is
        self.get_response = get_response
        self._address = reverse("results")

    def __call__(self, request):
        code = self._asked_by_a_stranger(request)
        mark = None if code is None else results_of.mark(code)
        if mark is None:
            return self.get_response(request)
        frame = get_language_from_request(request)
        told_in = asked_language(request) or f"not-asked-{language_of_stranger(request, frame)}"
        # The page of the present call says that it is so, and has another address.
        key = f"results:page:{code and 'named'}:{mark}:{frame}:{told_in}"
        kept = caches["drawn"].get(key)
        if kept is None:
            response = self.get_response(request)
            if not getattr(response, "is_signed", False):
                return response
            response.headers["ETag"] = tag_of_bytes(response.content)
            response.headers["Cache-Control"] = _KEPT
            kept = response.content, dict(response.headers)
            # What was corrected while it was drawn is told whole, but nobody knows by which mark.
            if results_of.mark(code) == mark:
                caches["drawn"].set(key, kept, A_DAY)
        body, headers = kept
        response = HttpResponse(body, headers=headers)
        return get_conditional_response(request, etag=headers["ETag"], response=response)

    def _asked_by_a_stranger(self, request) -> str | None:
        """The code of the call whose page a stranger asks for, empty for the present one."""
        path = request.path_info
        if not path.startswith(self._address) or request.method not in ("GET", "HEAD"):
            return None
        if "\0" in path:  # refused further down; no database takes it
            return None
        if any(name in request.COOKIES for name in _PERSONAL):
            return None
        # Raises what the middleware below raises, for a host that is not ours.
        request.get_host()
        if path == self._address:
            return ""
        try:
            match = resolve(path)
        except Resolver404:
            return None
        return match.kwargs["code"] if match.url_name == "results" else None
