"""Submitting a letter, and the receipt."""

import secrets
from datetime import UTC

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from proposals import actions, advice, content, reading
from proposals.forms import SubmitForm
from proposals.models import Receipt
from proposals.sections import SECTIONS, missing
from proposals.views.access import letter_for, only_expected


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, pk):
    """Show exactly what will be filed; on POST, file it.

    The key made with the page lets the same click arrive twice and count once. The hash of what was
    shown comes back with it, so nobody signs a text that a colleague changed meanwhile.
    """
    letter = letter_for(request, pk, "submit")
    if request.method != "POST":
        if not letter.is_editable:
            return redirect("proposals:receipt", letter.pk)
        actions.ensure_draft(letter)
        return _review(request, letter)
    only_expected(request.POST, SubmitForm.base_fields)
    form = SubmitForm(request.POST)
    if not form.is_valid():
        raise BadRequest("submit: idempotency_key and seen as the page gave them")
    try:
        actions.submit(letter, actor=request.user, **form.cleaned_data)
    except actions.Incomplete:
        return _review(request, letter, status=422)
    except actions.Changed as changed:
        return _review(request, letter, status=409, sentence=str(changed))
    return redirect("proposals:receipt", letter.pk)


@require_safe
def receipt(request, pk):
    """The receipt of the last version or of `?version=n`, as a page or as canonical JSON."""
    receipts = Receipt.objects.visible_to(request.user).filter(version__letter=pk)
    number = request.GET.get("version")
    if number is not None:
        if not (number.isascii() and number.isdigit() and len(number) <= 4):
            raise Http404
        receipts = receipts.filter(version__number=int(number))
    found = (
        receipts.select_related("version__letter__call", "version__letter__agency")
        .order_by("-version__number")
        .first()
    )
    if found is None:
        raise Http404
    if request.GET.get("format") == "json":
        return _as_json(found)
    version = found.version
    context = {
        "receipt": found,
        "version": version,
        "letter": version.letter,
        "call": version.letter.call,
        "is_own": request.user.seat_in(version.letter.agency_id) is not None,
    }
    return render(request, "proposals/receipt.html", context)


def _review(request, letter, *, status=200, sentence=""):
    # Read again: the page must show what is stored now, not what was when the request began.
    letter = letter_for(request, letter.pk, "submit")
    words = content.of(letter, version=letter.versions.count() + 1)
    gaps = missing(letter)
    context = {
        "letter": letter,
        "call": letter.call,
        "parts": reading.parts_of(words, letter.call),
        "attachments": words["attachments"],
        "sha256": content.digest(words),
        "idempotency_key": secrets.token_urlsafe(24),
        "gaps": [(SECTIONS[key], reading.labels(names)) for key, names in gaps.items()],
        "advice": [said for sentences in advice.on(letter).values() for said in sentences],
        "sentence": sentence,
        "now": clock.now(),
    }
    return render(request, "proposals/submit.html", context, status=status)


def _as_json(found):
    version = found.version
    letter = version.letter
    data = content.canonical(
        {
            "reference": letter.reference,
            "version": version.number,
            "accepted_at": version.accepted_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "sha256": version.sha256,
            "audit_seq": found.audit_seq,
            "audit_head": found.audit_head,
            "code": found.code,
            "agency": version.content["agency"]["name"],
            "call": letter.call.code,
        }
    )
    response = HttpResponse(data, content_type="application/json")
    name = f"receipt-{letter.reference}-v{version.number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
