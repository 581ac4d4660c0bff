"""What was filed, and its proofs."""

from django.http import Http404, HttpRequest
from ninja import Router

from accounts.bodies import only_in_address
from proposals.api import written
from proposals.api.access import as_id, letter_for
from proposals.api.schemas import FiledVersion, ReceiptList, VersionList
from proposals.models import Receipt

router = Router(tags=["Filing"])


@router.get("/letters/{letter_id}/receipts", response=ReceiptList, summary="List receipts")
def receipts(request: HttpRequest, letter_id: str):
    """Every receipt of this letter, the first one first."""
    only_in_address(request)
    found = Receipt.objects.visible_to(request.user).filter(version__letter=as_id(letter_id))
    rows = list(found.select_related("version__letter").order_by("version__number"))
    if not rows:
        # An auditor reads receipts and no letters: who sees no receipt must be able to see these.
        letter_for(request, letter_id)
    return {"items": [written.receipt(row) for row in rows]}


@router.get("/letters/{letter_id}/versions", response=VersionList, summary="List filed versions")
def versions(request: HttpRequest, letter_id: str):
    """What was filed of this letter, the first version first."""
    only_in_address(request)
    letter = letter_for(request, letter_id)
    rows = letter.versions.select_related("submitted_by")
    return {"items": [written.version(row) for row in rows]}


@router.get(
    "/letters/{letter_id}/versions/{number}", response=FiledVersion, summary="Read a filed version"
)
def version(request: HttpRequest, letter_id: str, number: str):
    """One version, word for word: the SHA-256 of its canonical content is on the receipt."""
    only_in_address(request)
    letter = letter_for(request, letter_id)
    if not (number.isascii() and number.isdigit() and len(number) <= 4):
        raise Http404
    row = letter.versions.select_related("submitted_by").filter(number=int(number)).first()
    if row is None:
        raise Http404
    return written.version(row) | {"content": row.content}
