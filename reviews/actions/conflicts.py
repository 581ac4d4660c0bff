from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import Call, LetterOfIntent
from reviews import pledges
from reviews.actions.competing import align, competitors_of, hold, log_aligned
from reviews.actions.ending import end_assignments
from reviews.actions.finding import find, log_found
from reviews.actions.refusal import Refused
from reviews.models import ConflictCheck
from reviews.states import ConflictSource, ConflictStrength


@transaction.atomic
def open_conflict_checks(call_round, *, actor, at) -> int:
    """Ask every reviewer about every letter of the round; conflicts the records show are set.

    Running it again asks only about pairs that are new, and looks again at what the records show of
    the others. Whoever has something to answer is told once, and again when something new is asked
    after everything was answered. Returns how many pairs were new.
    """
    letters = list(LetterOfIntent.objects.in_round(call_round).select_related("agency", "call"))
    if not letters:
        raise Refused(_("No letter is ready for review. Screen the letters first."))
    reviewers = list(User.objects.with_role(Role.REVIEWER).active())
    if not reviewers:
        raise Refused(_("There is no reviewer yet. Invite some; the operator gives them the role."))
    hold(call_round.call_id)
    earlier = ConflictCheck.objects.filter(reviewer__in=reviewers, letter__in=letters)
    open_before = set(earlier.unanswered().values_list("reviewer", flat=True))
    done_before = set(earlier.values_list("reviewer", flat=True)) - open_before
    made, found = find(reviewers, letters, at=at)
    chain.append(
        "conflicts.opened",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"pairs": made},
    )
    log_found(found, at=at)
    for reviewer in reviewers:
        asked = ConflictCheck.objects.filter(reviewer=reviewer, letter__in=letters)
        count = asked.unanswered().count()
        if count:
            key = f"conflicts-{call_round.pk}-{reviewer.pk}"
            if reviewer.pk in done_before:
                # The number of questions grows with each that is new, and only then.
                key += f"-{asked.count()}"
            outbox.enqueue(
                key=key,
                recipient=reviewer,
                template="conflicts_opened",
                context={"round": call_round, "count": count},
                at=at,
            )
    return made


@transaction.atomic
def answer_conflicts(reviewer, answers, *, at) -> int:
    """Record a person's answers: letter id to None (no conflict) or (kind, note).

    A conflict once recorded stays until the chair removes it: whoever could take it back could
    look first. Declaring one ends the assignment of that letter, whatever was written. Returns how
    many answers were new.
    """
    asked = ConflictCheck.objects.filter(reviewer=reviewer, letter__in=answers)
    hold(*asked.values_list("letter__call", flat=True))
    checks = list(asked.select_for_update(of=("self",)).order_by("pk"))
    if len(checks) != len(answers):
        raise Refused(_("One of these letters is not among those you were asked about."))
    if any(check.conflicted and answers[check.letter_id] is None for check in checks):
        raise Refused(_("Only the chair can remove a conflict that was recorded."))
    if reviewer.has_role(Role.REVIEWER) and checks:
        calls = Call.objects.filter(letters__in=answers).distinct()
        if pledges.owed_by(reviewer, calls):
            raise Refused(_("Accept the confidentiality pledge first."), code="pledge")
    denied, declared = [], []
    for check in checks:
        answer = answers[check.letter_id]
        if answer is not None and not check.conflicted:
            declared.append((check, answer))
        elif answer is None and check.answered_at is None:
            denied.append(check)
    # All row locks come before the first entry of the audit chain, or two people who lock in the
    # other order would wait for each other for ever.
    letters = [check.letter_id for check, _answer in declared]
    end_assignments(
        [(reviewer.pk, letter) for letter in letters],
        because="conflict of interest declared",
        at=at,
    )
    for check, (kind, note) in declared:
        check.conflicted, check.source = True, ConflictSource.DECLARED
        check.strength = ConflictStrength.HARD
        check.kind, check.note, check.answered_at = kind, note, at
        # A ruling was about what stood here before.
        check.ruling, check.recorded_by = "", reviewer
        check.save(
            update_fields=[
                *("conflicted", "source", "strength", "kind", "note", "answered_at"),
                *("ruling", "recorded_by"),
            ]
        )
    for check in denied:
        check.answered_at = at
        check.save(update_fields=["answered_at"])
    reached = align(set().union(*competitors_of(letters).values()), reviewers=[reviewer.pk], at=at)
    for check in denied:
        _log("conflict.denied", check, actor=reviewer, at=at)
    for check, (kind, _note) in declared:
        _log("conflict.declared", check, actor=reviewer, at=at, data={"kind": str(kind)})
    log_aligned(reached, at=at)
    return len(denied) + len(declared)


def _log(action, check, *, actor, at, data=None):
    chain.append(action, subject=f"letter:{check.letter_id}", actor=str(actor.pk), at=at, data=data)
