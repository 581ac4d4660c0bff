"""Periodic tasks: each run is noted, and whoever stopped is seen."""

from datetime import timedelta

import pytest
from celery import shared_task
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import translation

from audit import chain
from audit.models import Entry
from chang_e8_portal import clock
from chang_e8_portal.celery import TIMETABLE, app
from operations import actions, timetable, worker_notes
from operations.models import ChainCheck, TaskRun
from operations.tasks import check_chain
from operations.timetable import WORDS
from tests import make
from tests.operations.conftest import note_all

pytestmark = pytest.mark.django_db
SEND = "notifications.tasks.deliver_queued_mail"


def standing(task, *, at=None):
    found = timetable.standings(at=at or clock.machine_now())
    return next(one for one in found if one.task == task)


def test_every_task_of_the_timetable_is_said_in_words():
    assert set(WORDS) == set(TIMETABLE)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (1, "every second", "每秒"),
        (10, "every 10 seconds", "每 10 秒"),
        (60, "every minute", "每分钟"),
        (90, "every 90 seconds", "每 90 秒"),
        (300, "every 5 minutes", "每 5 分钟"),
        (3600, "every hour", "每小时"),
        (7200, "every 2 hours", "每 2 小时"),
    ],
)
def test_a_period_is_said_as_people_say_it(seconds, english, chinese):
    assert timetable.every(seconds) == english
    with translation.override("zh-hans"):
        assert timetable.every(seconds) == chinese


def test_a_run_is_noted_and_a_later_one_written_over_it():
    for _ in range(2):
        check_chain.apply()
    run = TaskRun.objects.get()
    assert run.task == "operations.tasks.check_chain"
    assert run.seconds > 0
    assert not run.failed


def test_a_failure_is_noted_by_its_kind_and_forgotten_by_nobody(monkeypatch):
    def broken(**given):
        raise ValueError("the title of a letter")

    monkeypatch.setattr(actions, "check_chain", broken)
    check_chain.apply()
    run = TaskRun.objects.get()
    assert run.failed
    assert run.error == "ValueError"
    assert "title" not in str(vars(run))

    monkeypatch.undo()
    check_chain.apply()
    run.refresh_from_db()
    # It works again, and when it last did not is still told.
    assert not run.failed
    assert (run.error, run.failed_at < run.ended_at) == ("ValueError", True)


@shared_task
def by_hand():
    pass


def test_a_task_that_nothing_rings_for_leaves_no_row():
    by_hand.apply()
    assert not TaskRun.objects.exists()


def test_a_database_that_is_away_spoils_no_task(monkeypatch):
    class Away:
        def note(self, *given, **more):
            raise DatabaseError

    monkeypatch.setattr(worker_notes.TaskRun, "objects", Away())
    worker_notes.ended(task_id="x", task=check_chain, retval=None, state="SUCCESS")


@pytest.mark.parametrize(
    ("task", "seconds", "overdue"),
    [
        # Twice three seconds, but never sooner than two minutes.
        ("decisions.tasks.render_owed_letters", 120, False),
        ("decisions.tasks.render_owed_letters", 121, True),
        ("operations.tasks.check_chain", 7200, False),
        ("operations.tasks.check_chain", 7201, True),
    ],
)
def test_a_task_is_overdue_after_twice_its_period(task, seconds, overdue):
    now = clock.machine_now()
    TaskRun.objects.note(task, at=now - timedelta(seconds=seconds), seconds=0.2)
    assert standing(task, at=now).overdue is overdue


def test_a_task_that_never_ran_is_overdue_and_stands_first():
    now = clock.machine_now()
    assert all(one.overdue for one in timetable.standings(at=now))
    note_all(at=now - timedelta(minutes=3))
    note_all(at=now)
    TaskRun.objects.filter(task=SEND).delete()
    first, *others = timetable.standings(at=now)
    assert (first.task, first.overdue, first.run) == (SEND, True, None)
    assert not any(one.overdue for one in others)


def test_in_a_young_portal_a_task_of_every_hour_is_awaited():
    now, hourly = clock.machine_now(), "operations.tasks.check_chain"
    TaskRun.objects.note(SEND, at=now - timedelta(hours=2), seconds=0)
    TaskRun.objects.note(SEND, at=now, seconds=0)
    assert not standing(hourly, at=now).overdue
    assert standing(hourly, at=now + timedelta(seconds=1)).overdue


def test_a_demo_that_travels_makes_no_task_late():
    note_all(at=clock.machine_now())
    clock.travel_to(make.CLOSES)
    assert not standing(SEND).overdue


def test_a_sweep_counts_as_a_run_of_all(capsys):
    call_command("sweep")
    assert {run.task for run in TaskRun.objects.all()} == set(TIMETABLE)
    assert set(app.conf.beat_schedule) == set(TIMETABLE)


# --- the audit chain ---


def record(number):
    for _ in range(number):
        chain.append("a.thing", subject="x:1", at=make.OPENS)


def test_the_chain_is_walked_and_what_was_found_kept():
    record(2)
    check = actions.check_chain(at=make.OPENS)
    assert (check.entries, check.fault) == (2, "")
    Entry.objects.bulk_create([Entry(seq=4, at=make.OPENS, hash="f" * 64, prev_hash="0" * 64)])
    actions.check_chain(at=make.CLOSES)
    check = ChainCheck.objects.get()
    assert check.fault == "entry 3 is missing"
    assert check.checked_at == make.CLOSES


def test_whoever_sweeps_every_minute_walks_the_chain_every_hour():
    for minutes, entries in ((0, 0), (59, 0), (60, 1)):
        actions.check_chain_if_due(at=make.OPENS + timedelta(minutes=minutes))
        assert ChainCheck.objects.get().entries == entries
        if not minutes:
            record(1)
