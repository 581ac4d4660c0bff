"""Files beside the text, of a letter and of its fuller proposal: sent, removed, downloaded."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from proposals import actions, downloads, files
from proposals.forms import UploadForm
from proposals.models import Attachment
from proposals.places import FULLER_PLACES, PLACES
from proposals.sections import missing
from proposals.views import fuller_pages
from proposals.views.access import fuller_for, letter_for, only_expected
from proposals.views.sidebar import entries

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS = "10"


@dataclass(frozen=True)
class Shelf:
    """The places of one page, who may write there and when, and what stands around them."""

    places: dict
    address: str
    template: str
    ensure: Callable
    around: Callable


def _around_letter(letter) -> dict:
    return {"sections": entries(letter, missing(letter), current="h")}


def _around_fuller(letter) -> dict:
    side = "includes/section_nav.html"
    return {"sections": fuller_pages.entries(letter, current="files"), "side": side}


OF_LETTER = Shelf(
    PLACES,
    "proposals:attachments",
    "proposals/attachments.html",
    actions.ensure_draft,
    _around_letter,
)
OF_FULLER = Shelf(
    FULLER_PLACES,
    "proposals:fuller_files",
    "proposals/fuller/files.html",
    actions.ensure_fuller,
    _around_fuller,
)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request, pk):
    """The letter's four places, and one file for one of them."""
    return _shelf(request, letter_for(request, pk, "edit"), OF_LETTER)


@require_http_methods(["GET", "HEAD", "POST"])
def of_fuller(request, pk):
    """The places of the fuller proposal."""
    letter, _round = fuller_for(request, pk, "edit")
    return _shelf(request, letter, OF_FULLER)


def _shelf(request, letter, shelf):
    """The page's script sends each file on its own and is answered in JSON, 201 with the place as
    it is now; a plain form gets the page. A file that cannot be taken is 422 with code and remedy;
    a full disk is 503. Whatever lies in the other places, and in the other sections, stays.
    """
    shelf.ensure(letter)
    if request.method != "POST":
        return render(request, shelf.template, _page_of(letter, shelf))
    only_expected(request.POST, {"kind", "file"})
    # Where no file was chosen, browsers send the field as an empty text.
    only_expected(request.FILES, {"file"})
    form = UploadForm(request.POST, request.FILES)
    form.is_valid()
    kind = form.cleaned_data.get("kind")
    if kind not in shelf.places:
        raise BadRequest("kind: one of the places")
    if "file" not in form.cleaned_data:
        return _refuse(request, letter, kind, "no_file", form.errors["file"][0])
    try:
        attachment = actions.receive(
            letter, kind=kind, upload=form.cleaned_data["file"], actor=request.user
        )
    except files.Rejected as rejected:
        return _refuse(request, letter, kind, rejected.code, str(rejected))
    except files.Unavailable:
        log.exception("a file for letter %s could not be stored", letter.pk)
        sentence = _("The portal cannot store files right now. Please try again in a moment.")
        response = _refuse(request, letter, kind, "try_again", sentence, status=503)
        response["Retry-After"] = TRY_AGAIN_SECONDS
        return response
    sentence = _("“%(name)s” is attached.") % {"name": attachment.name}
    if _is_script(request):
        return _place_json(request, letter, kind, sentence)
    messages.success(request, sentence)
    return redirect(_address_of(letter, kind))


@require_POST
def remove(request, pk, attachment_pk):
    letter = letter_for(request, pk, "edit")
    only_expected(request.POST, ())
    attachment = get_object_or_404(Attachment, pk=attachment_pk, letter=letter)
    actions.remove_attachment(attachment, actor=request.user)
    sentence = _("“%(name)s” is removed. It can be put back for a day.") % {"name": attachment.name}
    messages.success(request, sentence)
    return redirect(_address_of(letter, attachment.kind))


@require_POST
def put_back(request, pk, attachment_pk):
    letter = letter_for(request, pk, "edit")
    only_expected(request.POST, ())
    attachment = get_object_or_404(Attachment.every, pk=attachment_pk, letter=letter)
    try:
        actions.put_back_attachment(attachment, actor=request.user)
    except files.Rejected as rejected:
        return _refuse(request, letter, attachment.kind, rejected.code, str(rejected))
    messages.success(request, _("“%(name)s” is attached again.") % {"name": attachment.name})
    return redirect(_address_of(letter, attachment.kind))


@require_safe
def download(request, pk, attachment_pk):
    """The bytes as they were sent, once the scanner has nothing against it."""
    letter = letter_for(request, pk)
    attachments = Attachment.objects.visible_to(request.user).filter(letter=letter)
    attachment = get_object_or_404(attachments, pk=attachment_pk)
    downloads.ensure_ready(attachment)
    return downloads.response(request, sha256=attachment.sha256, name=attachment.name)


def _is_script(request) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _shelf_of(kind) -> Shelf:
    return OF_FULLER if kind in FULLER_PLACES else OF_LETTER


def _refuse(request, letter, kind, code, sentence, *, status=422):
    """Say at the place what is wrong with the file; nothing else on the page changes."""
    if _is_script(request):
        return JsonResponse({"detail": sentence, "code": code}, status=status)
    shelf = _shelf_of(kind)
    context = _page_of(letter, shelf, fault={"kind": kind, "sentence": sentence})
    return render(request, shelf.template, context, status=status)


def _place_json(request, letter, kind, sentence):
    """The place as it is now and the side bar, for the page to put in place of what it shows."""
    context = _page_of(letter, _shelf_of(kind))
    [place] = [place for place in context["places"] if place["place"].kind == kind]
    body = {
        "detail": sentence,
        "place": render_to_string(
            "proposals/place.html",
            {"letter": letter, "shelf_url": context["shelf_url"], **place},
            request=request,
        ),
        "sections": render_to_string(
            context.get("side", "proposals/sections.html"), context, request=request
        ),
    }
    return JsonResponse(body, status=201)


def _page_of(letter, shelf, *, fault=None) -> dict:
    """What the page shows; `fault` has the kind of the place it is about."""
    # In the order of their removal, so that the last one of a kind wins.
    every = Attachment.every.filter(letter=letter).select_related("uploaded_by")
    now, before = {}, {}
    for item in every.order_by("removed_at"):
        (before if item.removed_at else now)[item.kind] = item
    places = [
        {
            "place": place,
            "attachment": now.get(kind),
            "removed": _other_than(now.get(kind), before.get(kind)),
            "fault": fault["sentence"] if fault and fault["kind"] == kind else "",
        }
        for kind, place in shelf.places.items()
    ]
    return {
        "letter": letter,
        "call": letter.call,
        "places": places,
        "fault": fault,
        "most_bytes": files.MOST_BYTES,
        "shelf_url": reverse(shelf.address, args=[letter.pk]),
        **shelf.around(letter),
    }


def _other_than(present, removed):
    """The file that can be put back, unless it is the same as the one that is there."""
    if removed and present and removed.sha256 == present.sha256:
        return None
    return removed


def _address_of(letter, kind) -> str:
    return f"{reverse(_shelf_of(kind).address, args=[letter.pk])}#place-{kind.lower()}"
