from datetime import datetime

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.fields import InstantField, ParagraphsField
from proposals.models import DueChange
from reviews import actions


class MoveDueForm(PortalForm, forms.Form):
    """Until when fuller proposals are taken from now on, and why."""

    reason = ParagraphsField(
        label=_("Reason"),
        max_length=DueChange._meta.get_field("reason").max_length,
        help_text=_("Everybody in an agency with a letter on the shortlist reads it as you write."),
        error_messages={
            "required": _("Say why the due time moves: every agency on the shortlist reads it.")
        },
    )
    # The due instant on the page when it was opened; the template writes it.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False

    def __init__(self, *args, call_round, at=None, **kwargs):
        """`at` is when a new due time is looked at; without it the action alone looks at it."""
        super().__init__(*args, **kwargs)
        self.call_round, self.at = call_round, at
        self.fields["due_at"] = InstantField(
            zone=call_round.call.tzinfo,
            label=_("New due time, %(zone)s: the first instant that is too late")
            % {"zone": call_round.call.zone_name},
            help_text=_("For example 2024-06-23T00:00 for the end of 22 June."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            error_messages={"required": _("Write the new due time, for example 2024-06-23T00:00.")},
        )
        self.order_fields(["due_at", "reason"])

    def layout(self):
        return Layout("due_at", "reason")

    def clean_due_at(self):
        due_at = self.cleaned_data["due_at"]
        if self.at and (fault := actions.due_fault(self.call_round, due_at, self.at)):
            raise forms.ValidationError(fault)
        return due_at

    def clean(self):
        data = super().clean()
        try:
            seen = datetime.fromisoformat(data["seen"])
        except ValueError:
            seen = None
        if seen is None or seen.tzinfo is None:
            self.add_error(
                None, _("What was sent is not this page's form. Load the page anew and try again.")
            )
        return {**data, "seen": seen}
