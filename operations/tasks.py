"""Door for Celery."""

from celery import shared_task

from chang_e8_portal import clock
from operations import actions


# A record of a whole call is walked in seconds.
@shared_task(soft_time_limit=1500, time_limit=1560)
def check_chain():
    actions.check_chain(at=clock.machine_now())
