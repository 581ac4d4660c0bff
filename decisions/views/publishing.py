from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up
from accounts.states import Language
from chang_e8_portal import clock
from decisions import actions, differences, exceptions, history, rounds, telling
from decisions import results as results_of
from decisions.forms import ReleaseForm, WithdrawForm
from decisions.models import DecisionLetter, Mailing, Publication
from decisions.pdf_response import pdf_response
from decisions.permissions import admit, can
from decisions.querysets import letters_barred_to
from decisions.states import POSITIVE, Outcome, PublicationState, RenderState
from decisions.telling.text import text_of
from decisions.views import checklist
from notifications.models import Message
from notifications.states import MessageState
from proposals.states import RoundKind


@require_safe
def publication(request, kind):
    """The conductor: a checklist, the two persons' steps, and what became of the letters."""
    call_round, latest = _round_and_latest(kind)
    admit(request.user, "see", latest)
    if call_round is None:
        raise Http404
    return _conductor(request, call_round, latest, WithdrawForm())


@require_safe
def progress(request, kind):
    """How many letters are rendered: a part of the page above, asked for again every 2 s."""
    call_round, latest = _round_and_latest(kind)
    admit(request.user, "see", latest)
    if latest is None or not latest.is_open:
        raise Http404
    rendering = rounds.rendering_of(latest)
    context = {"round": call_round, "rendering": rendering}
    answer = render(request, "decisions/_progress.html", context)
    if not rendering["waiting"]:
        # All done: the rest of the page (checklist, buttons) is out of date as well.
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request, kind):
    """The first person: sees what would be told to how many, and proposes it."""
    admit(request.user, "propose")
    call_round, latest = _round_and_latest(kind)
    if call_round is None:
        raise Http404
    if request.method == "POST":
        made = actions.propose(call_round, actor=request.user, at=clock.now())
        messages.success(
            request,
            ngettext(
                "Proposed. %(count)s letter is being rendered now.",
                "Proposed. %(count)s letters are being rendered now.",
                made.letters.count(),
            )
            % {"count": made.letters.count()},
        )
        return redirect("decisions:publication", kind)
    checks = checklist.of(call_round, latest, letters_barred_to(request.user))
    if (latest and latest.state != PublicationState.VOID) or not checklist.decisions_are_ready(
        checks
    ):
        return redirect("decisions:publication", kind)
    mails, people = rounds.mails_owed(call_round)
    context = {
        "round": call_round,
        "counts": _counts(call_round),
        "letters": rounds.decisions_of(call_round).count(),
        "mails": mails,
        "people": people,
    }
    return render(request, "decisions/propose.html", context)


@require_POST
def withdraw(request, kind):
    """Either publisher takes the open proposal back, and says why."""
    admit(request.user, "propose")
    call_round, latest = _round_and_latest(kind)
    if latest is None:
        raise Http404
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _conductor(request, call_round, latest, form, status=422)
    reason = form.cleaned_data["reason"]
    actions.withdraw_proposal(latest, reason=reason, actor=request.user, at=clock.now())
    messages.success(request, _("The proposal is withdrawn. Nothing was told to anybody."))
    return redirect("decisions:publication", kind)


@require_http_methods(["GET", "HEAD", "POST"])
def release(request, kind):
    """The second person: sees every letter, re-types the number, and releases."""
    admit(request.user, "propose")
    call_round, latest = _round_and_latest(kind)
    if latest is None:
        raise Http404
    if request.method != "POST":
        admit(request.user, "release", latest)
        if not latest.is_open:
            return redirect("decisions:publication", kind)
        if latest.is_scheduled:
            return redirect("decisions:publication", kind)
        initial = {"publication": latest.pk, "key": uuid4().hex}
        form = ReleaseForm(initial=initial, call=call_round.call)
        return _release_page(request, call_round, latest, form)
    form = ReleaseForm(request.POST, call=call_round.call)
    form.is_valid()
    chosen = _named_in(form, call_round)
    if chosen.is_open or chosen.release_key == form.cleaned_data.get("key", ""):
        admit(request.user, "release", chosen)
    if not form.is_valid() and chosen.is_open:
        return _release_page(request, call_round, chosen, form, status=422)
    if step_up.goes_back(request) and chosen.is_open:
        return _release_page(request, call_round, chosen, form)
    try:
        if chosen.is_open and (asked := _who_releases(request, chosen, form.cleaned_data)):
            return asked
        released = _turn_second_key(chosen, form.cleaned_data, actor=request.user)
    except actions.Refused as refusal:
        if refusal.code == "not_proposed":
            raise
        field = {"wrong_count": "count", "wrong_instant": "release_at"}.get(refusal.code)
        form.add_error(field, str(refusal))
        return _release_page(request, call_round, chosen, form, status=422 if field else 409)
    if not released.is_released:
        messages.success(
            request, _("The release is planned. Nothing was told to anybody; you can cancel it.")
        )
        return redirect("decisions:publication", kind)
    messages.success(
        request,
        ngettext(
            "Released. %(count)s letter goes forward; the mails are on their way.",
            "Released. %(count)s letters go forward; the mails are on their way.",
            released.positive_count,
        )
        % {"count": released.positive_count},
    )
    return redirect("decisions:publication", kind)


def _who_releases(request, chosen, said):
    """The page that asks for a code: what this key opens cannot be closed again."""
    typed = {"confirmed_count": int(said["count"]), "release_at": said.get("release_at")}
    actions.refuse_mistyped(chosen, **typed, at=clock.now())
    if typed["release_at"]:
        what = gettext_lazy("plan the release of what was decided: %(round)s")
    else:
        what = gettext_lazy("release what was decided: %(round)s")
    return step_up.ask(
        request,
        "release",
        what=what,
        names={"round": RoundKind(chosen.round.kind).label},
        about=f"publication-{chosen.pk}",
    )


def _turn_second_key(chosen, said, *, actor):
    """Release now, or plan the release if an instant is named."""
    options = {
        "confirmed_count": int(said.get("count", -1)),
        "key": said.get("key", ""),
        "actor": actor,
        "at": clock.now(),
    }
    if said.get("release_at"):
        return actions.schedule(chosen, release_at=said["release_at"], **options)
    return actions.release(chosen, **options)


@require_POST
def unschedule(request, kind):
    """Either publisher cancels the planned instant; the proposal stays."""
    admit(request.user, "propose")
    _call_round, latest = _round_and_latest(kind)
    if latest is None:
        raise Http404
    actions.cancel_schedule(latest, actor=request.user, at=clock.now())
    messages.success(request, _("The planned release is cancelled. The proposal stays open."))
    return redirect("decisions:publication", kind)


@require_POST
def rehearse(request, kind):
    """Have the whole release tried by a worker, up to its last step."""
    admit(request.user, "propose")
    _call_round, latest = _round_and_latest(kind)
    if latest is None:
        raise Http404
    actions.ask_rehearsal(latest, actor=request.user, at=clock.now())
    messages.success(request, _("The rehearsal begins. Nothing is told to anybody."))
    return redirect("decisions:publication", kind)


@require_safe
def press(request, kind):
    """The text for the press in one language, of the open or released publication."""
    admit(request.user, "propose")
    call_round, latest = _round_and_latest(kind)
    language = request.GET.get("lang", Language.ENGLISH)
    known = latest is not None and latest.state != PublicationState.VOID and latest.page
    if not known or not call_round.is_final or language not in Language.values:
        raise Http404
    # What was released is told as it was corrected since.
    told = results_of.of(call_round.call) if latest.is_released else latest
    text = text_of(told.page, language)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def preview(request, decision_letter_id):
    """One decision letter as its agency will get it, shown in the browser."""
    admit(request.user, "preview")
    found = get_object_or_404(
        DecisionLetter.objects.visible_to(request.user), pk=decision_letter_id
    )
    if found.state != RenderState.READY:
        raise Http404
    return pdf_response(found, inline=True)


@require_POST
def retry(request, decision_letter_id):
    """Try a letter again that was set aside."""
    admit(request.user, "propose")
    found = get_object_or_404(
        DecisionLetter.objects.visible_to(request.user).select_related("publication__round__call"),
        pk=decision_letter_id,
    )
    actions.retry_letter(found, actor=request.user, at=clock.now())
    messages.success(
        request, _("Letter %(number)s is rendered once more.") % {"number": found.number}
    )
    if found.correction_id:
        return redirect("decisions:correction", found.correction_id)
    return redirect("decisions:publication", found.publication.round)


def _round_and_latest(kind):
    call_round = rounds.round_at(kind)
    return call_round, call_round and rounds.latest_publication(call_round)


def _named_in(form, call_round):
    """The publication the form speaks of, which need not be the latest one any more."""
    return get_object_or_404(Publication, round=call_round, pk=form.cleaned_data.get("publication"))


def _conductor(request, call_round, latest, withdraw_form, status=200):
    barred = letters_barred_to(request.user)
    checks = checklist.of(call_round, latest, barred)
    counts = _counts(call_round, barred)
    told = latest is not None and latest.is_released
    context = {
        "round": call_round,
        "publication": latest,
        "checks": checks,
        "decisions_are_ready": checklist.decisions_are_ready(checks),
        "counts": counts,
        "barred": barred.exists(),
        "undecided": rounds.undecided_in(call_round, barred).count(),
        "void": Publication.objects.filter(round=call_round, state=PublicationState.VOID)
        .select_related("proposed_by")
        .order_by("-proposed_at"),
        "withdraw_form": withdraw_form,
        "can_propose": can(request.user, "propose"),
        "can_release": latest is not None and can(request.user, "release", latest),
        "mails": _mails(latest) if told else None,
        "tongues": telling.TONGUES,
    }
    if latest is not None and latest.state != PublicationState.VOID:
        context["rendering"] = rounds.rendering_of(latest)
        failed = latest.letters.of_publication().filter(state=RenderState.FAILED)
        context["failed"] = failed.exclude(decision__letter__in=barred)
        context["lines"] = _lines(latest, barred)
        if context["can_propose"]:
            context["corrections"] = latest.corrections.select_related("decision__letter")
            context["rehearsal"] = latest.rehearsals.select_related("asked_by").first()
        # The proposal's own number counts every letter; a person with a conflict sees the others.
        forward = sum(number for outcome, number in counts if outcome in POSITIVE)
        context["forward"] = forward if context["barred"] else latest.positive_count
    return render(request, "decisions/publication.html", context, status=status)


def _release_page(request, call_round, latest, form, status=200):
    mails, people = rounds.mails_owed(call_round)
    earlier, changed = differences.since_the_last(latest)
    cases = exceptions.of(call_round)
    context = {
        "mass": rounds.mass_on_the_lander(call_round),
        "cases": cases,
        "beside_the_set": checklist.set_check(call_round, cases, all_decided=True)["text"],
        "round": call_round,
        "publication": latest,
        "form": form,
        "earlier": earlier,
        "differences": changed,
        "rehearsal": latest.rehearsals.filter(done_at__isnull=False).first(),
        "lines": _lines(latest, letters_barred_to(request.user)),
        "counts": _counts(call_round),
        "rendering": rounds.rendering_of(latest),
        "mails": mails,
        "people": people,
    }
    return render(request, "decisions/release.html", context, status=status)


def _counts(call_round, barred=()) -> list[tuple]:
    counts = rounds.counts_by_outcome(call_round, barred)
    return [(Outcome(outcome), number) for outcome, number in counts.items()]


def _lines(latest, barred) -> list[dict]:
    """One line a letter of intent, those that go forward first, with its files by language."""
    lines = {}
    rows = (
        latest.letters.of_publication()
        .exclude(decision__letter__in=barred)
        .select_related("decision__letter__agency", "decision__merged_with")
        .order_by("decision__letter__reference", "language")
    )
    hidden = {row["letter"] for row in barred}
    for row in rows:
        history.conceal(row.decision, hidden)
        line = lines.setdefault(row.decision_id, {"decision": row.decision, "files": []})
        line["files"].append(row)
    order = list(Outcome)
    return sorted(
        lines.values(),
        key=lambda line: (
            line["decision"].outcome not in POSITIVE,
            order.index(line["decision"].outcome),
        ),
    )


def _mails(latest) -> dict | None:
    """What became of a release's mails: all, sent, waiting, failed, and those nobody knows of.

    None while a worker has still to write them.
    """
    if not Mailing.objects.filter(publication=latest).exists():
        return None
    states = list(
        Message.objects.filter(
            template="decision_ready",
            queued_at=latest.released_at,
            key__contains=f"-{latest.round.kind}-announced-",
        ).values_list("state", flat=True)
    )
    counts = {
        "sent": states.count(MessageState.SENT),
        "failed": states.count(MessageState.FAILED),
        "unknown": states.count(MessageState.UNKNOWN),
    }
    return {"all": len(states), **counts, "waiting": len(states) - sum(counts.values())}
