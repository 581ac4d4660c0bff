"""Letters that compete closely: who has an interest in one has one in the other."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from audit import chain
from proposals.models import Call
from reviews.actions.ending import end_assignments
from reviews.actions.refusal import Refused
from reviews.conflicts import RULES
from reviews.models import CompetingLetters, ConflictCheck
from reviews.states import ConflictKind, ConflictSource, ConflictStrength

# The evidence that this rule leaves.
COMPETING = {"rule": "competing", "own": "", "theirs": ""}


@transaction.atomic
def name_competitors(first, second, *, reason, actor, at) -> CompetingLetters:
    """Say that two letters compete closely, which carries conflicts from one to the other."""
    first, second = sorted((first, second), key=lambda letter: letter.pk)
    if first == second:
        raise Refused(_("Choose two different letters."))
    if first.call_id != second.call_id:
        raise Refused(_("Letters of two calls do not compete."))
    hold(first.call_id)
    if CompetingLetters.objects.filter(first=first, second=second).exists():
        raise Refused(_("These two letters are named already."))
    pair = CompetingLetters.objects.create(
        first=first, second=second, reason=reason, named_by=actor, named_at=at
    )
    changed = align({first.pk, second.pk}, at=at)
    _log("letters.paired", pair, actor=actor, at=at)
    log_aligned(changed, at=at)
    return pair


@transaction.atomic
def unname_competitors(pair, *, actor, at) -> None:
    """Take a pair back; the conflicts that followed from it alone go with it."""
    hold(pair.first.call_id)
    pair = CompetingLetters.objects.filter(pk=pair.pk).select_related("first", "second").first()
    if pair is None:
        raise Refused(_("This pair was taken back already."))
    letters = {pair.first_id, pair.second_id}
    pair_as_it_was = CompetingLetters(pk=pair.pk, first=pair.first, second=pair.second)
    pair.delete()
    changed = align(letters, at=at)
    _log("letters.unpaired", pair_as_it_was, actor=actor, at=at)
    log_aligned(changed, at=at)


def hold(*calls) -> None:
    """Let nobody else change conflicts of these calls until this transaction ends.

    A change on one letter reaches checks of others; one lock for all of them cannot deadlock.
    """
    list(Call.objects.select_for_update(no_key=True).filter(pk__in=calls).order_by("pk"))


def competitors_of(letters) -> dict:
    """Each of these letters' ids with the ids of those that compete with it."""
    found: dict = {letter: set() for letter in letters}
    pairs = CompetingLetters.objects.filter(Q(first__in=found) | Q(second__in=found))
    for first, second in pairs.values_list("first", "second"):
        for one, other in ((first, second), (second, first)):
            if one in found:
                found[one].add(other)
    return found


def align(letters, *, reviewers=None, at) -> list[ConflictCheck]:
    """Bring checks of these letters in line with the conflicts on those that compete with them.

    Soft for a reviewer, hard for a chair: nobody presides over one letter with an interest in the
    other, and a chair who is barred from one letter learns nothing of it by way of the other.
    Pairs with another hard conflict, and pairs on which the chair has ruled, are left alone.
    Returns the checks that changed. Call it under `hold`.
    """
    competitors = competitors_of(letters)
    checks = ConflictCheck.objects.filter(letter__in=competitors, ruling="")
    if reviewers is not None:
        checks = checks.filter(reviewer__in=reviewers)
    checks = list(checks.select_for_update(of=("self",)).order_by("pk"))
    others = set().union(*competitors.values())
    # What follows from a pair does not carry on to the next pair.
    bases = ConflictCheck.objects.conflicted().exclude(kind=ConflictKind.COMPETING)
    barred = set(bases.filter(letter__in=others).values_list("reviewer", "letter"))
    chairs = set(User.objects.with_role(Role.CHAIR).values_list("pk", flat=True))
    changed = []
    for check in checks:
        if check.conflicted and check.kind != ConflictKind.COMPETING:
            continue
        rivals = competitors[check.letter_id]
        competes = any((check.reviewer_id, rival) in barred for rival in rivals)
        # A reviewer who became a chair since has a soft one: reading both was theirs, presiding is
        # not.
        presides = check.reviewer_id in chairs and not check.conflicted
        if competes and (presides or COMPETING not in check.evidence):
            _mark(check, hard=check.reviewer_id in chairs, at=at)
            changed.append(check)
        elif not competes and COMPETING in check.evidence:
            _unmark(check)
            changed.append(check)
    hard = [(check.reviewer_id, check.letter_id) for check in changed if check.conflicted]
    end_assignments(hard, because="closely competes with a letter in conflict", at=at)
    ConflictCheck.objects.bulk_update(
        changed, ["conflicted", "source", "kind", "strength", "evidence", "answered_at"]
    )
    return changed


def log_aligned(changed, *, at) -> None:
    """The entries of `align`, for after the last lock."""
    chain.append_many(
        {
            "action": "conflict.found" if check.source else "conflict.gone",
            "subject": f"letter:{check.letter_id}",
            "at": at,
            "data": {
                "reviewer": str(check.reviewer_id),
                "kind": str(check.kind),
                "strength": str(check.strength) if check.source else "",
            },
        }
        for check in changed
    )


def _mark(check, *, hard, at):
    if hard or not check.source:
        check.kind, check.source = ConflictKind.COMPETING, ConflictSource.AUTOMATIC
    check.strength = ConflictStrength.HARD if hard else ConflictStrength.SOFT
    check.conflicted = hard
    if hard:
        check.answered_at = at
    if COMPETING not in check.evidence:
        check.evidence = [*check.evidence, COMPETING]


def _unmark(check):
    check.evidence = [one for one in check.evidence if one != COMPETING]
    if check.kind != ConflictKind.COMPETING:
        return
    if check.conflicted:
        # The rule answered for her or him; now it is asked.
        check.answered_at = None
    check.conflicted = False
    if check.evidence:
        check.kind, check.strength = RULES[check.evidence[0]["rule"]][0], ConflictStrength.SOFT
    else:
        check.kind, check.source = "", ConflictSource.NONE
        check.strength = ConflictStrength.HARD


def _log(action, pair, *, actor, at):
    chain.append(
        action,
        subject=f"call:{pair.first.call_id}",
        actor=str(actor.pk),
        at=at,
        data={"letters": [pair.first.reference, pair.second.reference]},
    )
