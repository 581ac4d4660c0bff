import hashlib

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from decisions import results as results_of
from decisions.forms import CodeForm, DocumentForm
from decisions.models import DecisionLetter, Publication
from proposals.models import Call, Receipt
from proposals.states import RoundKind

_CHECKS_A_MINUTE = 30


@login_not_required
@require_safe
def results(request):
    """The same neutral page for all until the final release; then the projects that go forward."""
    call = Call.objects.current()
    # Asked once: the whole page is of before the release, or of after it.
    publication = (
        Publication.objects.released()
        .filter(round__call=call, round__kind=RoundKind.FINAL)
        .select_related("round")
        .first()
    )
    context = {
        "call": call,
        "round": call and next((r for r in call.rounds.all() if r.is_final), None),
    }
    if publication is None:
        return render(request, "decisions/results_awaited.html", context)
    context |= {"publication": publication, **results_of.told_by(publication)}
    context["in_chinese"] = get_language().startswith("zh")
    return render(request, "decisions/results.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request):
    """Whether a document is ours: by its code, or by its very bytes."""
    by_file = request.method == "POST"
    code_form = CodeForm({"code": request.GET["code"]} if "code" in request.GET else None)
    document_form = DocumentForm(request.POST, request.FILES) if by_file else DocumentForm()
    context = {"code_form": code_form, "document_form": document_form}
    asked = document_form if by_file else code_form
    if not asked.is_bound:
        return render(request, "decisions/verify.html", context)
    if _asks_too_often(request):
        response = render(request, "decisions/verify.html", context | {"slow": True}, status=429)
        response["Retry-After"] = "60"
        return response
    if not asked.is_valid():
        return render(request, "decisions/verify.html", context, status=422)
    letters = DecisionLetter.objects.released().select_related(
        "publication", "decision__letter__call"
    )
    if by_file:
        digest = _sha256(asked.cleaned_data["document"])
        context |= {"digest": digest, "letter": letters.filter(sha256=digest).first()}
    else:
        code = asked.cleaned_data["code"]
        receipts = Receipt.objects.select_related("version__letter__call")
        context |= {
            "code": code,
            "letter": letters.filter(code=code).first(),
            "receipt": receipts.filter(code=code).first(),
        }
    context["answered"] = True
    return render(request, "decisions/verify.html", context)


def _asks_too_often(request) -> bool:
    """Count one more question of this address in this minute. A lost count does no harm: a code
    has a hundred bits.
    """
    address = get_adapter().get_client_ip(request)
    key = f"verify:{address}:{int(clock.now().timestamp()) // 60}"
    asked = cache.get(key, 0) + 1
    cache.set(key, asked, 120)
    return asked > _CHECKS_A_MINUTE


def _sha256(document) -> str:
    digest = hashlib.sha256()
    for chunk in document.chunks():
        digest.update(chunk)
    return digest.hexdigest()
