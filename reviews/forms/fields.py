"""Fields that several forms of the panel share."""

from html import escape

from django import forms
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from proposals.forms.fields import ParagraphsField

# Forms that a template draws by hand carry Bootstrap's classes themselves.
INPUT = {"class": "form-control"}
SELECT = {"class": "form-select"}
CHECK = {"class": "form-check-input"}


class WrittenOut(forms.Textarea):
    """A text area without a template of its own: a review has fifteen, and is opened often."""

    def render(self, name, value, attrs=None, renderer=None):
        given = self.build_attrs(self.attrs, attrs)
        said = "".join(
            f" {key}" if text is True else f' {key}="{escape(str(text))}"'
            for key, text in given.items()
            if text is not False
        )
        written = escape(self.format_value(value) or "")
        # Safe: whatever anybody wrote is escaped above. A browser drops the first line break.
        return mark_safe(f'<textarea name="{escape(name)}"{said}>\n{written}</textarea>')


def paragraphs(model, name, *, rows):
    """A text area for a column, as long as the column, with a live count; never required."""
    column = model._meta.get_field(name)
    return ParagraphsField(
        label=capfirst(column.verbose_name),
        max_length=column.max_length,
        rows=rows,
        required=False,
        widget=WrittenOut(attrs={**INPUT, "dir": "auto"}),
    )


def radios(model, name):
    column = model._meta.get_field(name)
    return forms.ChoiceField(
        label=capfirst(column.verbose_name),
        choices=column.choices,
        required=False,
        widget=forms.RadioSelect(attrs=CHECK),
    )
