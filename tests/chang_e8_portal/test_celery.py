import time

import pytest
from kombu.exceptions import OperationalError

from chang_e8_portal.celery import TIMETABLE, app


def test_every_task_of_the_timetable_exists_and_takes_no_argument():
    app.loader.import_default_modules()

    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks
        app.tasks[name].__header__()  # raises unless it can be called without arguments
        assert entry["options"]["expires"] == TIMETABLE[name]


def test_ringing_a_bell_nobody_hears_fails_at_once(tmp_path):
    """The default is to wait, with growing pauses, for minutes; a page must not."""
    with app.connection_for_write(f"redis+socket://{tmp_path}/nobody.sock") as nobody:
        before = time.monotonic()
        with pytest.raises(OperationalError):
            app.send_task("notifications.tasks.deliver_queued_mail", connection=nobody)

    assert time.monotonic() - before < 20
