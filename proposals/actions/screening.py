"""Whether a filed letter may be assessed."""

from django.db import transaction
from django.utils.translation import gettext as _

from proposals.actions.moments import lock
from proposals.actions.record import log
from proposals.actions.refusal import Refused
from proposals.models import Screening
from proposals.states import Eligibility, LetterState


@transaction.atomic
def screen(letter, *, outcome, rule="", reason="", actor, at) -> Screening:
    """Say whether a filed letter may be assessed. It can be said anew until assessment begins."""
    letter = lock(letter)
    if not letter.call.is_opened():
        raise Refused(_("Letters can be screened once two publishers have opened them."))
    if letter.state != LetterState.SUBMITTED:
        raise Refused(_("Only a submitted letter can be screened."))
    if outcome == Eligibility.INELIGIBLE and not (rule.strip() and reason.strip()):
        raise Refused(_("Name the rule that is not met, and say why."))
    screening, _created = Screening.objects.update_or_create(
        letter=letter,
        defaults={
            "outcome": outcome,
            "rule": rule,
            "reason": reason,
            "screened_by": actor,
            "screened_at": at,
        },
    )
    log("letter.screened", letter, actor=actor, at=at, data={"outcome": str(outcome)})
    return screening
