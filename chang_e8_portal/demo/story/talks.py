"""Reviewers who have filed talk about the letters on which they differ most."""

from datetime import timedelta

from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import who_and_when
from reviews import actions as panel
from reviews import scoring
from reviews.models import Contribution, Review

# So many letters are talked about, the first of them up to a consensus.
_LETTERS = 3


def talk(call_round, *, since):
    """One thread each about the letters whose marks lie furthest apart."""
    if Contribution.objects.filter(round=call_round).exists():
        return
    words = content.discussion()
    clock.travel_to(since)
    for number, (criterion, apart, low, high) in enumerate(_furthest(call_round)[:_LETTERS]):
        clock.travel_to(since + timedelta(hours=7 * number))
        letter = low.assignment.letter
        about = {"criterion": criterion.short_name["en"], "apart": f"{apart:f}"}
        question = _say(call_round, letter, words["question"].format(**about), high)
        clock.travel_to(clock.now() + timedelta(hours=2))
        _say(call_round, letter, words["answer"], low, answers=question)
        if number == 0:
            chair = who_and_when.first_with(Role.CHAIR)
            panel.contribute(call_round, letter, text=words["chair"], actor=chair)
            _mark_anew(low, criterion, words["reason"])
            panel.write_consensus(
                call_round,
                letter,
                changes={
                    "text": words["consensus"],
                    "minority_view": words["minority_view"].format(**about),
                },
                marks={},
                revision=0,
                actor=high.assignment.reviewer,
            )


def _furthest(call_round) -> list:
    """(criterion, how far apart, lowest review, highest review) a letter, the furthest first."""
    letters: dict = {}
    for review in (
        Review.objects.submitted()
        .filter(assignment__round=call_round)
        .select_related("assignment__letter", "assignment__reviewer")
        .prefetch_related("scores__criterion")
        .order_by("assignment__letter__reference", "assignment__reviewer__email")
    ):
        letters.setdefault(review.assignment.letter_id, []).append(review)
    found = []
    for reviews in letters.values():
        by_criterion: dict = {}
        for review in reviews:
            for score in review.scores.all():
                if score.mark is not None:
                    by_criterion.setdefault(score.criterion, []).append((score.mark, review))
        for criterion, given in by_criterion.items():
            apart = scoring.spread([mark for mark, _review in given])
            if apart:
                ordered = sorted(given, key=lambda pair: pair[0])
                found.append((criterion, apart, ordered[0][1], ordered[-1][1]))
    found.sort(key=lambda line: (-line[1], line[2].assignment.letter.reference, line[0].position))
    seen: set = set()
    return [
        line
        for line in found
        if not (line[2].assignment.letter_id in seen or seen.add(line[2].assignment.letter_id))
    ]


def _say(call_round, letter, text, review, **more):
    return panel.contribute(call_round, letter, text=text, actor=review.assignment.reviewer, **more)


def _mark_anew(review, criterion, reason):
    """Half a mark more, with the reason; filed again."""
    actor = review.assignment.reviewer
    mark = next(score.mark for score in review.scores.all() if score.criterion_id == criterion.pk)
    review = panel.reopen_review(review, actor=actor)
    review = panel.save_review(
        review.assignment,
        changes={"change_reason": reason},
        scores={
            criterion.code: {
                "mark": mark + scoring.HALF_MARKS[1],
                "cannot_judge": False,
                "comment": reason,
            }
        },
        revision=review.revision,
        actor=actor,
    )
    panel.submit_review(review, actor=actor)
