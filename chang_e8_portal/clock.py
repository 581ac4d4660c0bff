"""The only place that asks what time it is.

Every door reads the clock once and passes the moment on as `at=`. The few actions guarded by a
deadline ask `database_now()` themselves, after they hold the row lock: PostgreSQL's `now()` is the
start of the transaction and would let a submission through that waited for a lock past the cutoff.

`PORTAL_CLOCK` shifts both clocks alike, so that a call of years ago can be lived through today:
empty (real time), an ISO instant at which the clock starts, or `file:PATH` holding an offset in
seconds which a running demo or test may change. A system check refuses it in production.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection


def now() -> datetime:
    """The portal's present moment, in UTC, by the clock of this machine."""
    return datetime.now(UTC) + shift()


def database_now() -> datetime:
    """The portal's present moment, in UTC, by the database's clock at this very statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    return moment.astimezone(UTC) + shift()


def machine_now() -> datetime:
    """This machine's time, never shifted: for how long a browser may stay signed in."""
    return datetime.now(UTC)


def shift() -> timedelta:
    """How far the portal's clock stands from the real one; zero in production."""
    setting = settings.PORTAL_CLOCK
    if not setting:
        return timedelta(0)
    if setting.startswith("file:"):
        return _offset_in(Path(setting.removeprefix("file:")))
    return _offset_from_start(setting)


def travel_to(moment: datetime) -> None:
    """Set the clock of a demo or test that runs by an offset file."""
    path = Path(settings.PORTAL_CLOCK.removeprefix("file:"))
    offset = (moment - datetime.now(UTC)).total_seconds()
    # A reader must never meet a half-written number.
    beside = path.with_suffix(".new")
    beside.write_text(f"{offset:.6f}\n")
    beside.replace(path)


def _offset_in(path: Path) -> timedelta:
    try:
        return timedelta(seconds=float(path.read_text()))
    except FileNotFoundError:
        return timedelta(0)


@cache
def _offset_from_start(instant: str) -> timedelta:
    return datetime.fromisoformat(instant) - datetime.now(UTC)
