from django.db import transaction
from django.utils.translation import gettext as _

from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import CallRound, LetterOfIntent
from reviews.actions.refusal import Refused
from reviews.actions.reviewing import marks_of
from reviews.models import Assignment, ConflictCheck, Ranking, Review
from reviews.states import ReviewState


@transaction.atomic
def assign(call_round, letter, reviewer, *, due_at=None, actor, at) -> Assignment:
    """Give a letter to a reviewer. Refused for a pair in conflict, a stranger to the round."""
    made = give(call_round, [(letter, reviewer)], due_at=due_at, actor=actor, at=at)
    return _with_mails(made, at=at)[0]


@transaction.atomic
def assign_many(call_round, letter, reviewers, *, due_at=None, actor, at) -> list[Assignment]:
    """Give one letter to several reviewers, or to none of them if one pair is refused."""
    if not reviewers:
        raise Refused(_("Choose at least one reviewer."))
    pairs = [(letter, reviewer) for reviewer in reviewers]
    return _with_mails(give(call_round, pairs, due_at=due_at, actor=actor, at=at), at=at)


def give(call_round, pairs, *, due_at=None, actor, at) -> list[Assignment]:
    """Make assignments of these (letter, reviewer) pairs, all or none; the mails are the caller's.

    They are due with the round, or at `due_at`; refused (`due_passed`) if that is not to come, for
    nobody could write such a review.

    The round's row is locked, so that no letter is given out while its ranking is being frozen, and
    then the checks', so that a conflict declared at the same moment is either seen here or waits;
    the composite foreign key repeats the rule for whatever passes by this function. Pairs in
    conflict are refused together, by name (`conflict`).

    What a reviewer had written about a letter before its assignment ended comes along. A review
    that was filed comes back open: it counts again once its reviewer files it anew.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    _refuse_when_frozen(call_round)
    due_at = due_at or call_round.reviews_due_at
    if due_at <= at:
        raise Refused(
            _("A review must be due later than now. Say until when you need it."),
            code="due_passed",
        )
    letters = {letter.pk for letter, _reviewer in pairs}
    checks = _locked_checks(pairs)
    former = _locked_former_reviews(call_round, pairs)
    in_round = set(
        LetterOfIntent.objects.in_round(call_round)
        .filter(pk__in=letters)
        .values_list("pk", flat=True)
    )
    given = set(
        Assignment.objects.active()
        .filter(round=call_round, letter__in=letters)
        .values_list("letter", "reviewer")
    )
    conflicted = []
    for letter, reviewer in pairs:
        pair = (letter.pk, reviewer.pk)
        if reviewer == actor:
            raise Refused(_("The chair cannot assign letters to herself or himself."))
        if not (reviewer.is_active and reviewer.has_role(Role.REVIEWER)):
            raise Refused(_("This person is not a reviewer."))
        if pair not in checks:
            raise Refused(_("Ask the reviewers about conflicts before you assign letters."))
        if checks[pair].conflicted:
            conflicted.append((letter, reviewer))
        elif letter.pk not in in_round:
            raise Refused(_("This letter is not part of this round."))
        elif pair in given:
            raise Refused(
                _("%(reviewer)s already reads %(reference)s.")
                % {"reviewer": reviewer, "reference": letter.reference}
            )
        given.add(pair)
    if conflicted:
        raise Refused(
            " ".join(
                _("%(reviewer)s has a conflict of interest with %(reference)s.")
                % {"reviewer": reviewer, "reference": letter.reference}
                for letter, reviewer in conflicted
            ),
            code="conflict",
        )
    made = Assignment.objects.bulk_create(
        Assignment(
            round=call_round,
            letter=letter,
            reviewer=reviewer,
            assigned_by=actor,
            assigned_at=at,
            due_at=due_at,
        )
        for letter, reviewer in pairs
    )
    revived = [_carried_over(former[pair], one) for one in made if (pair := _pair(one)) in former]
    Review.objects.bulk_update(revived, ["assignment", "state", "filed_marks"])
    chain.append_many(_fact("assignment.made", one, actor=actor, at=at) for one in made)
    return made


def _with_mails(assignments, *, at) -> list[Assignment]:
    owed = {f"assignment-{one.pk}": (one.reviewer, {"assignment": one}) for one in assignments}
    outbox.enqueue_all(owed, template="review_assigned", at=at)
    return assignments


def _locked_checks(pairs) -> dict:
    """The checks of these pairs, locked, by (letter id, reviewer id); those there are none of lack.

    Found first and locked then: the letters and the reviewers of a plan make far more pairs.
    """
    wanted = {(letter.pk, reviewer.pk) for letter, reviewer in pairs}
    around = ConflictCheck.objects.filter(
        letter__in={letter for letter, _reviewer in wanted},
        reviewer__in={reviewer for _letter, reviewer in wanted},
    )
    found = [
        pk
        for pk, letter, reviewer in around.values_list("pk", "letter", "reviewer")
        if (letter, reviewer) in wanted
    ]
    locked = ConflictCheck.objects.filter(pk__in=found).select_for_update().order_by("pk")
    return {(check.letter_id, check.reviewer_id): check for check in locked}


def _locked_former_reviews(call_round, pairs) -> dict:
    """What these pairs wrote before their assignment ended, locked, by (letter, reviewer) id."""
    ended = Review.objects.filter(
        assignment__round=call_round,
        assignment__ended_at__isnull=False,
        assignment__letter__in={letter.pk for letter, _reviewer in pairs},
        assignment__reviewer__in={reviewer.pk for _letter, reviewer in pairs},
    )
    rows = ended.select_related("assignment").prefetch_related("scores__criterion")
    # The one saved last, should there be several.
    locked = sorted(rows.select_for_update(of=("self",)).order_by("pk"), key=lambda r: r.updated_at)
    wanted = {(letter.pk, reviewer.pk) for letter, reviewer in pairs}
    found = {_pair(review.assignment): review for review in locked}
    return {pair: review for pair, review in found.items() if pair in wanted}


def _carried_over(review, assignment) -> Review:
    review.assignment = assignment
    if review.state == ReviewState.SUBMITTED:
        review.state, review.filed_marks = ReviewState.DRAFT, marks_of(review)
    return review


def _pair(assignment) -> tuple:
    return assignment.letter_id, assignment.reviewer_id


@transaction.atomic
def waive(assignment, *, reason, actor, at) -> Assignment:
    """Do without a review: the assignment ends and its review, if any, does not count.

    The reviewer learns that by mail, and not the chair's reason.
    """
    assignment = _lock(assignment)
    _refuse_when_frozen(assignment.round)
    if assignment.ended_at:
        raise Refused(_("This assignment has already ended."))
    if not reason.strip():
        raise Refused(_("Say why this review is not needed."))
    assignment.ended_at, assignment.conflicted = at, None
    assignment.ended_because = reason
    assignment.save(update_fields=["ended_at", "conflicted", "ended_because"])
    _tell("review_waived", assignment, key=f"assignment-{assignment.pk}-waived", at=at)
    _log("assignment.waived", assignment, actor=actor, at=at)
    return assignment


@transaction.atomic
def give_more_time(assignment, *, due_at, actor, at) -> Assignment:
    """Move one review's due date later; the reviewer learns it by mail."""
    assignment = _lock(assignment)
    _refuse_when_frozen(assignment.round)
    if assignment.ended_at:
        raise Refused(_("This assignment has already ended."))
    if due_at <= max(assignment.due_at, at):
        raise Refused(_("The new due date must be later than the present one and than now."))
    assignment.due_at = due_at
    assignment.save(update_fields=["due_at"])
    key = f"assignment-{assignment.pk}-due-{due_at:%Y%m%dT%H%M%S}"
    _tell("review_extended", assignment, key=key, at=at)
    _log("assignment.extended", assignment, actor=actor, at=at, data={"due_at": due_at.isoformat()})
    return assignment


def _tell(template, assignment, *, key, at):
    outbox.enqueue(
        key=key,
        recipient=assignment.reviewer,
        template=template,
        context={"assignment": assignment},
        at=at,
    )


def _lock(assignment):
    rows = Assignment.objects.select_for_update(of=("self",))
    return rows.select_related("round", "letter", "reviewer").get(pk=assignment.pk)


def _refuse_when_frozen(call_round):
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is frozen."), code="frozen")


def _log(action, assignment, *, actor, at, data=None):
    chain.append_many([_fact(action, assignment, actor=actor, at=at, data=data)])


def _fact(action, assignment, *, actor, at, data=None) -> dict:
    return {
        "action": action,
        "subject": f"letter:{assignment.letter_id}",
        "actor": str(actor.pk),
        "at": at,
        "data": {"assignment": str(assignment.pk), **(data or {})},
    }
