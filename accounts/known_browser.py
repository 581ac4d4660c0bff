"""Browsers from which a person has signed in before.

Wrong passwords are counted by address of the account, so that many machines together guess no more
than one. Alone, that would let anybody lock a representative out on the last day, by being wrong on
purpose. A browser that was in before carries a signed cookie and has a count of its own.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature

LIFE = timedelta(days=180)
COOKIE = "__Host-known-browser" if settings.HTTPS else "known-browser"
_SALT = "accounts.known_browser"


def remember(response, user) -> None:
    """Give this browser its name, now that its person is in."""
    response.set_signed_cookie(
        COOKIE,
        f"{_of(user.email)}.{secrets.token_urlsafe(12)}",
        salt=_SALT,
        max_age=LIFE,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def name(request, email) -> str:
    """The browser's name, if it is known for this very account; else an empty string."""
    try:
        value = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=LIFE)
    except BadSignature:
        return ""
    account, _dot, browser = value.partition(".")
    return browser if account == _of(email) else ""


def _of(email) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:32]
