from django.db import transaction
from django.utils.translation import gettext as _

from proposals import actions as filing
from proposals.models import LetterOfIntent
from proposals.states import Eligibility
from reviews.actions.refusal import Refused
from reviews.models import Assignment


def ensure_opened(call) -> None:
    """Raise `Refused` while two publishers have not opened the call's letters."""
    if call is None or not call.is_opened():
        raise Refused(
            _("The letters are sealed until two publishers have opened them."), code="sealed"
        )


@transaction.atomic
def screen_letters(letters, *, outcome, rule="", reason="", actor, at) -> int:
    """Say of several filed letters whether they may be assessed: all of them or none.

    A letter that reviewers are reading can no longer be called ineligible; waive its reviews first.
    """
    ids = sorted(letter.pk for letter in letters)
    if not ids:
        raise Refused(_("Choose at least one letter."))
    # Every row lock before the first audit entry, which the first screening writes.
    rows = LetterOfIntent.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    locked = list(rows.order_by("pk"))
    if outcome == Eligibility.INELIGIBLE:
        read = Assignment.objects.active().filter(letter__in=ids).select_related("letter")
        if references := sorted({assignment.letter.reference for assignment in read}):
            raise Refused(
                _("Reviewers are already reading %(references)s. Waive these reviews first.")
                % {"references": ", ".join(references)}
            )
    for letter in locked:
        filing.screen(letter, outcome=outcome, rule=rule, reason=reason, actor=actor, at=at)
    return len(locked)
