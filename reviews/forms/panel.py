from datetime import UTC, datetime

from crispy_forms.layout import Div, Layout
from django import forms
from django.core.validators import MaxValueValidator
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.fields import InstantField, LineField, ParagraphsField
from proposals.states import Eligibility
from reviews.models import Assignment


class QuestionForm(PortalForm, forms.Form):
    """What the chair asks an agency, and until when it may answer."""

    question = ParagraphsField(
        label=_("Question"),
        max_length=3000,
        help_text=_("One matter at a time. The agency answers once, in its own words."),
    )

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_at"] = InstantField(
            zone=zone,
            label=_("To be answered before"),
            help_text=_("Time in %(zone)s, for example 2024-02-20T18:00.") % {"zone": zone},
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )


class ScreeningForm(PortalForm, forms.Form):
    """Whether a letter may be assessed."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=Eligibility.choices, widget=forms.RadioSelect
    )
    rule = LineField(
        label=_("Rule that is not met"),
        max_length=200,
        required=False,
        help_text=_("As the call words it. Printed in the decision letter."),
    )
    reason = ParagraphsField(
        label=_("Why it is not met"),
        max_length=1500,
        rows=4,
        required=False,
        help_text=_("What the letter says or lacks. Printed in the decision letter."),
    )

    def layout(self):
        return Layout(
            "outcome", Div("rule", "reason", data_show_when=f"outcome={Eligibility.INELIGIBLE}")
        )

    def clean(self):
        data = super().clean()
        if data.get("outcome") == Eligibility.INELIGIBLE:
            if not data.get("rule"):
                self.add_error("rule", _("Name the rule that is not met."))
            if not data.get("reason"):
                self.add_error("reason", _("Say why it is not met."))
        else:
            # Hidden fields keep what was typed; an eligible letter breaks no rule.
            data |= {"rule": "", "reason": ""}
        return data


class ReasonForm(PortalForm, forms.Form):
    """Why a review is waived."""

    reason = LineField(
        label=_("Reason"),
        max_length=Assignment._meta.get_field("ended_because").max_length,
        help_text=_("Kept in the records of the panel. The agency never sees it."),
    )


class MoreTimeForm(PortalForm, forms.Form):
    """A later due date, in the zone of the person asking."""

    due_at = forms.DateTimeField(
        label=_("New due date and time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        # The last hours of the year 9999 do not exist east of here: every page would fail on them.
        validators=[
            MaxValueValidator(datetime(2041, 1, 1, tzinfo=UTC), _("Choose a day up to 2040."))
        ],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_at"].help_text = gettext("Time zone: %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }


class DueForm(MoreTimeForm):
    """Until when reviews are wanted; may be left empty while the round's due date is to come."""

    def __init__(self, *args, call_round, now, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["due_at"]
        field.label = _("Due date and time of these reviews")
        field.required = call_round.reviews_due_at <= now
        if field.required:
            what = gettext("Reviews of this round were due on %(moment)s: say until when.")
        else:
            what = gettext("Left empty, they are due with the round: %(moment)s.")
        moment = formats.date_format(
            timezone.localtime(call_round.reviews_due_at), "DATETIME_FORMAT"
        )
        field.help_text = f"{what % {'moment': moment}} {field.help_text}"
