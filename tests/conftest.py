from datetime import UTC, datetime

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, settings

from chang_e8_portal import clock, collector, session_life

# The longest files. Started last, one of them would run alone while the other core waits.
FIRST = ("tests/journeys/", "tests/chaos/", "tests/decisions/test_twin_worlds.py")

# A machine with other work is no fault of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_collection_finish():
    # All modules and thousands of tests stay until the end: looking at them again and again for
    # garbage was a sixth of a test's processor time.
    collector.settle()


@pytest.fixture(autouse=True)
def portal_clock(settings, tmp_path):
    """Every test has a clock of its own, which starts at the real time."""
    settings.PORTAL_CLOCK = f"file:{tmp_path / 'clock'}"


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.PRIVATE_FILES = tmp_path / "files"


@pytest.fixture(autouse=True)
def files_looked_up_when_asked_for(settings):
    """A test's browser would list all static files first, which takes longer than most tests."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def nothing_drawn():
    """No test finds what another one drew: with other addresses or words of its own."""
    for name in ("drawn", "letters"):
        caches[name].clear()


@pytest.fixture(autouse=True)
def words_of_nobody_else():
    """A page leaves its reader's language behind; the next test does not go on in it."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """The hash that protects real passwords is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class SettledClient(Client):
    """A browser whose session was seen a moment ago.

    The first request of a session notes who is there, which costs statements of its own; a test
    that counts what a page asks counts the second one.
    """

    def force_login(self, user, backend=None):
        super().force_login(user, backend)
        session, now = self.session, clock.machine_now().timestamp()
        session[session_life.STARTED] = session[session_life.SEEN] = now
        session.save()


@pytest.fixture
def client():
    return SettledClient()


@pytest.fixture
def it_is(monkeypatch):
    """Hold both of the portal's clocks at one instant: `it_is(moment)`."""

    def hold(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "database_now", lambda: moment)

    hold(datetime(2023, 11, 15, 12, tzinfo=UTC))
    return hold
