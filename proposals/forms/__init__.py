from proposals.forms.filing import SubmitForm, UploadForm
from proposals.forms.section import section_form
from proposals.forms.start import StartForm

__all__ = ["StartForm", "SubmitForm", "UploadForm", "section_form"]
