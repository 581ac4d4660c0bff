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
from django.urls import reverse
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
        mark = results_of.mark() if self._is_a_strangers(request) else None
        if mark is None:
            return self.get_response(request)
        frame = get_language_from_request(request)
        told_in = asked_language(request) or f"not-asked-{language_of_stranger(request, frame)}"
        key = f"results:page:{mark}:{frame}:{told_in}"
        kept = caches["drawn"].get(key)
        if kept is None:
            response = self.get_response(request)
            if not getattr(response, "is_signed", False):
                return response
            response.headers["ETag"] = tag_of_bytes(response.content)
            response.headers["Cache-Control"] = _KEPT
            kept = response.content, dict(response.headers)
            # What was corrected while it was drawn is told whole, but nobody knows by which mark.
            if results_of.mark() == mark:
                caches["drawn"].set(key, kept, A_DAY)
        body, headers = kept
        response = HttpResponse(body, headers=headers)
        return get_conditional_response(request, etag=headers["ETag"], response=response)

    def _is_a_strangers(self, request) -> bool:
        return (
            request.path_info == self._address
            and request.method in ("GET", "HEAD")
            and not any(name in request.COOKIES for name in _PERSONAL)
            # Raises what the middleware below raises, for a host that is not ours.
            and bool(request.get_host())
        )
