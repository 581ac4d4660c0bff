"""What the panel owes people by mail because of what is due, or missing."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.states import Role
from notifications import outbox
from proposals.models import Call
from reviews.models import Assignment, ConflictCheck

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


def queue_missing_chairs(*, at) -> int:
    """Tell the operators of letters over which nobody can preside, once for each number of them.

    How many is all they are told: which letters they are, and who is in conflict, is the panel's.
    """
    barred = ConflictCheck.objects.conflicted().filter(
        reviewer=OuterRef("pk"), letter=OuterRef(OuterRef("pk"))
    )
    free = User.objects.with_role(Role.CHAIR).active().exclude(Exists(barred))
    operators = list(User.objects.with_role(Role.OPERATOR).active())
    owed = {}
    for call in Call.objects.opened():
        count = call.letters.filed().exclude(Exists(free)).count()
        if count:
            for operator in operators:
                key = f"no-chair-{call.pk}-{count}-{operator.pk}"
                owed[key] = (operator, {"call": call, "count": count})
    return outbox.enqueue_new(owed, template="chair_missing", at=at)
