"""Forms of the register: the chair's rulings, conflicts told to the chair, competing letters."""

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from accounts.models import User
from accounts.states import Role
from proposals.forms.fields import LineField
from reviews.models import ConflictCheck
from reviews.states import DECLARABLE, ConflictStrength

_NOTE = ConflictCheck._meta.get_field("note").max_length
_RULING = ConflictCheck._meta.get_field("ruling").max_length


class RulingForm(PortalForm, forms.Form):
    """Why the chair removes a conflict or changes its strength; the buttons say which."""

    RULINGS = ("lift", "soften", "harden")

    do = forms.ChoiceField(choices=[(name, name) for name in RULINGS], widget=forms.HiddenInput)
    reason = LineField(
        label=_("Reason"),
        max_length=_RULING,
        help_text=_("Kept in the register and in the record. The agency never sees it."),
    )

    def layout(self):
        return Layout("reason")


class LetterField(LineField):
    """A letter by its reference, among those the reader presides over."""

    default_error_messages = {
        "unknown": _("There is no letter with the reference %(reference)s among those you chair.")
    }

    def __init__(self, **kwargs):
        super().__init__(max_length=40, **kwargs)
        self.letters = None

    def clean(self, value):
        reference = super().clean(value)
        letter = self.letters.filter(reference__iexact=reference).first()
        if letter is None:
            raise forms.ValidationError(
                self.error_messages["unknown"], code="unknown", params={"reference": reference}
            )
        return letter


class PairForm(PortalForm, forms.Form):
    """Two letters that compete closely."""

    first = LetterField(label=_("Reference of one letter"))
    second = LetterField(label=_("Reference of the other letter"))
    reason = LineField(
        label=_("Why one is unlikely to be selected if the other is"),
        max_length=300,
        help_text=_("Kept in the records of the panel. No agency and no reviewer sees it."),
    )

    def __init__(self, *args, letters, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first"].letters = self.fields["second"].letters = letters


class RecordForm(PortalForm, forms.Form):
    """A conflict the chair was told of."""

    letter = LetterField(label=_("Reference of the letter"))
    person = forms.ModelChoiceField(queryset=None, label=_("Reviewer"), empty_label=_("Choose"))
    kind = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *DECLARABLE])
    strength = forms.ChoiceField(
        label=_("Strength"),
        choices=ConflictStrength,
        initial=ConflictStrength.HARD,
        widget=forms.RadioSelect,
        help_text=_(
            "Hard: the text shuts and an assignment ends. Soft: the reviewer may read, and somebody"
            " else is preferred."
        ),
    )
    note = LineField(
        label=_("Note"),
        max_length=_NOTE,
        required=False,
        help_text=_("The reviewer reads this, too."),
    )

    def __init__(self, *args, letters, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["letter"].letters = letters
        reviewers = User.objects.with_role(Role.REVIEWER).active().exclude(pk=user.pk)
        self.fields["person"].queryset = reviewers.order_by("name", "pk")
