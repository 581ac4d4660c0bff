"""Who gets past the door of a page, and what everybody else is told."""

from django.http import Http404
from django.views import View

from proposals.models import Call
from proposals.states import RoundKind
from reviews import permissions, rounds


class ReviewerPage(View):
    """A page only reviewers know of."""

    def dispatch(self, request, *args, **kwargs):
        if not permissions.can(request.user, "declare"):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class PanelPage(View):
    """A page of the panel, about the call that opened last."""

    action = "panel"
    # What writing needs, where that is more than reading.
    post_action = None

    def dispatch(self, request, *args, **kwargs):
        wanted = self.post_action if request.method == "POST" and self.post_action else self.action
        permissions.admit(request.user, wanted)
        self.call = Call.objects.current()
        return super().dispatch(request, *args, **kwargs)

    def round_of(self, slug):
        """The round named in the address, or 404."""
        call_round = rounds.named(self.call, slug)
        if call_round is None:
            raise Http404
        return call_round

    @property
    def rounds(self):
        """The call's rounds in the order in which they come."""
        order = list(RoundKind)
        found = self.call.rounds.all() if self.call else ()
        return sorted(found, key=lambda call_round: order.index(call_round.kind))
