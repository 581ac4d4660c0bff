from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from proposals.forms.fields import ParagraphsField


class AnswerForm(forms.Form):
    """The agency's answer to a question of the panel."""

    answer = ParagraphsField(label=_("Your answer"), max_length=6000)

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper
