"""A mail to those on whom the panel waits, when the chair asks for it; a person gets one a day."""

from collections import defaultdict

from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from notifications import outbox
from proposals.models import LetterOfIntent
from reviews import permissions
from reviews.actions.refusal import Refused
from reviews.models import Assignment, ConflictCheck


@transaction.atomic
def remind_reviewers(call_round, *, actor, at) -> int:
    """Remind everybody who owes a review of a letter that the chair presides over.

    Returns how many people are mailed; refused if there is nobody.
    """
    pending = Assignment.objects.pending().filter(round=call_round)
    presided = permissions.presided_by(actor, pending, letter="letter")
    theirs = defaultdict(list)
    for one in presided.select_related("letter", "reviewer").order_by("letter__reference"):
        theirs[one.reviewer].append(one)
    owed = {
        f"reviews-{call_round.pk}-{reviewer.pk}-asked-{at:%Y%m%d}": (
            reviewer,
            {"assignments": assignments},
        )
        for reviewer, assignments in theirs.items()
    }
    mailed = outbox.enqueue_new(owed, template="review_wanted", at=at)
    return _noted("reviews.reminded", call_round, mailed, actor=actor, at=at)


@transaction.atomic
def remind_unanswered(call_round, *, actor, at) -> int:
    """Remind every reviewer who has not answered all conflict questions of the round."""
    letters = LetterOfIntent.objects.in_round(call_round)
    asked = ConflictCheck.objects.of_reviewers().unanswered().filter(letter__in=letters)
    theirs = defaultdict(int)
    for check in asked.select_related("reviewer"):
        theirs[check.reviewer] += 1
    owed = {
        f"conflicts-{call_round.pk}-{reviewer.pk}-asked-{at:%Y%m%d}": (
            reviewer,
            {"round": call_round, "count": count},
        )
        for reviewer, count in theirs.items()
    }
    mailed = outbox.enqueue_new(owed, template="conflicts_opened", at=at)
    return _noted("conflicts.reminded", call_round, mailed, actor=actor, at=at)


def _noted(action, call_round, mailed, *, actor, at) -> int:
    if not mailed:
        raise Refused(_("There is nobody to remind: nothing is missing, or all had a mail today."))
    subject = f"round:{call_round.pk}"
    chain.append(action, subject=subject, actor=str(actor.pk), at=at, data={"people": mailed})
    return mailed
