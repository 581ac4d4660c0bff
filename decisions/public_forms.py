"""What agencies answer and the public types; what the panel types is in `decisions.forms`."""

import re

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.fields import ParagraphsField

MOST_UPLOADED = 12 * 1024 * 1024
CODE_LENGTH = 20


class ConsentForm(PortalForm, forms.Form):
    """What an agency answers when it is asked about a merger; declining needs a reason."""

    YES, NO = "yes", "no"

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[(YES, _("We consent")), (NO, _("We decline"))],
        widget=forms.RadioSelect,
    )
    reason = ParagraphsField(
        label=_("Reason, if you decline"),
        max_length=1500,
        required=False,
        help_text=_("Only the secretariat reads it."),
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("answer") == self.NO and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why you decline; only the secretariat reads it."))
        return cleaned


class CodeForm(PortalForm, forms.Form):
    """A verification code as people type it: lower case and other separators do no harm."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=60,
        help_text=_("Twenty letters and digits, for example ABCD-EFGH-JKLM-NPQR-STUV."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self):
        typed = re.sub(r"[\s\-\u2010-\u2015_.]", "", self.cleaned_data["code"]).upper()
        if len(typed) != CODE_LENGTH:
            raise forms.ValidationError(
                _("A code has %(wanted)s letters and digits; this one has %(typed)s."),
                params={"wanted": CODE_LENGTH, "typed": len(typed)},
            )
        return "-".join(typed[start : start + 4] for start in range(0, CODE_LENGTH, 4))


class DigestForm(forms.Form):
    """What the page's script found out about a dropped file, which itself stays where it is.

    For a receipt: its code and the SHA-256 of its canonical text; for anything else, of its bytes.
    """

    sha256 = forms.CharField(validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")])
    code = forms.CharField(required=False, max_length=60)


class DocumentForm(PortalForm, forms.Form):
    """A decision letter or a receipt as a file; it is looked at and not kept."""

    document = forms.FileField(
        label=_("Decision letter (PDF) or receipt (JSON)"),
        allow_empty_file=True,
        widget=forms.FileInput(
            attrs={
                "accept": "application/pdf,application/json",
                "data-max-bytes": str(MOST_UPLOADED),
            }
        ),
    )

    def clean_document(self):
        document = self.cleaned_data["document"]
        if document.size > MOST_UPLOADED:
            raise forms.ValidationError(_("This file is larger than 12 MB; no letter of ours is."))
        return document
