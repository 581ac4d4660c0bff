"""What was filed, version by version: to be read, printed, loaded and compared."""

import logging

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from proposals import (
    content,
    differences,
    downloads,
    filed_files,
    papers,
    printing,
    reading,
)
from proposals.views.access import letter_for
from proposals.views.receipts import receipt_for

log = logging.getLogger(__name__)

# Nothing in the file runs and nothing is loaded, whatever a viewer takes it for.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# What the address calls the working copy when it is compared with a version.
WORKING_COPY = "now"


@require_safe
def index(request, pk):
    letter = letter_for(request, pk)
    versions = list(letter.versions.select_related("receipt", "submitted_by").defer("content"))
    context = {"letter": letter, "versions": versions, "working_copy": _has_working_copy(letter)}
    return render(request, "proposals/versions.html", context)


@require_safe
def version(request, pk, number):
    """One version, word for word."""
    letter = letter_for(request, pk)
    found = _version(letter, number)
    context = {
        "letter": letter,
        "version": found,
        "last": letter.versions.count(),
        "parts": reading.parts_of(found.content, letter.call),
        "files": filed_files.of(found),
    }
    return render(request, "proposals/version.html", context)


@require_safe
def version_pdf(request, pk, number):
    letter = letter_for(request, pk)
    found = _version(letter, number)
    name = f"{letter.reference}-v{number}.pdf"
    return printed(
        request,
        letter,
        name,
        lambda: papers.letter(found.content, call=letter.call, sha256=found.sha256, version=found),
    )


@require_safe
def working_copy_pdf(request, pk):
    """What would be filed now, as a paper that says "draft"."""
    letter = letter_for(request, pk)
    if not _has_working_copy(letter):
        raise Http404
    words = content.of(letter, version=letter.versions.count() + 1)
    return printed(
        request,
        letter,
        f"{letter.reference}-draft.pdf",
        lambda: papers.letter(words, call=letter.call, sha256=content.digest(words)),
    )


@require_safe
def receipt_pdf(request, pk):
    found = receipt_for(request, pk)
    letter = found.version.letter
    name = f"receipt-{letter.reference}-v{found.version.number}.pdf"
    return printed(request, letter, name, lambda: papers.receipt(found, call=letter.call))


@require_safe
def version_content(request, pk, number):
    """The very bytes whose SHA-256 stands in the receipt."""
    letter = letter_for(request, pk)
    found = _version(letter, number)
    response = HttpResponse(content.canonical(found.content), content_type="application/json")
    name = f"{letter.reference}-v{number}-content.json"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_safe
def version_file(request, pk, number, kind):
    """A file of a version as it was sent; it stays when the working copy has another."""
    letter = letter_for(request, pk)
    found = [file for file in filed_files.of(_version(letter, number)) if file.kind == kind]
    if not found:
        raise Http404
    downloads.ensure_ready(found[0])
    return downloads.response(request, sha256=found[0].sha256, name=found[0].name)


@require_safe
def compare(request, pk):
    """`?from=1&to=2`, or `to=now` for the working copy: the differences, answer by answer."""
    letter = letter_for(request, pk)
    old, new = (_side(letter, request.GET.get(name, "")) for name in ("from", "to"))
    context = {
        "letter": letter,
        "old": old,
        "new": new,
        "parts": differences.between(old["content"], new["content"], letter.call),
        "file_changes": differences.of_files(old["content"], new["content"]),
    }
    return render(request, "proposals/compare.html", context)


def _has_working_copy(letter) -> bool:
    return letter.is_editable


def _version(letter, number):
    return get_object_or_404(
        letter.versions.select_related("receipt", "submitted_by"), number=number
    )


def _side(letter, asked) -> dict:
    if asked == WORKING_COPY and _has_working_copy(letter):
        words = content.of(letter, version=letter.versions.count() + 1)
        return {"name": _("the text that is being written"), "content": words, "key": asked}
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 4):
        raise Http404
    found = _version(letter, int(asked))
    name = _("version %(number)s") % {"number": found.number}
    return {"name": name, "content": found.content, "key": asked, "at": found.accepted_at}


def printed(request, letter, name, make) -> HttpResponse:
    """The paper, or a page that says politely that it cannot be made."""
    try:
        pdf = make()
    except printing.Unprintable:
        log.exception("%s of %s cannot be set", name, letter.pk)
        return render(request, "proposals/unprintable.html", {"letter": letter}, status=409)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name)
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
