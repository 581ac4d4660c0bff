"""Who was signed in is not kept longer than somebody can be."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction


@transaction.atomic
def forget_sessions(*, at) -> int:
    """Delete sessions that have expired, and what is noted of them: address and browser.

    Returns how many sessions it were. `at` by the machine's clock: sessions know no other.
    """
    expired, _by_model = Session.objects.filter(expire_date__lt=at).delete()
    # A note is written before its session, so one of this minute may seem to have none.
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    notes = UserSession.objects.filter(last_seen_at__lt=at - longest)
    notes.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return expired
