"""Door for Celery."""

from celery import shared_task

from accounts import actions
from chang_e8_portal import clock


@shared_task
def forget_sessions():
    actions.forget_sessions(at=clock.machine_now())
