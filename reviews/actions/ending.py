"""An assignment ends where a conflict begins."""

from django.db.models import Q
from django.utils.translation import gettext as _

from reviews.actions.refusal import Refused
from reviews.models import Assignment, Ranking


def end_assignments(pairs, *, because, at) -> None:
    """End the active assignments of these (reviewer id, letter id); what was written stays.

    Call it under the lock of the pairs' checks and before the checks are set: the composite
    foreign key allows no conflict under an active assignment. Refused (`frozen`) where a review
    has gone into a frozen ranking.
    """
    which = Q()
    for reviewer, letter in pairs:
        which |= Q(reviewer=reviewer, letter=letter)
    if not which:
        return
    # Of withdrawn letters too: they are read by nobody, and still tied to their check.
    assignments = Assignment.objects.filter(which, ended_at__isnull=True)
    held = list(assignments.select_for_update(of=("self",)).order_by("pk"))
    if Ranking.objects.filter(round__in={assignment.round_id for assignment in held}).exists():
        raise Refused(
            _("The ranking of this round is frozen. Tell the chair about this conflict at once."),
            code="frozen",
        )
    Assignment.objects.filter(pk__in=[assignment.pk for assignment in held]).update(
        ended_at=at, conflicted=None, ended_because=because
    )
