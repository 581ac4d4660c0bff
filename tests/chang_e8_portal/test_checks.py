import subprocess
import sys

import pytest
from django.core.checks.registry import registry

from chang_e8_portal import checks, embedded


@pytest.mark.parametrize(
    ("name", "value"), [("PORTAL_CLOCK", "2023-12-31T12:00:00Z"), ("PORTAL_DEMO", True)]
)
def test_time_travel_is_refused_in_production(settings, name, value):
    settings.PORTAL_CLOCK, settings.PORTAL_DEMO, settings.PRODUCTION = "", False, True
    assert checks.no_time_travel_in_production() == []

    setattr(settings, name, value)
    assert [error.msg.split()[0] for error in checks.no_time_travel_in_production()] == [name]

    settings.PRODUCTION = False
    assert checks.no_time_travel_in_production() == []


def test_no_two_faults_share_an_id(settings, monkeypatch):
    """By its id an operator silences one, and finds it in the documentation."""
    settings.PORTAL_CLOCK, settings.PORTAL_DEMO, settings.PRODUCTION = "x", True, True
    settings.SIGNING_KEY_FILE = settings.PDF_SIGNING_KEY_FILE = "/no/such/file"
    settings.PDF_TIMESTAMP_URL = settings.CLAMAV_ADDRESS = "x"
    settings.S3_BUCKET, settings.SENTRY_DSN = "letters", "https://example.org/1"
    monkeypatch.setattr(checks, "is_psycopg3", True)
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    monkeypatch.setattr(checks, "_loads", lambda name: False)

    own = [found for found in registry.registered_checks if found.__module__ == checks.__name__]
    ids = [fault.id for check in own for fault in check(app_configs=None)]
    assert len(ids) == len(own) + 1, "the first of them has two"
    assert len(set(ids)) == len(ids)


def test_gunicorn_does_not_serve_with_a_test_clock_in_production(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import chang_e8_portal.wsgi"],
        cwd=embedded.REPOSITORY,
        env={
            "DEBUG": "0",
            "SECRET_KEY": "k" * 60,
            "ALLOWED_HOSTS": "portal.example.org",
            "DATABASE_URL": "postgresql://portal@localhost/portal",
            "DATA_DIR": str(tmp_path),
            "PORTAL_CLOCK": "2023-12-31T12:00:00Z",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "portal.E001" in done.stderr


def test_missing_libraries_are_named_by_package(monkeypatch):
    assert checks.letters_can_be_typeset() == []  # bin/set-up installed them

    monkeypatch.setattr(checks, "_loads", lambda name: "harfbuzz" not in name)
    (warning,) = checks.letters_can_be_typeset()
    assert warning.hint.endswith("apt-get install libharfbuzz-subset0")


def test_a_library_that_is_not_there_does_not_load():
    assert not checks._loads("libno-such-thing.so.0")


def test_psycopg_3_is_refused(monkeypatch):
    assert checks.psycopg2_is_the_driver() == []

    monkeypatch.setattr(checks, "is_psycopg3", True)
    assert [error.id for error in checks.psycopg2_is_the_driver()] == ["portal.E003"]


def test_reserved_settings_say_that_they_do_nothing(settings):
    assert checks.settings_that_do_nothing_yet() == []

    settings.SENTRY_DSN = "https://example.org/1"
    assert [warning.id for warning in checks.settings_that_do_nothing_yet()] == ["portal.W002"]


def test_a_bucket_needs_its_library(settings, monkeypatch):
    settings.S3_BUCKET = "letters"
    assert checks.the_bucket_can_be_spoken_to() == []

    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    assert [error.id for error in checks.the_bucket_can_be_spoken_to()] == ["portal.E008"]
    settings.S3_BUCKET = ""
    assert checks.the_bucket_can_be_spoken_to() == []


@pytest.mark.parametrize(
    ("address", "found"),
    [("", []), ("tcp://clamav:3310", []), ("unix:/run/clamd.ctl", []), ("x", ["portal.E005"])],
)
def test_the_scanner_needs_an_address_that_is_one(settings, address, found):
    settings.CLAMAV_ADDRESS = address
    assert [error.id for error in checks.the_scanner_has_an_address()] == found
