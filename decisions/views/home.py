from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from decisions import exceptions, rounds
from decisions.models import LetterTemplate, Publication
from decisions.permissions import admit, can
from decisions.querysets import letters_barred_to
from decisions.states import Outcome
from proposals.models import Call, Extension, Opening
from proposals.states import Answer
from reviews.models import Ranking


@require_safe
def home(request):
    """Both rounds: where they stand, what waits for whom."""
    cards, barred = [], letters_barred_to(request.user)
    for call_round in rounds.current_rounds():
        publication = rounds.latest_publication(call_round)
        if can(request.user, "see", publication):
            cards.append(_card(call_round, publication, barred))
    earlier = _earlier(request.user)
    if not cards and not earlier:
        admit(request.user, "see")
    context = {
        "cards": cards,
        "earlier": earlier,
        "can_steer": can(request.user, "steer"),
        "barred": barred.exists(),
    }
    if context["can_steer"]:
        context["awaits_you"] = any(
            steps.objects.filter(answer=Answer.AWAITED).exclude(proposed_by=request.user).exists()
            for steps in (Opening, Extension)
        )
        asked = LetterTemplate.objects.visible_to(request.user).awaited()
        context["worded"] = set(
            asked.exclude(proposed_by=request.user).values_list("round", flat=True)
        )
    return render(request, "decisions/home.html", context)


def _earlier(user) -> list[dict]:
    """The calls before the present one, with those of their rounds that `user` may look at."""
    calls = Call.objects.earlier()
    live = Publication.objects.live().filter(round__call__in=calls) if calls else ()
    told = {one.round_id: one for one in live}
    found = [
        {
            "call": call,
            "rounds": [
                {"round": one, "publication": told.get(one.pk)}
                for one in call.rounds.all()
                if can(user, "see", told.get(one.pk))
            ],
        }
        for call in calls
    ]
    return [one for one in found if one["rounds"]]


def _card(call_round, publication, barred):
    counts = rounds.counts_by_outcome(call_round, barred)
    undecided = rounds.undecided_in(call_round, barred).count()
    frozen = Ranking.objects.filter(round=call_round).exists()
    opened = call_round.call.is_opened()
    mass = rounds.mass_on_the_lander(call_round, barred)
    return {
        "round": call_round,
        "publication": publication,
        "undecided": undecided,
        "decided": sum(counts.values()),
        "counts": [(Outcome(outcome), number) for outcome, number in counts.items()],
        "mass": mass,
        "mass_allowed": exceptions.allows_mass(call_round, mass, publication),
        "waits": _waits(
            publication,
            opened=opened,
            frozen=frozen,
            undecided=undecided,
            any_decided=bool(counts),
        ),
    }


def _waits(publication, *, opened, frozen, undecided, any_decided) -> str:
    """One sentence on what is next, and who does it."""
    if publication and publication.is_released:
        return ""
    if not opened:
        return _("After the cutoff two publishers open the letters; then the panel can read them.")
    if not frozen:
        return _("The chair freezes the ranking; then letters can be decided.")
    if undecided:
        return ngettext(
            "%(count)s letter waits for the chair's decision.",
            "%(count)s letters wait for the chair's decision.",
            undecided,
        ) % {"count": undecided}
    if not any_decided:
        return _("No letter came this far.")
    if publication and publication.is_scheduled:
        return _("Planned: the portal releases by itself at the instant that two publishers set.")
    if publication and publication.is_open:
        return _("Proposed by %(name)s. Another publisher checks and releases it.") % {
            "name": publication.proposed_by
        }
    return _("Every letter is decided. A publisher proposes the publication.")
