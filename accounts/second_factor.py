"""The second factor: an app's codes, passkeys, and recovery codes on paper.

allauth keeps the factors and shows the pages. Two things it leaves to the cache are kept in the
database here, because a cache may be away or emptied: which code was the last one used, and how
many codes were tried lately. And its secrets are encrypted, so that a copy of the database alone
lets nobody in.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from chang_e8_portal import clock

# As many codes may be tried in so much time; a right one starts the count anew.
TRIES, PERIOD = 5, timedelta(minutes=5)
SIGNS_IN = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class MfaAdapter(DefaultMFAAdapter):
    """What allauth asks about factors: names, secrets, and the host that passkeys belong to."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "unverified_email": gettext_lazy(
            "Please confirm your e-mail address first; a second factor can be added then."
        ),
        "locked_away": gettext_lazy(
            "The portal's secret was changed, and your app and recovery codes open no more. Ask "
            "the operator to remove them; then set up new ones."
        ),
    }

    def encrypt(self, text):
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """Raises ValidationError if none of the keys in use fits: one that leaked was taken out."""
        try:
            return _lock().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as fault:
            raise self.validation_error("locked_away") from fault

    def get_totp_issuer(self):
        return str(_("Chang'e-8 portal"))

    def get_public_key_credential_rp_entity(self):
        # In production the fixed address, never what a request calls the host. In a trial the
        # portal answers to several names, and a passkey belongs to the one in the address bar.
        host = context.request.get_host().partition(":")[0]
        if settings.PRODUCTION:
            host = urlsplit(settings.BASE_URL).hostname
        return {"id": host, "name": str(_("Chang'e-8 portal"))}

    def generate_authenticator_name(self, user, type):
        taken = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": taken + 1}


def is_on(user) -> bool:
    """Whether this person signs in with a second factor."""
    return Authenticator.objects.filter(user=user, type__in=SIGNS_IN).exists()


def count_a_try(user) -> None:
    """Note that a code is being tried, before it is looked at; raise ValidationError if too many.

    Counted first and under a lock: a hundred guesses at the same time are a hundred tries.
    """
    now = clock.now()
    with transaction.atomic():
        factor = _counted(user)
        if factor is None:
            return
        recent = [
            moment
            for moment in factor.data.get("tries", [])
            if abs(now - datetime.fromisoformat(moment)) < PERIOD
        ]
        if len(recent) >= TRIES:
            raise account_adapter().validation_error("too_many_login_attempts")
        factor.data["tries"] = [*recent, now.isoformat()]
        factor.save(update_fields=["data"])


def spend(user, factor, code) -> bool:
    """Mark a code that fits as used; False if it, or a later one, was used before.

    A code fits for a minute and a half, because telephones' clocks differ. Somebody who reads it
    over a shoulder must not be able to use it a second time in that while.
    """
    with transaction.atomic():
        counted = _counted(user)
        counted.data.pop("tries", None)
        if factor.type == Authenticator.Type.TOTP:
            secret = MfaAdapter().decrypt(counted.data["secret"])
            fitting = [
                counter
                for counter in totp.yield_hotp_counters_from_time()
                if compare_user_code(
                    actual=code,
                    expected=totp.format_hotp_value(totp.hotp_value(secret, counter)),
                )
            ]
            if not fitting or min(fitting) <= counted.data.get("last_counter", 0):
                return False
            counted.data["last_counter"] = min(fitting)
        counted.save(update_fields=["data"])
    return True


def refuse_junk(check):
    """Run a check of what a passkey answered; whatever breaks on odd JSON is a wrong code."""
    try:
        return check()
    except ValidationError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as odd:
        raise MfaAdapter().validation_error("incorrect_code") from odd


def _counted(user):
    """The factor on whose row tries are counted, locked: the app's, else the recovery codes'."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    factors = Authenticator.objects.select_for_update().filter(user=user)
    return factors.exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type").first()


def _lock() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + k.encode()).digest()))
        for k in keys
    )
