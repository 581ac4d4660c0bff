"""Door for Celery: a journey through time takes longer than a page may."""

from celery import shared_task

from chang_e8_portal.demo import world


@shared_task(time_limit=15 * 60, soft_time_limit=14 * 60)
def travel(*, phase):
    world.travel(phase)
