"""Door for Celery."""

from celery import shared_task

from chang_e8_portal import clock
from reviews import reminders


@shared_task
def queue_review_reminders():
    reminders.queue_due(at=clock.now())
