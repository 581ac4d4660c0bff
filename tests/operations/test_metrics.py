"""/metrics: for a monitor with the token and for the operator; for everybody else not there."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.states import Role
from audit import chain
from audit.models import Entry
from chang_e8_portal import clock
from notifications import outbox
from notifications.models import Message
from notifications.states import MessageState
from operations import actions, exposition
from operations.measures import Measure
from operations.models import TaskRun
from tests import make
from tests.decisions import stage
from tests.operations.conftest import note_all

pytestmark = pytest.mark.django_db
TOKEN = "a long random text"
LINE = re.compile(r'^([a-z_]+)(\{([a-z]+)="([^"]*)"\})? (\S+)$')


def numbers(text):
    """{(name, label's value): number} of an answer in Prometheus' format."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _braces, _label, value, number = LINE.match(line).groups()
            found[name, value or ""] = float(number)
    return found


@pytest.fixture
def scraped(settings):
    settings.METRICS_TOKEN = TOKEN

    def scrape():
        answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return numbers(answer.content.decode())

    return scrape


def test_a_monitor_with_the_token_reads_every_number(scraped):
    found = scraped()
    assert {name for name, _label in found} >= {
        "portal_outbox_oldest_due_seconds",
        "portal_mails_needing_somebody",
        "portal_jobs_failed",
        "portal_task_overdue",
        "portal_audit_events_total",
        "portal_clock_difference_seconds",
        "portal_disk_free_ratio",
    }
    assert found["portal_clock_difference_seconds", ""] < 1
    assert 0 < found["portal_disk_free_ratio", ""] < 1


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"],
)
@pytest.mark.parametrize("wanted", ["", TOKEN])
def test_without_the_token_it_is_not_there(client, settings, wanted, shown):
    settings.METRICS_TOKEN = wanted
    nothing = client.get("/no-such-page")
    for method in ("get", "post"):
        answer = getattr(client, method)("/metrics", headers={"Authorization": shown})
        assert answer.status_code == 404
    found = stage.bare(client.get("/metrics"))
    assert found.replace("/metrics", "/no-such-page") == stage.bare(nothing)


@pytest.mark.parametrize("role", [*Role, None])
def test_of_people_the_operator_alone_reads_it(client, settings, role):
    client.force_login(make.user(role) if role else make.member())
    answer = client.get("/metrics")
    assert answer.status_code == (200 if role == Role.OPERATOR else 404)
    if role == Role.OPERATOR:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "private" in answer.headers["Cache-Control"]


def test_the_oldest_mail_due_and_what_became_of_others(scraped):
    assert scraped()["portal_outbox_oldest_due_seconds", ""] == 0
    person, now = make.user(), clock.now()
    for key, late in (("a", 90), ("b", 30), ("c", -3600)):
        due = now - timedelta(seconds=late)
        outbox.enqueue(key=key, recipient=person, template="welcome", at=now, due_at=due)
    for key, state in (("d", MessageState.UNKNOWN), ("e", MessageState.FAILED)):
        outbox.enqueue(key=key, recipient=person, template="welcome", at=now)
        Message.objects.filter(key=key).update(state=state)
    # Failed tries and their pauses change nothing: it is still owed since then.
    Message.objects.filter(key="a").update(attempts=3, retry_at=now + timedelta(minutes=5))
    found = scraped()
    assert 90 <= found["portal_outbox_oldest_due_seconds", ""] < 120
    assert found["portal_mails", "queued"] == 3
    assert found["portal_mails_needing_somebody", "unknown"] == 1
    assert found["portal_mails_needing_somebody", "failed"] == 1


def test_what_was_written_in_confidence_shows_in_no_number(scraped):
    person, now = make.user(), clock.now() - timedelta(hours=1)
    before = scraped()
    for key, state in (("a", MessageState.QUEUED), ("b", MessageState.UNKNOWN)):
        outbox.enqueue(key=key, recipient=person, template="welcome", at=now)
        Message.objects.filter(key=key).update(state=state, template="confidential_question")
    chain.append("decision.noted", subject="x:1", at=make.OPENS)
    after = scraped()
    for restless in ("portal_disk_free_ratio", "portal_clock_difference_seconds"):
        before.pop((restless, ""))
        after.pop((restless, ""))
    assert before == after


def test_tasks_and_the_chain(scraped):
    task = "notifications.tasks.deliver_queued_mail"
    assert scraped()["portal_task_overdue", task] == 1
    now = clock.machine_now()
    note_all(at=now)
    TaskRun.objects.note(task, at=now, seconds=1, error="OSError")
    actions.check_chain(at=now)
    found = scraped()
    assert found["portal_task_overdue", task] == 0
    assert found["portal_task_failed", task] == 1
    assert found["portal_task_period_seconds", task] == 5
    assert abs(found["portal_task_last_run_timestamp_seconds", task] - now.timestamp()) < 1
    assert found["portal_audit_chain_whole", ""] == 1

    chain.append("person.second_factor_removed", subject="person:x", at=make.OPENS)
    Entry.objects.bulk_create([Entry(seq=9, at=make.OPENS, hash="f" * 64, prev_hash="0" * 64)])
    actions.check_chain(at=now)
    found = scraped()
    assert found["portal_audit_chain_whole", ""] == 0
    assert found["portal_audit_events_total", "person.second_factor_removed"] == 1


def test_the_format_escapes_what_it_must():
    odd = Measure("portal_odd", "a\nb \\", [({"kind": 'q"\\\n'}, 1), ({}, 0.5)])
    assert exposition.text([odd]).splitlines() == [
        "# HELP portal_odd a\\nb \\\\",
        "# TYPE portal_odd gauge",
        'portal_odd{kind="q\\"\\\\\\n"} 1',
        "portal_odd 0.5",
    ]
