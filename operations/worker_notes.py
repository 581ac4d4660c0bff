"""What a worker notes about the tasks of the timetable. Other tasks leave rows of their own."""

import logging
from time import monotonic

from django.db import DatabaseError

from chang_e8_portal import clock
from operations.models import TaskRun

logger = logging.getLogger(__name__)
_began: dict[str, float] = {}


def began(*, task_id, task, **_):
    if _is_periodic(task):
        _began[task_id] = monotonic()


def ended(*, task_id, task, retval, state, **_):
    """Note the run; a database that is away must not turn a task that did its work into a fault."""
    if not _is_periodic(task):
        return
    seconds = monotonic() - _began.pop(task_id, monotonic())
    error = "" if state == "SUCCESS" else type(retval).__name__[:80]
    try:
        # By the machine's clock: a demo that travels makes no task late.
        TaskRun.objects.note(task.name, at=clock.machine_now(), seconds=seconds, error=error)
    except DatabaseError:
        logger.warning("The run of %s could not be noted.", task.name)


def _is_periodic(task) -> bool:
    return task.name in task.app.conf.beat_schedule
