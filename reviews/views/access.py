"""Who gets past the door of a page, and what everybody else is told."""

from django.http import Http404
from django.views import View

from proposals.states import RoundKind
from reviews import addresses, permissions, rounds


class ReviewerPage(View):
    """A page only reviewers know of."""

    def dispatch(self, request, *args, **kwargs):
        if not permissions.can(request.user, "declare"):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class PanelPage(View):
    """A page of the panel: about the call that its address names, or the one that opened last."""

    action = "panel"
    # What writing needs, where that is more than reading.
    post_action = None

    def dispatch(self, request, *args, code="", slug=None, **kwargs):
        wanted = self.post_action if request.method == "POST" and self.post_action else self.action
        permissions.admit(request.user, wanted)
        if slug is not None:
            kwargs["slug"], code = slug, slug.code
        self.call = rounds.call_of(code)
        if code and self.call is None:
            raise Http404
        # Whose pages the links of this page lead to (`addresses.of_call`).
        request.call_code = code
        return super().dispatch(request, *args, **kwargs)

    def turn_to(self, call):
        """From here on about `call`: that of the letter which the address names."""
        if call != self.call:
            self.call, self.request.call_code = call, call.code

    def address(self, name, *args) -> str:
        return addresses.of_call(self.request, name, *args)

    def round_of(self, slug):
        """The round named in the address, or 404."""
        call_round = rounds.named(self.call, slug.kind)
        if call_round is None:
            raise Http404
        return call_round

    @property
    def rounds(self):
        """The call's rounds in the order in which they come."""
        order = list(RoundKind)
        found = self.call.rounds.all() if self.call else ()
        return sorted(found, key=lambda call_round: order.index(call_round.kind))
