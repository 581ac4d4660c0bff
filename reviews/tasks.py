"""Door for Celery."""

from celery import shared_task

from chang_e8_portal import clock
from reviews import actions, reminders


@shared_task
def queue_review_reminders():
    reminders.queue_due(at=clock.now())


@shared_task
def ask_chairs():
    at = clock.now()
    actions.ask_chairs(at=at)
    reminders.queue_missing_chairs(at=at)
