from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reviews.forms.fields import CHECK, INPUT, SELECT
from reviews.models import ConflictCheck
from reviews.states import DECLARABLE

NO_CONFLICT, CONFLICT = "no", "yes"


class ConflictAnswersForm(forms.Form):
    """One question a letter, all on one screen. Only questions that were answered are answered."""

    rest = forms.BooleanField(
        label=_("I have no conflict of interest with any letter I left without an answer above."),
        required=False,
        widget=forms.CheckboxInput(attrs=CHECK),
    )

    def __init__(self, checks, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.checks = checks
        for check in checks:
            key = check.letter_id
            self.fields[f"answer-{key}"] = forms.ChoiceField(
                label=check.letter.reference,
                choices=[(NO_CONFLICT, _("No conflict")), (CONFLICT, _("Conflict"))],
                widget=forms.RadioSelect(attrs=CHECK),
                required=False,
                initial=NO_CONFLICT if check.answered_at else None,
            )
            self.fields[f"kind-{key}"] = forms.ChoiceField(
                label=gettext("Reason, %(reference)s") % {"reference": check.letter.reference},
                choices=[("", _("Choose a reason")), *DECLARABLE],
                required=False,
                widget=forms.Select(attrs=SELECT),
            )
            self.fields[f"note-{key}"] = forms.CharField(
                label=gettext("Note, %(reference)s") % {"reference": check.letter.reference},
                max_length=ConflictCheck._meta.get_field("note").max_length,
                required=False,
                widget=forms.TextInput(attrs=INPUT),
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
