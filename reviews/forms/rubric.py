"""The form of a call's criteria: weights, thresholds, and the words in both languages."""

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from proposals.forms.fields import LineField, NumberField, ParagraphsField, WholeNumberField
from reviews import rubrics
from reviews.forms.fields import INPUT
from reviews.models import BEST_MARK
from reviews.models.rubric import Criterion

# The languages of the pages; what a criterion says in others stays as it is.
LANGUAGES = ("en", "zh-hans")
_NAMED = {"en": _("English"), "zh-hans": _("Chinese")}


@dataclass(frozen=True)
class Lines:
    """The fields of one criterion as the page draws them, each text in every language."""

    criterion: Criterion
    weight: forms.BoundField
    threshold: forms.BoundField
    texts: list[forms.BoundField]
    # The whole mark, and its text in each language.
    anchors: list[tuple[int, list[forms.BoundField]]]


class RubricForm(forms.Form):
    """Every criterion of a call. Codes, their number and their order stay."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    use_required_attribute = False

    def __init__(self, criteria, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in criteria:
            self._add(criterion)

    def clean(self):
        weights = [self.cleaned_data.get(f"weight-{one.code}") for one in self.criteria]
        if None not in weights and sum(weights) != rubrics.WHOLE:
            self.add_error(
                None,
                gettext("The weights add up to %(weight)s, not to 100.") % {"weight": sum(weights)},
            )
        return self.cleaned_data

    @property
    def weight(self) -> int:
        """Sum of the weights on the page, as far as they are numbers."""
        typed = (self[f"weight-{one.code}"].value() for one in self.criteria)
        return sum(int(text) for text in map(str, typed) if text.isdecimal() and len(text) < 4)

    @property
    def lines(self) -> list[Lines]:
        return [self._lines(criterion) for criterion in self.criteria]

    @property
    def changes(self) -> dict:
        """Code to field to value, as the action takes them."""
        return {criterion.code: self._changes(criterion) for criterion in self.criteria}

    def _add(self, criterion):
        code, called = criterion.code, str(criterion)
        self.fields[f"weight-{code}"] = WholeNumberField(
            label=_("%(criterion)s: weight, %%") % {"criterion": called},
            min_value=1,
            max_value=rubrics.WHOLE,
            widget=forms.TextInput(attrs={**INPUT, "data-weight": ""}),
        )
        self.fields[f"threshold-{code}"] = NumberField(
            label=_("%(criterion)s: lowest mean that passes") % {"criterion": called},
            required=False,
            min_value=0,
            max_value=BEST_MARK,
            max_digits=2,
            decimal_places=1,
            widget=forms.TextInput(attrs=INPUT),
        )
        for language in LANGUAGES:
            said = {"criterion": called, "language": _NAMED[language]}
            self.fields[f"name-{code}-{language}"] = LineField(
                label=_("%(criterion)s: name, %(language)s") % said,
                max_length=150,
                required=language == "en",
                widget=forms.TextInput(attrs={**INPUT, "lang": language}),
            )
            self.fields[f"short_name-{code}-{language}"] = LineField(
                label=_("%(criterion)s: short name, %(language)s") % said,
                max_length=30,
                required=False,
                widget=forms.TextInput(attrs={**INPUT, "lang": language}),
            )
            self.fields[f"question-{code}-{language}"] = self._text(
                _("%(criterion)s: question, %(language)s") % said, language
            )
            for mark, _words in enumerate(criterion.anchors):
                self.fields[f"anchor{mark}-{code}-{language}"] = self._text(
                    _("%(criterion)s: what a %(mark)s looks like, %(language)s")
                    % {**said, "mark": mark},
                    language,
                )

    @staticmethod
    def _text(label, language):
        field = ParagraphsField(label=label, max_length=500, required=False)
        field.widget.attrs |= {**INPUT, "rows": 2, "lang": language}
        return field

    def _lines(self, criterion) -> Lines:
        code = criterion.code
        return Lines(
            criterion,
            self[f"weight-{code}"],
            self[f"threshold-{code}"],
            [self[f"{name}-{code}-{language}"] for name in rubrics.TEXTS for language in LANGUAGES],
            [
                (mark, [self[f"anchor{mark}-{code}-{language}"] for language in LANGUAGES])
                for mark, _words in enumerate(criterion.anchors)
            ],
        )

    def _changes(self, criterion) -> dict:
        code, clean = criterion.code, self.cleaned_data
        texts = {
            name: self._said(getattr(criterion, name), f"{name}-{code}") for name in rubrics.TEXTS
        }
        return {
            **texts,
            "anchors": [
                self._said(words, f"anchor{mark}-{code}")
                for mark, words in enumerate(criterion.anchors)
            ],
            "weight": clean[f"weight-{code}"],
            "threshold": clean[f"threshold-{code}"],
        }

    def _said(self, before, prefix) -> dict:
        """A text by language: what was emptied has none, so that English stands in for it."""
        typed = {lang: self.cleaned_data[f"{prefix}-{lang}"] for lang in LANGUAGES}
        others = {lang: text for lang, text in before.items() if lang not in LANGUAGES}
        return others | {lang: text for lang, text in typed.items() if text}


def rubric_values(criteria, version) -> dict:
    """What the criteria say, under the form's own names. `version` is the newest, or None."""
    values = {"revision": version.number if version else 0}
    for one in criteria:
        values[f"weight-{one.code}"] = str(one.weight)
        threshold = "" if one.threshold is None else f"{Decimal(one.threshold).normalize():f}"
        values[f"threshold-{one.code}"] = threshold
        texts = {name: getattr(one, name) for name in rubrics.TEXTS}
        texts |= {f"anchor{mark}": words for mark, words in enumerate(one.anchors)}
        for name, words in texts.items():
            for language in LANGUAGES:
                values[f"{name}-{one.code}-{language}"] = words.get(language, "")
    return values
