"""Writing the consensus from the meeting's page: the consensus is the letter's one and only."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from reviews.models import Assignment, Meeting
from reviews.views.discussion import (
    ChairsRoom,
    ConsensusPage,
    ReviewersRoom,
    page_that_hands_back,
)


class _FromTheMeeting(ConsensusPage):
    def item_of(self, meetings, pk, item):
        """The item and its meeting; 404 for one that the reader may not know of."""
        self.meeting = get_object_or_404(meetings.select_related("round"), pk=pk)
        shown = self.meeting.items.open_to(self.request.user).of_letters()
        return get_object_or_404(shown, pk=item)

    def context(self) -> dict:
        return super().context() | {"meeting": self.meeting}


class WriteConsensus(_FromTheMeeting, ReviewersRoom):
    def enter(self, pk, item):
        found = self.item_of(Meeting.objects.visible_to(self.request.user), pk, item)
        own = Assignment.objects.active().own_of(self.request.user)
        own = own.filter(round=self.meeting.round_id, letter=found.letter_id)
        assignment = own.first()
        if assignment is None:
            raise PermissionDenied(_("Reviewers of this letter write its consensus."))
        super().enter(assignment.pk)
        self.here = reverse("reviews:meeting", args=[pk])
        self.there = reverse("reviews:meeting_consensus", args=[pk, item])


class PanelConsensus(_FromTheMeeting, ChairsRoom):
    def enter(self, slug, pk, item):
        meetings = Meeting.objects.filter(round=self.round_of(slug))
        found = self.item_of(meetings, pk, item)
        super().enter(slug, found.letter_id)
        self.here = reverse("panel:meeting", args=[slug, pk])
        self.there = reverse("panel:meeting_consensus", args=[slug, pk, item])


write_consensus = page_that_hands_back(WriteConsensus)
panel_consensus = page_that_hands_back(PanelConsensus)
