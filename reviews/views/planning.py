"""The workbench: ask for a plan of who reads what, look at it, adjust it, apply it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, headcount, permissions, plan_words
from reviews.actions.planning import BY_HAND, DEFAULTS
from reviews.forms import KEEP, DueForm, PairsForm, PlanForm
from reviews.models import AgendaItem, AssignmentPlan, ConflictCheck, Headcount, Ranking
from reviews.panel_letters import round_letters
from reviews.states import PlanState
from reviews.templatetags.panel_display import title_of
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.plan_rows import PlanRows

SORTS = {
    "reference": lambda row: row["letter"].reference,
    "worst": lambda row: (row["worst"], row["letter"].reference),
}
_TONES = {
    PlanState.QUEUED: "neutral",
    PlanState.RUNNING: "info",
    PlanState.READY: "accent",
    PlanState.IMPOSSIBLE: "warning",
    PlanState.FAILED: "danger",
    PlanState.APPLIED: "success",
}
_SHOWN = 10


class PlanRoom(PanelPage):
    """A page about one plan, or about all of a round."""

    action = "see_assignments"
    post_action = "assign"

    def plan_of(self, call_round, pk):
        """The plan; 403 to whoever is in conflict with one of its letters, 404 if there is none."""
        plans = AssignmentPlan.objects.filter(round=call_round).select_related("asked_by", "round")
        plan = plans.visible_to(self.request.user).filter(pk=pk).first()
        if plan is None:
            if plans.filter(pk=pk).exists():
                raise PermissionDenied
            raise Http404
        return plan


class Plans(PlanRoom):
    """What is asked of a plan, and the plans there are."""

    def get(self, request, slug):
        call_round = self.round_of(slug)
        start = self.start(call_round)
        each = call_round.reviewers_per_letter
        usual = DEFAULTS | {"reviewers": each, "extra": headcount.extra_for_heavy(each)}
        return self.page(slug, PlanForm(initial=start.parameters if start else usual), start)

    def post(self, request, slug):
        call_round = self.round_of(slug)
        form, start = PlanForm(request.POST), self.start(call_round)
        if not form.is_valid():
            return self.page(slug, form, start, status=422)
        try:
            plan = actions.ask_for_plan(
                call_round,
                numbers=form.cleaned_data,
                by_hand=start.parameters if start else None,
                actor=request.user,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(slug, form, start, status=409)
        return redirect("panel:plan", slug, plan.pk)

    def start(self, call_round):
        """The plan named in the address, from which this one goes on."""
        if "from" not in self.request.GET:
            return None
        [pk] = lists.uuids([self.request.GET["from"]])
        return self.plan_of(call_round, pk)

    def page(self, slug, form, start, status=200):
        request, call_round = self.request, self.round_of(slug)
        letters = round_letters(request.user, call_round)
        asked = ConflictCheck.objects.of_reviewers().filter(letter__in=letters.values("pk"))
        plans = AssignmentPlan.objects.filter(round=call_round).visible_to(request.user)
        total = letters.count()
        context = {
            "round": call_round,
            "slug": slug,
            "form": form,
            "by_hand": sum(len(start.parameters[name]) for name in BY_HAND) if start else 0,
            "plans": [
                {"plan": plan, "tone": _TONES[PlanState(plan.state)]}
                for plan in plans.defer("result", "parameters").select_related("asked_by")[:_SHOWN]
            ],
            "total": total,
            "asked_for": AgendaItem.objects.wanted(call_round)
            .filter(letter__in=letters.values("pk"))
            .count(),
            "said": Headcount.objects.filter(
                round=call_round, letter__in=letters.values("pk")
            ).count(),
            "unasked": total - asked.values("letter").distinct().count(),
            "frozen": Ranking.objects.filter(round=call_round).exists(),
            "may_assign": permissions.can(request.user, "assign"),
        }
        return render(request, "panel/plans.html", context, status=status)


class PlanPage(PlanRoom):
    """One plan: being computed, impossible, or there to be looked at and adjusted."""

    def get(self, request, slug, pk):
        return self.page(slug, self.plan_of(self.round_of(slug), pk))

    def post(self, request, slug, pk):
        """Ask for another plan that goes on from this one."""
        call_round = self.round_of(slug)
        plan = self.plan_of(call_round, pk)
        if plan.is_waited_for or plan.state == PlanState.FAILED:
            raise Http404
        form = pairs_form(PlanRows(plan), request.POST)
        if request.POST.get("do") == "allow":
            changes = plan.result.get("changes", [])
            by_hand = plan.parameters | {"allowed": [*plan.parameters["allowed"], *changes]}
        elif form.is_valid():
            by_hand = adjusted(plan, form, request.POST)
        else:
            return self.page(slug, plan, form, status=422)
        try:
            new = actions.ask_for_plan(
                call_round,
                numbers=plan.parameters,
                by_hand=by_hand,
                actor=request.user,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(slug, plan, form, status=409)
        return redirect("panel:plan", slug, new.pk)

    def page(self, slug, plan, form=None, status=200):
        context = {
            "round": plan.round,
            "slug": slug,
            "plan": plan,
            "again": f"{reverse('panel:plans', args=[slug])}?{urlencode({'from': plan.pk})}",
            "frozen": Ranking.objects.filter(round=plan.round).exists(),
            "may_assign": permissions.can(self.request.user, "assign"),
        }
        if not plan.is_waited_for and plan.state != PlanState.FAILED:
            about = PlanRows(plan)
            table = self.table(about) if "pairs" in plan.result else self.reasons(about)
            here = {pair["value"] for row in table.get("page", ()) for pair in row["pairs"]}
            kept = about.pairs(plan.parameters["locked"])
            context |= table | {
                "form": form or pairs_form(about),
                # Those on this page of the table have their boxes there.
                "kept": [pair for pair in kept if pair["value"] not in here],
                "barred": about.pairs(plan.parameters["barred"]),
                "allowed": about.remedies(plan.parameters["allowed"]),
                "dropped": about.pairs(plan.result["dropped"]),
            }
        return render(self.request, "panel/plan.html", context, status=status)

    def reasons(self, about) -> dict:
        result = about.plan.result
        return {
            "reasons": [plan_words.why(row, about.names) for row in result["shortages"]],
            "remedies": about.remedies(result["changes"]),
        }

    def table(self, about) -> dict:
        sort = lists.sort_of(self.request, SORTS, "reference")
        rows = sorted(about.rows(), key=SORTS[sort.removeprefix("-")])
        if sort.startswith("-"):
            rows.reverse()
        result = about.plan.result
        fits = [pair["affinity"] for pair in result["pairs"]]
        new = actions.new_pairs(about.plan)
        page = lists.page_of(self.request, rows)
        about.with_checks(page)
        return {
            "page": page,
            "sort": sort,
            "new": len(new),
            "mailed": len({reviewer for _letter, reviewer in new}),
            "mean": sum(fits) / len(fits) if fits else None,
            "worst": about.worst(),
            "loads": about.loads(),
            "prices": [
                {
                    "rule": plan_words.RULES[name],
                    "price": price,
                    "share": 100 * price / sum(fits) if sum(fits) else 0,
                }
                for name, price in (result["prices"] or {}).items()
            ],
        }


class PlanProgress(PlanRoom):
    """How far a plan is: a part of the page above, asked for again every two seconds."""

    http_method_names = ("get", "head")

    def get(self, request, slug, pk):
        plan = self.plan_of(self.round_of(slug), pk)
        answer = render(request, "panel/plan_state.html", {"plan": plan, "slug": slug})
        if not plan.is_waited_for:
            answer["HX-Refresh"] = "true"
        return answer


class ApplyPlan(PlanRoom):
    """Exactly what would be assigned and who gets a mail; then the deed."""

    action = "assign"

    def get(self, request, slug, pk):
        plan = self.plan_of(self.round_of(slug), pk)
        if plan.state != PlanState.READY:
            return redirect("panel:plan", slug, pk)
        return self.page(slug, plan)

    def post(self, request, slug, pk):
        plan = self.plan_of(self.round_of(slug), pk)
        due = DueForm(request.POST, call_round=plan.round, now=clock.now())
        if not due.is_valid():
            return self.page(slug, plan, due=due, status=422)
        try:
            made = actions.apply_plan(plan, **due.cleaned_data, actor=request.user, at=clock.now())
        except Refused as refusal:
            plan.refresh_from_db()
            return self.page(slug, plan, due=due, refusal=str(refusal), status=409)
        text = ngettext(
            "%(count)s assignment was made.", "%(count)s assignments were made.", len(made)
        )
        messages.success(request, text % {"count": len(made)})
        return redirect("panel:assignment", slug)

    def page(self, slug, plan, due=None, refusal="", status=200):
        about = PlanRows(plan) if plan.state == PlanState.READY else None
        mails = about.mails() if about else []
        context = {
            "round": plan.round,
            "slug": slug,
            "plan": plan,
            "refusal": refusal,
            "due": due or DueForm(call_round=plan.round, now=clock.now()),
            "mails": mails,
            "doubts": about and about.doubts(),
            "new": sum(len(mail["letters"]) for mail in mails),
        }
        return render(self.request, "panel/apply_plan.html", context, status=status)


def pairs_form(about, *data):
    return PairsForm(
        *data,
        letters=[(pk, f"{one.reference} {title_of(one)}") for pk, one in about.letters.items()],
        reviewers=[(pk, one.name) for pk, one in about.people.items()],
    )


def adjusted(plan, form, posted) -> dict:
    """What is kept, barred and allowed by hand after what the form says.

    A box that is there and not ticked takes back what was said before; pairs of the other pages of
    the table have no box here and stay as they are.
    """
    asked = plan.parameters
    wishes: dict = {(letter, reviewer): "locked" for letter, reviewer in asked["locked"]}
    wishes |= {(letter, reviewer): "barred" for letter, reviewer in asked["barred"]}
    known = set(asked["letters"])
    shown = _pairs(posted.getlist("shown"), known)
    for pair in shown:
        wishes.pop(pair, None)
    for name in ("locked", "barred"):
        # Barred last: whoever ticks both boxes means that it must not be.
        wishes |= dict.fromkeys(_pairs(posted.getlist(name), known) & shown, name)
    named = form.cleaned_data
    if named["letter"]:
        wish = "locked" if named["wish"] == KEEP else "barred"
        wishes[named["letter"], named["reviewer"]] = wish
    said, still = sorted(wishes.items()), set(posted.getlist("allowed"))
    return {
        "locked": [list(pair) for pair, wish in said if wish == "locked"],
        "barred": [list(pair) for pair, wish in said if wish == "barred"],
        "allowed": [row for at, row in enumerate(asked["allowed"]) if str(at) in still],
    }


def _pairs(values, letters) -> set:
    """Pairs among what a form posted; 404 for anything that is none of the plan's letters."""
    found = set()
    for value in values:
        letter, _colon, reviewer = value.partition(":")
        if letter not in letters:
            raise Http404
        [person] = lists.uuids([reviewer])
        found.add((letter, str(person)))
    return found
