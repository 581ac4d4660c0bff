"""Forms about the people of the panel: invitations, a reviewer's own profile, the pledge."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from accounts.states import PanelLanguage
from proposals.forms.fields import (
    DayField,
    InstantField,
    LineField,
    ParagraphsField,
    WholeNumberField,
)
from proposals.hygiene import line
from reviews import guest_list
from reviews.models import ReviewerInvitation, ReviewerProfile


class ListField(forms.CharField):
    """Several short texts, one a line or between commas; each once, in the order written."""

    default_error_messages = {
        "too_many": _("Write at most %(most)d; there are %(number)d."),
        "too_long": _("“%(text)s…” is too long: use at most %(limit)d characters each."),
    }

    def __init__(self, *, most, limit, by_comma, **kwargs):
        super().__init__(strip=True, **kwargs)
        self.most, self.limit, self.by_comma = most, limit, by_comma

    def to_python(self, value):
        text = super().to_python(value).replace("\r", "\n")
        if self.by_comma:
            for comma in (",", "，", "、", ";", "；"):
                text = text.replace(comma, "\n")
        found = dict.fromkeys(filter(None, (line(part) for part in text.split("\n"))))
        if len(found) > self.most:
            raise forms.ValidationError(
                self.error_messages["too_many"],
                code="too_many",
                params={"most": self.most, "number": len(found)},
            )
        for part in found:
            if len(part) > self.limit:
                raise forms.ValidationError(
                    self.error_messages["too_long"],
                    code="too_long",
                    params={"text": part[:20], "limit": self.limit},
                )
        return list(found)

    def prepare_value(self, value):
        if isinstance(value, list):
            return (", " if self.by_comma else "\n").join(value)
        return value


def _limit(name) -> int:
    column = ReviewerProfile._meta.get_field(name)
    return getattr(column, "base_field", column).max_length


class ProfileForm(PortalForm, forms.ModelForm):
    """What the chair matches letters by, and what the records are asked about conflicts."""

    employer = LineField(
        label=_("Employer"), max_length=_limit("employer"), required=False, help_text=_("Today's.")
    )
    former_employers = ListField(
        label=_("Employers of the last year"),
        most=10,
        limit=_limit("former_employers"),
        by_comma=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, besides today's. A conflict lasts a year longer than the job."),
    )
    keywords = ListField(
        label=_("Keywords"),
        most=20,
        limit=_limit("keywords"),
        by_comma=True,
        required=False,
        help_text=_("What you can judge, between commas: seismology, mechanisms, dust."),
    )
    about = ParagraphsField(
        label=_("About your work"),
        max_length=_limit("about"),
        required=False,
        help_text=_(
            "A short CV and the titles or summaries of three to ten papers. Letters are matched"
            " with these words: the more you write, the better they fit."
        ),
    )
    most_letters = WholeNumberField(
        label=_("At most so many letters a round"),
        min_value=0,
        max_value=500,
        required=False,
        help_text=_("Leave it empty to read as many as everybody."),
    )
    away_from = DayField(label=_("Away from"), required=False)
    away_until = DayField(label=_("Away until"), required=False, help_text=_("The last day."))

    class Meta:
        model = ReviewerProfile
        fields = (
            *("expertise", "keywords", "about", "country", "employer", "former_employers"),
            *("most_letters", "away_from", "away_until"),
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Without it the records could not be asked whether you and a letter share a country.
        self.fields["country"].required = True
        self.fields["country"].help_text = _("Where you work. It is compared with every letter's.")

    def layout(self):
        return Layout(
            *("expertise", "keywords", "about", "country", "employer", "former_employers"),
            "most_letters",
            Div(
                Div("away_from", css_class="col-sm-6"),
                Div("away_until", css_class="col-sm-6"),
                css_class="row",
            ),
        )

    def clean(self):
        data = super().clean()
        if self.errors.keys() & {"away_from", "away_until"}:
            return data
        start, end = data.get("away_from"), data.get("away_until")
        if bool(start) != bool(end):
            missing = "away_until" if start else "away_from"
            self.add_error(missing, _("Give both days, or neither."))
        elif start and start > end:
            self.add_error("away_until", _("The last day cannot be before the first."))
        return data


class PledgeForm(forms.Form):
    """A tick below the words, and which words they were."""

    accept = forms.BooleanField(
        label=_("I have read the pledge and accept it."),
        error_messages={"required": _("Tick the box to accept the pledge.")},
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    version = forms.IntegerField(min_value=1, max_value=32767, widget=forms.HiddenInput)
    sha256 = forms.RegexField("[0-9a-f]{64}", widget=forms.HiddenInput)


class GuestsField(forms.CharField):
    """A pasted list of people, read into `guest_list.Guest`s."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"})

    def clean(self, value):
        return guest_list.read(super().clean(value))


class InviteForm(PortalForm, forms.Form):
    """Whom the chair asks to review, and what the work is."""

    round = forms.ModelChoiceField(queryset=None, label=_("Round"), empty_label=None)
    people = GuestsField(
        label=_("People"),
        max_length=40_000,
        help_text=_(
            "One a line, a name and an e-mail address: Ana Nakara <ana@oba.example>. A list"
            " copied from a spreadsheet or a mail program reads as well."
        ),
    )
    letters = WholeNumberField(
        label=_("Letters each of them reads, about"), min_value=1, max_value=500, initial=5
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=PanelLanguage)

    def __init__(self, *args, rounds, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["round"].queryset = rounds
        self.fields["due_at"] = InstantField(
            zone=zone,
            label=_("Reviews due before"),
            help_text=_("Time in %(zone)s, for example 2024-02-20T18:00.") % {"zone": zone},
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def layout(self):
        return Layout("round", "people", "letters", "due_at", "language")


class AnswerForm(forms.Form):
    """Yes or no to an invitation; the buttons say which."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)
    note = LineField(
        label=_("Reason, if you wish to give one"),
        max_length=ReviewerInvitation._meta.get_field("note").max_length,
        required=False,
        help_text=_("Read by the chair alone."),
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
