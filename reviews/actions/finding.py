"""Writing down what the records show: the checks of people and letters, new and old."""

from reviews import parties
from reviews.actions.competing import align, competitors_of, log_aligned
from reviews.actions.ending import end_assignments
from reviews.conflicts import found_by_rule
from reviews.models import ConflictCheck
from reviews.states import ConflictSource, ConflictStrength


def find(users, letters, *, at) -> tuple[int, list[ConflictCheck]]:
    """Make the checks of these pairs that are not there yet, and look again at those that are.

    `letters` of one call, with call and agency. A conflict once recorded is never cleared here:
    whoever could change an employer for a day could look meanwhile. Returns how many checks were
    made, and those with a conflict found now; log them with `log_found` after the last lock. Call
    it under `hold`.
    """
    users, letters = list(users), list(letters)
    if not (users and letters):
        return 0, []
    strengths = parties.strengths(letters[0].call)
    persons, projects = parties.persons(users), parties.projects(letters)
    old = {
        (check.reviewer_id, check.letter_id): check
        for check in _open_to_rules(users, letters).select_for_update(of=("self",)).order_by("pk")
    }
    known = set(
        ConflictCheck.objects.filter(reviewer__in=users, letter__in=letters).values_list(
            "reviewer", "letter"
        )
    )
    made, found_now = [], []
    for person_id, person in persons.items():
        for letter_id, project in projects.items():
            pair = (person_id, letter_id)
            check = old.get(pair)
            if check is None and pair in known:
                continue
            found = found_by_rule(person, project, strengths)
            if check is None:
                check = ConflictCheck(reviewer_id=person_id, letter_id=letter_id)
                made.append(check)
            elif found is None or not _is_news(found, check):
                continue
            if found:
                _set(check, found, at=at)
                found_now.append(check)
    new = {id(check) for check in made}
    changed = [check for check in found_now if id(check) not in new]
    hard = [(check.reviewer_id, check.letter_id) for check in changed if check.conflicted]
    end_assignments(hard, because="conflict of interest found", at=at)
    ConflictCheck.objects.bulk_create(made, batch_size=1000)
    ConflictCheck.objects.bulk_update(
        changed, ["conflicted", "source", "kind", "strength", "evidence", "answered_at"]
    )
    reached = set().union(*competitors_of(projects).values(), projects)
    return len(made), [*found_now, *align(reached, reviewers=persons, at=at)]


def log_found(found, *, at) -> None:
    """One entry for each conflict that the records showed."""
    log_aligned(found, at=at)


def _open_to_rules(users, letters):
    """Checks without a hard conflict and without a ruling."""
    return ConflictCheck.objects.filter(
        reviewer__in=users, letter__in=letters, conflicted=False, ruling=""
    )


def _is_news(found, check) -> bool:
    return found.strength == ConflictStrength.HARD or any(
        one not in check.evidence for one in found.evidence
    )


def _set(check, found, *, at):
    check.source, check.kind, check.strength = (
        ConflictSource.AUTOMATIC,
        found.kind,
        found.strength,
    )
    check.conflicted = found.strength == ConflictStrength.HARD
    kept = [one for one in check.evidence if one not in found.evidence]
    check.evidence = [*kept, *found.evidence]
    if check.conflicted:
        # The records answered; a soft conflict is asked about all the same.
        check.answered_at = at
