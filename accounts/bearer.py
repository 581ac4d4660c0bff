"""Who a program acts for: `Authorization: Bearer ce8_...`, and nothing else.

A session's cookie is not accepted, so no page of another site can make a browser write here; and a
token in an address is refused, because addresses end up in logs.
"""

import hashlib

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from accounts import tokens
from accounts.problems import Problem
from chang_e8_portal import clock

MOST_A_MINUTE = 600
_READS = ("GET", "HEAD", "OPTIONS")


class Bearer(HttpBearer):
    """Turns the header into `request.auth`, the token, and `request.user`, its person."""

    openapi_description = "A token made on the page “API tokens”."

    def __call__(self, request):
        if "Authorization" not in request.headers:
            raise refused("token_required", _("Send a token: Authorization: Bearer ce8_…"))
        token = super().__call__(request)
        if token is None:
            # Unknown, revoked, expired, a closed account: which one is nobody's business.
            raise refused("token_invalid", _("This token opens nothing. Make a new one."))
        request.user = token.user
        if request.method not in _READS and not token.may_write:
            raise Problem(
                403, "read_only_token", _("This token reads only. Make one that also writes.")
            )
        return token

    def authenticate(self, request, token):
        at = clock.now()
        found = tokens.find(token, at=at)
        if found:
            tokens.note_use(found, at=at)
        return found


def refused(code, detail) -> Problem:
    challenge = 'Bearer realm="portal"'
    if code == "token_invalid":
        challenge += ', error="invalid_token"'
    return Problem(401, code, detail, headers={"WWW-Authenticate": challenge})


class _Throttle(BaseThrottle):
    """A most of requests a minute. A lost count, or a cache away, lets more pass."""

    def allow_request(self, request):
        who = self.who(request)
        if who is None:
            return True
        key = f"api:{who}:{_minute()}"
        asked = cache.get(key, 0) + 1
        cache.set(key, asked, 120)
        return asked <= MOST_A_MINUTE

    def wait(self):
        return 60 - clock.now().second

    def who(self, request) -> str | None:
        """Whose requests are counted together; None where that cannot be told."""
        raise NotImplementedError


class TokenThrottle(_Throttle):
    """Each token has its own count."""

    def who(self, request):
        return str(request.auth.pk)


class AddressThrottle(_Throttle):
    """For calls without a token: each address has its own count, as the proxy tells it."""

    def who(self, request):
        try:
            address = get_adapter(request).get_client_ip(request)
        except PermissionDenied:
            # Behind a socket that names nobody: what everybody may read is not refused to all.
            return None
        return hashlib.sha256(address.encode()).hexdigest()


def _minute() -> int:
    return int(clock.now().timestamp()) // 60


bearer = Bearer()
throttle = TokenThrottle()
public_throttle = AddressThrottle()
