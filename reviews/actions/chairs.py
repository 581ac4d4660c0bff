"""Chairs are asked about conflicts as reviewers are, before any letter is opened to them."""

from django.db import transaction

from accounts.models import User
from accounts.states import Role
from proposals.models import Call
from reviews.actions.competing import COMPETING, align, hold
from reviews.actions.finding import find, log_found
from reviews.models import ConflictCheck


def ask_chairs(*, at) -> int:
    """Make the checks of every chair and filed letter of sealed calls that are not there yet.

    From the seal on no letter comes in, and two publishers open the letters only later: what the
    records show of a chair is known before she or he can read a line. What was soft for a reviewer
    becomes hard when the reviewer becomes a chair (`align`). Returns how many were made.
    """
    chairs = list(User.objects.with_role(Role.CHAIR).active())
    return sum(
        _ask(call, chairs, at=at)
        for call in Call.objects.filter(seal__isnull=False)
        if _are_missing(call, chairs) or _are_soft(call, chairs)
    )


def _are_soft(call, chairs) -> bool:
    """Whether a chair reads on with a soft conflict from the time as a reviewer alone."""
    soft = ConflictCheck.objects.filter(
        reviewer__in=chairs, letter__call=call, conflicted=False, ruling=""
    )
    return soft.filter(evidence__contains=[COMPETING]).exists()


def _are_missing(call, chairs) -> bool:
    letters = call.letters.filed()
    made = ConflictCheck.objects.filter(reviewer__in=chairs, letter__in=letters.values("pk"))
    return made.count() < len(chairs) * letters.count()


@transaction.atomic
def _ask(call, chairs, *, at) -> int:
    hold(call.pk)
    letters = call.letters.filed().select_related("agency", "call")
    known = ConflictCheck.objects.filter(reviewer__in=chairs, letter__call=call)
    pairs = set(known.values_list("reviewer", "letter"))
    # Only pairs that are new: the others were looked at when they were.
    made, shown = 0, []
    for chair in chairs:
        new = [letter for letter in letters if (chair.pk, letter.pk) not in pairs]
        count, found = find([chair], new, at=at)
        made += count
        shown += found
    shown += align([letter.pk for letter in letters], reviewers=chairs, at=at)
    log_found(shown, at=at)
    return made
