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

    Running it again asks only about pairs that are new. Whoever has something to answer is told
    once a round. Returns how many pairs were new.
    """
    letters = list(LetterOfIntent.objects.in_round(call_round).select_related("agency"))
    if not letters:
        raise Refused(_("No letter is ready for review. Screen the letters first."))
    reviewers = list(User.objects.with_role(Role.REVIEWER).active())
    if not reviewers:
        raise Refused(_("There is no reviewer yet. Ask the operator to give people that role."))
    employers = _employers_of(reviewers)
    checks = []
    for reviewer in reviewers:
        for letter in letters:
            kind = found_by_rule(
                **employers[reviewer.pk],
                agency_id=letter.agency_id,
                agency_country=letter.agency.country.code,
                partners=letter.partners,
                excluded=letter.excluded_reviewers,
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
        asked = ConflictCheck.objects.unanswered().filter(reviewer=reviewer, letter__in=letters)
        count = asked.count()
        if count:
            outbox.enqueue(
                key=f"conflicts-{call_round.pk}-{reviewer.pk}",
                recipient=reviewer,
                template="conflicts_opened",
                context={"round": call_round, "count": count},
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
    if any(check.conflicted and answers[check.letter_id] is None for check in checks):
        raise Refused(_("Only the chair can remove a conflict that was recorded."))
    denied, declared = [], []
    for check in checks:
        answer = answers[check.letter_id]
        if answer is not None and not check.conflicted:
            declared.append((check, answer))
        elif answer is None and check.answered_at is None:
            denied.append(check)
    # All row locks come before the first entry of the audit chain, or two people who lock in the
    # other order would wait for each other for ever.
    _end_assignments(reviewer, [check.letter_id for check, _answer in declared], at=at)
    for check, (kind, note) in declared:
        check.conflicted, check.source = True, ConflictSource.DECLARED
        check.kind, check.note, check.answered_at = kind, note, at
        check.save(update_fields=["conflicted", "source", "kind", "note", "answered_at"])
    for check in denied:
        check.answered_at = at
        check.save(update_fields=["answered_at"])
    for check in denied:
        _log("conflict.denied", check, actor=reviewer, at=at)
    for check, (kind, _note) in declared:
        _log("conflict.declared", check, actor=reviewer, at=at, data={"kind": str(kind)})
    return len(denied) + len(declared)


@transaction.atomic
def lift_conflict(check, *, reason, actor, at) -> ConflictCheck:
    """Remove a recorded conflict, with a reason. The reviewer is asked anew before the text opens.

    An assignment that the conflict ended stays ended.
    """
    rows = ConflictCheck.objects.select_for_update(of=("self",))
    check = rows.select_related("letter", "reviewer").get(pk=check.pk)
    if not check.conflicted:
        raise Refused(_("This conflict has already been removed."))
    if check.reviewer_id == actor.pk:
        raise Refused(_("Nobody removes a conflict of her or his own."))
    if not reason.strip():
        raise Refused(_("Say why this is no conflict."))
    check.conflicted, check.source, check.kind = False, ConflictSource.NONE, ""
    check.answered_at, check.lifted_because = None, reason
    check.save(update_fields=["conflicted", "source", "kind", "answered_at", "lifted_because"])
    _log("conflict.lifted", check, actor=actor, at=at, data={"reviewer": str(check.reviewer_id)})
    return check


def _end_assignments(reviewer, letters, *, at):
    assignments = Assignment.objects.active().filter(reviewer=reviewer, letter__in=letters)
    held = list(assignments.select_for_update().order_by("pk"))
    if Ranking.objects.filter(round__in={assignment.round_id for assignment in held}).exists():
        raise Refused(
            _("The ranking of this round is frozen. Tell the chair about this conflict at once."),
            code="frozen",
        )
    assignments.update(ended_at=at, conflicted=None, ended_because="conflict of interest declared")


def _log(action, check, *, actor, at, data=None):
    chain.append(action, subject=f"letter:{check.letter_id}", actor=str(actor.pk), at=at, data=data)


def _employers_of(reviewers) -> dict:
    """For each reviewer the part of `found_by_rule`'s question that is about the person."""
    found = {
        reviewer.pk: {
            "reviewer_agencies": set(),
            "organisations": set(),
            "reviewer_country": "",
            "name": reviewer.name,
        }
        for reviewer in reviewers
    }
    for seat in Membership.objects.filter(user__in=found).select_related("agency"):
        found[seat.user_id]["reviewer_agencies"].add(seat.agency_id)
        found[seat.user_id]["organisations"].add(seat.agency.name)
    profiles = ReviewerProfile.objects.filter(user__in=found).select_related("agency")
    for profile in profiles:
        about = found[profile.user_id]
        about["reviewer_country"] = profile.country.code or ""
        about["organisations"].add(profile.employer)
        if profile.agency:
            about["reviewer_agencies"].add(profile.agency_id)
            about["organisations"].add(profile.agency.name)
    return found
