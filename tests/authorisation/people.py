"""The fourteen kinds of visitor of the authorisation matrix, and the words for their answers."""

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.states import TokenScope
from chang_e8_portal import clock
from tests import make

ROLES = ("an", "ed", "su", "vw", "ob", "ra", "ru", "rc", "ch", "cc", "ad", "p1", "p2", "au")

_WORDS = {401: "L", 403: "3", 404: "4", 400: "B", 422: "B", 409: "9"}


def word(response) -> str:
    """A response as the matrix writes it.

    2 allowed, L sent to the log-in page (401 for a program), 3 forbidden, 4 not there, 9 not now,
    B not writable; anything else is shown as its number.
    """
    if response.streaming:
        # A download keeps its file open until somebody has read it.
        list(response.streaming_content)
    status = response.status_code
    if status == 302:
        return "L" if response.url.startswith("/accounts/login/") else "2"
    return "2" if status in (200, 201, 204) else _WORDS.get(status, str(status))


@dataclass
class Visitor:
    """Somebody at the door, with a browser and, if they have an account, a program with a key."""

    role: str
    person: User | None
    scope: TokenScope = TokenScope.WRITE

    def __post_init__(self):
        self.browser, self.headers = Client(), {}
        if self.person:
            self.browser.force_login(self.person)
            make.stepped_up(self.browser)
            self.headers["Authorization"] = f"Bearer {key_of(self.person, self.scope)}"

    def get(self, name, /, *args, **query):
        return self.browser.get(_address(name, args), query)

    def post(self, name, /, *args, **data):
        return self.browser.post(_address(name, args), data)

    def api(self, method, path, data=None, *, multipart=False, **headers):
        """Ask the API: a program has a key and no cookies."""
        sent = {} if data is None else {"data": data}
        if not multipart and method in ("post", "put", "patch"):
            sent["content_type"] = "application/json"
        headers = {**self.headers, **headers}
        return getattr(Client(), method)(f"/api/v1/{path}", **sent, headers=headers)


def key_of(person, scope) -> str:
    """The secret of a new key of this person."""
    secret = tokens.new_secret()
    ApiToken.objects.create(
        user=person,
        name="matrix",
        scope=scope,
        prefix=secret[: tokens.SHOWN],
        sha256=tokens.digest(secret),
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    )
    return secret


def _address(name, args) -> str:
    return name if name.startswith("/") else reverse(name, args=args)
