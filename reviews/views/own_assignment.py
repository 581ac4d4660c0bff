from reviews import own_letters
from reviews.models import Assignment
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
        rows = self.rows(Assignment.objects.all())
        assignment, self.unanswered = own_letters.find(self.request.user, pk, rows)
        return assignment

    def find_to_read(self, pk):
        """The same, once the letter may be read."""
        return own_letters.find_to_read(self.request.user, pk, self.rows(Assignment.objects.all()))
