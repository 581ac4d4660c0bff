from django import forms

from reviews.forms.fields import CHECK
from reviews.states import Wish


class WishesForm(forms.Form):
    """One choice a letter, all on one screen. Having said nothing is shown as "no preference"."""

    use_required_attribute = False

    def __init__(self, letters, *args, said=None, **kwargs):
        """`said` maps letter ids to what is on record."""
        super().__init__(*args, **kwargs)
        self.letters = list(letters)
        for letter in self.letters:
            self.fields[f"wish-{letter.pk}"] = forms.ChoiceField(
                label=letter.reference,
                choices=Wish.choices,
                required=False,
                initial=(said or {}).get(letter.pk, Wish.NEUTRAL),
                widget=forms.RadioSelect(attrs=CHECK),
            )

    @property
    def rows(self):
        return [(letter, self[f"wish-{letter.pk}"]) for letter in self.letters]

    @property
    def wishes(self) -> dict:
        """Letter id to what was sent about it."""
        return {
            letter.pk: self.cleaned_data[name]
            for letter in self.letters
            if (name := f"wish-{letter.pk}") in self.data
        }
