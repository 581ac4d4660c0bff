"""An assignment ends where a conflict begins."""

from django.db.models import Exists, OuterRef, Q

from reviews.models import Assignment, Ranking


def end_assignments(pairs, *, because, at) -> None:
    """End the active assignments of these (reviewer id, letter id); what was written stays.

    Call it under the lock of the pairs' checks and before the checks are set: the composite
    foreign key allows no conflict under an active assignment. A review that has gone into a frozen
    ranking stays counted there, and its reviewer has no way to the letter any more.
    """
    which = Q()
    for reviewer, letter in pairs:
        which |= Q(reviewer=reviewer, letter=letter)
    if not which:
        return
    # Of withdrawn letters too: they are read by nobody, and still tied to their check.
    active = Assignment.objects.filter(which, ended_at__isnull=True)
    held = [one.pk for one in active.select_for_update(of=("self",)).order_by("pk")]
    frozen = Exists(Ranking.objects.filter(round=OuterRef("round")))
    theirs = Assignment.objects.filter(pk__in=held)
    theirs.filter(frozen).update(conflicted=None, counted=True)
    theirs.filter(~frozen).update(ended_at=at, conflicted=None, ended_because=because)
