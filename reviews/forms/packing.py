from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from reviews.states import PackKind, PackOrder


class PackForm(PortalForm, forms.Form):
    """What a committee pack is to be like."""

    kind = forms.ChoiceField(label=_("Form"), choices=PackKind, initial=PackKind.PDF)
    order = forms.ChoiceField(
        label=_("Order of the letters"),
        choices=PackOrder,
        initial=PackOrder.REFERENCE,
        help_text=_("What is read first is remembered as the best; so not by rank unless you ask."),
    )
    with_names = forms.BooleanField(
        label=_("With the names of the reviewers"),
        help_text=_(
            "For the chair alone. Otherwise they have another name at every letter, and in a "
            "double-anonymous round nothing says whose a letter is."
        ),
        required=False,
    )
