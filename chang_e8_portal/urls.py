"""Every address of the portal, room by room. Names of addresses are in the rooms' own `urls`."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

import audit.urls
import decisions.urls
import operations.urls
import proposals.urls
import reviews.urls
from chang_e8_portal import api, calendar_feed, errors, health, own_data

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    # Public pages.
    *proposals.urls.public,
    *decisions.urls.public,
    *audit.urls.public,
    path("calendar/<str:secret>.ics", calendar_feed.feed, name="calendar_feed"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    *operations.urls.metrics,
    # Without a token against forged forms: another site could choose the language of somebody's
    # pages, and nothing else. With one, no page that is the same for everybody could be kept.
    path("i18n/setlang/", csrf_exempt(login_not_required(set_language)), name="set_language"),
    path("accounts/", include("allauth.urls")),
    # Behind the door.
    path("", include("accounts.urls")),  # /agency/ and some pages under /accounts/
    path("accounts/data/", own_data.own_data, name="own_data"),
    *proposals.urls.of_agencies,
    path("letters/", include("proposals.urls")),
    path("letters/", include((decisions.urls.letters, "decision_letters"))),
    path("reviews/", include("reviews.urls")),
    path("panel/", include("reviews.panel_urls")),
    path("decisions/", include("decisions.urls")),
    path("audit/", include("audit.urls")),
    path("operations/", include("operations.urls")),
    path("admin/", admin.site.urls),
    # For programs, by token.
    path("api/v1/", api.urls(reviews.urls.calls, proposals.urls.calls, decisions.urls.calls)),
]

if settings.PORTAL_DEMO:
    urlpatterns.append(path("demo/", include("chang_e8_portal.demo.urls")))
