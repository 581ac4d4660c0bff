from datetime import timedelta

import pytest

from notifications.models import Message
from proposals import actions, reminders
from tests import make

MINUTE = timedelta(minutes=1)


def told(cast, before):
    """Who is owed what new message, this long before the cutoff."""
    known = set(Message.objects.values_list("key", flat=True))
    reminders.queue_due(at=cast.call.closes_at - before)
    return {
        (message.recipient_id, message.key.split("-")[-6])
        for message in Message.objects.exclude(key__in=known)
    }


def test_each_step_is_told_once_to_everybody_who_can_write(cast):
    writers = (cast.representative.pk, cast.editor.pk)
    for step in sorted(reminders.STEPS, reverse=True):
        assert told(cast, step + MINUTE) == set()
        assert {person for person, _step in told(cast, step)} == set(writers)
        assert told(cast, step) == told(cast, step - MINUTE) == set()
    assert Message.objects.count() == len(writers) * len(reminders.STEPS)


def test_a_late_sweep_still_tells_the_nearest_step_and_no_other(cast):
    assert {step for _person, step in told(cast, timedelta(hours=20))} == {"1d"}


def test_nothing_is_told_after_the_cutoff(cast):
    assert told(cast, timedelta(0)) == set()
    assert told(cast, -MINUTE) == set()


def test_nothing_is_told_of_a_submitted_letter(cast):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length")
    assert told(cast, timedelta(days=1)) == set()


def test_a_step_that_passed_before_the_draft_began_is_not_owed(cast):
    cast.letter.created_at = cast.call.closes_at - timedelta(days=5)
    cast.letter.save(update_fields=["created_at"])
    assert told(cast, timedelta(days=5)) == set()
    assert {step for _person, step in told(cast, timedelta(days=3))} == {"3d"}


def test_the_mail_speaks_the_reader_s_language_and_zone(cast):
    cast.editor.language, cast.editor.time_zone = "zh-hans", "America/Lima"
    cast.editor.save(update_fields=["language", "time_zone"])
    told(cast, timedelta(days=1))
    body = Message.objects.get(recipient=cast.editor).body
    assert "2024-01-01 00:00 Asia/Shanghai" in body
    assert "2023-12-31 16:00 UTC" in body
    assert "2023-12-31 11:00" in body


@pytest.mark.parametrize("letters", [1, 3])
def test_the_sweep_asks_the_database_the_same_however_many_drafts(
    cast, letters, django_assert_num_queries
):
    for _ in range(letters - 1):
        make.letter(call=cast.call, agency=cast.agency)
    queries = 4 + 2 * letters  # one row to write for each of two writers
    with django_assert_num_queries(queries):
        assert reminders.queue_due(at=cast.call.closes_at - timedelta(days=1)) == 2 * letters
    with django_assert_num_queries(4):  # a minute later all of it is known
        assert reminders.queue_due(at=cast.call.closes_at - timedelta(days=1)) == 0
