from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import chain
from reviews.actions.refusal import Refused
from reviews.models import Practice
from reviews.scoring import HALF_MARKS


@transaction.atomic
def practise(user, call, scores, *, at) -> Practice:
    """Keep somebody's marks of the practice letter, once: whoever has seen the experts' knows them.

    `scores` maps criterion codes to dicts of mark, cannot_judge and comment, as for a review. The
    record says that it was done, and no mark.
    """
    kept = {}
    for code in call.facts["practice"]["marks"]:
        given = scores.get(code, {})
        mark, cannot = given.get("mark"), given.get("cannot_judge", False)
        if mark is None and not cannot:
            raise Refused(_("Give a mark, or say that you cannot judge this."), code="incomplete")
        if mark is not None and mark not in HALF_MARKS:
            raise Refused(_("A mark is a number from 0 to 5 in half steps."))
        kept[code] = {"mark": None if cannot else str(mark), "comment": given.get("comment", "")}
    # Two clicks at once: the second waits for the first, and is told.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Practice.objects.filter(user=user, call=call, done_at__isnull=False).exists():
        raise Refused(_("You have marked the practice letter already."), code="done")
    practice, _made = Practice.objects.update_or_create(
        user=user, call=call, defaults={"marks": kept, "done_at": at}
    )
    _log("practice.done", user, call, at=at)
    return practice


@transaction.atomic
def decline_practice(user, call, *, at) -> Practice:
    """Say that one does without it; it can be done all the same, and is not offered again."""
    practice, made = Practice.objects.get_or_create(
        user=user, call=call, defaults={"declined_at": at}
    )
    if made:
        _log("practice.declined", user, call, at=at)
    return practice


def _log(action, user, call, *, at):
    chain.append(action, subject=f"call:{call.pk}", actor=str(user.pk), at=at)
