"""How many reviewers a letter is to have: one rule for plans, lists and counts."""

from django.db.models import Case, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest

from reviews.models import AgendaItem, AssignmentPlan, Headcount
from reviews.states import PlanState

# A letter above this mass asks for more of the lander, and gets reviewers up to `OF_HEAVY`.
# Source: science of reviewing, section 1.3.
HEAVY_KG = 50
OF_HEAVY = 5
# The most that can be said, of a round or of one letter.
MOST = 20


def extra_for_heavy(reviewers: int) -> int:
    """How many more a heavy letter gets where others get `reviewers`."""
    return max(0, OF_HEAVY - reviewers)


def usual(call_round) -> tuple[int, int]:
    """Reviewers of a letter, and how many more of a heavy one.

    As the plan asked that was applied last; before there is one the round's number, and no more for
    heavy letters.
    """
    applied = AssignmentPlan.objects.filter(round=call_round, state=PlanState.APPLIED)
    asked = applied.order_by("-applied_at").values_list(
        "parameters__reviewers", "parameters__extra"
    )
    number, extra = asked.first() or (None, None)
    return number or call_round.reviewers_per_letter, extra or 0


def said_for(call_round, letters) -> dict:
    """Letter id to the number that the chair said for this one letter."""
    rows = Headcount.objects.filter(round=call_round, letter__in=letters)
    return dict(rows.values_list("letter", "number"))


def needed(call_round, letter="pk", mass="mass_kg"):
    """The number for each row, to annotate with: `letter` and `mass` name the columns of the row.

    What the chair said for the letter stands for the usual number; what a meeting wants beyond
    either is added.
    """
    number, extra = usual(call_round)
    heavy = When(**{f"{mass}__gt": HEAVY_KG}, then=Value(number + extra))
    said = Headcount.objects.filter(round=call_round, letter=OuterRef(letter)).values("number")
    wanted = AgendaItem.objects.wanted(call_round).filter(letter=OuterRef(letter)).values("number")
    by_chair = Coalesce(Subquery(said), Case(heavy, default=Value(number)))
    # The larger of the two; what is null does not count.
    return Cast(Greatest(by_chair, Subquery(wanted)), IntegerField())
