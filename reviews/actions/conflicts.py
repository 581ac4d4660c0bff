from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import LetterOfIntent
from reviews.actions.refusal import Refused
from reviews.conflicts import found_by_rule
from reviews.models import Assignment, ConflictCheck, Ranking, ReviewerProfile
from reviews.states import ConflictSource


@transaction.atomic
def open_conflict_checks(call_round, *, actor, at) -> int:
    """Ask every reviewer about every letter of the round; conflicts the records show are set.

    Running it again asks only about pairs that are new. Returns how many.
    """
    letters = list(LetterOfIntent.objects.in_round(call_round).select_related("agency"))
    if not letters:
        raise Refused(_("No letter is ready for review. Screen the letters first."))
    reviewers = list(User.objects.with_role(Role.REVIEWER).active())
    countries = dict(ReviewerProfile.objects.values_list("user_id", "country"))
    agencies = _agencies_of(reviewers)
    checks = []
    for reviewer in reviewers:
        for letter in letters:
            kind = found_by_rule(
                reviewer_agencies=agencies[reviewer.pk],
                reviewer_country=countries.get(reviewer.pk, ""),
                agency_id=letter.agency_id,
                agency_country=letter.agency.country.code,
            )
            checks.append(
                ConflictCheck(
                    reviewer=reviewer,
                    letter=letter,
                    conflicted=kind is not None,
                    source=ConflictSource.AUTOMATIC if kind else ConflictSource.NONE,
                    kind=kind or "",
                    answered_at=at if kind else None,
                )
            )
    before = ConflictCheck.objects.count()
    ConflictCheck.objects.bulk_create(checks, ignore_conflicts=True, batch_size=1000)
    made = ConflictCheck.objects.count() - before
    chain.append(
        "conflicts.opened",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"pairs": made},
    )
    for reviewer in reviewers:
        outbox.enqueue(
            key=f"conflicts-{call_round.pk}-{reviewer.pk}",
            recipient=reviewer,
            template="conflicts_opened",
            context={"round": call_round, "count": len(letters)},
            at=at,
        )
    return made


@transaction.atomic
def answer_conflicts(reviewer, answers, *, at) -> int:
    """Record a reviewer's answers: letter id to None (no conflict) or (kind, note).

    A conflict once recorded stays until the chair removes it: whoever could take it back could
    look first. Declaring one ends the assignment of that letter, whatever was written. Returns how
    many answers were new.
    """
    checks = list(
        ConflictCheck.objects.select_for_update()
        .filter(reviewer=reviewer, letter__in=answers)
        .order_by("pk")
    )
    if len(checks) != len(answers):
        raise Refused(_("One of these letters is not among those you were asked about."))
    changed = 0
    for check in checks:
        answer = answers[check.letter_id]
        if check.conflicted:
            if answer is None:
                raise Refused(_("Only the chair can remove a conflict that was recorded."))
            continue
        if answer is None:
            if check.answered_at is None:
                check.answered_at = at
                check.save(update_fields=["answered_at"])
                _log("conflict.denied", check, at=at)
                changed += 1
            continue
        _declare(check, *answer, at=at)
        changed += 1
    return changed


def _declare(check, kind, note, *, at):
    assignments = Assignment.objects.active().filter(
        reviewer=check.reviewer_id, letter=check.letter_id
    )
    if Ranking.objects.filter(round__in=assignments.values("round")).exists():
        raise Refused(
            _("The ranking of this round is frozen. Tell the chair about this conflict at once.")
        )
    assignments.update(ended_at=at, conflicted=None, ended_because="conflict of interest declared")
    check.conflicted, check.source = True, ConflictSource.DECLARED
    check.kind, check.note, check.answered_at = kind, note, at
    check.save(update_fields=["conflicted", "source", "kind", "note", "answered_at"])
    _log("conflict.declared", check, at=at, data={"kind": str(kind)})


def _log(action, check, *, at, data=None):
    chain.append(
        action,
        subject=f"letter:{check.letter_id}",
        actor=str(check.reviewer_id),
        at=at,
        data=data,
    )


def _agencies_of(reviewers):
    """Agencies each reviewer belongs to or is employed by."""
    found = {reviewer.pk: set() for reviewer in reviewers}
    seats = Membership.objects.filter(user__in=found).values_list("user_id", "agency_id")
    employers = ReviewerProfile.objects.filter(user__in=found, agency__isnull=False).values_list(
        "user_id", "agency_id"
    )
    for user_id, agency_id in [*seats, *employers]:
        found[user_id].add(agency_id)
    return found
