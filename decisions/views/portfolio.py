"""The portfolio workbench: scenarios, one of them in full, several side by side."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from chang_e8_portal import clock
from decisions import actions, exports, rounds
from decisions.models import PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.permissions import admit, can
from decisions.portfolio_forms import AdoptionForm, PinForm, ScenarioForm, UnpinForm
from decisions.querysets import conflicts_of, letters_barred_to
from decisions.states import Outcome, ScenarioState
from decisions.workbench import Workbench, compared
from reviews import tables
from reviews.models import Ranking

_TONES = {
    ScenarioState.QUEUED: "neutral",
    ScenarioState.RUNNING: "info",
    ScenarioState.READY: "success",
    ScenarioState.IMPOSSIBLE: "warning",
    ScenarioState.FAILED: "danger",
}
# Beside the one that is looked at.
_TABS = 6
_LISTED = 40
_COMPARED = 6


@require_safe
def present(request):
    """The portfolio of the round that is being decided: the first that is not told yet."""
    admit(request.user, "read")
    found = rounds.current_rounds()
    if not found:
        raise Http404
    told = [one for one in found if _is_told(one)]
    waiting = [one for one in found if one not in told]
    return redirect("decisions:portfolio", (waiting or found[-1:])[0])


@require_http_methods(["GET", "HEAD", "POST"])
def portfolio(request, kind):
    """The scenarios of a round, the rules that were signed, and the form that asks for another."""
    admit(request.user, "decide" if request.method == "POST" else "read")
    call_round = _round(kind)
    signed = list(
        PortfolioRules.objects.filter(round=call_round)
        .visible_to(request.user)
        .select_related("signed_by")
    )
    if request.method != "POST":
        return _home(request, call_round, signed, ScenarioForm(signed=signed))
    form = ScenarioForm(request.POST, signed=signed)
    if not form.is_valid():
        return _home(request, call_round, signed, form, status=422)
    try:
        scenario = actions.ask_for_scenario(
            form.cleaned_data["rules"],
            name=form.cleaned_data["name"],
            actor=request.user,
            at=clock.now(),
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return _home(request, call_round, signed, form, status=409)
    return redirect("decisions:scenario", kind, scenario.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request, kind, scenario_id):
    """One scenario: gauges, core, open and out, and the letter that was chosen explained.

    A pin asks for another scenario; this one stays as it is.
    """
    admit(request.user, "decide" if request.method == "POST" else "read")
    found = scenario_of(request.user, kind, scenario_id)
    if request.method != "POST":
        return _bench(request, found)
    way = request.POST.get("way")
    form = (UnpinForm if way == "free" else PinForm)(request.POST)
    if way not in ("in", "out", "free"):
        form.add_error(None, _("Say whether the letter is to be in or out."))
    if not form.is_valid():
        return _bench(request, found, form, status=422)
    said = form.cleaned_data
    pins = [pin for pin in found.pins if pin["letter"] != said["letter"]]
    if way != "free":
        pin = {"letter": said["letter"], "inside": way == "in", "reason": said["reason"]}
        pins.append(pin)
    try:
        made = actions.ask_for_scenario(
            found.rules, name=said["name"], pins=pins, actor=request.user, at=clock.now()
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return _bench(request, found, form, status=409)
    return redirect("decisions:scenario", kind, made.pk)


@require_safe
def state(request, kind, scenario_id):
    """How far a scenario is: a part of its page, asked for again every two seconds."""
    admit(request.user, "read")
    found = scenario_of(request.user, kind, scenario_id)
    answer = render(request, "decisions/portfolio/state.html", {"scenario": found})
    # There is more to see: the page is loaded anew.
    if not found.is_waited_for or (found.result and "half" not in request.GET):
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request, kind, scenario_id):
    """The set that the panel voted for, letter by letter, and the minute of the vote."""
    admit(request.user, "decide")
    found = scenario_of(request.user, kind, scenario_id)
    form = AdoptionForm(request.POST if request.method == "POST" else None)
    context = {"scenario": found, "round": found.round, "form": form}
    context["bench"] = Workbench(found) if found.chosen else None
    context["outdated"] = found.state == ScenarioState.READY and actions.is_out_of_date(found)
    page = "decisions/portfolio/adopt.html"
    if request.method != "POST":
        return render(request, page, context)
    if not form.is_valid():
        return render(request, page, context, status=422)
    try:
        actions.adopt_scenario(
            found, minute=form.cleaned_data["minute"], actor=request.user, at=clock.now()
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, page, context, status=409)
    messages.success(
        request,
        _("Adopted. Nothing is decided yet: record the decisions letter by letter or below."),
    )
    return redirect("decisions:scenario", kind, found.pk)


@require_safe
def compare(request, kind):
    """Several scenarios side by side; `?scenario=` once for each."""
    admit(request.user, "read")
    call_round = _round(kind)
    ids = list(dict.fromkeys(filter(None, map(_uuid, request.GET.getlist("scenario")))))
    ready = _scenarios(request.user, call_round).exclude(set_sha256="").in_bulk(ids)
    chosen = [ready[pk] for pk in ids if pk in ready][:_COMPARED]
    if len(chosen) < 2:
        messages.warning(request, _("Choose at least two scenarios that have a set."))
        return redirect("decisions:portfolio", kind)
    context = {"round": call_round, "scenarios": chosen, **compared(chosen)}
    return render(request, "decisions/portfolio/compare.html", context)


@require_GET
def scenario_csv(request, kind, scenario_id):
    """Every letter of a scenario with its figures, to take along."""
    admit(request.user, "read")
    found = scenario_of(request.user, kind, scenario_id)
    if not found.chosen:
        raise Http404
    header, rows = exports.scenario_table(Workbench(found))
    answer = StreamingHttpResponse(
        tables.csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    name = f"portfolio-{found.round.kind.lower()}-{found.input_sha256[:8]}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def scenario_of(user, kind, scenario_id) -> PortfolioScenario:
    """The scenario of this round, or 404: to whoever is in conflict it is not there either."""
    call_round = _round(kind)
    found = _scenarios(user, call_round).filter(pk=scenario_id).first()
    if found is None:
        raise Http404
    found.round = call_round  # which knows how the address names it
    return found


def _scenarios(user, call_round):
    rows = PortfolioScenario.objects.filter(round=call_round).visible_to(user)
    return rows.select_related("rules", "asked_by", "round__call").defer("run")


def _round(kind):
    call_round = rounds.round_at(kind)
    if call_round is None:
        raise Http404
    return call_round


def _is_told(call_round) -> bool:
    publication = rounds.latest_publication(call_round)
    return publication is not None and publication.is_released


def _adoption(user, call_round) -> PortfolioAdoption | None:
    """The vote in force, among the scenarios that `user` may see."""
    seen = PortfolioScenario.objects.filter(round=call_round).visible_to(user)
    votes = PortfolioAdoption.objects.filter(scenario__in=seen.values("pk"))
    return votes.select_related("scenario", "adopted_by").first()


def _home(request, call_round, signed, form, status=200):
    listed = PortfolioScenario.objects.filter(round=call_round).visible_to(request.user).for_list()
    context = {
        "round": call_round,
        "form": form,
        "signed": signed,
        "rows": [
            {"scenario": one, "tone": _TONES[ScenarioState(one.state)], **_figures(one)}
            for one in listed[:_LISTED]
        ],
        "adoption": _adoption(request.user, call_round),
        "frozen": Ranking.objects.filter(round=call_round).exists(),
        "late": rounds.scores_visible(call_round),
        "told": _is_told(call_round),
        "may_ask": can(request.user, "decide"),
        "barred": letters_barred_to(request.user).exists(),
    }
    return render(request, "decisions/portfolio/home.html", context, status=status)


def _figures(scenario) -> dict:
    if not scenario.set_sha256:
        return {}
    found = scenario.result["set"]
    return {name: found[name] for name in ("value", "mass", "count")}


def _bench(request, found, form=None, status=200):
    bench = Workbench(found)
    key = form["letter"].value() if form else request.GET.get("letter", "")
    card = bench.card(key) if key else None
    told, may_ask = _is_told(found.round), can(request.user, "decide")
    adoption = _adoption(request.user, found.round)
    context = {
        "round": found.round,
        "scenario": found,
        "bench": bench,
        "card": card,
        "why": bench.why(card.key) if card else [],
        "form": form or _pin_form(found, card),
        "tabs": _tabs(request.user, found, adoption),
        "adoption": adoption if adoption and adoption.scenario_id == found.pk else None,
        "may_ask": may_ask and not told,
        # Whoever is in conflict with one of its letters, publisher or not, does not propose it.
        "may_adopt": may_ask
        and not told
        and found.state == ScenarioState.READY
        and not conflicts_of(request.user).filter(letter__reference__in=found.letters).exists(),
        "outdated": not told and actions.is_out_of_date(found),
        "forward": Outcome.SELECTED if found.round.is_final else Outcome.SHORTLISTED,
        "behind": Outcome.NOT_SELECTED if found.round.is_final else Outcome.NOT_SHORTLISTED,
        "several": reverse("decisions:several", args=[found.round]),
    }
    return render(request, "decisions/portfolio/scenario.html", context, status=status)


def _pin_form(found, card):
    if card is None:
        return None
    name = f"{found.name}, {card.key}"[-60:]
    return PinForm(initial={"letter": card.key, "name": name})


def _tabs(user, found, adoption):
    """The newest scenarios, the adopted one and this one, in the order they were asked for."""
    rows = PortfolioScenario.objects.filter(round=found.round).visible_to(user)
    newest = list(rows.order_by("-asked_at", "name").values_list("pk", flat=True)[:_TABS])
    wanted = {*newest, found.pk} | ({adoption.scenario_id} if adoption else set())
    return rows.filter(pk__in=wanted).order_by("asked_at", "name").values("pk", "name", "state")


def _uuid(text):
    try:
        return UUID(text)
    except ValueError:
        return None
