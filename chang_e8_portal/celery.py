"""The Celery application and the whole timetable.

Rows are the queue, Celery is the clock: a task takes what is due from the database, so one that
ran twice, late or not at all changes nothing that the next one does not put right.
"""

import os

from celery import Celery
from celery.signals import worker_process_init

from chang_e8_portal import collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")

app = Celery("chang_e8_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def settle(**_signal):
    """A planned release of 2,000 decisions takes a worker a seventh less time for it."""
    collector.settle()


TIMETABLE = {  # task: seconds between two rings
    "decisions.tasks.render_owed_letters": 3,
    "decisions.tasks.release_planned_publications": 3,
    "decisions.tasks.mail_told_releases": 3,
    "decisions.tasks.rehearse_owed_releases": 3,
    "decisions.tasks.compute_owed_scenarios": 3,
    "decisions.tasks.make_owed_dossiers": 3,
    "reviews.tasks.compute_owed_plans": 3,
    "reviews.tasks.make_owed_packs": 3,
    "notifications.tasks.deliver_queued_mail": 5,
    "decisions.tasks.print_told_results": 5,
    "proposals.tasks.seal_closed_calls": 5,
    "notifications.tasks.queue_invitations": 10,
    "notifications.tasks.queue_token_notices": 10,
    "proposals.tasks.scan_owed_files": 10,
    "reviews.tasks.freeze_rubrics": 10,
    "reviews.tasks.score_changed_marks": 10,
    "reviews.tasks.search_for_names": 20,
    "proposals.tasks.queue_draft_reminders": 60,
    "reviews.tasks.queue_review_reminders": 60,
    "reviews.tasks.ask_chairs": 60,
    "decisions.tasks.queue_consent_reminders": 60,
    "accounts.tasks.forget_sessions": 3600,
    "reviews.tasks.forget_packs": 3600,
    "decisions.tasks.forget_dossiers": 3600,
    "decisions.tasks.sweep_stored_files": 3600,
    "decisions.tasks.archive_ended_calls": 3600,
    "operations.tasks.check_chain": 3600,
}

app.conf.beat_schedule = {
    task: {
        "task": task,
        "schedule": seconds,
        # A ring that was not heard before the next one is worth nothing: without this they pile
        # up while the workers are down.
        "options": {"expires": seconds},
    }
    for task, seconds in TIMETABLE.items()
}
