"""Filing a letter, taking it back, and the proofs of both."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from accounts.bodies import only_in_address, refuse_any
from accounts.preconditions import as_id, idempotency_key_in, revision_in, stamp
from accounts.problems import Problem
from proposals import actions, content, reading
from proposals.api import written
from proposals.api.access import letter_for
from proposals.api.schemas import FiledVersion, LetterOut, ReceiptList, ReceiptOut, VersionList
from proposals.models import Receipt

router = Router(tags=["Filing"])


@router.post(
    "/letters/{letter_id}/submit",
    response={201: ReceiptOut},
    summary="File a letter",
    openapi_extra={"headers": ["Idempotency-Key", "If-Match?"], "refuses": [412]},
)
def submit(request: HttpRequest, letter_id: str):
    """File the working copy as an immutable version, and get its signed receipt.

    Only an authorised representative may do this. The same `Idempotency-Key` again answers with the
    same receipt and files nothing, so a lost answer costs nothing: send it again. With `If-Match`,
    only what you have read is filed. Every attempt is put on record; a refusal names its `attempt`.
    """
    letter = letter_for(request, letter_id)
    try:
        letter_for(request, letter_id, "submit")
    except PermissionDenied:
        actions.record_attempt(letter, outcome="forbidden", actor=request.user)
        raise
    key = idempotency_key_in(request)
    refuse_any(request)
    seen = _digest_of_what_was_seen(request, letter)
    try:
        receipt = actions.submit(letter, actor=request.user, idempotency_key=key, seen=seen)
    except actions.Incomplete as refusal:
        raise _with_attempt(refusal, 422, fields=_gaps(refusal)) from None
    except actions.Changed as refusal:
        raise _with_attempt(refusal, 412) from None
    except actions.Refused as refusal:
        raise _with_attempt(refusal, 409) from None
    return Status(201, written.receipt(receipt))


@router.post("/letters/{letter_id}/withdraw", response=LetterOut, summary="Withdraw a letter")
def withdraw(request: HttpRequest, response: HttpResponse, letter_id: str):
    """Take a filed letter out of the call, until the decisions are locked. Its receipts stay."""
    return _moved(request, response, letter_id, "withdraw", actions.withdraw)


@router.post("/letters/{letter_id}/take-up", response=LetterOut, summary="Take a letter up again")
def take_up(request: HttpRequest, response: HttpResponse, letter_id: str):
    """Make a withdrawn letter a draft again, while the call is open."""
    return _moved(request, response, letter_id, "take_up", actions.take_up_again)


@router.post("/letters/{letter_id}/reopen", response=LetterOut, summary="Rewrite a filed letter")
def reopen(request: HttpRequest, response: HttpResponse, letter_id: str):
    """Let a filed letter be changed while the call is open. What was filed stands until then."""
    return _moved(request, response, letter_id, "reopen", actions.reopen)


@router.post("/letters/{letter_id}/put-back", response=LetterOut, summary="Give a rewriting up")
def put_back(request: HttpRequest, response: HttpResponse, letter_id: str):
    """Put back what was filed. The text that was not filed is kept to be read on the portal."""
    return _moved(request, response, letter_id, "reopen", actions.put_back)


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


def _moved(request, response, letter_id, right, action):
    letter = letter_for(request, letter_id, right)
    refuse_any(request)
    letter = action(letter, actor=request.user)
    stamp(response, letter.revision)
    return written.whole(letter)


def _digest_of_what_was_seen(request, letter):
    """The hash that the action compares under its lock, where the program says what it has seen."""
    if "If-Match" not in request.headers:
        return None
    if revision_in(request) != letter.revision:
        raise written.stale(letter)
    return content.digest(content.of(letter, version=letter.versions.count() + 1))


def _gaps(refusal) -> dict:
    names = [name for section in refusal.fields.values() for name in section]
    labels = reading.labels(names)
    return {
        name: [_("%(label)s: this answer is missing.") % {"label": label}]
        for name, label in zip(names, labels, strict=True)
    }


def _with_attempt(refusal, status, **more) -> Problem:
    attempt = str(refusal.attempt.pk) if refusal.attempt else None
    return Problem(status, refusal.code, str(refusal), attempt=attempt, **more)
