from django.db import transaction
from django.utils.translation import gettext as _

from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import CallRound, LetterOfIntent
from reviews.actions.refusal import Refused
from reviews.models import Assignment, ConflictCheck, Ranking


@transaction.atomic
def assign(call_round, letter, reviewer, *, actor, at) -> Assignment:
    """Give a letter to a reviewer. Refused for a pair in conflict, a stranger to the round, twice.

    The round's row is locked, so that no letter is given out while its ranking is being frozen, and
    then the check's, so that a conflict declared at the same moment is either seen here or waits;
    the composite foreign key repeats the rule for whatever passes by this function.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    _refuse_when_frozen(call_round)
    if reviewer == actor:
        raise Refused(_("The chair cannot assign letters to herself or himself."))
    if not (reviewer.is_active and reviewer.has_role(Role.REVIEWER)):
        raise Refused(_("This person is not a reviewer."))
    check = (
        ConflictCheck.objects.select_for_update().filter(reviewer=reviewer, letter=letter).first()
    )
    if check is None:
        raise Refused(_("Ask the reviewers about conflicts before you assign letters."))
    if check.conflicted:
        raise Refused(
            _("%(reviewer)s has a conflict of interest with %(reference)s.")
            % {"reviewer": reviewer, "reference": letter.reference},
            code="conflict",
        )
    if not LetterOfIntent.objects.in_round(call_round).filter(pk=letter.pk).exists():
        raise Refused(_("This letter is not part of this round."))
    given = Assignment.objects.active().filter(round=call_round, letter=letter, reviewer=reviewer)
    if given.exists():
        raise Refused(
            _("%(reviewer)s already reads %(reference)s.")
            % {"reviewer": reviewer, "reference": letter.reference}
        )
    assignment = Assignment.objects.create(
        round=call_round,
        letter=letter,
        reviewer=reviewer,
        assigned_by=actor,
        assigned_at=at,
        due_at=call_round.reviews_due_at,
    )
    _log("assignment.made", assignment, actor=actor, at=at)
    outbox.enqueue(
        key=f"assignment-{assignment.pk}",
        recipient=reviewer,
        template="review_assigned",
        context={"assignment": assignment},
        at=at,
    )
    return assignment


@transaction.atomic
def assign_many(call_round, letter, reviewers, *, actor, at) -> list[Assignment]:
    """Give one letter to several reviewers, or to none of them if one pair is refused."""
    if not reviewers:
        raise Refused(_("Choose at least one reviewer."))
    # Every row lock before the first audit entry, which the first of these assignments writes.
    CallRound.objects.select_for_update().get(pk=call_round.pk)
    checks = ConflictCheck.objects.filter(letter=letter, reviewer__in=reviewers)
    list(checks.select_for_update().order_by("pk"))
    return [assign(call_round, letter, reviewer, actor=actor, at=at) for reviewer in reviewers]


@transaction.atomic
def waive(assignment, *, reason, actor, at) -> Assignment:
    """Do without a review: the assignment ends and its review, if any, does not count."""
    assignment = _lock(assignment)
    _refuse_when_frozen(assignment.round)
    if assignment.ended_at:
        raise Refused(_("This assignment has already ended."))
    if not reason.strip():
        raise Refused(_("Say why this review is not needed."))
    assignment.ended_at, assignment.conflicted = at, None
    assignment.ended_because = reason
    assignment.save(update_fields=["ended_at", "conflicted", "ended_because"])
    _log("assignment.waived", assignment, actor=actor, at=at)
    return assignment


@transaction.atomic
def give_more_time(assignment, *, due_at, actor, at) -> Assignment:
    """Move one review's due date later."""
    assignment = _lock(assignment)
    _refuse_when_frozen(assignment.round)
    if assignment.ended_at:
        raise Refused(_("This assignment has already ended."))
    if due_at <= max(assignment.due_at, at):
        raise Refused(_("The new due date must be later than the present one and than now."))
    assignment.due_at = due_at
    assignment.save(update_fields=["due_at"])
    _log("assignment.extended", assignment, actor=actor, at=at, data={"due_at": due_at.isoformat()})
    return assignment


def _lock(assignment):
    rows = Assignment.objects.select_for_update(of=("self",))
    return rows.select_related("round", "letter", "reviewer").get(pk=assignment.pk)


def _refuse_when_frozen(call_round):
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is frozen."), code="frozen")


def _log(action, assignment, *, actor, at, data=None):
    chain.append(
        action,
        subject=f"letter:{assignment.letter_id}",
        actor=str(actor.pk),
        at=at,
        data={"assignment": str(assignment.pk), **(data or {})},
    )
