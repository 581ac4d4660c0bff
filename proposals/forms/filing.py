from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from proposals.states import AttachmentKind


class UploadForm(forms.Form):
    """One file for one place. What the file holds is checked when it is stored."""

    kind = forms.ChoiceField(choices=AttachmentKind.choices)
    file = forms.FileField(
        # Emptiness is one of the faults that storing finds, with a sentence of its own.
        allow_empty_file=True,
        error_messages={"required": _("Choose a file first.")},
    )


class SubmitForm(forms.Form):
    """A command: file what was shown, once."""

    idempotency_key = forms.CharField(validators=[RegexValidator(r"\A[A-Za-z0-9_-]{16,80}\Z")])
    seen = forms.CharField(validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")])
