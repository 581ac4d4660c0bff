from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import Aim


class AimForm(forms.ModelForm):
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

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout("top", "threshold")
        return helper
