from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import chain
from proposals.models import CallRound
from reviews import permissions
from reviews.actions.refusal import Refused
from reviews.actions.rubric import seal_rubric
from reviews.actions.scoring import calculate, fill_board, keep_run, log_run
from reviews.grounds import aim_of, fingerprint, grounds
from reviews.models import Assignment, RankedLetter, Ranking, RubricSeal
from reviews.standings import places, standings

_NOT_YOURS = gettext_lazy(
    "The ranking cannot be frozen yet, because of letters over which another chair presides."
)


def freeze_ranking(call_round, *, actor, at) -> Ranking:
    """Copy the order of the round's letters as it stands now, once all reviews are in or waived.

    The copy refers to the scoring run of the same marks, which is made if nobody made it yet.
    Refused while a review is out, or a letter has no review or none that judged anything; one with
    fewer than two that did is in the copy without a place. Of
    letters that `actor` does not preside over the refusal tells nothing but that it is so.
    """
    # In a transaction of its own: the other one locks rows after it, and the record comes last.
    seal_rubric(call_round.call, at=at)
    return _freeze(call_round, actor=actor, at=at)


@transaction.atomic
def _freeze(call_round, *, actor, at) -> Ranking:
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
    ground, aim = grounds(call_round), aim_of(call_round)
    lines = standings(ground)
    unrated = sorted(
        line["letter"].reference
        for line in lines
        if line["total"] is None and permissions.presides(actor, line["letter"])
    )
    if not unrated and any(line["total"] is None for line in lines):
        raise Refused(_NOT_YOURS)
    if unrated or not lines:
        raise Refused(
            _(
                "No review judges anything of these letters: %(references)s. Give each to one more"
                " reviewer, or ask for a review to be reopened."
            )
            % {"references": ", ".join(unrated) or "-"}
        )
    run, new = keep_run(call_round, calculate(call_round, lines, aim), actor=actor, at=at)
    sealed = RubricSeal.objects.filter(call=call_round.call_id).select_related("version").first()
    ranking = Ranking.objects.create(
        round=call_round,
        frozen_at=at,
        frozen_by=actor,
        scoring_run=run,
        rubric=ground.rubric,
        rubric_version=sealed.version if sealed else None,
    )
    place_of = places(lines)
    RankedLetter.objects.bulk_create(
        RankedLetter(
            ranking=ranking,
            letter=line["letter"],
            position=place_of.get(line["letter"].pk),
            total=line["total"],
            reviews=line["reviews"],
            means={c: None if m is None else str(m) for c, m in line["means"].items()},
        )
        for line in lines
    )
    marks = fingerprint(grounds(call_round), aim).sha256
    fill_board(call_round, (), run, lines, ground, aim, marks, at=at)
    if new:
        log_run(run, actor=actor, at=at)
    chain.append(
        "ranking.frozen",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={
            # Not their totals: the record is read before anything is told. The hash of the run's
            # input proves them.
            "letters": len(lines),
            "run": str(run.pk),
            "input_sha256": run.input_sha256,
            "rubric_sha256": sealed.version.sha256 if sealed else None,
        },
    )
    return ranking
