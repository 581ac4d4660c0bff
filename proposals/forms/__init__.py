from proposals.forms.answer import AnswerForm
from proposals.forms.comment import PLACES, CommentForm
from proposals.forms.filing import SubmitForm, UploadForm
from proposals.forms.partner import AskForm, PartnerAnswerForm
from proposals.forms.section import section_form
from proposals.forms.start import StartForm

__all__ = [
    "PLACES",
    "AnswerForm",
    "AskForm",
    "CommentForm",
    "PartnerAnswerForm",
    "StartForm",
    "SubmitForm",
    "UploadForm",
    "section_form",
]
