"""Who reads what, as a proposal: asked for, computed by a worker, adjusted, and applied once.

A plan is never changed: whoever locks a pair or allows an exception asks for another one.
"""

from dataclasses import asdict

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import CallRound, LetterOfIntent
from reviews import headcount, permissions, plan_pool
from reviews.actions.assigning import give
from reviews.actions.refusal import Refused
from reviews.models import Assignment, AssignmentPlan, Ranking
from reviews.states import PlanState

# What the chair is asked first. Numbers: reviewers of a letter, extra ones of a heavy letter, least
# and most letters of a reviewer; a reviewer's j-th letter costs j times `load_cost` of affinity.
DEFAULTS = {
    "reviewers": 3,
    "extra": headcount.extra_for_heavy(3),
    "least": 0,
    "most": 7,
    **dict.fromkeys(plan_pool.RULES, True),
    "load_cost": 0.005,
}
# Kept from plan to plan: pairs as (letter id, reviewer id), and exceptions, `assignment.Change`.
BY_HAND = ("locked", "barred", "allowed")
_MOST_ATTEMPTS = 3
# The price of each rule takes a solution of its own; among more pairs than this they take long.
_PRICED = 100_000
_NAMED = 12


@transaction.atomic
def ask_for_plan(call_round, *, numbers, by_hand=None, actor, at) -> AssignmentPlan:
    """Owe the chair a plan for the letters of the round that she or he presides over.

    `numbers` are in the form of `DEFAULTS`; `by_hand` has the keys `BY_HAND`, each may be missing.
    """
    # Two clicks are one plan.
    call_round = CallRound.objects.select_for_update(no_key=True).get(pk=call_round.pk)
    _refuse_when_frozen(call_round)
    if numbers["least"] > numbers["most"]:
        raise Refused(_("The least number of letters is larger than the most."))
    waiting = AssignmentPlan.objects.filter(round=call_round, asked_by=actor)
    if waiting.filter(state__in=(PlanState.QUEUED, PlanState.RUNNING)).exists():
        raise Refused(_("A plan of yours is being computed. Wait until it is there."))
    letters = permissions.presided_by(actor, LetterOfIntent.objects.in_round(call_round))
    ids = [str(pk) for pk in letters.order_by("reference").values_list("pk", flat=True)]
    if not ids:
        raise Refused(_("No letter has entered this round."))
    if not User.objects.with_role(Role.REVIEWER).active().exclude(pk=actor.pk).exists():
        raise Refused(_("There is no reviewer yet."))
    by_hand = {name: list((by_hand or {}).get(name, [])) for name in BY_HAND}
    return AssignmentPlan.objects.create(
        round=call_round,
        asked_by=actor,
        asked_at=at,
        parameters={
            "letters": ids,
            **{name: numbers[name] for name in DEFAULTS},
            **by_hand,
        },
    )


def compute_due(*, at) -> int:
    """Compute every plan that waits; return how many were."""
    due = AssignmentPlan.objects.computable(at=at).order_by("asked_at")
    return sum(compute_plan(pk, at=at) for pk in due.values_list("pk", flat=True))


def compute_plan(plan_id, *, at) -> bool:
    """Claim one waiting plan and compute it; False if there was nothing to do.

    The claim is a compare-and-swap, so two workers never both compute; a claim left by a worker
    that died lapses, and what such a worker still writes then is not taken. A plan that takes three
    workers down with it has failed.
    """
    claimed = (
        AssignmentPlan.objects.computable(at=at)
        .filter(pk=plan_id)
        .update(state=PlanState.RUNNING, claimed_at=at, attempts=F("attempts") + 1, progress=5)
    )
    if claimed != 1:
        return False
    plan = AssignmentPlan.objects.select_related("round__call", "asked_by").get(pk=plan_id)
    if plan.attempts > _MOST_ATTEMPTS:
        _finish(plan, PlanState.FAILED, {}, at=at)
        return False
    try:
        state, result = _computed(plan, at=at)
    except Exception:
        # Out of the way before anybody sees the traceback, so that the chair can ask anew.
        _finish(plan, PlanState.FAILED, {}, at=at)
        raise
    return _finish(plan, state, result, at=at)


@transaction.atomic
def retry_plan(plan, *, reason, actor, at) -> AssignmentPlan:
    """Have a plan that failed computed once more, as it was asked for.

    Its claims are counted anew. A worker that still holds an old one is past its time limit.
    """
    plan = AssignmentPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not plan.can_move_to(PlanState.QUEUED):
        raise Refused(_("Only a plan that failed can be tried again."))
    _refuse_when_frozen(plan.round_id)
    plan.state, plan.attempts, plan.progress, plan.finished_at = PlanState.QUEUED, 0, 0, None
    plan.save(update_fields=["state", "attempts", "progress", "finished_at"])
    data = {"plan": str(plan.pk), "reason": reason}
    subject = f"round:{plan.round_id}"
    chain.append("plan.retried", subject=subject, actor=str(actor.pk), at=at, data=data)
    return plan


@transaction.atomic
def apply_plan(plan, *, due_at=None, actor, at) -> list[Assignment]:
    """Make assignments of all new pairs of a plan, or of none; one mail to each reviewer.

    Due with the round, or at `due_at`.
    Refused if it was applied already, if a pair has come into conflict since (by name), and if
    somebody has assigned or waived anything since that the plan does not know of.
    """
    call_round = CallRound.objects.select_for_update().get(pk=plan.round_id)
    rows = AssignmentPlan.objects.select_for_update(of=("self",))
    plan = rows.get(pk=plan.pk)
    if plan.state == PlanState.APPLIED:
        raise Refused(_("This plan was applied already. No mail was sent again."))
    if not plan.can_move_to(PlanState.APPLIED):
        raise Refused(_("There is no plan to apply here."))
    # Asked again under the lock: the chair may have come into conflict while the page was open.
    if not AssignmentPlan.objects.visible_to(actor).filter(pk=plan.pk).exists():
        raise Refused(
            _("You have a conflict of interest with a letter of this plan."), code="conflict"
        )
    _refuse_when_frozen(call_round)
    _refuse_stale(plan)
    new = new_pairs(plan)
    if not new:
        raise Refused(_("This plan assigns nothing new."))
    letters = LetterOfIntent.objects.in_bulk({letter for letter, _reviewer in new})
    people = User.objects.in_bulk({reviewer for _letter, reviewer in new})
    letters, people = ({str(pk): row for pk, row in found.items()} for found in (letters, people))
    plan.state, plan.applied_by, plan.applied_at = PlanState.APPLIED, actor, at
    plan.save(update_fields=["state", "applied_by", "applied_at"])
    pairs = [(letters[letter], people[reviewer]) for letter, reviewer in new]
    made = give(call_round, pairs, due_at=due_at, actor=actor, at=at)
    given: dict = {}
    for assignment in made:
        given.setdefault(assignment.reviewer, []).append(assignment)
    chain.append(
        "plan.applied",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"plan": str(plan.pk), "assignments": len(made), "reviewers": len(given)},
    )
    owed = {
        f"plan-{plan.pk}-{reviewer.pk}": (
            reviewer,
            {"count": len(theirs), "round": call_round, "due_at": theirs[0].due_at},
        )
        for reviewer, theirs in given.items()
    }
    outbox.enqueue_all(owed, template="letters_assigned", at=at)
    return made


def new_pairs(plan) -> list[tuple[str, str]]:
    """The (letter id, reviewer id) pairs of a plan that were not assigned when it was made."""
    return [(row["letter"], row["reviewer"]) for row in plan.result["pairs"] if not row["given"]]


def _computed(plan, *, at):
    from reviews import assignment  # noqa: PLC0415 - its libraries take seconds to load

    _advance(plan, 15)
    gathered = plan_pool.gather(plan, at=at)
    pool, rules = gathered.pool, gathered.rules
    _advance(plan, 40)
    found = assignment.plan(pool, rules)
    told = {
        "reviewers": list(pool.reviewers),
        "dropped": [list(pair) for pair in gathered.dropped],
    }
    if isinstance(found, assignment.Shortfall):
        return PlanState.IMPOSSIBLE, told | {
            "shortages": [asdict(one) for one in found.shortages],
            "changes": [asdict(one) for one in found.changes],
            "proven": found.proven,
        }
    _advance(plan, 80)
    priced = len(pool.letters) * len(pool.reviewers) <= _PRICED
    return PlanState.READY, told | {
        "pairs": [
            {
                **asdict(pair),
                "parts": dict(pair.parts),
                "given": (pair.letter, pair.reviewer) in gathered.given,
            }
            for pair in found.pairs
        ],
        # For each reviewer: letters, and the most that was asked for.
        "loads": [
            [reviewer, found.loads[reviewer], gathered.most[reviewer]]
            for reviewer in pool.reviewers
        ],
        "objective": found.objective,
        "proven": found.proven,
        "prices": assignment.price_of_rules(pool, rules, found) if priced else None,
    }


def _mine(plan):
    """The plan's row as long as this worker's claim stands."""
    return AssignmentPlan.objects.filter(
        pk=plan.pk, state=PlanState.RUNNING, attempts=plan.attempts
    )


def _advance(plan, percent):
    _mine(plan).update(progress=percent)


def _finish(plan, state, result, *, at) -> bool:
    return (
        _mine(plan).update(state=state, result=result, finished_at=at, progress=100) == 1
        and state != PlanState.FAILED
    )


def _refuse_when_frozen(call_round):
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is frozen."), code="frozen")


def _refuse_stale(plan):
    """A plan is about what was assigned when it was made."""
    planned = {(row["letter"], row["reviewer"]) for row in plan.result["pairs"]}
    then = planned - set(new_pairs(plan))
    held = Assignment.objects.active().filter(
        round=plan.round_id, letter__in=plan.parameters["letters"]
    )
    now = {(str(a), str(b)) for a, b in held.values_list("letter", "reviewer")}
    if changed := {letter for letter, _reviewer in now ^ then}:
        named = LetterOfIntent.objects.filter(pk__in=changed).order_by("reference")
        references = list(named.values_list("reference", flat=True))
        more = "" if len(references) <= _NAMED else " …"
        raise Refused(
            _("The assignment has changed since this plan was made: %(letters)s. Ask for it again.")
            % {"letters": ", ".join(references[:_NAMED]) + more},
            code="stale",
        )
