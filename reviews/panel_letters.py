"""The letters that somebody presides over, with who reads them: for pages, programs and tables."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from proposals.models import LetterOfIntent
from reviews import headcount, permissions
from reviews.models import Assignment, ConflictCheck, Review
from reviews.states import ReviewState


def open_letters(user, call):
    """Filed letters of an opened call, as far as the reader presides over them."""
    letters = LetterOfIntent.objects.visible_to(user).filed().filter(call=call)
    return permissions.presided_by(user, letters)


def find_letter(user, call, pk):
    """A filed letter of the call, else 404; 403 for one the reader has a conflict with."""
    return _found(user, LetterOfIntent.objects.filter(call=call), pk)


def letter_of_any_call(user, pk):
    """The same of whichever call: a letter stays readable when the next call is the present one."""
    return _found(user, LetterOfIntent.objects.all(), pk)


def _found(user, letters, pk):
    letters = letters.visible_to(user).filed()
    letter = get_object_or_404(letters.select_related("agency", "call"), pk=pk)
    if permissions.is_barred(user, letter):
        raise PermissionDenied(_("You have a conflict of interest with this letter."))
    return letter


def round_letters(user, call_round):
    """The round's letters, as far as the reader presides over them."""
    return permissions.presided_by(user, LetterOfIntent.objects.in_round(call_round))


def with_counts(letters, call_round):
    """Adds `given` (active assignments of the round), `conflicts` (reviewers barred), `needed`
    (reviewers it is to have, by `headcount.needed`).
    """
    active = Assignment.objects.active().filter(round=call_round, letter=OuterRef("pk"))
    barred = ConflictCheck.objects.conflicted().of_reviewers().filter(letter=OuterRef("pk"))
    return letters.annotate(
        given=count_of(active.values("letter"), "pk"),
        conflicts=count_of(barred.values("letter"), "pk"),
        needed=headcount.needed(call_round),
    )


def readers_of(letter_ids, call_round) -> dict:
    """Active assignments of the round by letter, each with its reviewer and review."""
    found: dict = {}
    rows = Assignment.objects.active().filter(round=call_round, letter__in=letter_ids)
    for assignment in rows.for_list().order_by("reviewer__name", "pk"):
        found.setdefault(assignment.letter_id, []).append(assignment)
    return found


def state_of(assignment) -> dict:
    """What an assignment's badge says: `label` and `tone`."""
    review: Review | None = getattr(assignment, "review", None)
    if assignment.ended_at:
        return {"label": _("Ended"), "tone": "neutral"}
    if review is None:
        return {"label": _("Not begun"), "tone": "neutral"}
    if review.state == ReviewState.SUBMITTED:
        return {"label": _("Submitted"), "tone": "success"}
    return {"label": _("Begun"), "tone": "info"}


def count_of(rows, what):
    """A count as a subquery: two joins side by side would multiply each other."""
    counted = rows.order_by().annotate(n=Count(what)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
