"""Doors for Celery: the rows are the queue, beat is the clock."""

from celery import shared_task
from django.conf import settings

from chang_e8_portal import clock
from notifications import delivery, reminders
from notifications.models import Message

# Seconds between two sweeps (chang_e8_portal/celery.py).
SWEEP_SECONDS = 5


@shared_task
def queue_invitations():
    reminders.queue_invitations(at=clock.now())


@shared_task
def queue_token_notices():
    reminders.queue_token_notices(at=clock.now())


@shared_task
def deliver_queued_mail():
    at = clock.now()
    delivery.give_up_lost(at=at)
    delivery.let_lapse(at=at)
    if delivery.is_shut():
        return
    # So many leave at most, and a mail server is not flooded.
    most = max(1, settings.MAILS_A_MINUTE * SWEEP_SECONDS // 60)
    due = Message.objects.deliverable(at=at).order_by("due_at")
    for message_id in due.values_list("pk", flat=True)[:most]:
        deliver_message.delay(message_id=str(message_id))


@shared_task
def deliver_message(*, message_id):
    delivery.deliver(message_id, at=clock.now())
