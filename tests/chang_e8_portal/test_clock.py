"""The one clock: real time, a start instant, or an offset that a demo may change."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from chang_e8_portal import clock

MOMENT = datetime(2023, 12, 31, 8, tzinfo=UTC)
NEAR = timedelta(seconds=5)


def test_without_a_setting_it_is_the_real_time(settings):
    settings.PORTAL_CLOCK = ""
    assert clock.shift() == timedelta(0)
    assert abs(clock.now() - datetime.now(UTC)) < NEAR


def test_an_iso_instant_is_when_the_clock_starts(settings):
    settings.PORTAL_CLOCK = "2023-12-31T16:00:00+08:00"
    first = clock.now()
    assert abs(first - MOMENT) < NEAR
    assert clock.now() >= first


def test_an_offset_file_may_be_changed_while_the_clock_runs(settings, tmp_path):
    settings.PORTAL_CLOCK = f"file:{tmp_path / 'clock'}"
    assert clock.shift() == timedelta(0)
    (tmp_path / "clock").write_text("3600\n")
    assert clock.shift() == timedelta(hours=1)
    clock.travel_to(MOMENT)
    assert abs(clock.now() - MOMENT) < NEAR


def test_travelling_leaves_no_half_written_file_behind(settings, tmp_path):
    settings.PORTAL_CLOCK = f"file:{tmp_path / 'clock'}"
    clock.travel_to(MOMENT)
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]


@pytest.mark.django_db
def test_the_database_s_clock_is_shifted_alike(settings, tmp_path):
    settings.PORTAL_CLOCK = f"file:{tmp_path / 'clock'}"
    clock.travel_to(MOMENT)
    assert abs(clock.database_now() - clock.now()) < NEAR
    assert clock.database_now().tzinfo == UTC


@pytest.mark.django_db(transaction=True)
def test_the_database_s_clock_moves_on_inside_a_transaction():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (start,) = cursor.fetchone()
        first = clock.database_now()
        second = clock.database_now()
    # now() stands still from the start of the transaction; a cutoff judged by it would be late.
    assert start < first < second
