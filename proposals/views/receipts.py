"""Receipts, the attempts behind them, and what anybody needs to check one."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from proposals import permissions, receipts, signing
from proposals.models import LetterOfIntent, Receipt, SubmitAttempt

PAGE = 50
LONGEST_SEARCH = 40
_PROGRAMS = Path("tools")


@require_safe
def receipt(request, pk):
    """The receipt of the last version or of `?version=n`, as a page or as a file."""
    found = receipt_for(request, pk)
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


def receipt_for(request, pk, *, model=Receipt):
    """The receipt that the address asks for, if this person may read it; else 404."""
    found = model.objects.visible_to(request.user).filter(version__letter=pk)
    number = request.GET.get("version")
    if number is not None:
        if not (number.isascii() and number.isdigit() and len(number) <= 4):
            raise Http404
        found = found.filter(version__number=int(number))
    found = (
        found.select_related("version__letter__call", "version__letter__agency")
        .order_by("-version__number")
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_safe
def attempts(request):
    """Every attempt to submit: those of one's own agencies; for the auditor, all of them."""
    search = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    rows = SubmitAttempt.objects.visible_to(request.user).select_related("letter", "actor")
    if search:
        rows = rows.filter(letter__reference__icontains=search)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "search": search,
        "own": set(request.user.seats),
        "readable": _readable(request.user, {attempt.letter for attempt in page}),
    }
    return render(request, "proposals/attempts.html", context)


@login_not_required
@require_safe
def public_key(request):
    """The public half of the key that signs receipts, and those of earlier years."""
    response = HttpResponse(signing.public_pem(), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="key.pem"'
    return response


@login_not_required
@require_safe
def program(request, name="verify_receipt.py"):
    """A program that checks a receipt, or a dossier, with nothing of the portal."""
    response = HttpResponse(
        (settings.BASE_DIR / _PROGRAMS / name).read_bytes(),
        content_type="text/x-python; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _readable(user, letters) -> set:
    """Ids of those of these letters whose page this person may read."""
    allowed = {one.pk for one in letters if permissions.can(user, "read", one)}
    own = {one.pk for one in letters if user.seat_in(one.agency_id) is not None}
    if allowed == own:
        return own
    # For the auditor: a withdrawn letter is there to be read once its call is opened.
    shown = LetterOfIntent.objects.visible_to(user).filter(pk__in=allowed)
    return set(shown.values_list("pk", flat=True))


def _as_json(found):
    version = found.version
    response = HttpResponse(receipts.as_file(found), content_type="application/json")
    name = f"receipt-{version.letter.reference}-v{version.number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
