"""What the chair says of a conflict on record. Nobody else removes one or changes its strength."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.states import Role
from audit import chain
from notifications import outbox
from reviews import permissions
from reviews.actions.competing import align, competitors_of, hold, log_aligned
from reviews.actions.ending import end_assignments
from reviews.actions.refusal import Refused
from reviews.models import ConflictCheck
from reviews.states import ConflictSource, ConflictStrength


@transaction.atomic
def lift_conflict(check, *, reason, actor, at) -> ConflictCheck:
    """Remove a recorded conflict, with a reason. The person is asked anew before the text opens.

    An assignment that the conflict ended stays ended.
    """
    check = _lock(check, reason=reason, actor=actor)
    was = check.strength
    check.conflicted, check.source, check.kind = False, ConflictSource.NONE, ""
    check.strength, check.evidence = ConflictStrength.HARD, []
    # Whoever had answered already that there is no conflict need not answer that again.
    if was == ConflictStrength.HARD:
        check.answered_at = None
    _rule("conflict.lifted", check, reason=reason, actor=actor, at=at, was=was)
    return _ask_anew(check, at=at)


@transaction.atomic
def soften_conflict(check, *, reason, actor, at) -> ConflictCheck:
    """Make a hard conflict soft: it no longer bars, and the plan prefers somebody else.

    Who declared it has answered for the letter; of whom the records alone spoke is asked first.
    """
    check = _lock(check, reason=reason, actor=actor)
    if not check.conflicted:
        raise Refused(_("This conflict is soft already."))
    check.conflicted, check.strength = False, ConflictStrength.SOFT
    if check.source == ConflictSource.AUTOMATIC:
        check.answered_at = None
    _rule("conflict.softened", check, reason=reason, actor=actor, at=at, was=ConflictStrength.HARD)
    return _ask_anew(check, at=at)


@transaction.atomic
def harden_conflict(check, *, reason, actor, at) -> ConflictCheck:
    """Make a soft conflict hard: the text shuts, and an assignment of this letter ends."""
    check = _lock(check, reason=reason, actor=actor)
    if check.conflicted:
        raise Refused(_("This conflict is hard already."))
    end_assignments(
        [(check.reviewer_id, check.letter_id)], because="conflict of interest recorded", at=at
    )
    check.conflicted, check.strength = True, ConflictStrength.HARD
    check.answered_at = check.answered_at or at
    return _rule(
        "conflict.hardened", check, reason=reason, actor=actor, at=at, was=ConflictStrength.SOFT
    )


@transaction.atomic
def record_conflict(check, *, kind, strength, note, actor, at) -> ConflictCheck:
    """Write down a conflict the chair was told of, for a pair that has none on record."""
    check = _locked(check)
    _refuse_own(check, actor)
    if check.source:
        raise Refused(_("A conflict is on record for this pair. Change its strength instead."))
    hard = strength == ConflictStrength.HARD
    if hard:
        end_assignments(
            [(check.reviewer_id, check.letter_id)], because="conflict of interest recorded", at=at
        )
        check.answered_at = at
    check.conflicted, check.strength = hard, strength
    check.source, check.kind, check.note = ConflictSource.CHAIR, kind, note
    return _rule("conflict.recorded", check, reason="", actor=actor, at=at)


def _ask_anew(check, *, at) -> ConflictCheck:
    """Owe a mail to a reviewer whose answer is wanted now; the chair's reason is not in it."""
    if check.answered_at is None and check.reviewer.has_role(Role.REVIEWER):
        outbox.enqueue(
            key=f"conflict-anew-{check.pk}-{at:%Y%m%dT%H%M%S%f}",
            recipient=check.reviewer,
            template="conflict_asked_anew",
            context={"letter": check.letter},
            at=at,
        )
    return check


def _locked(check) -> ConflictCheck:
    hold(check.letter.call_id)
    rows = ConflictCheck.objects.select_for_update(of=("self",))
    return rows.select_related("letter", "reviewer").get(pk=check.pk)


def _lock(check, *, reason, actor) -> ConflictCheck:
    check = _locked(check)
    if not check.source:
        raise Refused(_("This conflict has already been removed."))
    _refuse_own(check, actor)
    if not reason.strip():
        raise Refused(_("Say why."))
    return check


def _refuse_own(check, actor):
    if check.reviewer_id == actor.pk:
        raise Refused(_("Nobody rules on a conflict of her or his own."))
    # Asked again under the lock: the chair may have come into conflict while the page was open.
    if not permissions.presides(actor, check.letter):
        raise Refused(_("You have a conflict of interest with this letter."), code="conflict")


def _rule(action, check, *, reason, actor, at, was="") -> ConflictCheck:
    check.ruling, check.recorded_by = reason, actor
    check.save(
        update_fields=[
            *("conflicted", "source", "kind", "strength", "evidence", "note", "answered_at"),
            *("ruling", "recorded_by"),
        ]
    )
    reached = align(
        competitors_of([check.letter_id])[check.letter_id], reviewers=[check.reviewer_id], at=at
    )
    chain.append(
        action,
        subject=f"letter:{check.letter_id}",
        actor=str(actor.pk),
        at=at,
        data={
            "reviewer": str(check.reviewer_id),
            "was": str(was),
            "is": str(check.strength) if check.source else "",
            "reason": reason,
        },
    )
    log_aligned(reached, at=at)
    return check
