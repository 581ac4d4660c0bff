"""One-time codes by mail, for people without a second factor.

Typed by hand from the mail, never a link: programs that look into mail open links, and a code that
is opened is a code that is gone. A code fits one person, one act and one session.
"""

import hashlib
import secrets
import unicodedata
from datetime import timedelta

from django.db import transaction

from accounts import mailing
from accounts.models import OneTimeCode, User

LIFE = timedelta(minutes=10)
TRIES = 5
MAILS, WHILE = 3, timedelta(hours=1)
# Without 0, 1, I, L, O and U: read from a telephone and typed at a desk.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8


class TooMany(Exception):
    """Enough codes have been mailed to this person for now."""


@transaction.atomic
def send(user, *, purpose, session, what, at) -> OneTimeCode:
    """Owe a mail with a new code for `purpose`; the ones before it no longer fit.

    `what` says in words what the code is for. Raises `TooMany` after three mails in an hour.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = OneTimeCode.objects.filter(user=user)
    if mine.filter(sent_at__gt=at - WHILE).count() >= MAILS:
        raise TooMany
    mine.filter(sent_at__lte=at - WHILE).delete()
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    this = {"purpose": purpose, "session": _of(session)}
    mine.filter(**this).update(tries=TRIES)
    made = OneTimeCode.objects.create(user=user, **this, sha256=_digest(code), sent_at=at)
    readable = f"{code[:4]}-{code[4:]}"
    mailing.owe("step_up_code", user, code=readable, what=what, minutes=LIFE.seconds // 60)
    return made


def live(user, *, purpose, session, at) -> OneTimeCode | None:
    """The code that can still be given, if there is one."""
    return OneTimeCode.objects.filter(
        user=user,
        purpose=purpose,
        session=_of(session),
        used_at=None,
        tries__lt=TRIES,
        sent_at__gt=at - LIFE,
    ).first()


@transaction.atomic
def take(user, code: str, *, purpose, session, at) -> bool:
    """Whether this is the live code; each try counts, and the right one is used up."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = live(user, purpose=purpose, session=session, at=at)
    if row is None:
        return False
    row.tries += 1
    right = secrets.compare_digest(row.sha256, _digest(_plain(code)))
    if right:
        row.used_at = at
    row.save(update_fields=["tries", "used_at"])
    return right


def _plain(code: str) -> str:
    """The code as it was made, however it was typed: small letters, spaces, full-width, a dash."""
    wide = unicodedata.normalize("NFKC", code).upper()
    return "".join(letter for letter in wide if letter.isalnum())


def _of(session: str) -> str:
    """A row must not tell the name of a session, which is as good as a password."""
    return hashlib.sha256(session.encode()).hexdigest()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
