"""The papers of a filed letter: the agency's own files, and the letter as a paper of ours."""

import logging

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals import papers, printing
from reviews import actions
from reviews.anonymity import HIDDEN
from reviews.letter_files import file_response
from reviews.letter_text import FOR_THE_CHAIR
from reviews.views.own_assignment import OwnAssignment

log = logging.getLogger(__name__)

# A browser shows it beside the form, in a frame of our own page and of nobody else's. No sandbox:
# in one no browser shows a PDF, and this one we set ourselves, from text, without anything that
# runs. What agencies sent is never shown this way, see `proposals.downloads`.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


class LetterFile(OwnAssignment):
    """A file the agency filed."""

    http_method_names = ("get", "head")

    def get(self, request, pk, kind):
        self.assignment = self.find_to_read(pk)
        actions.open_text(self.assignment, at=clock.now())
        return file_response(
            request,
            self.assignment.letter,
            kind,
            with_fuller=self.assignment.round.is_final,
            nameless=self.assignment.is_nameless,
        )


class LetterPdf(OwnAssignment):
    """The filed letter as a paper, without what only the chair may read."""

    http_method_names = ("get", "head")

    def get(self, request, pk):
        self.assignment = self.find_to_read(pk)
        actions.open_text(self.assignment, at=clock.now())
        letter, nameless = self.assignment.letter, self.assignment.is_nameless
        version = letter.versions.order_by("-number").first()
        if version is None:
            raise Http404
        name = f"{letter.reference}.pdf"
        try:
            pdf = papers.letter(
                version.content,
                call=letter.call,
                sha256=version.sha256,
                version=version,
                without=HIDDEN if nameless else FOR_THE_CHAIR,
                nameless=nameless,
                copy_for=_("Confidential copy for %(name)s") % {"name": request.user},
            )
        except printing.Unprintable:
            log.exception("%s cannot be set", name)
            return render(request, "reviews/unprintable.html", {"assignment_pk": pk}, status=409)
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = content_disposition_header(False, name)
        response["Content-Security-Policy"] = _POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
