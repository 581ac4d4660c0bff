"""A person's dates from every room as one calendar, behind a secret address.

The wiring does it, because no room may look into those above it. What a date says is decided in
`due.py` of its room, anew at each reading: whoever lost a role or a seat finds its dates no more.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event, vText

import proposals.due
import reviews.due
from accounts import tokens
from accounts.models import User

_PRODUCT = "-//Chang'e-8 portal//Due dates//EN"
# How often a calendar program may ask.
_ASKED_EVERY = timedelta(hours=6)


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
        body = _calendar(person).to_ical()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response = get_conditional_response(request, etag=tag, response=response)
    response.headers["ETag"] = tag
    # A program may keep it and asks whether it still holds; nobody between may.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Language"] = person.language
    response.headers["Content-Disposition"] = 'inline; filename="due-dates.ics"'
    return response


def _calendar(person) -> Calendar:
    """The same dates give the same bytes: programs ask whether anything has changed."""
    calendar, name = Calendar(), vText(_("Chang'e-8 portal: due dates"))
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    # By RFC 7986, and as programs knew it before.
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _ASKED_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    host = urlsplit(settings.BASE_URL).hostname
    for one in (*proposals.due.dates_of(person), *reviews.due.dates_of(person)):
        event = Event()
        event.add("uid", f"{one.key}@{host}")
        event.add("dtstamp", one.known_at.astimezone(UTC))
        is_moment = isinstance(one.at, datetime)
        event.add("dtstart", one.at.astimezone(UTC) if is_moment else one.at)
        event.add("summary", one.words)
        event.add("url", settings.BASE_URL + one.path)
        event.add("transp", "TRANSPARENT")  # a due date keeps nobody busy
        calendar.add_component(event)
    return calendar
