"""The operator's pages: how the portal stands, what failed, the mail ledger. And the metrics."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.states import Role
from chang_e8_portal import clock
from decisions import actions as decisions_room
from decisions import pdf_signature
from notifications import actions as mail_room
from notifications.models import Message
from operations import exposition, failures, measures, timetable
from operations.forms import AgainForm, LedgerForm, SeveralForm
from operations.models import ChainCheck
from operations.permissions import admit, can, resendable
from reviews import actions as panel

PAGE = 50
_ASK_THEN_ACT = require_http_methods(["GET", "HEAD", "POST"])

# What has each kind done again.
REMEDIES = {
    "letter": decisions_room.retry_letter,
    "plan": panel.retry_plan,
    "pack": panel.retry_pack,
    "dossier": decisions_room.retry_dossier,
}


# What can be done with one mail, and what is said then.
_ACTS = {
    "send": (mail_room.send_again, gettext_lazy("The mail is sent once more.")),
    "leave": (mail_room.leave, gettext_lazy("The mail stays as it is.")),
    "bounced": (mail_room.note_bounce, gettext_lazy("Noted. It needs somebody now.")),
}
_SHOWN = 20


@login_not_required
def metrics(request):
    """Numbers for a monitor that shows the token, or for the operator. For others not there."""
    if not (_shows_the_token(request) or can(request.user, "see")):
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    words = exposition.text(measures.taken())
    return HttpResponse(words, content_type=exposition.CONTENT_TYPE)


@require_safe
def home(request):
    """Periodic tasks, the audit chain, and everything that failed and waits for somebody."""
    admit(request.user, "see")
    tasks = timetable.standings(at=clock.machine_now())
    context = {
        "tasks": tasks,
        "overdue": sum(one.overdue for one in tasks),
        "failures": failures.listed(),
        "failed": sum(failures.counts().values()),
        "key_fault": _key_fault(at=clock.now()),
        "check": ChainCheck.objects.latest_one(),
        "waiting": Message.objects.openly().deliverable(at=clock.now()).count(),
    }
    return render(request, "operations/home.html", context)


def _key_fault(*, at) -> str:
    """Why no decision letter can be signed now, for whoever can put it right; empty if they can."""
    try:
        pdf_signature.ensure_usable(at=at)
    except pdf_signature.KeyUnusable as fault:
        return str(fault)
    return ""


@_ASK_THEN_ACT
def again(request, kind, pk):
    """One job that failed: what it was, and with a reason once more."""
    admit(request.user, "retry")
    row = get_object_or_404(failures.KINDS[kind](), pk=pk)
    form = AgainForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = {"reason": form.cleaned_data["reason"], "actor": request.user}
            REMEDIES[kind](row, **given, at=clock.now())
            messages.success(request, _("It is tried again. Look here in a minute."))
            return redirect("operations:home")
    context = {"failure": failures.described(kind, row), "form": form}
    return render(request, "operations/again.html", context, status=status)


@require_safe
def ledger(request):
    """Every mail that was owed and what became of it, without its text."""
    admit(request.user, "read_ledger")
    form = LedgerForm(request.GET)
    valid = form.is_valid()
    # Those of one instant by what is shown of them: ids and keys are drawn by lot, and the order of
    # a list must differ only where its lines do.
    shown = ("-queued_at", "template", "address", "subject", "pk")
    mails = Message.objects.visible_to(request.user).defer("body").order_by(*shown)
    found = form.found_in(mails) if valid else mails.none()
    context = {
        "form": form,
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "may_act": request.user.has_role(Role.OPERATOR) or request.user.has_role(Role.PUBLISHER),
        "may_see_home": can(request.user, "see"),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "refused": _refused(request, found).count(),
    }
    return render(request, "operations/ledger.html", context, status=200 if valid else 422)


@_ASK_THEN_ACT
def mail(request, pk):
    """One mail that came to an end: send it once more, or say that it stays as it is."""
    admit(request.user, "read_ledger")
    found = get_object_or_404(Message.objects.visible_to(request.user).defer("body"), pk=pk)
    admit(request.user, "resend", found)
    form = AgainForm(request.POST or None)
    status = 200
    if request.method == "POST":
        act = request.POST.get("do", "send")
        if act not in _ACTS:
            raise BadRequest("do: send, leave or bounced")
        status = 422
        if form.is_valid():
            given = {"reason": form.cleaned_data["reason"], "actor": request.user}
            do, done = _ACTS[act]
            do(found, **given, at=clock.now())
            messages.success(request, done)
            return redirect("operations:ledger")
    context = {"mail": found, "form": form, "may_see_home": can(request.user, "see")}
    return render(request, "operations/mail.html", context, status=status)


@_ASK_THEN_ACT
def several(request):
    """Every refused mail of a list, whose search is in the address: all sent once more."""
    admit(request.user, "resend_several")
    search = LedgerForm(request.GET)
    mails = Message.objects.visible_to(request.user).defer("body").order_by("-queued_at", "pk")
    found = _refused(request, search.found_in(mails) if search.is_valid() else mails.none())
    number = found.count()
    form, status = SeveralForm(request.POST or None, initial={"expected": number}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                sent = mail_room.send_failed_again(
                    found, **form.cleaned_data, actor=request.user, at=clock.now()
                )
            except mail_room.Refused as refusal:
                form, status = _asked_anew(form, number), 409
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    ngettext(
                        "%(count)s mail is sent once more.",
                        "%(count)s mails are sent once more.",
                        sent,
                    )
                    % {"count": sent},
                )
                return redirect("operations:ledger")
    context = {
        "form": form,
        "mails": found[:_SHOWN],
        "number": number,
        "more": max(0, number - _SHOWN),
        "may_see_home": can(request.user, "see"),
    }
    return render(request, "operations/several.html", context, status=status)


def _refused(request, mails):
    """Those of a list that this person may have sent once more together."""
    return resendable(mails, request.user).to_send_again(at=clock.now())


def _asked_anew(form, number) -> SeveralForm:
    """The form with the number as it is by now, and what was typed."""
    anew = SeveralForm({"reason": form.data["reason"], "expected": str(number)})
    anew.is_valid()
    return anew


def _shows_the_token(request) -> bool:
    scheme, _space, shown = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme.lower() == "bearer" and constant_time_compare(shown, wanted)
