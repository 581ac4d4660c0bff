"""Rules of the portfolio: signed by a chair, read by whoever sees scenarios."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from decisions import actions, portfolio_input, portfolio_words, rounds
from decisions.models import PortfolioRules
from decisions.permissions import admit, can
from decisions.portfolio_forms import LetterRules, RulesForm, letter_rows, letter_rules
from decisions.querysets import conflicts_of
from proposals.models import LetterOfIntent

# A list of so many is no help to whoever types a reference.
_SUGGESTED = 300


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request, kind):
    """Rules to be signed; `?from=` begins with those of an earlier version."""
    admit(request.user, "decide")
    call_round = rounds.round_at(kind)
    if call_round is None:
        raise Http404
    call, late = call_round.call, rounds.scores_visible(call_round)
    known = _known(request.user, call_round)
    options = {"form_kwargs": {"known": frozenset(known)}, "prefix": "letters"}
    if request.method != "POST":
        start = _start(request, call_round)
        content = start.content if start else portfolio_input.usual_rules(call_round)
        initial = RulesForm.values_of(content, call) | {"name": start.name if start else ""}
        form = RulesForm(initial=initial, call=call, late=late)
        letters = LetterRules(initial=letter_rows(content), **options)
        return _page(request, call_round, form, letters, known, late)
    form = RulesForm(request.POST, call=call, late=late)
    letters = LetterRules(request.POST, **options)
    # Both, so that every fault is named at once.
    if not all([form.is_valid(), letters.is_valid()]):
        return _page(request, call_round, form, letters, known, late, status=422)
    try:
        rules = actions.sign_rules(
            call_round,
            name=form.cleaned_data["name"],
            content=form.content() | letter_rules(letters),
            reason=form.cleaned_data.get("reason", ""),
            actor=request.user,
            at=clock.now(),
        )
    except actions.Refused as refusal:
        if refusal.code == "reason":
            # The first review came in while this was typed.
            form = RulesForm(request.POST, call=call, late=True)
            form.is_valid()
            late = True
        form.add_error(None, str(refusal))
        return _page(request, call_round, form, letters, known, late, status=409)
    messages.success(request, _("Signed. These rules stay as they are."))
    return redirect("decisions:portfolio_rules", kind, rules.pk)


@require_safe
def rules(request, kind, rules_id):
    """Signed rules, sentence by sentence."""
    admit(request.user, "read")
    call_round = rounds.round_at(kind)
    seen = PortfolioRules.objects.filter(round=call_round).visible_to(request.user)
    found = seen.filter(pk=rules_id).select_related("signed_by").first()
    if call_round is None or found is None:
        raise Http404
    context = {
        "round": call_round,
        "rules": found,
        "lines": portfolio_words.listed(found.content, call_round.call),
        "may_sign": can(request.user, "decide"),
    }
    return render(request, "decisions/portfolio/rules.html", context)


def _page(request, call_round, form, letters, known, late, status=200):
    context = {
        "round": call_round,
        "form": form,
        "letter_rules": letters,
        "suggested": known if len(known) <= _SUGGESTED else {},
        "late": late,
    }
    return render(request, "decisions/portfolio/sign.html", context, status=status)


def _known(user, call_round) -> dict:
    """References and titles of the letters that `user` may make rules about."""
    letters = LetterOfIntent.objects.to_decide_in(call_round).exclude(
        pk__in=conflicts_of(user).values("letter")
    )
    return dict(letters.order_by("reference").values_list("reference", "title"))


def _start(request, call_round) -> PortfolioRules | None:
    try:
        pk = UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    seen = PortfolioRules.objects.filter(round=call_round).visible_to(request.user)
    return seen.filter(pk=pk).first()
