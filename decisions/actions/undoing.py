from django.db import transaction
from django.utils.translation import gettext as _

from decisions import history, letter_facts
from decisions.actions.deciding import (
    keep_version,
    log_decided,
    refuse_locked,
    take_back_questions,
)
from decisions.actions.refusal import Refused
from decisions.models import Decision, DecisionVersion
from decisions.states import Outcome
from proposals.models import CallRound


@transaction.atomic
def undo_several(call_round, *, act, actor, at) -> int:
    """Put every letter of one bulk decision back to what it was before; returns how many.

    A new act, written as new versions: what was decided and undone stays in the history. Only the
    last bulk decision of the same person, only while nothing is proposed, and only if none of its
    letters was decided anew since; the refusal names the letter.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    refuse_locked(call_round)
    if act is None or history.last_act(call_round, actor) != act:
        raise Refused(
            _("Only the last decision about several letters can be undone, once, by who made it.")
        )
    versions = list(history.versions_of(act))
    for version in versions:
        if history.number_after(call_round, version.letter) != version.number + 1:
            raise Refused(
                _("%(reference)s was decided anew since. Decide it again by itself.")
                % {"reference": version.letter.reference}
            )
    for version in versions:
        _restore(version, undoes=act, actor=actor, at=at)
    return len(versions)


def _restore(version, *, undoes, actor, at):
    earlier = history.before(version)
    decision = Decision.objects.select_related("round", "letter", "merged_with").get(
        round=version.round, letter=version.letter
    )
    number = version.number + 1
    if earlier and earlier.content:
        fields = history.fields_of(earlier.content)
        _refuse_taken(decision, fields)
        fields |= {"version": number, "decided_by": actor, "decided_at": at}
        for name, value in fields.items():
            setattr(decision, name, value)
        decision.save(update_fields=list(fields))
        keep_version(decision, actor=actor, at=at, undoes=undoes)
        return
    if decision.letters.exists():
        raise Refused(
            _("%(reference)s was part of a proposal since. Decide it again by itself.")
            % {"reference": version.letter.reference}
        )
    take_back_questions(version.round, version.letter)
    decision.delete()
    DecisionVersion.objects.create(
        round=version.round,
        letter=version.letter,
        number=number,
        content=None,
        **{"undoes": undoes, "actor": actor, "at": at},
    )
    log_decided(
        version.round,
        version.letter,
        version=number,
        # Salted by what was there, or "undecided" could be read from a hash that all share.
        sha256=letter_facts.digest({"undecided": str(version.pk), "undoes": str(undoes)}),
        actor=actor,
        at=at,
    )


def _refuse_taken(decision, fields):
    rank = fields["reserve_rank"]
    others = Decision.objects.filter(round=decision.round, outcome=Outcome.RESERVE)
    if rank and others.filter(reserve_rank=rank).exclude(pk=decision.pk).exists():
        raise Refused(
            _("%(reference)s had a rank on the reserve list that another letter has now.")
            % {"reference": decision.letter.reference}
        )
