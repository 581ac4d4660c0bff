"""allauth's forms of the second factor, made to refuse a code used twice and JSON made of junk."""

from allauth.mfa.base import forms as base
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.forms.people import LineField

# The answer of a passkey is about two thousand characters.
LONGEST_ANSWER = 20_000
CODE_BOX = {
    "autocomplete": "one-time-code",
    "inputmode": "text",
    "spellcheck": "false",
    "autocapitalize": "off",
}


def code_field():
    """A box for a code: digits from an app, or a recovery code."""
    return forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(CODE_BOX))


class CodeOnce:
    """Counts the tries, and takes each code once."""

    def clean_code(self):
        second_factor.count_a_try(self.user)
        code = super().clean_code()
        if not second_factor.spend(self.user, self.authenticator, code):
            raise second_factor.MfaAdapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(CodeOnce, base.AuthenticateForm):
    code = code_field()


class ReauthenticateForm(CodeOnce, base.ReauthenticateForm):
    code = code_field()


class ActivateForm(ActivateTOTPForm):
    code = code_field()


class AnswerField(forms.JSONField):
    """What the browser hands on from a passkey."""

    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.HiddenInput,
            error_messages={"required": _("The passkey did not answer. Please try again.")},
            **kwargs,
        )

    def bound_data(self, data, initial):
        return None  # An answer is good for one question: never sent back into the page.

    def to_python(self, value):
        if isinstance(value, str) and len(value) > LONGEST_ANSWER:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        answer = second_factor.refuse_junk(lambda: super(AnswerField, self).to_python(value))
        if answer is not None and not isinstance(answer, dict):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return answer


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    name = LineField(
        label=_("Name of the passkey"),
        max_length=80,
        required=False,
        help_text=_("So that you know it again, for instance “Laptop in the office”."),
    )
    credential = AnswerField()
    passwordless = forms.BooleanField(
        label=_("Also sign in with it, without a password"),
        required=False,
        initial=True,
        help_text=_("The device then asks for its PIN, a finger or a face each time."),
    )

    def clean(self):
        return second_factor.refuse_junk(super().clean)


class EditPasskeyForm(webauthn.EditWebAuthnForm):
    name = LineField(label=_("Name of the passkey"), max_length=80)


class PasskeyAnswer:
    """Whatever breaks on an odd answer is a wrong answer."""

    def clean_credential(self):
        return second_factor.refuse_junk(super().clean_credential)


class PasskeyAuthenticateForm(PasskeyAnswer, webauthn.AuthenticateWebAuthnForm):
    credential = AnswerField()


class PasskeyReauthenticateForm(PasskeyAnswer, webauthn.ReauthenticateWebAuthnForm):
    credential = AnswerField()


class PasskeyLoginForm(PasskeyAnswer, webauthn.LoginWebAuthnForm):
    credential = AnswerField()
