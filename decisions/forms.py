"""What the chair and the publishers type. Crispy orders fields, templates own tags."""

from datetime import date

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from decisions.states import OUTCOMES, ExceptionKind, Outcome
from proposals.forms.fields import InstantField, NumberField, ParagraphsField
from proposals.models import LetterOfIntent
from proposals.states import Level

UNDECIDED = "undecided"
# What people can say about several letters at once: nothing that needs details of its own.
_PLAIN = (Outcome.SHORTLISTED, Outcome.NOT_SHORTLISTED, Outcome.SELECTED, Outcome.NOT_SELECTED)


def _long_text(label, *, help_text="", required=False):
    return ParagraphsField(
        label=label, max_length=3000, rows=5, required=required, help_text=help_text
    )


def _day(label, *, help_text=""):
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        input_formats=["%Y-%m-%d"],
        validators=[
            MinValueValidator(date(2020, 1, 1), _("Choose a day from 2020 on.")),
            MaxValueValidator(date(2040, 12, 31), _("Choose a day up to 2040.")),
        ],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class DecisionForm(PortalForm, forms.Form):
    """One decision about one letter. `outcomes` are those that screening leaves open."""

    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    mass_kg = NumberField(
        label=_("Mass allotted on the lander, kg"),
        required=False,
        min_value=0,
        max_value=1000,
        max_digits=7,
        decimal_places=3,
        help_text=_(
            "Empty means the mass stated last: in the fuller proposal, or else in the letter. Of a "
            "letter that joins a project it is what it adds: 0 if the project’s mass includes it."
        ),
    )
    merged_with = forms.ModelChoiceField(
        LetterOfIntent.objects.none(),
        label=_("Merged with"),
        required=False,
        help_text=_("The project that leads, and that must be selected itself."),
    )
    reserve_rank = forms.IntegerField(
        label=_("Rank on the reserve list"), required=False, min_value=1, max_value=999
    )
    reserve_until = _day(_("Kept on the reserve list until"))
    reason = _long_text(
        _("Reason"), required=True, help_text=_("Printed in the letter, in both languages.")
    )
    strengths = _long_text(_("Strengths, for the applicant"))
    weaknesses = _long_text(_("Weaknesses, for the applicant"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, outcomes, others, on_the_lander, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(o.value, o.label) for o in outcomes]
        self.fields["merged_with"].queryset = others
        if not on_the_lander:
            del self.fields["mass_kg"]
        if Outcome.MERGED not in outcomes:
            del self.fields["merged_with"]
        if Outcome.RESERVE not in outcomes:
            for name in ("reserve_rank", "reserve_until"):
                del self.fields[name]

    def layout(self):
        parts = [Div("outcome", css_class="choice-cards")]
        if "mass_kg" in self.fields:
            parts.append(Div("mass_kg", data_show_when="outcome=SELECTED,CONDITIONAL,MERGED"))
        if "merged_with" in self.fields:
            parts += [
                Div(
                    HTML("{% include 'decisions/_conditions.html' %}"),
                    data_show_when="outcome=CONDITIONAL",
                ),
                Div("merged_with", data_show_when="outcome=MERGED"),
            ]
        if "reserve_rank" in self.fields:
            parts.append(
                Div(
                    Div("reserve_rank", css_class="col-sm"),
                    Div("reserve_until", css_class="col-sm"),
                    css_class="row",
                    data_show_when="outcome=RESERVE",
                )
            )
        return Layout(*parts, "reason", "strengths", "weaknesses", "version")


class ConditionForm(forms.Form):
    text = ParagraphsField(label=_("Condition"), max_length=1000, rows=2, required=False)
    due = _day(_("Due"))

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("due") and not cleaned.get("text"):
            self.add_error("text", _("Say what must be met by this day."))
        if cleaned.get("text") and not cleaned.get("due") and "due" not in self.errors:
            self.add_error("due", _("Say by which day this must be met."))
        return cleaned


Conditions = forms.formset_factory(ConditionForm, extra=3, max_num=20, validate_max=True)


def outcomes_open(call_round, *, ineligible: bool, barred: bool = False) -> list[Outcome]:
    """The outcomes a letter can have: screened out, it can only be told so.

    Whoever is `barred` from a letter of the round gives no reserve ranks: that one is taken would
    tell of that letter.
    """
    shut = {Outcome.RESERVE} if barred else set()
    return [
        o
        for o in OUTCOMES[call_round.kind]
        if ineligible == (o == Outcome.INELIGIBLE) and o not in shut
    ]


class SeveralForm(PortalForm, forms.Form):
    """The same outcome and the same reason for several letters."""

    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    reason = _long_text(
        _("Reason"), required=True, help_text=_("The same words in every one of these letters.")
    )
    copy_comments = forms.BooleanField(
        label=_(
            "I have read the reviewers' strengths and weaknesses. Copy them into the letters that "
            "have no comments for the applicant yet."
        ),
        required=False,
    )

    def __init__(self, *args, outcomes, **kwargs):
        super().__init__(*args, **kwargs)
        plain = [o for o in outcomes if o in (*_PLAIN, Outcome.INELIGIBLE)]
        self.fields["outcome"].choices = [(o.value, o.label) for o in plain]

    def layout(self):
        return Layout(Div("outcome", css_class="choice-cards"), "reason", "copy_comments")


class ExceptionForm(forms.Form):
    """Why one case against the rules should be let through: of a letter, or of all together."""

    letter = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=ExceptionKind, widget=forms.HiddenInput)
    reason = ParagraphsField(label=_("Why the rule should not hold here"), max_length=1500)


class WhyForm(PortalForm, forms.Form):
    """Why a decision that was told is corrected."""

    why = ParagraphsField(
        label=_("Why it is corrected"),
        max_length=1500,
        help_text=_("The agency reads it beside the corrected decision."),
    )


class CorrectionForm(PortalForm, forms.Form):
    """The second person's word: which letter's decision is corrected, typed and not copied."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reference = forms.CharField(
        label=_("Reference of the letter"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class UndoForm(forms.Form):
    """The bulk decision that a button undoes."""

    act = forms.UUIDField(widget=forms.HiddenInput)


class LettersFilter(forms.Form):
    """Search and filters of a round's list; they live in the address."""

    SORTS = {
        "rank": _("Rank"),
        "reference": _("Reference"),
        "title": _("Title"),
        "agency": _("Agency"),
        "mass": _("Mass, heaviest first"),
        "outcome": _("Outcome"),
    }

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    level = forms.ChoiceField(
        label=_("Level"), required=False, choices=[("", _("All levels")), *Level.choices]
    )
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=list(SORTS.items()))

    def __init__(self, *args, call_round, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chooses = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if chooses else "form-control"
        self.fields["outcome"].choices = [
            ("", _("All outcomes")),
            (UNDECIDED, _("Not decided yet")),
            *((o.value, o.label) for o in OUTCOMES[call_round.kind]),
        ]

    @property
    def chosen(self) -> dict:
        """What is asked for; a value that no choice has asks for nothing."""
        self.is_valid()
        return {"q": "", "outcome": "", "level": "", "sort": ""} | self.cleaned_data


class ReleaseForm(PortalForm, forms.Form):
    """The second person's word: how many letters go forward, typed and not copied."""

    publication = forms.UUIDField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    count = forms.RegexField(
        r"^[0-9]{1,5}$",
        label=_("Number of letters that go forward"),
        error_messages={"invalid": _("Type the number in digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args, call, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["release_at"] = InstantField(
            zone=call.tzinfo,
            label=_("Release at, %(zone)s") % {"zone": call.zone_name},
            required=False,
            help_text=_(
                "Leave it empty to release at once. Or plan it, for example 2024-09-30T10:00: the "
                "portal then releases by itself at that instant, never earlier."
            ),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )


class ExtensionForm(PortalForm, forms.Form):
    """Until when the call is extended, and why. Everybody will read both."""

    reason = ParagraphsField(
        label=_("Reason"),
        max_length=1500,
        help_text=_(
            "It stands on the call's page and in every mail, as you write it. For example: “The "
            "portal could not be reached for 50 minutes on 30 December.”"
        ),
    )

    def __init__(self, *args, call, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["closes_at"] = InstantField(
            zone=call.tzinfo,
            label=_("New cutoff, %(zone)s: the first instant that is too late")
            % {"zone": call.zone_name},
            help_text=_("For example 2024-01-05T00:00 for the end of 4 January."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def layout(self):
        return Layout("closes_at", "reason")


class NamedForm(forms.Form):
    """The proposal about the call that a button speaks of."""

    proposal = forms.UUIDField(widget=forms.HiddenInput)


class WithdrawForm(PortalForm, forms.Form):
    reason = ParagraphsField(label=_("Why it is withdrawn"), max_length=500, rows=2)
