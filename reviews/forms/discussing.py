from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.forms.fields import SELECT, paragraphs
from reviews.forms.review import mark_text
from reviews.models import Consensus, Contribution
from reviews.scoring import HALF_MARKS


class ContributionForm(forms.Form):
    """Something said about a letter, or an answer to it."""

    text = paragraphs(Contribution, "text", rows=4)
    answers = forms.UUIDField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False

    def clean_text(self):
        if not self.cleaned_data["text"]:
            raise forms.ValidationError(_("Write something first."))
        return self.cleaned_data["text"]


class ConsensusForm(forms.Form):
    """What the reviewers of a letter agreed on, and what some of them did not."""

    text = paragraphs(Consensus, "text", rows=6)
    minority_view = paragraphs(Consensus, "minority_view", rows=4)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    HELP = {
        "text": _("What the panel should know when it decides, in words all of you can carry."),
        "minority_view": _("What somebody does not agree with, in that person's words."),
    }

    use_required_attribute = False

    def __init__(self, criteria, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for name, text in self.HELP.items():
            self.fields[name].help_text = text
        for criterion in criteria:
            self.fields[f"mark-{criterion.code}"] = forms.ChoiceField(
                label=str(criterion),
                choices=[("", "–"), *((mark_text(m), mark_text(m)) for m in HALF_MARKS)],
                widget=forms.Select(attrs=SELECT),
                required=False,
            )

    @property
    def marks(self):
        return [self[f"mark-{criterion.code}"] for criterion in self.criteria]

    @property
    def changes(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("text", "minority_view")}

    @property
    def given(self) -> dict:
        """Criterion codes to marks as text, as the action takes them; without those left open."""
        marks = {c.code: self.cleaned_data[f"mark-{c.code}"] for c in self.criteria}
        return {code: mark for code, mark in marks.items() if mark}


def consensus_values(consensus, criteria) -> dict:
    """What is written, under the form's own names; the empty form where there is nothing yet."""
    values = {name: getattr(consensus, name, "") for name in ("text", "minority_view")}
    values["revision"] = consensus.revision if consensus else 0
    marks = consensus.marks if consensus else {}
    for criterion in criteria:
        mark = marks.get(criterion.code)
        values[f"mark-{criterion.code}"] = "" if mark is None else mark_text(Decimal(mark))
    return values
