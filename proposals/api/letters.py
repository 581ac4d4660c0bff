"""Letters of one's own agencies: the list, a new one, reading and writing the working copy."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Router, Status

from accounts import paging
from accounts.bodies import only_in_address, read_object, refuse_any
from accounts.models import Agency
from accounts.preconditions import revision_in, stamp
from accounts.problems import invalid
from proposals import actions, permissions
from proposals.api import written
from proposals.api.access import letter_for
from proposals.api.fields import COLUMNS
from proposals.api.schemas import LetterChanges, LetterOut, LetterPage, NewLetter
from proposals.api.writing import changes_in
from proposals.models import Call, LetterOfIntent

router = Router(tags=["Letters"])


@router.get(
    "/letters",
    response=LetterPage,
    url_name="letters",
    summary="List letters",
    openapi_extra={"query": ["page", "page_size"]},
)
def index(request: HttpRequest):
    """The letters of your agencies, the one saved last first.

    A page or a size beyond what there is gives the nearest one.
    """
    only_in_address(request, "page", "page_size")
    letters = LetterOfIntent.objects.listed_for(request.user).for_list()
    return paging.of(paging.page_of(request, letters), written.head)


@router.post(
    "/letters",
    response={201: LetterOut},
    summary="Begin a letter",
    openapi_extra={"body": NewLetter},
)
def begin(request: HttpRequest, response: HttpResponse):
    """Begin a draft, with as many of its fields as you like."""
    writable = permissions.agencies_to_write_for(request.user)
    if not writable:
        raise PermissionDenied(
            _("Letters are written by editors and authorised representatives of an agency.")
        )
    call = Call.objects.current()
    if call is None:
        raise Http404
    actions.ensure_open(call)
    sent = read_object(request, known={"agency", *COLUMNS})
    agency = _agency_of(sent.pop("agency", None), writable)
    changes = changes_in(sent, LetterOfIntent(call=call, agency=agency))
    letter = actions.start_draft(call, agency, actor=request.user, changes=changes)
    stamp(response, letter.revision)
    response.headers["Location"] = reverse("api:letter", args=[letter.pk])
    return Status(201, written.whole(letter))


@router.get("/letters/{letter_id}", response=LetterOut, url_name="letter", summary="Read a letter")
def read(request: HttpRequest, response: HttpResponse, letter_id: str):
    """The working copy, with its revision as `ETag`. What was filed is under `versions`."""
    only_in_address(request)
    letter = letter_for(request, letter_id)
    stamp(response, letter.revision)
    return written.whole(letter)


@router.patch(
    "/letters/{letter_id}",
    response=LetterOut,
    summary="Write fields of a letter",
    openapi_extra={"body": LetterChanges, "headers": ["If-Match"]},
)
def save(request: HttpRequest, response: HttpResponse, letter_id: str):
    """Write the fields you send, all of them or none; the others stay as they are.

    `If-Match` names the revision you have seen. If somebody saved meanwhile, nothing is stored and
    you are handed the letter as it is now, to merge and to send again.
    """
    letter = letter_for(request, letter_id, "edit")
    actions.ensure_draft(letter)
    revision = revision_in(request)
    sent = read_object(request, known=COLUMNS)
    changes = changes_in(sent, letter)
    try:
        letter = actions.save_draft(
            letter, changes=changes, revision=revision, actor=request.user, exactly=True
        )
    except actions.Stale as stale:
        raise written.stale(stale.current) from None
    stamp(response, letter.revision)
    return written.whole(letter)


@router.delete("/letters/{letter_id}", response={204: None}, summary="Delete a draft")
def delete(request: HttpRequest, letter_id: str):
    """Remove a draft that was never filed, while the call is open."""
    letter = letter_for(request, letter_id, "delete")
    refuse_any(request)
    actions.delete_draft(letter, actor=request.user)
    return Status(204, None)


def _agency_of(sent, writable) -> Agency:
    """The agency that is named, or the only one there is."""
    agencies = {str(agency.pk): agency for agency in Agency.objects.filter(pk__in=writable)}
    if sent is None and len(agencies) == 1:
        return next(iter(agencies.values()))
    if not isinstance(sent, str) or sent not in agencies:
        raise invalid({"agency": [_("Give the id of an agency for which you write.")]})
    return agencies[sent]
