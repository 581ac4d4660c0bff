"""Reminding reviewers before and just after their due date."""

from datetime import timedelta

from notifications import outbox
from reviews.models import Assignment

# Before the due date, nearest first; the negative one is a day late.
STEPS = (timedelta(days=-1), timedelta(days=2), timedelta(days=7), timedelta(days=14))
# After this long nobody is helped by another mail.
_STALE = timedelta(days=7)


def queue_due(*, at) -> int:
    """Owe each reviewer of a pending review one reminder for the nearest step already reached.

    One mail a person and step, naming all letters then due, so that ten letters are not ten mails.
    A step that passed before the letter was assigned is not owed.
    """
    pending = (
        Assignment.objects.pending()
        .filter(due_at__gt=at - _STALE, due_at__lte=at + max(STEPS))
        .select_related("letter", "reviewer", "round")
        .order_by("reviewer_id", "due_at", "letter__reference")
    )
    groups = {}
    for assignment in pending:
        reached = [s for s in STEPS if assignment.due_at <= at + s]
        if reached and assignment.due_at - reached[0] >= assignment.assigned_at:
            group = (assignment.reviewer_id, assignment.round_id, assignment.due_at, reached[0])
            groups.setdefault(group, []).append(assignment)
    owed = {}
    for (reviewer_id, round_id, due_at, step), assignments in groups.items():
        key = f"reviews-{round_id}-{due_at:%Y%m%dT%H%M}-{step.days}d-{reviewer_id}"
        context = {"assignments": assignments, "due_at": due_at, "late": due_at <= at}
        owed[key] = (assignments[0].reviewer, context)
    return outbox.enqueue_new(owed, template="review_due", at=at)
