from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from decisions import rounds, shortlisting
from decisions.permissions import admit
from proposals.states import RoundKind
from reviews.models import Ranking


@require_safe
def shortlist(request, kind):
    """What the rule of size proposes, letter by letter; recording it is the bulk decision's."""
    admit(request.user, "decide")
    call_round = rounds.round_at(kind)
    if call_round is None or call_round.kind != RoundKind.PRELIMINARY:
        raise Http404
    context = {"round": call_round, "publication": rounds.latest_publication(call_round)}
    if Ranking.objects.filter(round=call_round).exists():
        context["proposal"] = shortlisting.propose(call_round, request.user)
    return render(request, "decisions/shortlist.html", context)
