from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from audit.models import Entry
from decisions import actions, rendering, tasks
from decisions.models import DecisionLetter
from decisions.querysets import LEASE
from decisions.states import Outcome, PublicationState, RenderState
from proposals import files
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


@pytest.fixture
def owed():
    """A proposal of two letters, in two languages each, that nobody has rendered."""
    call_round, _letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    return stage.propose(call_round)


@pytest.fixture
def direct(monkeypatch):
    """Tasks run where they are called, without a queue."""
    monkeypatch.setattr(tasks.render_letter, "delay", tasks.render_letter)


def states(publication):
    return list(publication.letters.order_by("number").values_list("state", flat=True))


def test_every_owed_letter_is_rendered_once_however_often_the_task_runs(owed, direct, it_is):
    # Bad input IR11.
    it_is(owed.proposed_at)
    for _run in range(3):
        tasks.render_owed_letters()
    assert states(owed) == [RenderState.READY] * 4
    assert Entry.objects.filter(action="decision_letter.rendered").count() == 4
    folder = files.path_of("0" * 64).parent.parent
    kept = {path.name for path in folder.rglob("*") if path.is_file()}
    assert kept == set(owed.letters.values_list("sha256", flat=True))
    assert len(kept) == 4


def test_two_workers_never_both_render(owed, monkeypatch):
    rendered = []
    press = rendering.render
    monkeypatch.setattr(rendering, "render", lambda facts: rendered.append(1) or press(facts))
    letter = owed.letters.first()
    assert actions.render_letter(letter.pk, at=owed.proposed_at)
    assert not actions.render_letter(letter.pk, at=owed.proposed_at)
    assert len(rendered) == 1


@pytest.mark.django_db(transaction=True)
def test_two_threads_render_one_letter_once(monkeypatch):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    letter = publication.letters.first()
    rendered, gate = [], Barrier(2)
    press = rendering.render
    monkeypatch.setattr(rendering, "render", lambda facts: rendered.append(1) or press(facts))

    def work():
        gate.wait()
        actions.render_letter(letter.pk, at=publication.proposed_at)
        connection.close()

    threads = [Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rendered) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (RenderState.READY, 1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waited_for_anothers_claim_does_not_claim_too():
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    letter = publication.letters.first()
    answers = []

    def work():
        answers.append(actions.render_letter(letter.pk, at=publication.proposed_at))
        connection.close()

    second = Thread(target=work)
    with transaction.atomic():
        DecisionLetter.objects.filter(pk=letter.pk).update(
            state=RenderState.RENDERING, claimed_at=publication.proposed_at
        )
        second.start()
        _wait_until_somebody_waits_for_a_lock()
    second.join()

    assert answers == [False]


def _wait_until_somebody_waits_for_a_lock():
    # Not pg_stat_activity: inside a transaction that keeps showing what it showed first.
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        for _try in range(100_000):
            cursor.execute(waiting)
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits")


def test_a_dead_workers_letter_is_taken_up_after_the_lease(owed):
    letter = owed.letters.first()
    dead = owed.proposed_at
    DecisionLetter.objects.filter(pk=letter.pk).update(
        state=RenderState.RENDERING, claimed_at=dead, attempts=1
    )
    just_before = dead + LEASE - timedelta(milliseconds=1)
    assert not actions.render_letter(letter.pk, at=just_before)
    assert actions.render_letter(letter.pk, at=dead + LEASE)


def test_a_letter_that_takes_every_worker_down_is_set_aside(owed):
    # Bad input IR14.
    letter = owed.letters.first()
    DecisionLetter.objects.filter(pk=letter.pk).update(
        state=RenderState.RENDERING, claimed_at=owed.proposed_at, attempts=3
    )
    assert not actions.render_letter(letter.pk, at=owed.proposed_at + LEASE)
    letter.refresh_from_db()
    assert letter.state == RenderState.FAILED
    assert "the worker stopped" in letter.last_error


def test_a_letter_that_cannot_be_made_is_set_aside_and_the_others_are_done(
    owed, direct, it_is, monkeypatch
):
    bad = owed.letters.order_by("number").first()
    press = rendering.render

    def fails_for_one(facts):
        if facts.letter_number == bad.number:
            raise ValueError("no such glyph")
        return press(facts)

    monkeypatch.setattr(rendering, "render", fails_for_one)
    it_is(owed.proposed_at)
    for letter_id in owed.letters.order_by("number").values_list("pk", flat=True):
        for _attempt in range(3):
            try:
                actions.render_letter(letter_id, at=owed.proposed_at)
            except ValueError:
                assert letter_id == bad.pk
    assert states(owed) == [RenderState.FAILED, *[RenderState.READY] * 3]
    bad.refresh_from_db()
    assert (bad.attempts, bad.last_error) == (3, "ValueError: no such glyph")
    assert not actions.render_letter(bad.pk, at=owed.proposed_at + LEASE)


def test_a_letter_whose_text_is_wrong_is_never_ready(owed, monkeypatch):
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, never: ["Missing: the agency."])
    letter = owed.letters.first()
    for _attempt in range(3):
        assert not actions.render_letter(letter.pk, at=owed.proposed_at)
    letter.refresh_from_db()
    assert (letter.state, letter.last_error) == (RenderState.FAILED, "Missing: the agency.")


def test_a_late_failure_does_not_undo_what_another_worker_finished(owed, monkeypatch):
    letter = owed.letters.first()
    press = rendering.render

    def slow_and_wrong(facts):
        # While this one is at work its lease ends and another worker does the letter.
        monkeypatch.setattr(rendering, "render", press)
        actions.render_letter(letter.pk, at=owed.proposed_at + LEASE)
        raise ValueError("too late")

    monkeypatch.setattr(rendering, "render", slow_and_wrong)
    with pytest.raises(ValueError, match="too late"):
        actions.render_letter(letter.pk, at=owed.proposed_at)
    letter.refresh_from_db()
    assert letter.state == RenderState.READY


def test_a_void_proposal_is_not_worked_on(owed):
    # Bad input IR12.
    type(owed).objects.filter(pk=owed.pk).update(state=PublicationState.VOID)
    assert not actions.render_letter(owed.letters.first().pk, at=owed.proposed_at)


def test_an_unknown_letter_is_nobodys_work():
    tasks.render_letter(letter_id="0b5c93d4-16f9-4a9e-9a43-1f7a53a20d0e")
    assert not DecisionLetter.objects.exists()
