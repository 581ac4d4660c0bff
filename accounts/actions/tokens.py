"""Secrets with which a program or a calendar acts for one person."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.actions.record import lock_person, log
from accounts.actions.refusal import Refused
from accounts.models import ApiToken, CalendarAddress

# More than anybody can keep apart; a script that makes them in a loop stops here.
MOST_TOKENS = 20


@transaction.atomic
def make_token(user, *, name, scope, days, at) -> tuple[ApiToken, str]:
    """Make a key for a program of this person; answer it with the secret, which is not kept.

    It ends after `days` days. The person is told by mail, which the row itself owes.
    """
    user = lock_person(user)
    usable = ApiToken.objects.usable_at(at).filter(user=user)
    if usable.filter(name=name).exists():
        raise Refused(_("You have a token of this name. Revoke it first, or choose another name."))
    if usable.count() >= MOST_TOKENS:
        raise Refused(
            _("You have %(number)d tokens. Revoke one that you no longer need first.")
            % {"number": MOST_TOKENS}
        )
    secret = tokens.new_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        prefix=secret[: tokens.SHOWN],
        sha256=tokens.digest(secret),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    data = {"token": str(token.pk), "scope": str(scope), "days": days}
    log("token.made", f"person:{user.pk}", actor=user, at=at, data=data)
    return token, secret


@transaction.atomic
def revoke_token(token, *, actor, at) -> ApiToken:
    """End a token for good, from its next use on. Revoking it twice is revoking it once."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at:
        return token
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    data = {"token": str(token.pk)}
    log("token.revoked", f"person:{token.user_id}", actor=actor, at=at, data=data)
    return token


def revoke_all_tokens(user, *, actor, at) -> None:
    """End every token of a person whom the portal lets in no longer."""
    for token in user.api_tokens.filter(revoked_at=None):
        revoke_token(token, actor=actor, at=at)


@transaction.atomic
def make_calendar_address(user, *, at) -> str:
    """Give this person's calendar a new secret address, and answer its secret, which is not kept.

    The address there was before leads nowhere from now on.
    """
    user, secret = lock_person(user), tokens.random_word()
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"sha256": tokens.digest(secret), "made_at": at}
    )
    log("calendar.made", f"person:{user.pk}", actor=user, at=at)
    return secret


@transaction.atomic
def revoke_calendar_address(user, *, actor=None, at) -> bool:
    """Let a person's calendar address lead nowhere; whether there was one. Done by the person
    unless another `actor` is named.
    """
    gone, _rows = CalendarAddress.objects.filter(user=lock_person(user)).delete()
    if gone:
        log("calendar.revoked", f"person:{user.pk}", actor=actor or user, at=at)
    return bool(gone)
