from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import hygiene as addresses
from accounts.states import Language
from proposals.forms.fields import LineField, ParagraphsField


class AskForm(forms.Form):
    """Whom to ask about one partner organisation, and in which language."""

    row = forms.RegexField(r"\A[A-Za-z0-9_-]{1,32}\Z")
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=Language)

    def clean_email(self):
        addresses.check_address(self.cleaned_data["email"])
        return self.cleaned_data["email"]


class PartnerAnswerForm(forms.Form):
    """What an organisation says: whether it takes part, and who says so."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    name = LineField(label=_("Your name"), max_length=150)
    note = ParagraphsField(label=_("Note for the lead agency"), max_length=600, required=False)

    use_required_attribute = False
