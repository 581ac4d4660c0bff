"""The panel at work: screening, conflict questions answered, assignments, submitted reviews."""

from datetime import timedelta
from decimal import Decimal

from audit import chain
from chang_e8_portal.load.dice import Dice
from notifications import outbox
from proposals.models import Opening, Screening
from proposals.states import Answer, Eligibility
from reviews.models import Assignment, ConflictCheck, Criterion, Review, Score
from reviews.scoring import must_explain
from reviews.states import ConflictKind, ConflictSource, Degree, Recommendation, ReviewState

_DAY = timedelta(days=1)
# How far letters and reviewers differ, in marks.
_SPREAD, _NOISE = 0.7, 0.5


def open_letters(call, publishers, *, at) -> None:
    """Let one publisher propose the opening of the call's letters, and another approve it."""
    proposer, approver = publishers[:2]
    opening = Opening.objects.create(
        id=Dice(call.code, "opening").uuid(),
        call=call,
        proposed_by=proposer,
        proposed_at=at,
        answer=Answer.YES,
        answered_by=approver,
        answered_at=at + _DAY / 24,
    )
    about = {"subject": f"call:{call.pk}", "data": {"opening": str(opening.pk)}}
    opened = {**about, "data": {**about["data"], "letters": call.seal.letters}}
    proposed, approved = opening.proposed_at, opening.answered_at
    chain.append_many(
        [
            {**about, "action": "opening.proposed", "actor": str(proposer.pk), "at": proposed},
            {**opened, "action": "call.opened", "actor": str(approver.pk), "at": approved},
        ]
    )


def screen_all(letters, *, chair, at) -> None:
    """Find every letter eligible."""
    Screening.objects.bulk_create(
        Screening(letter=letter, outcome=Eligibility.ELIGIBLE, screened_by=chair, screened_at=at)
        for letter in letters
    )
    chain.append_many(
        {
            "action": "letter.screened",
            "subject": f"letter:{letter.pk}",
            "actor": str(chair.pk),
            "at": at,
            "data": {"outcome": str(Eligibility.ELIGIBLE)},
        }
        for letter in letters
    )


def ask_and_answer(call_round, letters, people, *, chair, at) -> None:
    """Ask every reviewer about every letter; a day later all without a conflict say so."""
    answered, pairs = at + _DAY, len(letters) * len(people.reviewers)
    opened = {"action": "conflicts.opened", "subject": f"round:{call_round.pk}", "at": at}
    facts = [{**opened, "actor": str(chair.pk), "data": {"pairs": pairs}}]
    checks = []
    for reviewer in people.reviewers:
        for letter in letters:
            barred = people.country_of(reviewer) == letter.agency.country.code
            checks.append(
                ConflictCheck(
                    reviewer=reviewer,
                    letter=letter,
                    conflicted=barred,
                    source=ConflictSource.AUTOMATIC if barred else ConflictSource.NONE,
                    kind=ConflictKind.SAME_COUNTRY if barred else "",
                    answered_at=at if barred else answered,
                )
            )
            if not barred:
                fact = {"action": "conflict.denied", "subject": f"letter:{letter.pk}"}
                facts.append({**fact, "actor": str(reviewer.pk), "at": answered})
    ConflictCheck.objects.bulk_create(checks, batch_size=5000)
    chain.append_many(facts)


def assign_all(call_round, letters, reviewers, *, each: int, chair, seed, at) -> list[Assignment]:
    """Give every letter to `each` reviewers without a conflict, those with the least to read first.

    Raises ValueError where too few are free of conflicts.
    """
    barred = set(
        ConflictCheck.objects.conflicted()
        .filter(letter__call=call_round.call)
        .values_list("reviewer", "letter")
    )
    load = dict.fromkeys((reviewer.pk for reviewer in reviewers), 0)
    made = []
    for letter in letters:
        free = [r for r in reviewers if (r.pk, letter.pk) not in barred]
        if len(free) < each:
            raise ValueError(f"{len(free)} reviewers are free to read {letter.reference}")
        dice = Dice(seed, "assign", letter.reference)
        dice.random.shuffle(free)
        for reviewer in sorted(free, key=lambda r: load[r.pk])[:each]:
            load[reviewer.pk] += 1
            made.append(
                Assignment(
                    id=dice.uuid(),
                    round=call_round,
                    letter=letter,
                    reviewer=reviewer,
                    assigned_by=chair,
                    assigned_at=at,
                    due_at=call_round.reviews_due_at,
                )
            )
    Assignment.objects.bulk_create(made, batch_size=2000)
    chain.append_many(
        {
            "action": "assignment.made",
            "subject": f"letter:{assignment.letter_id}",
            "actor": str(chair.pk),
            "at": at,
            "data": {"assignment": str(assignment.pk)},
        }
        for assignment in made
    )
    outbox.enqueue_all(
        {f"assignment-{a.pk}": (a.reviewer, {"assignment": a}) for a in made},
        template="review_assigned",
        at=at,
    )
    return made


def review_all(assignments, *, seed, since, before) -> list[Review]:
    """Write and submit the review of every assignment, at moments from `since` to `before`."""
    if not assignments:
        return []
    criteria = list(Criterion.objects.filter(call=assignments[0].round.call))
    reviews, scores = [], []
    for assignment in assignments:
        dice = Dice(seed, "review", assignment.pk)
        review = _review(assignment, dice, at=dice.between(since, before))
        reviews.append(review)
        scores += _scores(review, criteria, dice, seed)
    Review.objects.bulk_create(reviews, batch_size=1000)
    Score.objects.bulk_create(scores, batch_size=2000)
    chain.append_many(
        {
            "action": "review.submitted",
            "subject": f"letter:{review.assignment.letter_id}",
            "actor": str(review.assignment.reviewer_id),
            "at": review.submitted_at,
            "data": {"review": str(review.pk), "revision": review.revision},
        }
        for review in sorted(reviews, key=lambda review: review.submitted_at)
    )
    return reviews


def _review(assignment, dice, *, at) -> Review:
    return Review(
        id=dice.uuid(),
        assignment=assignment,
        state=ReviewState.SUBMITTED,
        revision=2,
        updated_at=at,
        submitted_at=at,
        major_strengths=dice.text(200),
        strengths=dice.text(200),
        major_weaknesses=dice.text(150),
        weaknesses=dice.text(150),
        comment_to_applicant=dice.text(200),
        confidential_comment=dice.text(150),
        risk=dice.random.choice(Degree.values),
        recommendation=dice.random.choice(Recommendation.values),
        confidence=dice.random.choice(Degree.values),
    )


def _scores(review, criteria, dice, seed):
    quality = Dice(seed, "quality", review.assignment.letter_id).random.gauss(3.3, _SPREAD)
    for criterion in criteria:
        mark = min(max(round(2 * dice.random.gauss(quality, _NOISE)), 0), 10)
        yield Score(
            review=review,
            criterion=criterion,
            mark=Decimal(mark) / 2,
            comment=dice.text(120) if must_explain(Decimal(mark) / 2) else "",
        )
