"""Marks of a file, matched with the letters, people and criteria of a round.

Every fault is told with its line, several at once, in the words of `reviews.review_table`. English,
like the file's columns: whoever mends a file works at a terminal.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from proposals.models import LetterOfIntent
from reviews import permissions
from reviews.models import Assignment, ConflictCheck, Criterion, Review
from reviews.review_table import Mark
from reviews.scoring import HALF_MARKS
from reviews.states import Degree

_NEARLY = 1e-6


@dataclass
class Filed:
    """One review out of the file: criterion code to mark, None where it could not be judged."""

    line: int
    assignment: Assignment
    scores: dict[str, Decimal | None] = field(default_factory=dict)
    confidence: str = ""
    submitted_at: datetime | None = None


def match(marks: list[Mark], call_round, *, actor, at) -> tuple[list[Filed], list[str]]:
    """The reviews that these marks make, and the faults; reviews are whole only without faults.

    `actor` is whose policy applies to letters, or None for the operator at the console.
    """
    known = _Known(call_round, actor)
    found: dict[tuple, Filed] = {}
    faults = []
    for mark in marks:
        if not mark.reviewer_id and mark.percent is None:
            continue  # a letter that nobody has reviewed
        try:
            _take(mark, known, found, at)
        except ValueError as fault:
            faults.append(f"line {mark.line}: {fault}")
    if not faults:
        faults += _incomplete(found.values(), known.codes)
    if not (found or faults):
        faults.append("the file has no review in it")
    return list(found.values()), faults


class _Known:
    """What the names in the file may mean, asked for once."""

    def __init__(self, call_round, actor):
        self.call = call_round.call.code
        letters = LetterOfIntent.objects.in_round(call_round)
        if actor:
            letters = permissions.presided_by(actor, letters)
        self.letters = _by_name(letters.values_list("pk", "reference"))
        assignments = Assignment.objects.active().filter(round=call_round)
        self.assignments = {
            (one.letter_id, one.reviewer_id): one
            for one in assignments.filter(letter__in=letters.values("pk"))
        }
        self.people = _by_name(User.objects.values_list("pk", "email"))
        checks = ConflictCheck.objects.filter(letter__in=letters.values("pk"))
        self.checks = {(one.letter_id, one.reviewer_id): one for one in checks.defer("evidence")}
        self.reviewed = set(
            Review.objects.filter(assignment__round=call_round).values_list("assignment", flat=True)
        )
        criteria = Criterion.objects.filter(call=call_round.call_id)
        self.codes = list(criteria.values_list("code", flat=True))


def _by_name(pairs) -> dict[str, UUID]:
    """Ids by the name that people use, in any letters, and by themselves."""
    found: dict[str, UUID] = {}
    for pk, name in pairs:
        found[str(pk)] = pk
        found[name.casefold()] = pk
    return found


def _take(mark, known, found, at):
    assignment = _assignment(mark, known)
    if mark.criterion not in known.codes:
        raise ValueError(
            f"no criterion {mark.criterion[:40]!r} in this call, only: {', '.join(known.codes)}"
        )
    review = found.setdefault(assignment.pk, Filed(mark.line, assignment))
    if mark.criterion in review.scores:
        raise ValueError(f"a second line for {mark.criterion!r} of this review")
    review.scores[mark.criterion] = None if mark.percent is None else _half_mark(mark.percent)
    confidence, submitted_at = _confidence(mark.confidence), _moment(mark.submitted_at, at)
    if review.line != mark.line and (confidence, submitted_at) != (
        review.confidence,
        review.submitted_at,
    ):
        raise ValueError(f"another confidence or submitted_at than on line {review.line}")
    review.confidence, review.submitted_at = confidence, submitted_at


def _assignment(mark, known) -> Assignment:
    if mark.call and mark.call != known.call:
        raise ValueError(f"call {mark.call[:40]!r}, but the reviews go into {known.call!r}")
    letter = known.letters.get(mark.proposal_id.casefold())
    if letter is None:
        raise ValueError(f"no letter {mark.proposal_id[:40]!r} in this round")
    person = known.people.get(mark.reviewer_id.casefold())
    if person is None:
        raise ValueError(f"nobody with the id or e-mail {mark.reviewer_id[:80]!r}")
    pair = letter, person
    check = known.checks.get(pair)
    if check and check.conflicted:
        raise ValueError(f"{mark.reviewer_id} has a conflict with {mark.proposal_id}")
    assignment = known.assignments.get(pair)
    if assignment is None:
        raise ValueError(f"{mark.proposal_id} is not assigned to {mark.reviewer_id}")
    if check is None or not check.is_clear:
        raise ValueError(f"{mark.reviewer_id} has not answered about {mark.proposal_id}")
    if assignment.pk in known.reviewed:
        raise ValueError(f"{mark.reviewer_id} has a review of {mark.proposal_id} already")
    return assignment


def _half_mark(percent: float) -> Decimal:
    """A place on the file's scale as one on the call's, 0 to 5 in half steps."""
    steps = percent / 100 * (len(HALF_MARKS) - 1)
    if abs(steps - round(steps)) > _NEARLY:
        raise ValueError(f"this is {steps / 2:.3f} on the call's scale, between its half steps")
    return HALF_MARKS[round(steps)]


def _confidence(text: str) -> str:
    if text and text.upper() not in Degree.values:
        raise ValueError(f"confidence is {', '.join(Degree.values)} or empty, not {text[:40]!r}")
    return text.upper()


def _moment(text: str, at) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError(f"submitted_at is a moment with its zone, not {text[:40]!r}")
    if found > at:
        raise ValueError(f"submitted_at {text} is still to come")
    return found


def _incomplete(reviews, codes) -> list[str]:
    """A review counts with an answer to every criterion, or not at all."""
    return [
        f"line {review.line}: this review has no line for: {', '.join(lacking)}"
        for review in reviews
        if (lacking := [code for code in codes if code not in review.scores])
    ]
