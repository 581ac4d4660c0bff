"""Promise R08: a release is told whole or not at all, whoever dies and whoever looks meanwhile.

`kill -9` strikes at every statement of a release in turn, before its commit and after it.
"""

import threading
import time
from collections import Counter
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.test import Client

from accounts.states import Role
from decisions import actions, rendering
from decisions.models import DecisionLetter, Publication
from decisions.states import Outcome
from notifications.models import Message
from tests import make
from tests.chaos.death import AFTER_COMMIT, BEFORE_COMMIT, done_by_a_process_that_dies
from tests.decisions import stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    """Letters as an empty page: this is about when they are told, not about how they look."""
    monkeypatch.setattr(rendering, "render", lambda facts: stage.paper(facts.letter_number))
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, **options: [])


def release_by_hand(publication, person):
    stage.release_without_mails(publication, actor=person, key="one form")


def release_planned(publication, person):
    actions.release_due(at=publication.release_at)


PLANNED = pytest.param(release_planned, marks=pytest.mark.long)


@pytest.mark.parametrize("deed", [release_by_hand, PLANNED])
def test_a_release_killed_at_any_step_is_told_whole_or_not_at_all(deed, it_is):
    publication, letters = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED)
    person = make.user(Role.PUBLISHER)
    if deed is release_planned:
        now = publication.proposed_at + 2 * stage.MINUTE
        publication = actions.schedule(
            publication,
            release_at=now + stage.MINUTE,
            confirmed_count=publication.positive_count,
            key="one form",
            actor=person,
            at=now,
        )
        it_is(publication.release_at)
    before = stage.everything_told()

    steps = 0
    while not done_by_a_process_that_dies(lambda: deed(publication, person), steps + 1):
        steps += 1
        assert stage.everything_told() == before, f"told in part at statement {steps}"
        assert steps < 300
        if steps % 10 == 0:
            assert not done_by_a_process_that_dies(lambda: deed(publication, person), BEFORE_COMMIT)
            assert stage.everything_told() == before
    assert steps >= 23, "every statement of the release was a step"
    _whole(publication, letters)
    print(f"killed at {steps} statements")


@pytest.mark.parametrize("deed", [release_by_hand, release_planned])
def test_a_release_killed_right_after_its_commit_is_not_made_twice(deed, it_is):
    publication, letters = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED)
    person = make.user(Role.PUBLISHER)
    if deed is release_planned:
        now = publication.proposed_at + stage.MINUTE
        publication = actions.schedule(
            publication,
            release_at=now + stage.MINUTE,
            confirmed_count=1,
            key="one form",
            actor=person,
            at=now,
        )
        it_is(publication.release_at)
    assert not done_by_a_process_that_dies(lambda: deed(publication, person), AFTER_COMMIT)
    _whole(publication, letters)
    told = stage.everything_told()
    deed(publication, person)
    assert stage.everything_told() == told


def test_a_worker_killed_while_it_writes_the_mails_writes_each_once():
    publication, letters = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED)
    released = stage.release_without_mails(publication)
    before, steps = stage.everything_told(), 0

    def write():
        actions.mail_told(at=released.released_at)

    while not done_by_a_process_that_dies(write, steps + 1):
        steps += 1
        assert stage.everything_told() == before
        assert steps < 50
        if steps == 5:
            assert not done_by_a_process_that_dies(write, BEFORE_COMMIT)
            assert stage.everything_told() == before
    assert steps >= 7, "every statement was a step"
    assert actions.mail_told(at=released.released_at) == 0
    _whole(publication, letters)
    print(f"killed at {steps} statements")


def test_a_correction_killed_at_any_step_leaves_one_valid_letter():
    publication, [letter, _other] = stage.released(Outcome.SELECTED, Outcome.NOT_SELECTED)
    at = publication.released_at + stage.MINUTE
    made = actions.propose_correction(
        publication.round,
        letter,
        why="A word was missing.",
        outcome=Outcome.SELECTED,
        reason="Better words.",
        mass_kg=4,
        actor=make.user(Role.PUBLISHER),
        at=at,
    )
    for row in made.letters.all():
        actions.render_letter(row.pk, at=at)
    second = make.user(Role.PUBLISHER)

    def release():
        actions.release_correction(
            made, confirmed_reference=letter.reference, actor=second, at=at + stage.MINUTE
        )

    before, steps = stage.everything_told(), 0
    old = set(DecisionLetter.objects.valid().values_list("number", flat=True))
    while not done_by_a_process_that_dies(release, steps + 1):
        steps += 1
        assert stage.everything_told() == before
        assert set(DecisionLetter.objects.valid().values_list("number", flat=True)) == old
        assert steps < 300
    valid = DecisionLetter.objects.valid().filter(decision__letter=letter)
    assert {row.correction_id for row in valid} == {made.pk}
    assert len(valid) == 2
    print(f"killed at {steps} statements")


def _whole(publication, letters):
    """Told, and everyone is owed one mail once a worker came by."""
    actions.mail_told(at=publication.proposed_at + 9 * stage.MINUTE)
    publication.refresh_from_db()
    assert publication.is_released
    for letter, state in zip(letters, ("SELECTED", "NOT_SELECTED"), strict=True):
        letter.refresh_from_db()
        assert letter.state == state
    mails = Message.objects.filter(template="decision_ready")
    assert Counter(mails.values_list("address", flat=True)) == dict.fromkeys(
        [person.email for letter in letters for person in letter.agency.members.all()], 1
    )
    assert Publication.objects.released().count() == 1


@pytest.mark.long
def test_nobody_sees_a_part_of_a_release(live_server, size):
    """Readers of the public page and of an agency's own list, while it is released."""
    number, reads = 12, size(500, 5000)
    titles = [f"Project {letter:02}" for letter in range(number)]
    call = make.call()
    agency = make.agency()
    person = make.member(of=agency)
    letters = [make.shortlisted_letter(call=call, agency=agency, title=title) for title in titles]
    call_round = make.final_round(call)
    stage.freeze(call_round, letters)
    for letter in letters:
        letter.mass_kg = 1
        letter.save(update_fields=["mass_kg"])
    stage.decide(call_round, letters, [Outcome.SELECTED] * number)
    publication = stage.rendered(call_round)
    client = Client()
    client.force_login(person)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    seen, left, released = Counter(), iter(range(reads)), threading.Event()
    lock = threading.Lock()

    def reader():
        while True:
            with lock:
                if next(left, None) is None and released.is_set():
                    return
            text = _text_of(f"{live_server.url}/results/", session)
            told = sum(title in text for title in titles)
            with lock:
                seen[told] += 1
            own = _own_states(live_server.url, session)
            assert len(own) == 1, own

    faults = []

    def guarded():
        try:
            reader()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=guarded) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 240
    pause = threading.Event()
    while sum(seen.values()) < reads // 2 and time.monotonic() < deadline and not faults:
        pause.wait(0.05)
    stage.release(publication)
    released.set()
    for thread in threads:
        thread.join(240)
    assert faults == []
    assert set(seen) == {0, number}, seen
    assert sum(seen.values()) >= reads
    print(dict(seen))


def _own_states(address, session) -> set:
    """The states that an agency's list of its letters shows: one, or a release was seen in part."""
    text = _text_of(f"{address}/letters/", session)
    rows = text.partition("<tbody>")[2].partition("</tbody>")[0]
    return {word for word in ("We write to you", "Read the decision") if word in rows}


def _text_of(address, session) -> str:
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
    with urlopen(Request(address, headers=cookie), timeout=60) as answer:
        return answer.read().decode()
