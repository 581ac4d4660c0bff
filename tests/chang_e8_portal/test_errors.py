"""Every refusal has one form: a page for people, JSON for the page's own script; never a 500."""

import json
from uuid import uuid4

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from accounts.refusal import Refused
from accounts.states import Role
from chang_e8_portal import errors
from chang_e8_portal import urls as portal
from chang_e8_portal.charset import only_utf_8
from tests import make

pytestmark = pytest.mark.django_db

RAISED = {
    "bad": (BadRequest("x"), 400, "bad_request"),
    "forbidden": (PermissionDenied(), 403, "forbidden"),
    "hidden": (Http404("no Letter 7"), 404, "not_found"),
    "refused": (Refused("The call is closed.", code="call_closed"), 409, "call_closed"),
    "broken": (ZeroDivisionError("secret words"), 500, "error"),
    "away": (OperationalError("connection refused to db.internal"), 503, "unavailable"),
    "lost": (InterfaceError("connection already closed"), 503, "unavailable"),
}
AUTOSAVE = {"X-Requested-With": "autosave"}


@login_not_required
def raises(request, kind):
    raise RAISED[kind][0]


@login_not_required
def echo(request):
    return HttpResponse(request.POST.get("text", ""))


handler400, handler403 = portal.handler400, portal.handler403
handler404, handler500 = portal.handler404, portal.handler500
urlpatterns = [*portal.urlpatterns, path("raises/<kind>/", raises), path("echo/", echo)]


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("kind", RAISED)
def test_people_get_a_page_that_gives_nothing_away(client, kind):
    error, status, _ = RAISED[kind]
    response = client.get(f"/raises/{kind}/")
    page = response.content.decode()
    assert (response.status_code, response.headers["Content-Type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert f">{status}<" in page
    # Only a refusal's words were written for people.
    assert (str(error) in page) is (kind == "refused" or str(error) in ("", "x"))
    assert "Traceback" not in page


@pytest.mark.parametrize("kind", RAISED)
@pytest.mark.parametrize("headers", [AUTOSAVE, {"Accept": "application/json"}])
def test_scripts_get_a_sentence_and_a_code(client, kind, headers):
    _, status, code = RAISED[kind]
    response = client.get(f"/raises/{kind}/", headers=headers)
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code)
    assert set(body) == {"detail", "code"}
    assert "secret" not in body["detail"]


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "text/html", "text/html, application/json;q=0.9", "image/*", "", ";;q=x", "text"],
)
def test_whoever_does_not_ask_for_json_gets_a_page(client, accept):
    headers = {} if accept is None else {"Accept": accept}
    response = client.get("/raises/hidden/", headers=headers)
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["away", "lost"])
def test_a_database_that_is_away_asks_to_come_back(client, kind):
    assert client.get(f"/raises/{kind}/").headers["Retry-After"] == errors.RETRY_AFTER
    assert "Retry-After" not in client.get("/raises/broken/").headers


def test_a_database_that_is_away_when_the_person_is_looked_up(client, monkeypatch):
    client.force_login(make.user())

    def away(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", away)
    response = client.get("/agency/")
    assert response.status_code == 503
    assert client.get("/agency/", headers=AUTOSAVE).json()["code"] == "unavailable"


# --- signed out ---


def test_a_script_is_told_that_its_person_is_signed_out(client):
    response = client.post("/agency/new/", {"name": "typed"}, headers=AUTOSAVE)
    assert response.status_code == 401
    assert response.json()["login"] is True


OWN_PAGE = {"Origin": "http://testserver"}


@pytest.mark.parametrize("text", ["We measured\nit twice.", "我们测了两次。", "نعم"])
def test_what_was_typed_on_any_page_comes_back_signed_out(client, text):
    address = f"/letters/{uuid4()}/questions/{uuid4()}/"
    response = client.post(address, {"answer": text, "about": "7"}, headers=OWN_PAGE)
    page = response.content.decode()
    assert response.status_code == 401
    assert f">\n{text}</textarea>" in page
    assert f'action="{address}"' in page
    assert '<input type="hidden" name="about" value="7">' in page


def test_what_was_typed_comes_back_when_a_room_refuses(client):
    sent = {"reason": "It lacks an endorsement."}
    page = client.post("/raises/refused/", sent, headers=OWN_PAGE).content.decode()
    assert "The call is closed." in page
    assert ">\nIt lacks an endorsement.</textarea>" in page
    # Whoever only opened a page is not told of what they typed.
    assert "you typed" not in client.get("/raises/refused/").content.decode()


@pytest.mark.parametrize(
    ("address", "sent", "headers"),
    [
        (
            "/agency/new/",
            {"name": "typed", "country": "PK", "csrfmiddlewaretoken": "a b"},
            OWN_PAGE,
        ),
        ("/agency/new/", {"name": "Put here by another site"}, {"Origin": "https://evil.example"}),
        ("/accounts/password/change/", {"oldpassword": "four words of mine"}, OWN_PAGE),
    ],
    ids=["nothing to lose", "another site", "a secret"],
)
def test_whoever_typed_nothing_is_sent_to_the_log_in_page(client, address, sent, headers):
    response = client.post(address, sent, headers=headers)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_a_part_of_a_page_makes_the_page_load_anew(client):
    response = client.get("/audit/verify/", headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"


def test_a_foreign_form_is_refused(client):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make.user())
    response = strict.post("/agency/new/", {"name": "x"})
    assert response.status_code == 403
    assert "Please send it again" in response.content.decode()
    response = strict.post("/agency/new/", {"name": "x"}, headers=AUTOSAVE)
    assert (response.status_code, response.json()["code"]) == (403, "csrf")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"token": "x" * 64}, id="foreign token"),
        pytest.param({"token": ""}, id="no token"),
        pytest.param({"headers": {"Origin": "https://evil.example.org"}}, id="other origin"),
        pytest.param({"headers": {"Origin": "null"}}, id="no origin"),
        pytest.param({"content_type": "text/plain"}, id="JSON as text"),
    ],
)
def test_a_form_from_elsewhere_is_refused(client, wrong):
    """IH07"""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make.user())
    strict.get("/agency/new/")
    form = {"name": "x", "csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
    assert strict.post("/agency/new/", form).status_code == 422
    if "content_type" in wrong:
        sent = strict.post("/agency/new/", json.dumps(form), **wrong)
    else:
        form["csrfmiddlewaretoken"] = wrong.pop("token", form["csrfmiddlewaretoken"])
        sent = strict.post("/agency/new/", form, **wrong)
    assert sent.status_code == 403


# --- bad input ---


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/agency/%00/"},
        {"path": "/?q=%00"},
        {"path": "/", "HTTP_X_ANYTHING": "a\x00b"},
        {"path": "/", "HTTP_COOKIE": 'sessionid="\\000abcdefgh"'},
        {"path": "/", "HTTP_COOKIE": 'messages="\\000"'},
        {"path": "/", "HTTP_ACCEPT_LANGUAGE": "\x00"},
        {"path": "/", "HTTP_HOST": "evil.example.com"},
        {"path": "/", "HTTP_HOST": "a b"},
        {"path": "/", "HTTP_HOST": "testserver:99999x"},
    ],
    ids=str,
)
def test_a_request_that_cannot_be_read_is_bad(client, request_):
    response = client.get(**request_)
    assert response.status_code == 400
    assert "Nothing was changed" in response.content.decode()


def test_another_hosts_name_is_not_taken_from_a_proxy_header(client):
    # Bad input IH10.
    response = client.get("/agency/", HTTP_X_FORWARDED_HOST="evil.example.com")
    assert response.url == "/accounts/login/?next=/agency/"


@pytest.mark.parametrize("field", ["text", "other", "csrfmiddlewaretoken"])
def test_a_nul_in_a_form_is_bad(client, field):
    assert client.post("/echo/", {field: "a\x00b"}).status_code == 400
    assert client.post("/echo/", {"text": "fine"}).content == b"fine"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("", 200),
        ("text/plain", 200),
        ("application/x-www-form-urlencoded; charset=UTF-8", 200),
        ('application/json; charset="utf-8"; x=y', 200),
        ("multipart/form-data; boundary=x", 200),
        *((f"text/plain; Charset={name}", 400) for name in ("rot13", "unicode_escape", "utf-16")),
        ("multipart/form-data; charset=utf-8-sig; boundary=x", 400),
        ("text/plain; a*=rot13''b", 400),
    ],
)
def test_only_utf_8_is_read(content_type, status):
    def application(environ, start_response):
        WSGIRequest(environ)
        start_response("200 OK", [])
        return [b""]

    environ = RequestFactory().get("/", {"q": "\\ud800"}).environ
    said = []
    only_utf_8(application)(environ | {"CONTENT_TYPE": content_type}, lambda *a: said.append(a[0]))
    assert said[0].startswith(str(status))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({"text": "a\x00b"}), 400),
        (b'{"text": "a\x00b"}', 400),
        (json.dumps({"text": "the letters \\u0000 as typed"}), 200),
        (json.dumps({"text": "fine"}), 200),
        ("{", 200),  # for the view to judge
    ],
)
def test_a_nul_in_json_is_bad(client, body, status):
    response = client.post("/echo/", body, content_type="application/json")
    assert response.status_code == status


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=" + "x" * 10_000, b"--x"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Transfer-Encoding: base64\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n@@@\r\n--x--\r\n",
        ),
        ("application/x-www-form-urlencoded; charset=no-such", b"a=%FF"),
        ("application/x-www-form-urlencoded", b"a=%FF%FE&%E4=1"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1001))),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 2_700_000),
        ("text/plain", b"a=1"),
        ("", b"a=1"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_body_that_cannot_be_read_is_never_our_mistake(client, content_type, body):
    client.force_login(make.user())
    for address in ("/echo/", "/agency/new/", "/accounts/login/"):
        response = client.generic("POST", address, body, content_type=content_type)
        assert response.status_code < 500


def test_too_large_a_form_is_bad_and_says_so(client):
    response = client.post("/echo/", {"text": "x" * 2_700_000}, headers=AUTOSAVE)
    body = client.generic(
        "POST",
        "/echo/",
        b"text=" + b"x" * 2_700_000,
        content_type="application/x-www-form-urlencoded",
        headers=AUTOSAVE,
    )
    assert body.status_code == 400
    assert body.json()["code"] == "bad_request"
    assert response.status_code == 400


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options", "propfind"])
def test_other_methods_change_nothing(client, method):
    # Bad input IH06.
    client.force_login(make.user(Role.AUDITOR))
    for address in ("/agency/new/", "/accounts/preferences/", "/accounts/home/"):
        response = client.generic(method.upper(), address)
        assert response.status_code in (403, 405)


def test_a_page_is_framed_and_reached_by_nobody(client):
    """IH28"""
    client.force_login(make.user())
    headers = client.get("/accounts/preferences/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_is_not_kept_by_anybody(client):
    # Bad input IH27.
    client.force_login(make.user())
    headers = client.get("/accounts/preferences/").headers
    assert "no-store" in headers["Cache-Control"]
    assert "Cookie" in headers["Vary"]
