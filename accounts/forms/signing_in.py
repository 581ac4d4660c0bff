"""allauth's forms of sign-up and of a forgotten password, with two promises it does not make.

How long sign-up takes does not tell whether an address is known, and a mailed code no longer sets a
password once the account it was mailed for has changed.
"""

from allauth.account import forms as base
from allauth.account.internal.flows import password_reset_by_code
from allauth.core import context
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_SESSION_KEY = password_reset_by_code.PASSWORD_RESET_VERIFICATION_SESSION_KEY
_ACCOUNT = "account"


class SignupForm(base.SignupForm):
    def try_save(self, request):
        if self.account_already_exists:
            # By far the longest part of making an account. Without it the answer for an address
            # that is known would come back at once.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPasswordForm(base.ResetPasswordForm):
    """Notes, beside the code, what the account was like when the code was mailed."""

    def save(self, request, **kwargs):
        email = super().save(request, **kwargs)
        if self.users:
            request.session[_SESSION_KEY][_ACCOUNT] = default_token_generator.make_token(
                self.users[0]
            )
            request.session.modified = True
        return email


class ResetPasswordKeyForm(base.ResetPasswordKeyForm):
    """Refuses if the person signed in, or the password or the address changed, since the mail.

    Whoever changes an address because a stranger reads the old one must not be followed by a code
    that lies there.
    """

    def clean(self):
        asked = context.request.session[_SESSION_KEY]
        if not default_token_generator.check_token(self.user, asked.get(_ACCOUNT)):
            raise ValidationError(
                _(
                    "Since this code was mailed, somebody signed in to the account, or its "
                    "password or address changed. The code no longer counts: ask for a new one."
                )
            )
        return super().clean()
