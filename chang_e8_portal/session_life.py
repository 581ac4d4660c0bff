"""How long somebody stays signed in: half an hour without a sign of life, twelve hours at most.

A sign of life is any request that a person makes, autosave among them: it runs only after somebody
has typed. Questions that a page asks by itself every few seconds are none, or an open page would
keep its session for ever: they carry a header that says so.
By the machine's clock, not the portal's: a demo that travels must sign nobody out.
"""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout

from chang_e8_portal import clock

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# A sign of life is written down once a minute: reading must not write a row with every request.
NOTED_EVERY = timedelta(minutes=1)
STARTED, SEEN = "signed_in_at", "seen_at"
POLL_HEADER = "X-Portal-Poll"


class SessionLifeMiddleware:
    """End a session that is too old or was left alone; the next request is a stranger's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            self._live_on(request)
        return self.get_response(request)

    def _live_on(self, request):
        now = clock.machine_now().timestamp()
        started = request.session.get(STARTED, now)
        seen = request.session.get(SEEN, now)
        if now - seen > IDLE.total_seconds() or now - started > LONGEST.total_seconds():
            logout(request)
            return
        noted = SEEN in request.session and now - seen < NOTED_EVERY.total_seconds()
        if noted or polls(request):
            return
        request.session[STARTED], request.session[SEEN] = started, now
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=clock.machine_now()
        )


def polls(request) -> bool:
    """Whether a page asks by itself, with nobody at the keyboard."""
    return request.headers.get(POLL_HEADER) == "1"
