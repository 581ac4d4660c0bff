"""What a publisher types around the facts of a letter, and why a proposal ends."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PortalForm
from decisions.rendering import Texts, fit, wording
from decisions.rendering.letter import tag_of
from proposals import hygiene
from proposals.forms.fields import ParagraphsField


class _Paragraph(forms.CharField):
    """A text of one paragraph, however it was wrapped where it was copied from.

    How long it may be is one of the questions of `rendering.fit`.
    """

    widget = forms.Textarea

    def to_python(self, value):
        lines = hygiene.paragraphs(value or "").split("\n")
        return " ".join(filter(None, map(str.strip, lines)))


class _Lines(forms.CharField):
    """A step a line; empty lines are none."""

    widget = forms.Textarea

    def to_python(self, value):
        lines = (line.strip() for line in hygiene.paragraphs(value or "").split("\n"))
        return tuple(line for line in lines if line)

    def prepare_value(self, value):
        return value if isinstance(value, str) else "\n".join(value or ())


class TextsForm(PortalForm, forms.Form):
    """The five texts of one kind of letter in one language."""

    def __init__(self, *args, outcome, language, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcome, self.language = outcome, language
        for name, label in fit.FIELDS.items():
            self.fields[name] = _field(name, label, outcome, language)

    def clean(self):
        said = super().clean()
        for name, wrong in fit.problems(self.texts(), self.outcome, self.language).items():
            if name not in self.errors:
                for sentence in wrong:
                    self.add_error(name, sentence)
        return said

    def texts(self) -> Texts:
        """What was typed; what could not be read is empty."""
        empty = {name: () if name == "steps" else "" for name in fit.FIELDS}
        return Texts(**empty | {name: self.cleaned_data.get(name, empty[name]) for name in empty})

    @staticmethod
    def initial_of(texts) -> dict:
        """The fields as these texts fill them."""
        return {name: getattr(texts, name) for name in fit.FIELDS}


class EndForm(PortalForm, forms.Form):
    reason = ParagraphsField(
        label=gettext_lazy("Why this wording should not hold"), max_length=500, rows=2
    )


def _field(name, label, outcome, language):
    most = fit.longest(name, language)
    kind = _Lines if name == "steps" else _Paragraph
    field = kind(label=label, required=False, help_text=_help(name, outcome, most))
    direction = "rtl" if wording.of(language).is_rtl else "ltr"
    field.widget.attrs |= {"lang": tag_of(language), "dir": direction}
    rows = {"steps": 8, "closing": 1}.get(name, 2 + most // 150)
    field.widget.attrs["rows"] = str(rows)
    if name != "steps":
        field.widget.attrs["data-limit"] = str(most)
    return field


def _help(name, outcome, most) -> str:
    sentences = []
    if name == "steps":
        sentences.append(
            _("One step a line: at most %(steps)s of at most %(most)s characters each.")
            % {"steps": fit.MOST_STEPS, "most": most}
        )
    if needed := fit.required(name, outcome):
        sentences.append(_("Must hold: %(names)s.") % {"names": _tokens(needed)})
    if not fit.allowed(name, outcome):
        sentences.append(_("Nothing is filled in here."))
    elif others := [one for one in fit.allowed(name, outcome) if one not in needed]:
        sentences.append(_("May hold: %(names)s.") % {"names": _tokens(others)})
    return " ".join(sentences)


def _tokens(names) -> str:
    return ", ".join(f"${{{name}}}" for name in names)
