"""Files beside a letter, one of each kind."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from accounts.bodies import only_in_address, refuse_any, refuse_unknown
from accounts.preconditions import as_id
from accounts.problems import Problem, bad_request, invalid
from proposals import actions, downloads, files
from proposals.api import written
from proposals.api.access import letter_for
from proposals.api.schemas import AttachmentOut, Upload
from proposals.forms import UploadForm
from proposals.models import Attachment

router = Router(tags=["Attachments"])


@router.post(
    "/letters/{letter_id}/attachments",
    response={201: AttachmentOut},
    summary="Attach a file",
    openapi_extra={"body": Upload},
)
def attach(request: HttpRequest, letter_id: str):
    """Put a file in the place of its kind, instead of what was there.

    It is looked into before it is taken; the `code` of a refusal says what is wrong with it
    (`not_a_pdf`, `active_content`, `encrypted`, `too_large`, `quota`, …) and nothing is changed.
    """
    letter = letter_for(request, letter_id, "edit")
    actions.ensure_draft(letter)
    if request.content_type != "multipart/form-data":
        raise Problem(
            415, "unsupported_media_type", _("Send a form: Content-Type: multipart/form-data.")
        )
    _refuse_odd_parts(request)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        if "file" in form.errors and "kind" not in form.errors:
            raise Problem(
                422, "no_file", form.errors["file"][0], fields={"file": form.errors["file"]}
            )
        raise invalid({name: list(sentences) for name, sentences in form.errors.items()})
    given = form.cleaned_data
    try:
        made = actions.receive(letter, kind=given["kind"], upload=given["file"], actor=request.user)
    except files.Rejected as rejected:
        fields = {"file": [str(rejected)]}
        raise Problem(422, rejected.code, str(rejected), fields=fields) from None
    return Status(201, written.attachment(made))


@router.get(
    "/letters/{letter_id}/attachments/{attachment_id}",
    summary="Download a file",
    openapi_extra={"downloads": True},
)
def download(request: HttpRequest, letter_id: str, attachment_id: str):
    """The bytes as they were sent, once the scanner has nothing against them."""
    only_in_address(request)
    attachment = _attachment(request, letter_id, attachment_id, "view")
    downloads.ensure_ready(attachment)
    response = downloads.response(request, sha256=attachment.sha256, name=attachment.name)
    if response.status_code == 503:
        raise Problem(
            503,
            "try_again",
            _("The portal cannot read this file right now. Please try again in a moment."),
            headers={"Retry-After": "10"},
        )
    return response


@router.delete(
    "/letters/{letter_id}/attachments/{attachment_id}",
    response={204: None},
    summary="Remove a file",
)
def remove(request: HttpRequest, response: HttpResponse, letter_id: str, attachment_id: str):
    """Take a file out of the working copy. It can be put back on the portal for a day."""
    attachment = _attachment(request, letter_id, attachment_id, "edit")
    refuse_any(request)
    actions.remove_attachment(attachment, actor=request.user)
    return Status(204, None)


def _attachment(request, letter_id, attachment_id, action) -> Attachment:
    letter = letter_for(request, letter_id, action)
    found = Attachment.objects.visible_to(request.user).filter(letter=letter)
    attachment = found.filter(pk=as_id(attachment_id)).first()
    if attachment is None:
        raise Http404
    return attachment


def _refuse_odd_parts(request):
    for parts, known in ((request.POST, {"kind"}), (request.FILES, {"file"})):
        # A part without a file name is a text, whatever it is called.
        refuse_unknown(parts, known | {"file"})
        if any(len(values) > 1 for _name, values in parts.lists()):
            raise bad_request(_("One value for each name, please."))
