"""One call of any size, from its announcement to the middle of its review."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from accounts.states import Role, Seat
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.load import letters as intake
from chang_e8_portal.load import panel, tokens
from chang_e8_portal.load.dice import Dice
from chang_e8_portal.load.people import People
from notifications.models import Message
from notifications.states import MessageState
from proposals import actions as letters_room
from proposals.models import Call
from proposals.states import RoundKind
from reviews import actions as reviews_room

DAY = timedelta(days=1)


class Refused(Exception):
    """These load data cannot be made; the message says why."""


def seed(
    *, letters: int, reviewers: int, reviews_per_letter: int, seed: int, is_open: bool = False
) -> dict:
    """Make the load data and return what a test needs to know of them, ready for JSON.

    All instants are counted from the day that is today by the portal's clock: the call closed 20
    days ago and reviews are due in 30. With `is_open` the call closes in 30 days instead, and
    letters are filed but nothing is reviewed. Raises `Refused`; then nothing is stored.
    """
    if reviewers < reviews_per_letter:
        raise Refused(
            f"{reviews_per_letter} reviews a letter need as many reviewers, not {reviewers}."
        )
    code = f"LOAD-{seed}"
    if Call.objects.filter(code=code).exists():
        raise Refused(f"The load data of seed {seed} are in this database already.")
    papers = intake.store_papers(code, seed=seed, count=letters)
    people = People(seed=seed, letters=letters, reviewers=reviewers, safe=reviews_per_letter)
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        closes_at = today + (30 if is_open else -20) * DAY
        call = _announce(code, today=today, closes_at=closes_at)
        people.store(since=call.opens_at)
        before = min(call.closes_at, today)
        filed = intake.file_letters(call, people, papers, seed=seed, before=before)
        reviews = []
        if not is_open:
            reviews = _review(call, people, filed, each=reviews_per_letter, seed=seed, today=today)
        keys = tokens.give(people.everybody, at=today)
        _tick_off_mails(people)
    return _summary(call, people, filed, reviews, keys)


def analyse() -> None:
    """Tell the planner what is there now; a running portal's database does this by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _announce(code, *, today, closes_at) -> Call:
    rounds = content.call()["rounds"]
    data = content.call() | {
        "code": code,
        "opens_at": (closes_at - 80 * DAY).isoformat(),
        "closes_at": closes_at.isoformat(),
        "rounds": [_round(row, today + (30 + 180 * n) * DAY) for n, row in enumerate(rounds)],
    }
    at, call_id = closes_at - 90 * DAY, Dice(code).uuid()
    return reviews_room.announce_call(data, content.rubric(), at=at, id=call_id)


def _round(row, due_at: datetime) -> dict:
    announced = {**row["announced"], "date": f"{due_at + 20 * DAY:%Y-%m}"}
    return {**row, "reviews_due_at": due_at.isoformat(), "announced": announced}


def _review(call, people, filed, *, each, seed, today) -> list:
    chair = people.with_role(Role.CHAIR)[0]
    call_round = call.rounds.get(kind=RoundKind.PRELIMINARY)
    call_round.call = call
    letters_room.seal(call, at=call.closes_at + timedelta(seconds=5))
    reviews_room.ask_chairs(at=call.closes_at + timedelta(seconds=10))
    panel.open_letters(call, people.with_role(Role.PUBLISHER), at=call.closes_at + DAY)
    if not filed:
        return []
    panel.screen_all(filed, chair=chair, at=call.closes_at + 2 * DAY)
    if not people.reviewers:
        return []
    panel.ask_and_answer(call_round, filed, people, chair=chair, at=call.closes_at + 4 * DAY)
    assignments = panel.assign_all(
        call_round,
        filed,
        people.reviewers,
        each=each,
        chair=chair,
        seed=seed,
        at=call.closes_at + 6 * DAY,
    )
    return panel.review_all(assignments, seed=seed, since=call.closes_at + 7 * DAY, before=today)


def _tick_off_mails(people) -> None:
    """Nobody behind these addresses waits for mail: what is owed is marked as sent on time."""
    owed = Message.objects.filter(recipient__in=people.everybody, state=MessageState.QUEUED)
    owed.update(state=MessageState.SENT, sent_at=F("queued_at"), attempts=1)


def _summary(call, people, filed, reviews, keys) -> dict:
    """Ids, users and keys, as the contract of this command names them."""
    return {
        "call": {"id": str(call.pk), "code": call.code},
        "letters": [
            {
                "id": str(letter.pk),
                "reference": letter.reference,
                "agency": str(letter.agency_id),
                "representative": people.seat(letter.agency, Seat.REPRESENTATIVE).email,
            }
            for letter in filed
        ],
        "reviews": [
            {
                "id": str(review.pk),
                "assignment": str(review.assignment_id),
                "letter": str(review.assignment.letter_id),
                "reviewer": review.assignment.reviewer.email,
            }
            for review in reviews
        ],
        "password": content.DEMO_PASSWORD,
        "users": [
            {
                "id": str(user.pk),
                "email": user.email,
                "roles": user.roles,
                "agency": str(people.agency_of(user) or ""),
                "token": keys[user.email],
            }
            for user in people.everybody
        ],
    }
