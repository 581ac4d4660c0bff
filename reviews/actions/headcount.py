"""How many reviewers one letter is to have, said by its chair."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from proposals.models import CallRound, LetterOfIntent
from reviews import permissions
from reviews.actions.refusal import Refused
from reviews.headcount import MOST
from reviews.models import Headcount, Ranking
from reviews.panel_letters import with_counts


@transaction.atomic
def say_headcount(call_round, letter, *, number, reason="", actor, at) -> None:
    """Write how many reviewers a letter is to have; None is the usual number again."""
    [letter] = _locked(call_round, [letter.pk], actor)
    said = Headcount.objects.filter(round=call_round, letter=letter).first()
    if (number, reason if number else "") == (said and said.number, said.reason if said else ""):
        return
    if number is None:
        said.delete()
    else:
        _write(call_round, letter, number, reason, actor=actor, at=at)
    chain.append_many([_fact(call_round, letter, number, reason, actor=actor, at=at)])


@transaction.atomic
def want_one_more(call_round, letters, *, actor, at) -> int:
    """Want one reviewer more for each of these letters; how many letters it was.

    One that still waits for a reviewer is left as it is, so that two clicks are one reviewer.
    """
    found = _locked(call_round, [letter.pk for letter in letters], actor)
    served = [letter for letter in found if letter.given >= letter.needed and letter.needed < MOST]
    if not served:
        raise Refused(_("Each of these letters waits for a reviewer already."))
    reason = _("One more review where the order is not clear.")
    for letter in served:
        _write(call_round, letter, letter.needed + 1, reason, actor=actor, at=at)
    chain.append_many(
        _fact(call_round, letter, letter.needed + 1, reason, actor=actor, at=at)
        for letter in served
    )
    return len(served)


def _locked(call_round, ids, actor) -> list[LetterOfIntent]:
    """The letters with their counts, while nothing is given out and no ranking frozen."""
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is frozen."), code="frozen")
    letters = LetterOfIntent.objects.in_round(call_round).filter(pk__in=ids)
    found = list(with_counts(permissions.presided_by(actor, letters), call_round))
    if len(found) != len(set(ids)):
        raise Refused(_("This letter is not part of this round."))
    return found


def _write(call_round, letter, number, reason, *, actor, at):
    Headcount.objects.update_or_create(
        round=call_round,
        letter=letter,
        defaults={"number": number, "reason": reason, "said_by": actor, "said_at": at},
    )


def _fact(call_round, letter, number, reason, *, actor, at) -> dict:
    return {
        "action": "headcount.said",
        "subject": f"letter:{letter.pk}",
        "actor": str(actor.pk),
        "at": at,
        "data": {"round": str(call_round.pk), "number": number, "reason": reason},
    }
