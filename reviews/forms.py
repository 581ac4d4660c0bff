"""Forms of the panel's rooms. They check what was typed; what it means is the actions' business."""

from datetime import UTC, datetime
from decimal import Decimal

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from proposals.forms.fields import InstantField, ParagraphsField
from proposals.states import Eligibility
from reviews.models import Assignment, ConflictCheck, Review, Score
from reviews.scoring import HALF_MARKS
from reviews.states import ConflictKind

CANNOT_JUDGE = "none"
NO_CONFLICT, CONFLICT = "no", "yes"

# Forms that a template draws by hand carry Bootstrap's classes themselves.
_INPUT = {"class": "form-control"}
_SELECT = {"class": "form-select"}
_CHECK = {"class": "form-check-input"}


class Text(forms.CharField):
    """Long text, counted as people count it: a line break is one character."""

    def to_python(self, value):
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n")


def _area(model, name, *, rows):
    """A text area for a column, as long as the column, with a live count; never required."""
    column = model._meta.get_field(name)
    attrs = {**_INPUT, "rows": rows, "data-limit": column.max_length}
    return Text(
        label=capfirst(column.verbose_name),
        max_length=column.max_length,
        required=False,
        widget=forms.Textarea(attrs=attrs),
    )


def _radios(model, name):
    column = model._meta.get_field(name)
    return forms.ChoiceField(
        label=capfirst(column.verbose_name),
        choices=column.choices,
        required=False,
        widget=forms.RadioSelect(attrs=_CHECK),
    )


class QuestionForm(forms.Form):
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

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout("question", "due_at")
        return helper


class ConflictAnswersForm(forms.Form):
    """One question a letter, all on one screen. Only questions that were answered are answered."""

    rest = forms.BooleanField(
        label=_("I have no conflict of interest with any letter I left without an answer above."),
        required=False,
        widget=forms.CheckboxInput(attrs=_CHECK),
    )

    def __init__(self, checks, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.checks = checks
        for check in checks:
            key = check.letter_id
            self.fields[f"answer-{key}"] = forms.ChoiceField(
                label=check.letter.reference,
                choices=[(NO_CONFLICT, _("No conflict")), (CONFLICT, _("Conflict"))],
                widget=forms.RadioSelect(attrs=_CHECK),
                required=False,
                initial=NO_CONFLICT if check.answered_at else None,
            )
            self.fields[f"kind-{key}"] = forms.ChoiceField(
                label=gettext("Reason, %(reference)s") % {"reference": check.letter.reference},
                choices=[("", _("Choose a reason")), *ConflictKind.choices],
                required=False,
                widget=forms.Select(attrs=_SELECT),
            )
            self.fields[f"note-{key}"] = forms.CharField(
                label=gettext("Note, %(reference)s") % {"reference": check.letter.reference},
                max_length=ConflictCheck._meta.get_field("note").max_length,
                required=False,
                widget=forms.TextInput(attrs=_INPUT),
            )

    @property
    def rows(self):
        """Each letter with its three fields, for the template."""
        return [
            {
                "check": check,
                "answer": self[f"answer-{check.letter_id}"],
                "kind": self[f"kind-{check.letter_id}"],
                "note": self[f"note-{check.letter_id}"],
            }
            for check in self.checks
        ]

    def clean(self):
        data = super().clean()
        for check in self.checks:
            key = check.letter_id
            if data.get(f"answer-{key}") == CONFLICT and not data.get(f"kind-{key}"):
                self.add_error(f"kind-{key}", _("Choose the reason of this conflict."))
        return data

    @property
    def answers(self) -> dict:
        """Letter id to None or (kind, note), as the action takes it."""
        given = {}
        for check in self.checks:
            key = check.letter_id
            answer = self.cleaned_data[f"answer-{key}"]
            if answer == CONFLICT:
                given[key] = (self.cleaned_data[f"kind-{key}"], self.cleaned_data[f"note-{key}"])
            elif answer == NO_CONFLICT or (self.cleaned_data["rest"] and not check.answered_at):
                given[key] = None
        return given


class ReviewForm(forms.Form):
    """A review: two fields a criterion, then what is said of the whole letter."""

    strengths = _area(Review, "strengths", rows=4)
    weaknesses = _area(Review, "weaknesses", rows=4)
    comment_to_applicant = _area(Review, "comment_to_applicant", rows=4)
    confidential_comment = _area(Review, "confidential_comment", rows=3)
    risk = _radios(Review, "risk")
    recommendation = _radios(Review, "recommendation")
    confidence = _radios(Review, "confidence")
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    WORDS = ("strengths", "weaknesses", "comment_to_applicant", "confidential_comment")
    CHOICES = ("risk", "recommendation", "confidence")
    HELP = {
        "strengths": _("What speaks for the project. At least one."),
        "weaknesses": _("What speaks against it. At least one."),
        "comment_to_applicant": _(
            "May be sent to the agency with the decision. Write it so that it does not show who you"
            " are."
        ),
        "confidential_comment": _("Read by the panel only, never by the agency."),
    }

    def __init__(self, criteria, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for name, text in self.HELP.items():
            self.fields[name].help_text = text
        for criterion in criteria:
            self.fields[f"mark-{criterion.code}"] = forms.ChoiceField(
                label=str(criterion),
                choices=[
                    *((mark_text(mark), mark_text(mark)) for mark in HALF_MARKS),
                    (CANNOT_JUDGE, _("Cannot judge")),
                ],
                widget=forms.RadioSelect,
                required=False,
            )
            area = _area(Score, "comment", rows=2)
            area.label = gettext("Comment: %(criterion)s") % {"criterion": criterion}
            self.fields[f"comment-{criterion.code}"] = area
        # As on the page, so that a list of errors leads down it.
        self.order_fields([n for n in self.fields if n.startswith(("mark-", "comment-"))])

    @property
    def rows(self):
        """Each criterion with its two fields, for the template."""
        return [
            {
                "criterion": criterion,
                "mark": self[f"mark-{criterion.code}"],
                "comment": self[f"comment-{criterion.code}"],
            }
            for criterion in self.criteria
        ]

    @property
    def words(self):
        return [self[name] for name in self.WORDS]

    @property
    def choices(self):
        return [self[name] for name in self.CHOICES]

    @property
    def changes(self) -> dict:
        """Fields of the review, as the action takes them."""
        return {name: self.cleaned_data[name] for name in (*self.WORDS, *self.CHOICES)}

    @property
    def scores(self) -> dict:
        """Criterion codes to mark, cannot_judge and comment, as the action takes them."""
        given = {}
        for criterion in self.criteria:
            mark = self.cleaned_data[f"mark-{criterion.code}"]
            given[criterion.code] = {
                "mark": Decimal(mark) if mark not in ("", CANNOT_JUDGE) else None,
                "cannot_judge": mark == CANNOT_JUDGE,
                "comment": self.cleaned_data[f"comment-{criterion.code}"],
            }
        return given


def mark_text(mark) -> str:
    """A mark as the form writes it: "3", "3.5"."""
    return f"{mark.normalize():f}"


def review_values(review, criteria) -> dict:
    """What is saved, under the form's own names; the empty form where there is no review yet."""
    values = {name: getattr(review, name, "") for name in (*ReviewForm.WORDS, *ReviewForm.CHOICES)}
    values["revision"] = review.revision if review else 0
    scores = {s.criterion_id: s for s in review.scores.all()} if review else {}
    for criterion in criteria:
        score = scores.get(criterion.pk)
        mark = ""
        if score and score.cannot_judge:
            mark = CANNOT_JUDGE
        elif score and score.mark is not None:
            mark = mark_text(score.mark)
        values[f"mark-{criterion.code}"] = mark
        values[f"comment-{criterion.code}"] = score.comment if score else ""
    return values


class _PanelForm(forms.Form):
    """The template owns <form>, buttons and the token."""

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = self.layout()
        return helper

    def layout(self):
        return Layout(*self.fields)


class ScreeningForm(_PanelForm):
    """Whether a letter may be assessed."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=Eligibility.choices, widget=forms.RadioSelect
    )
    rule = forms.CharField(
        label=_("Rule that is not met"),
        max_length=200,
        required=False,
        help_text=_("As the call words it. Printed in the decision letter."),
    )
    reason = Text(
        label=_("Why it is not met"),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "data-limit": 1500}),
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


class ReasonForm(_PanelForm):
    """Why a review is waived, or a conflict removed."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=Assignment._meta.get_field("ended_because").max_length,
        help_text=_("Kept in the records of the panel. The agency never sees it."),
    )


class MoreTimeForm(_PanelForm):
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
