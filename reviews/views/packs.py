"""Committee packs: asking for one, how far it is, and its file for who asked."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals import downloads
from reviews import actions
from reviews.actions.packing import KEPT_FOR
from reviews.forms import PackForm
from reviews.models import CommitteePack
from reviews.panel_letters import round_letters
from reviews.states import PackState
from reviews.views.access import PanelPage


class _PackRoom(PanelPage):
    action = "export"

    def packs(self, slug):
        """One's own of this round that are not forgotten yet, the newest first."""
        own = CommitteePack.objects.visible_to(self.request.user)
        return own.filter(round=self.round_of(slug), asked_at__gt=clock.now() - KEPT_FOR)


class Packs(_PackRoom):
    def get(self, request, slug):
        return self.page(slug, PackForm())

    def post(self, request, slug):
        form = PackForm(request.POST)
        if not form.is_valid():
            return self.page(slug, form, status=422)
        try:
            actions.ask_for_pack(
                self.round_of(slug),
                **form.cleaned_data,
                language=get_language(),
                actor=request.user,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(slug, form, status=409)
        return redirect("panel:packs", slug)

    def page(self, slug, form, status=200):
        call_round = self.round_of(slug)
        context = {
            "round": call_round,
            "slug": slug,
            "form": form,
            "packs": list(self.packs(slug).defer("letters")),
            "total": round_letters(self.request.user, call_round).count(),
            "days": KEPT_FOR.days,
        }
        return render(self.request, "panel/packs.html", context, status=status)


class PackProgress(_PackRoom):
    """How far a pack is, for the page that waits for it."""

    http_method_names = ("get", "head")

    def get(self, request, slug, pk):
        pack = get_object_or_404(self.packs(slug).defer("letters"), pk=pk)
        return render(request, "panel/pack_state.html", {"pack": pack, "slug": slug})


@require_safe
def pack_file(request, slug, pk):
    """The file, for who asked for it; to everybody else it is not there, whatever their office."""
    own = CommitteePack.objects.visible_to(request.user).select_related("round__call")
    pack = get_object_or_404(
        own.filter(state=PackState.READY, asked_at__gt=clock.now() - KEPT_FOR), pk=pk
    )
    call_round, code = pack.round, pack.round.call.code
    if slug.kind != call_round.kind or slug.code not in ("", code):
        raise Http404
    kind = call_round.kind.lower()
    name = f"pack-{code}-{kind}-{pack.asked_at:%Y%m%d}.{pack.kind.lower()}"
    return downloads.response(request, sha256=pack.sha256, name=name)
