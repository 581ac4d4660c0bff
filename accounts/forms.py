from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.states import Language


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request, user):
        """Called by allauth once the account exists: keep the name, and the language being read."""
        user.name = self.cleaned_data["name"]
        language = get_language()
        user.language = language if language in Language.values else Language.ENGLISH
        user.save(update_fields=["name", "language"])
