"""Nobody gets further than the log-in page, except to the pages on this list."""

import re

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import URLPattern, get_resolver, path
from django.urls.converters import get_converters

from chang_e8_portal import urls as portal
from tests import make

# The whole list of doors that stand open: the call, its results, checks of documents, the state of
# the machine, and whatever one needs to get in.
PUBLIC = {
    # A partner organisation answers here without an account; the secret in the mail is the key.
    "participation/x/",
    *("results/feed/", "results/picture.png", "results.csv", "results.pdf", "results.txt"),
    *("results/x/feed/", "results/x/picture.png", "results/x.csv", "results/x.pdf"),
    *("results/x/", "results/x.txt", "api/v1/results/x"),
    *("", "results/", "promises/", "i18n/setlang/", "health/live", "health/ready"),
    *("verify/", "verify/key.pem", "verify/letters.pem", "verify/verify_receipt.py"),
    *("verify/heads.txt", "verify/verify_dossier.py"),
    # So does whoever is invited to review.
    "reviews/invitation/x/",
    # A calendar program knows a person's secret address.
    "calendar/x.ics",
    # Behind a signed address that stands in a mail.
    "reminders/x/",
    *("accounts/login/", "accounts/logout/", "accounts/signup/", "accounts/inactive/"),
    *("accounts/confirm-email/", "accounts/login/code/confirm/"),
    *("accounts/password/reset/", "accounts/password/reset/confirm/"),
    *("accounts/2fa/authenticate/", "accounts/2fa/webauthn/login/", "accounts/whoami/"),
    *("accounts/password/reset/complete/", "accounts/password/reset/done/"),
    *("api/v1/call", "api/v1/results"),
}
# Calls of programs answer 401 in their own way, and their description is not there for strangers.
FOR_PROGRAMS, DESCRIPTION = "api/", "api/v1/openapi.json"
# Not there at all for strangers.
UNSEEN = {DESCRIPTION, "metrics"}
ANYTHING = {
    "uuid": "11111111-2222-4333-8444-555555555555",
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
}

pytestmark = pytest.mark.django_db


def page(request):
    return HttpResponse("in")


# The portal with one more door left open and one shut, to try the test itself on.
ADDED = [
    path("open/", login_not_required(page)),
    path("shut/<slug:name>/", lambda request, name: page(request)),
]
urlpatterns = [*portal.urlpatterns, *ADDED]


def routes(patterns, prefix=""):
    """Every address there is, with something in each of its blanks."""
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield fill(route)
        else:
            yield from routes(entry.url_patterns, route)


def fill(route):
    def something(blank):
        kind = blank[1] or "str"
        # A converter of ours lists the words it takes.
        return ANYTHING.get(kind) or get_converters()[kind].regex.split("|")[0]

    return re.sub(r"<(?:(\w+):)?\w+>", something, route)


ALL = sorted(set(routes(get_resolver().url_patterns)))
# The admin is not there at all for strangers, whatever the address in it.
ADMIN = [route for route in ALL if route.startswith("admin/")]
CALLS = [
    route for route in ALL if route.startswith(FOR_PROGRAMS) and route not in {*UNSEEN, *PUBLIC}
]
CLOSED = [route for route in ALL if route not in {*UNSEEN, *PUBLIC, *ADMIN, *CALLS}]


def stopped(client, method, route):
    """Whether a stranger is sent to the log-in page, and nowhere else."""
    response = getattr(client, method)(f"/{route}")
    return response.status_code == 302 and response.url.split("?")[0] == "/accounts/login/"


@pytest.mark.parametrize("route", CLOSED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_gets_no_further_than_the_log_in_page(client, route, method):
    assert stopped(client, method, route)


@pytest.mark.parametrize("route", CALLS)
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_program_without_a_token_gets_no_further_than_401(client, route, method, signed_in):
    if signed_in:
        client.force_login(make.member())
    response = getattr(client, method)(f"/{route}")
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_metrics_are_not_there_for_strangers(client):
    for method in ("get", "post"):
        assert getattr(client, method)("/metrics").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_description_of_the_calls_is_not_there_for_strangers(client, method):
    found = getattr(client, method)(f"/{DESCRIPTION}")
    nothing = getattr(client, method)("/api/v2/nothing")
    assert (found.status_code, found.content) == (404, nothing.content)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(address, id=f"{number} {address}")
        for number, addresses in {
            "IH26": (
                *("/admin/..;/", "/%2e%2e/", "/media/%2e%2e/settings.py", "/.git/config"),
                *("/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2f.env", "/.env"),
                *("/static//etc/passwd", "/static/%2fetc/passwd", "/files/", "/media/"),
            ),
            "IH30": (
                *("/healthz", "/metrics", "/api/schema", "/api/docs", "/flower/"),
                *("/__debug__/", "/debug/", "/server-status", "/openapi.json", "/demo/"),
            ),
        }.items()
        for address in addresses
    ],
)
def test_nothing_of_the_inside_has_an_address(settings, client, address):
    settings.WHITENOISE_AUTOREFRESH = False  # the list of files as it is outside of tests
    assert client.get(address, follow=True).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_door_left_open_is_noticed(client, method, settings):
    settings.ROOT_URLCONF = __name__
    assert set(routes(ADDED)) == {"open/", "shut/x/"}
    assert not stopped(client, method, "open/")
    assert stopped(client, method, "shut/x/")


@pytest.mark.parametrize("route", ADMIN)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_is_not_there_for_anonymous(client, route, method):
    address = "/" + route.replace("^", "").replace("$", "").replace("\\Z", "")
    assert getattr(client, method)(address).status_code == 404


def test_every_room_is_behind_the_door():
    for room in (
        "agency/",
        "letters/",
        "reviews/",
        "panel/",
        "decisions/",
        "audit/",
        "people/",
        "operations/",
    ):
        assert room in CLOSED


def test_the_calls_of_programs_are_behind_their_own_door():
    assert {"api/v1/letters", "api/v1/letters/x", "api/v1/"} <= set(CALLS)


def test_the_list_of_open_doors_names_only_doors():
    assert PUBLIC - {fill(route) for route in ALL} == set()
