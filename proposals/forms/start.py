from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.choices import levels
from proposals.forms.fields import LineField


class StartForm(PortalForm, forms.Form):
    """What a new letter begins with. Everything can be changed until it is submitted."""

    agency = forms.ModelChoiceField(
        None,
        label=_("On behalf of"),
        empty_label=None,
        help_text=_("The letter belongs to this agency, and its people can read it."),
    )
    title = LineField(
        label=_("Title"),
        max_length=150,
        required=False,
        help_text=_("A working title is enough for now."),
    )
    level = forms.ChoiceField(
        label=_("Cooperation level"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("The form asks only for what this level needs."),
    )

    use_required_attribute = False

    def __init__(self, *args, call, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies
        self.fields["level"].choices = levels(call)
        if len(agencies) == 1:
            self.fields["agency"].initial = agencies[0]

    def layout(self):
        return Layout("agency", "title", Field("level", wrapper_class="choice-cards"))
