from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import chain
from proposals.models import CallRound
from reviews import permissions, scoring
from reviews.actions.refusal import Refused
from reviews.models import Assignment, Criterion, RankedLetter, Ranking
from reviews.standings import standings

_NOT_YOURS = gettext_lazy(
    "The ranking cannot be frozen yet, because of letters over which another chair presides."
)


@transaction.atomic
def freeze_ranking(call_round, *, actor, at) -> Ranking:
    """Copy the order of the round's letters as it stands now, once all reviews are in or waived.

    Refused while a review is out, or a letter has no review or none that judged anything. Of
    letters that `actor` does not preside over the refusal tells nothing but that it is so.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is already frozen."), code="frozen")
    # Whoever saves a review holds its assignment's row, so nothing moves under the count.
    active = Assignment.objects.active().filter(round=call_round)
    list(active.select_for_update(of=("self",)).order_by("pk"))
    pending = Assignment.objects.pending().filter(round=call_round)
    if out := permissions.presided_by(actor, pending, letter="letter").count():
        raise Refused(
            _("%(count)s reviews are not in yet. Wait for them or waive them.") % {"count": out}
        )
    if pending.exists():
        raise Refused(_NOT_YOURS)
    criteria = list(Criterion.objects.filter(call=call_round.call_id))
    lines = standings(call_round, criteria)
    unrated = sorted(
        line["letter"].reference
        for line in lines
        if line["total"] is None and permissions.presides(actor, line["letter"])
    )
    if not unrated and any(line["total"] is None for line in lines):
        raise Refused(_NOT_YOURS)
    if unrated or not lines:
        raise Refused(
            _("These letters cannot be rated yet: %(references)s.")
            % {"references": ", ".join(unrated) or "-"}
        )
    ranking = Ranking.objects.create(
        round=call_round,
        frozen_at=at,
        frozen_by=actor,
        rubric=[
            {
                "code": c.code,
                "name": c.name,
                "short_name": c.short_name,
                "anchors": c.anchors,
                "weight": c.weight,
                "threshold": None if c.threshold is None else str(c.threshold),
            }
            for c in criteria
        ],
    )
    places = scoring.positions({line["letter"].pk: line["total"] for line in lines})
    RankedLetter.objects.bulk_create(
        RankedLetter(
            ranking=ranking,
            letter=line["letter"],
            position=places[line["letter"].pk],
            total=line["total"],
            reviews=line["reviews"],
            means={c: None if m is None else str(m) for c, m in line["means"].items()},
        )
        for line in lines
    )
    chain.append(
        "ranking.frozen",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={
            "letters": [
                [line["letter"].reference, str(line["total"])]
                for line in sorted(lines, key=lambda line: line["letter"].reference)
            ]
        },
    )
    return ranking
