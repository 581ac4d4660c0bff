from django.db import transaction
from django.utils.translation import gettext as _

from proposals.models import CallRound, LetterOfIntent
from reviews.actions.refusal import Refused
from reviews.models import Assignment, AssignmentPlan, ConflictCheck, Ranking, Wish
from reviews.states import PlanState
from reviews.states import Wish as Choice


@transaction.atomic
def save_wishes(call_round, wishes, *, reviewer, at) -> int:
    """Write what a reviewer would like to read: letter id to a `Wish`, or "" to take it back.

    What is not named stays. The round's row is locked, as by whoever applies a plan: a wish is
    either there before or too late. Not an entry of the record: it moves nothing by itself, and a
    plan keeps the wishes it was made with. Returns how many changed.
    """
    call_round = CallRound.objects.select_for_update(no_key=True).get(pk=call_round.pk)
    if refusal := wishes_closed_because(call_round, reviewer):
        raise refusal
    known = set(readable_letters(call_round, reviewer).values_list("pk", flat=True))
    if not known.issuperset(wishes):
        raise Refused(_("One of these letters is not among those you may wish for."))
    rows = Wish.objects.filter(round=call_round, reviewer=reviewer)
    said = dict(rows.filter(letter__in=wishes).values_list("letter", "choice"))
    changed = {pk: choice for pk, choice in wishes.items() if said.get(pk, "") != choice}
    rows.filter(letter__in=[pk for pk, choice in changed.items() if not choice]).delete()
    Wish.objects.bulk_create(
        (
            Wish(round=call_round, letter_id=pk, reviewer=reviewer, choice=choice, said_at=at)
            for pk, choice in changed.items()
            if choice in Choice.values
        ),
        update_conflicts=True,
        unique_fields=["round", "letter", "reviewer"],
        update_fields=["choice", "said_at"],
    )
    return len(changed)


def readable_letters(call_round, reviewer):
    """The round's letters with which a reviewer has said to have no conflict."""
    clear = ConflictCheck.objects.filter(
        reviewer=reviewer, conflicted=False, answered_at__isnull=False
    )
    return LetterOfIntent.objects.in_round(call_round).filter(pk__in=clear.values("letter"))


def wishes_closed_because(call_round, reviewer) -> Refused | None:
    """Why a reviewer's wishes change nothing any more; None while they count."""
    if Ranking.objects.filter(round=call_round).exists():
        return Refused(_("The ranking of this round is frozen."), code="frozen")
    applied = AssignmentPlan.objects.filter(round=call_round, state=PlanState.APPLIED)
    given = Assignment.objects.filter(round=call_round, reviewer=reviewer)
    if applied.exists() or given.exists():
        return Refused(_("The letters of this round are given out."), code="given_out")
    return None
