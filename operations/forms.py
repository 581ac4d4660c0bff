from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField, PortalForm
from accounts.forms.administering import ReasonField
from notifications.states import MessageState

TROUBLED = "TROUBLED"


class AgainForm(PortalForm, forms.Form):
    """Why something that failed is done once more, or left."""

    reason = ReasonField(label=_("Reason"), help_text=_("It is kept in the audit record."))


class SeveralForm(AgainForm):
    """The same for all refused mails of a list, of which the person was shown so many."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class LedgerForm(forms.Form):
    """Search of the mail ledger. It lives in the address."""

    q = LineField(
        label=_("Address or subject"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), (TROUBLED, _("Needs somebody")), *MessageState.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    kind = LineField(
        label=_("Kind"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "form-control", "dir": "ltr"}),
    )

    def found_in(self, messages):
        asked = self.cleaned_data
        if asked["q"]:
            messages = messages.matching(asked["q"])
        if asked["state"] == TROUBLED:
            messages = messages.needing_somebody()
        elif asked["state"]:
            messages = messages.filter(state=asked["state"])
        if asked["kind"]:
            messages = messages.filter(template=asked["kind"])
        return messages
