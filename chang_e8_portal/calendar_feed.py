"""A person's dates from every room as one calendar, behind a secret address.

The wiring does it, because no room may look into those above it. What a date says is decided in
`due.py` of its room, anew at each reading: whoever lost a role or a seat finds its dates no more.
"""

import hashlib
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import proposals.due
import reviews.due
from accounts import tokens
from accounts.models import User
from chang_e8_portal.icalendar import Event, written

_PRODUCT = "-//Chang'e-8 portal//Due dates//EN"


# Calendar programs have neither a session nor a place for a header: the address is the permission.
@login_not_required
@require_safe
def feed(request, secret):
    """The calendar; 404 for an address that was revoked or never made, or of a closed account."""
    found = User.objects.active().filter(calendar_address__sha256=tokens.digest(secret))
    person = found.first()
    if person is None:
        raise Http404
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        body = written(_events(person), product=_PRODUCT, name=_("Chang'e-8 portal: due dates"))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response = get_conditional_response(request, etag=tag, response=response)
    response.headers["ETag"] = tag
    # A program may keep it and asks whether it still holds; nobody between may.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Language"] = person.language
    response.headers["Content-Disposition"] = 'inline; filename="due-dates.ics"'
    return response


def _events(person):
    host = urlsplit(settings.BASE_URL).hostname
    dates = [*proposals.due.dates_of(person), *reviews.due.dates_of(person)]
    return [
        Event(
            uid=f"{one.key}@{host}",
            at=one.at,
            words=one.words,
            address=settings.BASE_URL + one.path,
            known_at=one.known_at,
        )
        for one in dates
    ]
