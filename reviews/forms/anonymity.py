"""Forms around double-anonymous rounds: conflicts by name, the team, and the chair's notes."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from proposals.forms.fields import LineField, ParagraphsField
from reviews.forms.fields import CHECK, INPUT, SELECT, WrittenOut
from reviews.forms.review import mark_text
from reviews.models import ConflictCheck, MarkChange, NameSearch
from reviews.scoring import HALF_MARKS
from reviews.states import DECLARABLE


class NamesForm(forms.Form):
    """All organisations and people of a round in one list, in which one marks conflicts.

    `parties` are `reviews.parties.Party`. No answer is given for a name that is left alone, unless
    `rest` says that there is no conflict with any of them.
    """

    kind = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *DECLARABLE],
        required=False,
        widget=forms.Select(attrs=SELECT),
    )
    note = LineField(
        label=_("Note for the chair, if one is needed"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )
    rest = forms.BooleanField(
        label=_("I have no conflict of interest with anybody I left unmarked."),
        required=False,
        widget=forms.CheckboxInput(attrs=CHECK),
    )

    use_required_attribute = False

    def __init__(self, parties, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.parties = {party.key: party for party in parties}
        self.fields["names"] = forms.MultipleChoiceField(
            label=_("Names"),
            choices=[(party.key, party.name) for party in parties],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(["names", "kind", "note", "rest"])

    def clean(self):
        data = super().clean()
        marked = data.get("names")
        if marked and not data.get("kind"):
            self.add_error("kind", _("Choose the reason of this conflict."))
        if "names" in data and not marked and not data.get("rest"):
            self.add_error(
                "rest", _("Mark names, or say that you have no conflict with any of them.")
            )
        return data

    def answers(self, asked) -> dict:
        """Letter id to None or (kind, note), as the action takes it; `asked` are unanswered ids."""
        given = dict.fromkeys(asked) if self.cleaned_data["rest"] else {}
        marked: dict = {}
        for key in self.cleaned_data["names"]:
            for letter in self.parties[key].letters:
                marked.setdefault(letter, []).append(self.parties[key].name)
        longest = ConflictCheck._meta.get_field("note").max_length
        for letter, names in marked.items():
            told = filter(None, [", ".join(names), self.cleaned_data["note"]])
            given[letter] = (self.cleaned_data["kind"], ". ".join(told)[:longest])
        return given


class LowerForm(forms.Form):
    """Marks that may fall now that the team is known, each with those it may fall to."""

    reason = ParagraphsField(
        label=_("Why"),
        max_length=MarkChange._meta.get_field("reason").max_length,
        rows=3,
        widget=WrittenOut(attrs={**INPUT, "dir": "auto"}),
        error_messages={"required": _("Say why a mark is lower now.")},
    )

    use_required_attribute = False

    def __init__(self, scores, *args, **kwargs):
        """`scores` are those that may fall, with their criteria."""
        super().__init__(*args, **kwargs)
        self.codes = [score.criterion.code for score in scores]
        for score in scores:
            marks = [mark_text(mark) for mark in reversed(HALF_MARKS) if mark <= score.mark]
            self.fields[f"mark-{score.criterion.code}"] = forms.ChoiceField(
                label=str(score.criterion),
                choices=[(mark, mark) for mark in marks],
                initial=mark_text(score.mark),
                widget=forms.Select(attrs=SELECT),
                error_messages={
                    "invalid_choice": _("Once you know the team, a mark can only be lowered.")
                },
            )
        self.order_fields([f"mark-{code}" for code in self.codes])

    @property
    def marks(self) -> dict:
        return {code: Decimal(self.cleaned_data[f"mark-{code}"]) for code in self.codes}

    @property
    def lines(self):
        return [self[f"mark-{code}"] for code in self.codes]


class NoteForm(forms.Form):
    """What the chair says of names that were found in a letter."""

    search = forms.IntegerField(widget=forms.HiddenInput)
    note = LineField(
        label=_("Note"), max_length=NameSearch._meta.get_field("note").max_length, required=False
    )
