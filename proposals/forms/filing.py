from crispy_forms.helper import FormHelper
from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from proposals import hygiene
from proposals.files import MOST_BYTES


class AttachmentForm(forms.Form):
    """One PDF. What the file holds is checked when it is stored."""

    file = forms.FileField(
        label=_("Letter as PDF"),
        help_text=_("One PDF of at most 10 MB and 200 pages. One to five pages are enough."),
        widget=forms.FileInput(
            attrs={"accept": ".pdf,application/pdf", "data-max-bytes": str(MOST_BYTES)}
        ),
        # Emptiness is one of the faults that storing finds, with a sentence of its own.
        allow_empty_file=True,
        error_messages={"required": _("Choose a file first.")},
    )

    use_required_attribute = False

    def clean_file(self):
        upload = self.cleaned_data["file"]
        self.cleaned_data["name"] = hygiene.pdf_name(upload.name)
        return upload

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper


class SubmitForm(forms.Form):
    """A command: file what was shown, once."""

    idempotency_key = forms.CharField(validators=[RegexValidator(r"\A[A-Za-z0-9_-]{16,80}\Z")])
    seen = forms.CharField(validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")])
