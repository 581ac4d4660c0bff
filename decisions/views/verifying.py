import hashlib

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from decisions import verifying
from decisions.models import DecisionLetter
from decisions.pdf_signature import keys
from decisions.public_forms import CodeForm, DigestForm, DocumentForm
from proposals import receipts, signing
from proposals.models import FullerReceipt, Receipt

_CHECKS_A_MINUTE = 30


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request):
    """Whether a document is ours: by its code, by its very bytes, or by a receipt's signature.

    The page's script looks at a dropped file itself and asks about its hash; without JavaScript the
    file is sent, looked at and not kept. Nobody is told more than the document itself says.
    """
    by_file = request.method == "POST"
    code_form = CodeForm({"code": request.GET["code"]} if "code" in request.GET else None)
    document_form = DocumentForm(request.POST, request.FILES) if by_file else DocumentForm()
    context = {"code_form": code_form, "document_form": document_form}
    if by_file:
        asked = document_form
    elif "sha256" in request.GET:
        asked = DigestForm(request.GET)
        # The code box stays empty: nobody typed into it.
        context["code_form"] = CodeForm()
    else:
        asked = code_form
    if not asked.is_bound:
        return render(request, "decisions/verify.html", context)
    if _asks_too_often(request):
        response = render(request, "decisions/verify.html", context | {"slow": True}, status=429)
        response["Retry-After"] = "60"
        return response
    if not asked.is_valid():
        return render(request, "decisions/verify.html", context, status=422)
    context |= _answer(asked) | {"answered": True}
    return render(request, "decisions/verify.html", context)


@login_not_required
@require_safe
def letter_certificates(request):
    """The certificate that signs decision letters, and those of earlier keys."""
    response = HttpResponse(keys.certificates_pem(), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="letters.pem"'
    return response


def _answer(asked) -> dict:
    if isinstance(asked, CodeForm):
        code = asked.cleaned_data["code"]
        letters = DecisionLetter.objects.released().select_related("decision__letter__call")
        return {"code": code} | _letter(letters.filter(code=code).first()) | _receipt(code)
    if isinstance(asked, DigestForm):
        digest = asked.cleaned_data["sha256"]
        code_form = CodeForm(asked.cleaned_data)
        if asked.cleaned_data["code"] and code_form.is_valid():
            return _receipt(code_form.cleaned_data["code"], digest) | {"digest": digest}
        return {"digest": digest} | (_paper(digest) or _letter(verifying.told_with(digest)))
    document = asked.cleaned_data["document"]
    found = _receipt_in(document)
    if found:
        digest = receipts.digest(found)
        return _receipt(found["code"], digest) | {"digest": digest}
    sent = document.read()  # 12 MB at most
    digest = hashlib.sha256(sent).hexdigest()
    if letter := verifying.told_with(digest):
        return {"digest": digest} | _letter(letter)
    if paper := _paper(digest):
        return {"digest": digest} | paper
    return {"digest": digest, "signature": verifying.signature_in(sent), "is_sent": True}


def _letter(letter) -> dict:
    return {"letter": letter, "signature": letter and verifying.signature_of(letter)}


def _paper(digest) -> dict:
    """The printed results with this hash, whether they still hold; nothing if there are none."""
    paper = verifying.paper_with(digest)
    if paper is None:
        return {}
    return {
        "paper": paper,
        "still_holds": verifying.still_holds(paper),
        "signature": verifying.signature_of(paper),
    }


def _receipt(code, digest=None) -> dict:
    """The receipt with this code, and whether the one in hand (by its digest) is the same.

    `fault` says why it is not genuine. The signature is checked each time: a row that somebody
    changed in the database is no proof.
    """
    receipt = _receipt_with(code)
    if receipt is None:
        return {"receipt": None, "is_receipt": digest is not None}
    fault = ""
    if receipt.signature:
        fault = receipts.fault_in(receipts.signed(receipt), signing.public_keys())
    if digest and digest != receipts.digest(receipts.signed(receipt)):
        fault = _("The code is ours, but something else in this receipt was changed.")
    return {"receipt": receipt, "fault": fault, "is_receipt": digest is not None}


def _receipt_with(code):
    """That of a letter of intent or of a fuller proposal."""
    for model in (Receipt, FullerReceipt):
        rows = model.objects.select_related("version__letter__call")
        if found := rows.filter(code=code).first():
            return found
    return None


def _receipt_in(document) -> dict | None:
    """The receipt that an uploaded file holds, or None if it is something else."""
    if document.size > receipts.MOST_BYTES:
        return None
    try:
        return receipts.read(document.read())
    except receipts.Unreadable:
        return None
    finally:
        document.seek(0)


def _asks_too_often(request) -> bool:
    """Count one more question of this address in this minute. A lost count does no harm: a code
    has a hundred bits.
    """
    address = get_adapter().get_client_ip(request)
    key = f"verify:{address}:{int(clock.now().timestamp()) // 60}"
    asked = cache.get(key, 0) + 1
    cache.set(key, asked, 120)
    return asked > _CHECKS_A_MINUTE
