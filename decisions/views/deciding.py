import re
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chang_e8_portal import clock
from decisions import actions, exceptions, history, rounds, shortlisting
from decisions.forms import (
    UNDECIDED,
    Conditions,
    DecisionForm,
    LettersFilter,
    SeveralForm,
    UndoForm,
    outcomes_open,
)
from decisions.models import Decision, PortfolioAdoption, PortfolioScenario
from decisions.permissions import admit, can
from decisions.querysets import conflicts_of, letters_barred_to
from decisions.rounds import plain
from decisions.states import Outcome, PublicationState
from proposals.models import LetterOfIntent
from proposals.states import Eligibility
from reviews.models import Ranking, Review

_PAGE = 50
_ORDER = {
    "rank": [F("position").asc(nulls_last=True)],
    "reference": [],
    "title": ["title"],
    "agency": ["agency__name"],
    "mass": [F("mass_kg").desc(nulls_last=True)],
    "outcome": [F("outcome").asc(nulls_first=True)],
}


@require_safe
def letters(request, kind):
    """A round's letters with rank, total, mass and outcome; filters live in the address."""
    call_round = rounds.round_at(kind)
    publication = call_round and rounds.latest_publication(call_round)
    admit(request.user, "see", publication)
    if call_round is None:
        raise Http404
    form = LettersFilter(request.GET, call_round=call_round)
    # A letter one is in conflict with is not opened here either: its row would tell as much.
    barred = letters_barred_to(request.user)
    found = _filtered(call_round, form.chosen, barred)
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    mass = rounds.mass_on_the_lander(call_round, barred)
    return render(
        request,
        "decisions/round.html",
        {
            "round": call_round,
            "publication": publication,
            "form": form,
            "page_obj": page,
            "any_letters": page.paginator.count or any(form.chosen.values()),
            "ranking_frozen": Ranking.objects.filter(round=call_round).exists(),
            "undecided": rounds.undecided_in(call_round, barred).count(),
            "mass": mass,
            "mass_allowed": exceptions.allows_mass(call_round, mass, publication),
            "barred": barred.exists(),
            "can_read": can(request.user, "read"),
            "can_decide": can(request.user, "decide") and not _is_locked(publication),
            "can_word": can(request.user, "propose"),
            "undoable": _undoable(request.user, call_round, publication),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request, kind, letter_id):
    """One letter: what the reviewers said, and the decision. Deciding again is the undo."""
    call_round = rounds.round_at(kind)
    owed = rounds.letters_of(call_round) if call_round else LetterOfIntent.objects.none()
    loi = owed.select_related("screening", "call").filter(pk=letter_id).first()
    admit(request.user, "decide" if request.method == "POST" else "read", loi)
    if loi is None:
        raise Http404
    barred = letters_barred_to(request.user)
    decision = (
        Decision.objects.filter(round=call_round, letter=loi)
        .select_related("merged_with", "decided_by")
        .first()
    )
    hidden = frozenset(row["letter"] for row in barred)
    if decision:
        history.conceal(decision, hidden)
    context = {
        "round": call_round,
        "letter": loi,
        "decision": decision,
        "publication": rounds.latest_publication(call_round),
        "ranked": rounds.ranked_in(call_round, barred).filter(letter=loi).first(),
        "history": history.steps(call_round, loi, hidden),
        "can_correct": can(request.user, "propose"),
    }
    locked = _is_locked(context["publication"])
    if request.method != "POST" and (locked or not can(request.user, "decide", loi)):
        return render(request, "decisions/letter_read.html", context)
    context["reviews"] = (
        Review.objects.visible_to(request.user)
        .submitted()
        .filter(assignment__round=call_round, assignment__letter=loi)
        .order_by("submitted_at")
    )
    if request.method != "POST":
        return _decide_page(request, context, *decision_forms(call_round, loi, decision, barred))
    form, conditions = decision_forms(call_round, loi, decision, barred, data=request.POST)
    if refusal := _refusal_while_locked(call_round):
        # What was typed comes back, and why it cannot be saved now; its faults are no matter yet.
        form.is_valid()
        form.errors.clear()
        form.add_error(None, refusal)
        return _decide_page(request, context, form, conditions, status=409)
    # Both, so that every fault is named at once.
    if not all([form.is_valid(), conditions.is_valid()]):
        return _decide_page(request, context, form, conditions, status=422)
    details = dict(form.cleaned_data)
    try:
        made = actions.decide(
            call_round,
            loi,
            seen_version=details.pop("version"),
            conditions=written(conditions),
            actor=request.user,
            at=clock.now(),
            **details,
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        form = _with_present_version(form, call_round, loi)
        return _decide_page(request, context, form, conditions, status=409)
    messages.success(
        request,
        _("%(reference)s: %(outcome)s. To undo it, decide again.")
        % {"reference": loi.reference, "outcome": made.get_outcome_display()},
    )
    following = rounds.undecided_in(call_round, barred).order_by("reference").first()
    if "next" in request.POST and following:
        return redirect("decisions:letter", kind, following.pk)
    return redirect("decisions:round", kind)


@require_http_methods(["GET", "HEAD", "POST"])
def several(request, kind):
    """The same decision for chosen letters, after their exact list has been seen.

    `?proposal=in` and `=out` are the letters that the rule of size puts on the shortlist or not;
    with `&scenario=` those that an adopted scenario of the portfolio holds or not.
    """
    admit(request.user, "decide")
    call_round = rounds.round_at(kind)
    if call_round is None:
        raise Http404
    sent = request.POST if request.method == "POST" else request.GET
    named = sent.getlist("letter") or _proposed(request, call_round)
    ids = [letter_id for letter_id in map(_uuid, named) if letter_id]
    if conflicts_of(request.user).filter(letter__in=ids).exists():
        raise PermissionDenied(_("You are in conflict with one of these letters."))
    owed = rounds.letters_of(call_round, letters_barred_to(request.user))
    chosen = list(owed.filter(pk__in=ids).select_related("screening").order_by("reference"))
    if not chosen:
        messages.warning(request, _("Choose at least one letter first."))
        return redirect("decisions:round", kind)
    outcomes = {
        outcome
        for loi in chosen
        for outcome in outcomes_open(call_round, ineligible=_is_ineligible(loi))
    }
    same = [o for o in Outcome if o in outcomes]
    form = SeveralForm(
        sent if request.method == "POST" else None,
        outcomes=same,
        initial={"outcome": request.GET.get("outcome")},
    )
    context = {"round": call_round, "letters": chosen, "form": form}
    context["publication"] = rounds.latest_publication(call_round)
    if request.method != "POST":
        return render(request, "decisions/several.html", context)
    if refusal := _refusal_while_locked(call_round):
        form.is_valid()
        form.errors.clear()
        form.add_error(None, refusal)
        return render(request, "decisions/several.html", context, status=409)
    if not form.is_valid():
        return render(request, "decisions/several.html", context, status=422)
    comments = rounds.comments_on(call_round, chosen) if form.cleaned_data["copy_comments"] else {}
    try:
        made = actions.decide_several(
            call_round,
            chosen,
            outcome=form.cleaned_data["outcome"],
            reason=form.cleaned_data["reason"],
            comments=comments,
            # A letter whose version was not sent was not looked at.
            seen_versions={loi.pk: -1 for loi in chosen} | _versions(sent),
            actor=request.user,
            at=clock.now(),
        )
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "decisions/several.html", context, status=409)
    messages.success(
        request,
        ngettext(
            "%(count)s letter decided: %(outcome)s.",
            "%(count)s letters decided: %(outcome)s.",
            len(made),
        )
        % {"count": len(made), "outcome": made[0].get_outcome_display()},
    )
    return redirect("decisions:round", kind)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request, kind):
    """Put back what one's last bulk decision changed, after its exact list has been seen."""
    admit(request.user, "decide")
    call_round = rounds.round_at(kind)
    if call_round is None:
        raise Http404
    if request.method == "POST":
        form = UndoForm(request.POST)
        act = form.cleaned_data["act"] if form.is_valid() else None
        count = actions.undo_several(call_round, act=act, actor=request.user, at=clock.now())
        messages.success(
            request,
            ngettext(
                "%(count)s letter is again as it was before.",
                "%(count)s letters are again as they were before.",
                count,
            )
            % {"count": count},
        )
        return redirect("decisions:round", kind)
    act = _undoable(request.user, call_round, rounds.latest_publication(call_round))
    if act is None:
        return redirect("decisions:round", kind)
    lines = [
        {"version": version, "before": history.before(version)}
        for version in history.versions_of(act)
    ]
    context = {"round": call_round, "lines": lines, "form": UndoForm(initial={"act": act})}
    return render(request, "decisions/undo.html", context)


def _undoable(user, call_round, publication):
    """The bulk decision that this person can still undo, or None."""
    if _is_locked(publication) or not can(user, "decide"):
        return None
    act = history.last_act(call_round, user)
    barred = letters_barred_to(user)
    # Somebody who is in conflict by now is not shown the list.
    return None if act and history.versions_of(act).filter(letter__in=barred).exists() else act


def _filtered(call_round, chosen, barred):
    found = rounds.letters_of(call_round, barred)
    if chosen["q"]:
        words = chosen["q"]
        found = found.filter(
            Q(reference__icontains=words)
            | Q(title__icontains=words)
            | Q(title_zh__icontains=words)
            | Q(agency__name__icontains=words)
        )
    if chosen["level"]:
        found = found.filter(level=chosen["level"])
    if chosen["outcome"] == UNDECIDED:
        found = found.filter(outcome__isnull=True)
    elif chosen["outcome"]:
        found = found.filter(outcome=chosen["outcome"])
    return found.order_by(*_ORDER[chosen["sort"] or "rank"], "reference")


_NO_CONDITIONS = {"conditions-TOTAL_FORMS": "0", "conditions-INITIAL_FORMS": "0"}


def decision_forms(call_round, loi, decision, barred, data=None):
    """The form of a decision and that of its conditions: as it is now, or as it was sent."""
    options = {
        "outcomes": outcomes_open(
            call_round, ineligible=_is_ineligible(loi), barred=barred.exists()
        ),
        "others": LetterOfIntent.objects.to_decide_in(call_round)
        .exclude(pk=loi.pk)
        .exclude(pk__in=barred)
        .order_by("reference"),
        "on_the_lander": call_round.is_final and loi.rides_on_the_lander,
    }
    if data is not None:
        # Where no condition can be named the page draws no rows, and sends none.
        rows = data if Outcome.CONDITIONAL in options["outcomes"] else _NO_CONDITIONS
        return DecisionForm(data, **options), Conditions(rows, prefix="conditions")
    rows = []
    if decision:
        fields = ("outcome", "merged_with", "reserve_rank", "reserve_until", "reason")
        initial = {name: getattr(decision, name) for name in fields}
        initial |= {"strengths": decision.strengths, "weaknesses": decision.weaknesses}
        initial["mass_kg"] = plain(decision.mass_kg)
        initial["version"] = decision.version
        rows = [{**row, "due": _day(row.get("due"))} for row in decision.conditions]
    else:
        strengths, weaknesses = rounds.comments_on(call_round, [loi]).get(loi.pk, ("", ""))
        initial = {"strengths": strengths, "weaknesses": weaknesses, "version": 0}
        initial["mass_kg"] = plain(rounds.mass_stated(loi))
        if _is_ineligible(loi):
            initial |= {"outcome": Outcome.INELIGIBLE, "reason": loi.screening.reason}
    form = DecisionForm(initial=initial, **options)
    return form, Conditions(initial=rows, prefix="conditions")


def _decide_page(request, context, form, conditions, status=200):
    page = {**context, "form": form, "conditions": conditions}
    return render(request, "decisions/letter_decide.html", page, status=status)


def _with_present_version(form, call_round, loi):
    """The same form, which the next click saves over what is there now and has been shown."""
    present = Decision.objects.filter(round=call_round, letter=loi).first()
    form.data = form.data.copy()
    form.data["version"] = present.version if present else 0
    return form


def written(conditions) -> list[dict]:
    """The conditions that were typed, as a decision keeps them."""
    rows = [row for row in conditions.cleaned_data if row.get("text")]
    return [{"text": r["text"], "due": r["due"].isoformat() if r["due"] else None} for r in rows]


def _proposed(request, call_round) -> list[str]:
    """Ids of the letters that the size rule proposes for the outcome named in the address."""
    side = request.GET.get("proposal")
    if side not in ("in", "out"):
        return []
    if "scenario" in request.GET:
        return _adopted(request, call_round, inside=side == "in")
    if call_round.is_final:
        return []
    proposal = shortlisting.propose(call_round, request.user)
    lines = proposal.chosen if side == "in" else proposal.others
    return [str(line.letter.pk) for line in lines]


def _adopted(request, call_round, *, inside) -> list[str]:
    """Ids of the letters that an adopted scenario holds, or of its other candidates.

    Letters of a project of two are not among them: which of the two leads is decided by a person.
    """
    votes = PortfolioAdoption.objects.filter(
        scenario__in=PortfolioScenario.objects.filter(
            round=call_round, pk=_uuid(request.GET["scenario"])
        ).visible_to(request.user)
    )
    vote = votes.select_related("scenario").first()
    if vote is None:
        return []
    held = vote.scenario.chosen if inside else vote.scenario.letters_inside
    candidates = [one["key"] for one in vote.scenario.data["candidates"]]
    wanted = [key for key in candidates if (key in held) == inside]
    found = LetterOfIntent.objects.filter(reference__in=wanted).values_list("pk", flat=True)
    return [str(pk) for pk in found]


def _versions(sent) -> dict:
    pairs = zip(sent.getlist("letter"), sent.getlist("version"), strict=False)
    return {_uuid(key): int(seen) for key, seen in pairs if re.fullmatch("[0-9]{1,5}", seen)}


def _uuid(text):
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text):
    return date.fromisoformat(text) if text else None


def _is_ineligible(loi) -> bool:
    screening = getattr(loi, "screening", None)
    return screening is not None and screening.outcome == Eligibility.INELIGIBLE


def _is_locked(publication) -> bool:
    """Proposed or released: nothing can be decided any more."""
    return publication is not None and publication.state != PublicationState.VOID


def _refusal_while_locked(call_round) -> str:
    try:
        actions.refuse_locked(call_round)
    except actions.Refused as refusal:
        return str(refusal)
    return ""
