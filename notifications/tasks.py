"""Doors for Celery: the rows are the queue, beat is the clock."""

from celery import shared_task

from chang_e8_portal import clock
from notifications import delivery, reminders
from notifications.models import Message

# Every five seconds: so many mails leave at most, and a mail server is not flooded.
MOST_AT_ONCE = 400


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
    due = Message.objects.deliverable(at=at).order_by("due_at")
    for message_id in due.values_list("pk", flat=True)[:MOST_AT_ONCE]:
        deliver_message.delay(message_id=str(message_id))


@shared_task
def deliver_message(*, message_id):
    delivery.deliver(message_id, at=clock.now())
