from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from reviews.models import Aim


class AimForm(PortalForm, forms.ModelForm):
    """How many letters are to be selected in a round, and which total passes."""

    class Meta:
        model = Aim
        fields = ["top", "threshold"]
        help_texts = {
            "top": _(
                "The ranking shows how likely each letter is among so many of the best. "
                "Empty: a quarter of the letters that can be rated."
            ),
            "threshold": _("From 0 to 100. Letters below it are marked, and none is removed."),
        }
