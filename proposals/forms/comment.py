from django import forms
from django.utils.translation import gettext_lazy as _

from proposals.forms.fields import ParagraphsField
from proposals.sections import SECTIONS

# Every page of the editor has comments; the attachments are the last of them.
PLACES = {**{key: section.title for key, section in SECTIONS.items()}, "h": _("Attachments")}


class CommentForm(forms.Form):
    """A remark beside one section."""

    section = forms.ChoiceField(
        label=_("Section"), choices=[(key, f"{key.upper()}") for key in PLACES]
    )
    text = ParagraphsField(label=_("Comment"), max_length=2000)

    use_required_attribute = False
