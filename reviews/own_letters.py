"""Where everything about a letter that one was given begins: may its reader read it now?"""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from proposals.states import LetterState
from reviews.models import Assignment, ConflictCheck


def find(user, pk, rows) -> tuple[Assignment, bool]:
    """One of `user`'s own assignments in `rows`, and whether its conflict question is open.

    404 for somebody else's and for one of an archived call, 403 for a letter in conflict, Refused
    for one that was withdrawn or taken away. While the question is open nothing of the letter may
    be shown.
    """
    assignment = get_object_or_404(rows.own_of(user), pk=pk)
    checks = ConflictCheck.objects.filter(reviewer=user, letter=assignment.letter_id)
    check = checks.only("conflicted", "answered_at").first()
    if check is None or check.conflicted:
        raise PermissionDenied(_("You have a conflict of interest with this letter."))
    if assignment.letter.state == LetterState.WITHDRAWN:
        raise Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
    if assignment.ended_at:
        raise Refused(_("You are no longer asked to review this letter."), code="ended")
    return assignment, check.answered_at is None


def find_to_read(user, pk, rows) -> Assignment:
    """The same, once the letter may be read."""
    assignment, is_asked = find(user, pk, rows)
    if is_asked:
        raise Refused(_("Answer the conflict question for this letter first."), code="conflict")
    return assignment
