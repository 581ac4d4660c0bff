from proposals.forms.filing import AttachmentForm, SubmitForm
from proposals.forms.section import section_form
from proposals.forms.start import StartForm

__all__ = ["AttachmentForm", "StartForm", "SubmitForm", "section_form"]
