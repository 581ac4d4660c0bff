from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.fields import ParagraphsField


class AnswerForm(PortalForm, forms.Form):
    """The agency's answer to a question of the panel."""

    answer = ParagraphsField(label=_("Your answer"), max_length=6000)
