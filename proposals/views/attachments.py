"""The letter as PDF: upload, remove, download."""

import logging
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from proposals import actions, files
from proposals.forms import AttachmentForm
from proposals.models import Attachment
from proposals.sections import missing
from proposals.states import AttachmentKind
from proposals.views.access import letter_for, only_expected
from proposals.views.sidebar import entries

log = logging.getLogger(__name__)

# Nothing in the file runs and nothing is loaded, whatever a viewer takes it for.
_POLICY = "default-src 'none'; sandbox"


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, pk):
    """Put one PDF beside the text, in place of the one before."""
    letter = letter_for(request, pk, "edit")
    actions.ensure_draft(letter)
    form = AttachmentForm()
    if request.method == "POST":
        # Where no file was chosen, browsers send the field as an empty text.
        only_expected(request.POST, {"file"})
        only_expected(request.FILES, {"file"})
        form = AttachmentForm(request.POST, request.FILES)
        if form.is_valid() and _attach(request, letter, form):
            return redirect("proposals:attachment", letter.pk)
    context = {
        "letter": letter,
        "form": form,
        "attachment": letter.attachments.filter(kind=AttachmentKind.LETTER).first(),
        "sections": entries(letter, missing(letter), current="h"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "proposals/attachment.html", context, status=status)


@require_POST
def remove(request, pk, attachment_pk):
    letter = letter_for(request, pk, "edit")
    only_expected(request.POST, ())
    attachment = get_object_or_404(Attachment, pk=attachment_pk, letter=letter)
    actions.remove_attachment(attachment, actor=request.user)
    messages.success(request, _("The file is removed."))
    return redirect("proposals:attachment", letter.pk)


@require_safe
def download(request, pk, attachment_pk):
    """The bytes as they were sent. `nosniff` and `no-store` come from the middleware."""
    letter = letter_for(request, pk)
    attachments = Attachment.objects.visible_to(request.user).filter(letter=letter)
    attachment = get_object_or_404(attachments, pk=attachment_pk)
    try:
        handle = files.path_of(attachment.sha256).open("rb")
    except OSError:
        log.exception("the file of attachment %s cannot be read", attachment.pk)
        return render(request, "503.html", status=503)
    response = FileResponse(handle, content_type="application/pdf")
    name = quote(attachment.name, safe="")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _attach(request, letter, form) -> bool:
    """Store and attach; on a fault, say so in the form."""
    try:
        stored = files.store_pdf(form.cleaned_data["file"])
    except files.Rejected as rejected:
        form.add_error("file", str(rejected))
        return False
    name = form.cleaned_data["name"]
    actions.attach(letter, kind=AttachmentKind.LETTER, stored=stored, name=name, actor=request.user)
    messages.success(request, _("“%(name)s” is attached.") % {"name": name})
    return True
