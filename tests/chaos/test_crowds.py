"""Many people, or one impatient program, at the same row at the same instant."""

import secrets

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Membership
from accounts.states import Seat
from chang_e8_portal import clock
from notifications.models import Message
from proposals import content
from proposals.models import LetterEvent
from tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
THREADS = 40
TRIES = 60  # of one writer or one sender; then the test has failed


@pytest.fixture
def letter():
    day = make.CLOSES - make.OPENS
    call = make.call(opens_at=clock.database_now() - day, closes_at=clock.database_now() + day)
    return make.letter(call=call)


def visitor(letter, seat, number=0):
    person = make.user(email=f"{seat.lower()}{number}@example.org")
    Membership.objects.create(user=person, agency=letter.agency, seat=seat, since=make.OPENS)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    make.stepped_up(client)
    return client


def ending(job):
    """Close the thread's own connection when it is done."""

    def run():
        try:
            return job()
        finally:
            connection.close()

    return run


def test_two_hundred_posts_with_one_key_file_one_version(letter, at_once):
    # Bad input IR01.
    clients = [visitor(letter, Seat.REPRESENTATIVE, number) for number in range(THREADS)]
    key, seen = secrets.token_urlsafe(24), content.digest(content.of(letter, version=1))

    def send(client):
        for _try in range(TRIES):
            response = client.post(
                f"/letters/{letter.pk}/submit/", {"idempotency_key": key, "seen": seen}
            )
            # "Send it again, nothing was done": somebody held the row for too long.
            if response.status_code != 503:
                return response.status_code, response.headers.get("Location")
        raise AssertionError("still 503")

    jobs = [ending(lambda c=client: [send(c) for _n in range(5)]) for client in clients]
    answers = [answer for some in at_once(jobs) for answer in some]

    assert len(answers) == 200
    assert set(answers) == {(302, f"/letters/{letter.pk}/receipt/")}
    assert letter.versions.count() == 1
    assert LetterEvent.objects.filter(letter=letter).count() == 1
    assert Message.objects.filter(template="letter_submitted").count() == THREADS


def test_forty_writers_lose_nothing(letter, at_once):
    """Everybody adds a line to the same text at the same instant, and again until it is kept.

    Whoever is told "saved" finds the line in the text for ever after; whoever is told that somebody
    was quicker gets the other text and still has the own one.
    """
    clients = [visitor(letter, Seat.EDITOR, number) for number in range(THREADS)]
    revision, address = letter.revision, f"/letters/{letter.pk}/edit/c/"
    tries = []

    def write(number, client):
        line, known, text = f"Line of writer {number}.", revision, letter.goals
        for tried in range(1, TRIES + 1):
            body = {"goals": f"{text}\n{line}", "revision": known}
            response = client.post(address, body, headers={"X-Requested-With": "autosave"})
            if response.status_code == 200:
                tries.append(tried)
                return line
            if response.status_code == 412:
                answer = response.json()
                known, text = answer["revision"], answer["current"]["goals"].replace("\r\n", "\n")
            else:
                assert response.status_code == 503
        raise AssertionError(f"writer {number} was refused {TRIES} times")

    jobs = [ending(lambda n=n, c=c: write(n, c)) for n, c in enumerate(clients)]
    lines = at_once(jobs)

    letter.refresh_from_db()
    kept = letter.goals.replace("\r\n", "\n").split("\n")
    assert sorted(kept[1:]) == sorted(lines)
    assert letter.revision == revision + THREADS
    print(f"{THREADS} writers, {sum(tries)} saves tried, none lost")
