import pytest

from accounts.states import Role
from chang_e8_portal.celery import TIMETABLE
from operations.models import TaskRun
from tests import make


@pytest.fixture
def operator(client):
    person = make.user(Role.OPERATOR)
    client.force_login(person)
    return person


def note_all(*, at):
    """All tasks of the timetable ran at this moment."""
    for task in TIMETABLE:
        TaskRun.objects.note(task, at=at, seconds=0)
