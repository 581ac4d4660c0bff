"""Keys with which programs act for a person: how one looks, and whose it is."""

import hashlib
import re
import secrets
import string
from datetime import datetime, timedelta

from accounts.models import ApiToken

# Whoever finds one in a log or a repository can tell what it opens, and so can a scanner.
PREFIX = "ce8_"
# Letters and digits only: a double click takes the whole of it.
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 43  # 256 bits
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{_LENGTH}}}", re.ASCII)
# What a list shows of it; the rest still has more than 200 bits.
SHOWN = len(PREFIX) + 8
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


def new_secret() -> str:
    return PREFIX + random_word()


def random_word() -> str:
    """256 random bits in letters and digits, for whatever needs a secret of its own."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def digest(secret: str) -> str:
    """What is kept. A plain hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str, *, at: datetime) -> ApiToken | None:
    """The token of this secret with its person, if it may be used at this moment.

    Asked anew at each request, so that a token revoked, an account closed or a seat taken away
    counts from the next one on.
    """
    if not _SHAPE.fullmatch(secret):
        return None
    usable = ApiToken.objects.usable_at(at).select_related("user")
    return usable.filter(sha256=digest(secret)).first()


def note_use(token: ApiToken, *, at: datetime) -> None:
    """Remember the last use, to the minute: reading must not write a row with every request."""
    last = token.last_used_at
    if last is None or abs(at - last) >= _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
