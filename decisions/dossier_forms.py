from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from accounts.forms.administering import ReasonField
from decisions.states import Reader


class DossierForm(PortalForm, forms.Form):
    """Why an auditor or a chair has a dossier made; an agency says nothing for its own."""

    reason = ReasonField(
        label=_("What it is for"),
        help_text=_("For instance the number of a complaint. It is kept in the audit record."),
    )

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        if reader == Reader.AGENCY:
            del self.fields["reason"]
