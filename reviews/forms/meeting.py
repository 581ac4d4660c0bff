from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.fields import InstantField, LineField, ParagraphsField
from reviews.forms.fields import INPUT, SELECT
from reviews.models import AgendaItem, Meeting
from reviews.states import Decision


class MeetingForm(PortalForm, forms.Form):
    """When and where the panel meets; the time is meant in the call's zone."""

    title = LineField(
        label=_("What the meeting is called"),
        max_length=Meeting._meta.get_field("title").max_length,
        help_text=_("Name no letter here: everybody invited reads it."),
    )
    place = LineField(
        label=_("Place or link"), max_length=Meeting._meta.get_field("place").max_length
    )

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["starts_at"] = InstantField(
            zone=zone,
            label=_("Begins"),
            help_text=_("Time in %(zone)s, for example 2024-02-20T18:00.") % {"zone": zone},
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def layout(self):
        return Layout("title", "starts_at", "place")


class SubjectForm(forms.Form):
    """An item about something other than a letter."""

    subject = LineField(
        label=_("Another item"),
        max_length=AgendaItem._meta.get_field("subject").max_length,
        required=False,
        widget=forms.TextInput(attrs={**INPUT, "autocomplete": "off"}),
    )


class DecisionForm(forms.Form):
    """What was decided about the item on the screens, and what the minutes say of it."""

    decision = forms.ChoiceField(
        label=_("What was decided"),
        choices=[("", _("None yet")), *Decision.choices],
        required=False,
        widget=forms.Select(attrs=SELECT),
    )
    more = forms.IntegerField(
        label=_("How many more reviews"),
        min_value=1,
        max_value=9,
        required=False,
        widget=forms.NumberInput(attrs={**INPUT, "min": 1, "max": 9}),
    )
    reason = LineField(
        label=_("Reason"),
        max_length=AgendaItem._meta.get_field("reason").max_length,
        required=False,
        widget=forms.TextInput(attrs={**INPUT, "autocomplete": "off"}),
        help_text=_("Needed where more reviews are wanted or nothing is decided."),
    )
    note = ParagraphsField(
        label=_("Note for the minutes"),
        max_length=AgendaItem._meta.get_field("note").max_length,
        required=False,
    )

    use_required_attribute = False

    def __init__(self, *args, item, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].widget.attrs |= {**INPUT, "rows": 3, "dir": "auto"}
        if item.letter_id is None:
            for name in ("decision", "more", "reason"):
                del self.fields[name]

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        wanted = data.get("decision", "")
        if wanted == Decision.MORE and not data["more"]:
            self.add_error("more", _("Say how many more reviews, from 1 to 9."))
        if wanted in (Decision.MORE, Decision.LEFT) and not data["reason"]:
            self.add_error("reason", _("Say why."))
        return data

    @property
    def recorded(self) -> dict:
        """As the action takes it."""
        data = self.cleaned_data
        return {
            "decision": data.get("decision", ""),
            "more": data.get("more") or 0,
            "reason": data.get("reason", ""),
            "note": data["note"],
        }


def decision_values(item) -> dict:
    """What is recorded of an item, under the form's own names."""
    values = {name: getattr(item, name) for name in ("decision", "reason", "note")}
    return {**values, "more": item.more or None}
