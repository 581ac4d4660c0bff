from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from proposals.states import LetterState
from reviews import actions
from reviews.models import Assignment, ConflictCheck
from reviews.views.access import ReviewerPage


class OwnAssignment(ReviewerPage):
    """A page about one letter the reviewer was given.

    404 for somebody else's, 403 for a letter in conflict; `self.unanswered` says that the question
    of a conflict is still open, and then nothing of the letter may be shown.
    """

    unanswered = False

    def rows(self, assignments):
        """What this page needs of them."""
        return assignments.for_list()

    def find(self, pk):
        own = self.rows(Assignment.objects.filter(reviewer=self.request.user))
        assignment = get_object_or_404(own, pk=pk)
        check = ConflictCheck.objects.filter(
            reviewer=self.request.user, letter=assignment.letter_id
        ).first()
        if check is None or check.conflicted:
            raise PermissionDenied(_("You have a conflict of interest with this letter."))
        if assignment.letter.state == LetterState.WITHDRAWN:
            raise actions.Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
        if assignment.ended_at:
            raise actions.Refused(_("You are no longer asked to review this letter."), code="ended")
        self.unanswered = check.answered_at is None
        return assignment

    def find_to_read(self, pk):
        """The same, once the letter may be read."""
        assignment = self.find(pk)
        if self.unanswered:
            raise actions.Refused(
                _("Answer the conflict question for this letter first."), code="conflict"
            )
        return assignment
