"""Doors for Celery: what the call's clock owes."""

from celery import shared_task

from chang_e8_portal import clock
from proposals import actions, reminders
from proposals.models import Call


@shared_task
def queue_draft_reminders():
    at = clock.now()
    reminders.queue_due(at=at)
    reminders.queue_fuller_due(at=at)


@shared_task
def seal_closed_calls():
    at = clock.now()
    for call in Call.objects.due_for_sealing(at):
        actions.seal(call, at=at)


@shared_task
def scan_owed_files():
    actions.scan_due(at=clock.now())
