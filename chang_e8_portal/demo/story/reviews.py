"""The panel's part: conflicts are answered, letters assigned, reviews written and ranked."""

from datetime import timedelta

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import conflicts, meetings, who_and_when
from proposals.models import LetterOfIntent
from reviews import actions as panel
from reviews import pledges
from reviews.models import Assignment, ConflictCheck, Criterion, Ranking, Review

_REVIEW_FIELDS = (
    "major_strengths",
    "strengths",
    "major_weaknesses",
    "weaknesses",
    "comment_to_applicant",
    "confidential_comment",
    "risk",
    "recommendation",
    "confidence",
)


def assign_all(call_round, *, start):
    """Ask about conflicts, have them answered, and give every letter its reviewers."""
    chair = who_and_when.first_with(Role.CHAIR)
    if Ranking.objects.filter(round=call_round).exists():
        return
    clock.travel_to(start)
    panel.open_conflict_checks(call_round, actor=chair, at=clock.now())
    if not call_round.is_final:
        conflicts.weigh(call_round)
    reviewers = list(User.objects.with_role(Role.REVIEWER).active().order_by("email"))
    clock.travel_to(start + timedelta(days=2))
    for number, reviewer in enumerate(reviewers):
        asked = ConflictCheck.objects.filter(reviewer=reviewer).unanswered()
        answers = dict.fromkeys(asked.values_list("letter_id", flat=True))
        if answers and number >= who_and_when.IDLE_REVIEWERS:
            _pledge(reviewer, call_round.call)
            panel.answer_conflicts(reviewer, answers, at=clock.now())
    clock.travel_to(start + timedelta(days=4))
    load = {reviewer.pk: 0 for reviewer in reviewers}
    for assignment in Assignment.objects.active().filter(round=call_round):
        load[assignment.reviewer_id] += 1
    clear: dict = {}
    for letter_id, reviewer_id in ConflictCheck.objects.filter(conflicted=False).values_list(
        "letter_id", "reviewer_id"
    ):
        clear.setdefault(letter_id, set()).add(reviewer_id)
    for letter in LetterOfIntent.objects.in_round(call_round).order_by("reference"):
        taken = set(
            Assignment.objects.active()
            .filter(round=call_round, letter=letter)
            .values_list("reviewer_id", flat=True)
        )
        free = [r for r in reviewers if r.pk in clear.get(letter.pk, ()) and r.pk not in taken]
        free.sort(key=lambda r: (load[r.pk], who_and_when.dice(letter.title, r.email).random()))
        for reviewer in free[: max(0, call_round.reviewers_per_letter - len(taken))]:
            panel.assign(call_round, letter, reviewer, actor=chair, at=clock.now())
            load[reviewer.pk] += 1


def file_some(call_round, *, since, until, share=1.0):
    """Write and submit this share of the round's missing reviews, spread over the days."""
    pending = list(
        Assignment.objects.pending()
        .filter(round=call_round)
        .select_related("letter__call", "reviewer")
        .order_by("letter__reference", "reviewer__email")
    )
    idle = [user.pk for user in who_and_when.idle_reviewers()] if share < 1 else []
    pending = [a for a in pending if a.reviewer_id not in idle]
    who_and_when.dice("order", str(call_round)).shuffle(pending)
    chosen = pending[: round(len(pending) * share)]
    for number, assignment in enumerate(chosen):
        clock.travel_to(since + (until - since) * (number + 1) / (len(chosen) + 1))
        _file_review(assignment)


def _file_review(assignment):
    check = ConflictCheck.objects.get(letter=assignment.letter, reviewer=assignment.reviewer)
    if not check.is_clear:
        _pledge(assignment.reviewer, assignment.letter.call)
        panel.answer_conflicts(assignment.reviewer, {assignment.letter_id: None}, at=clock.now())
    written = content.review_for(
        who_and_when.key_of(assignment.letter),
        who_and_when.pen_of(assignment.reviewer),
        assignment.round.kind,
    )
    codes = Criterion.objects.filter(call=assignment.letter.call_id).values_list("code", flat=True)
    review = Review.objects.filter(assignment=assignment).first()
    review = panel.save_review(
        assignment,
        changes={name: written[name] for name in _REVIEW_FIELDS},
        scores={
            code: {
                "mark": written["scores"][code],
                "cannot_judge": written["scores"][code] is None,
                "comment": written["comments"].get(code, ""),
            }
            for code in codes
        },
        revision=review.revision if review else 0,
        actor=assignment.reviewer,
    )
    panel.submit_review(review, actor=assignment.reviewer)


def _pledge(reviewer, call):
    text = pledges.text_of(call)
    panel.accept_pledge(reviewer, call, version=text.version, sha256=text.sha256, at=clock.now())


def finish(call_round):
    """All missing reviews come in before the due date, the panel meets if it planned to, and the
    chair freezes the ranking.
    """
    if Ranking.objects.filter(round=call_round).exists():
        return
    due = call_round.reviews_due_at
    file_some(call_round, since=due - timedelta(days=20), until=due - timedelta(days=1))
    meetings.hold(call_round)
    clock.travel_to(due + timedelta(days=3))
    panel.freeze_ranking(call_round, actor=who_and_when.first_with(Role.CHAIR), at=clock.now())
