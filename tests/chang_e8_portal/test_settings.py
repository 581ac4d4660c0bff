"""The settings file is run with an environment of the test's own, in a namespace of its own."""

import re
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from chang_e8_portal import embedded

ROOT = embedded.REPOSITORY
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": "postgresql://portal:secret@db.example.org:5432/portal",
    "BASE_URL": "https://portal.example.org",
}


@pytest.fixture
def settings_from(monkeypatch, tmp_path):
    """Run the settings file with these variables and no other."""

    def run(**variables):
        known = re.findall(r"^([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)
        for name in known:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"DATA_DIR": str(tmp_path)} | variables).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "chang_e8_portal" / "settings.py"))

    return run


def test_production_names_everything_that_is_missing_at_once(settings_from):
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_from(DEBUG="0", SECRET_KEY="  ")

    for name in ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"]:
        assert name in str(refusal.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_needs_each_of_them(settings_from, name):
    with pytest.raises(ImproperlyConfigured, match=name):
        settings_from(**PRODUCTION | {name: ""})


@pytest.mark.parametrize("debug", ["0", "1"])
def test_only_postgresql_is_a_database(settings_from, debug):
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL"):
        settings_from(**PRODUCTION | {"DEBUG": debug, "DATABASE_URL": "sqlite:////tmp/portal"})


def test_a_production_start_is_refused_on_the_command_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"DEBUG": "0", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []  # no embedded server, no key


def test_production_over_https_is_closed(settings_from):
    settings = settings_from(**PRODUCTION)

    assert settings["DEBUG"] is False
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["ALLOWED_HOSTS"] == ["portal.example.org"]


def test_production_without_https_does_not_lock_people_out(settings_from):
    settings = settings_from(**PRODUCTION | {"BASE_URL": "http://portal.example.org"})

    assert not settings["SESSION_COOKIE_SECURE"]
    assert "SECURE_HSTS_SECONDS" not in settings
    # Without a proxy that sets it, anybody could claim to have come over https.
    assert "SECURE_PROXY_SSL_HEADER" not in settings


def test_a_trial_needs_nothing_and_keeps_one_secret_key(settings_from, tmp_path):
    first = settings_from()
    again = settings_from()

    assert first["DEBUG"] is False
    assert len(first["SECRET_KEY"]) > 60
    assert first["SECRET_KEY"] == again["SECRET_KEY"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert str(tmp_path) in first["DATABASES"]["default"]["HOST"]
    assert first["EMAIL_FILE_PATH"] == str(tmp_path / "mail")


def test_a_secret_key_can_be_changed_while_what_earlier_ones_locked_still_opens(settings_from):
    assert settings_from(**PRODUCTION)["SECRET_KEY_FALLBACKS"] == []

    settings = settings_from(**PRODUCTION, SECRET_KEY_FALLBACKS="last-years,the-one-before")

    assert settings["SECRET_KEY_FALLBACKS"] == ["last-years", "the-one-before"]


@pytest.mark.parametrize(
    ("address", "queue", "cache"),
    [
        ("redis://h:6379/0", "redis://h:6379/0", "redis://h:6379/1"),
        ("redis://h", "redis://h", "redis://h/1"),
        ("rediss://:pw@h:1/4", "rediss://:pw@h:1/4", "rediss://:pw@h:1/5"),
        ("unix:///r/v.sock", "redis+socket:///r/v.sock?virtual_host=0", "unix:///r/v.sock?db=1"),
        (
            "unix:///r/v.sock?db=6",
            "redis+socket:///r/v.sock?virtual_host=6",
            "unix:///r/v.sock?db=7",
        ),
    ],
)
def test_queue_and_cache_are_neighbours(settings_from, address, queue, cache):
    settings = settings_from(REDIS_URL=address)

    assert settings["CELERY_BROKER_URL"] == queue
    assert settings["CACHES"]["default"]["LOCATION"] == cache


def test_smtp_is_read_from_one_address(settings_from):
    settings = settings_from(EMAIL_URL="smtp+tls://me:pass%23word@mail.example.org:587")

    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert settings["EMAIL_HOST"] == "mail.example.org"
    assert settings["EMAIL_PORT"] == 587
    assert settings["EMAIL_HOST_USER"] == "me"
    assert settings["EMAIL_HOST_PASSWORD"] == "pass#word"
    assert settings["EMAIL_USE_TLS"] is True


def test_every_variable_is_in_the_example():
    source = (ROOT / "chang_e8_portal" / "settings.py").read_text()
    read = set(re.findall(r"""env\.\w+\(\s*"([A-Z0-9_]+)\"""", source)) | {"DATA_DIR"}
    example = (ROOT / ".env.example").read_text()
    listed = set(re.findall(r"^([A-Z0-9_]+)=", example, re.M))

    assert listed - read == {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}  # docker compose's own
    assert read - listed == set()


def test_no_page_may_load_or_run_anything_from_elsewhere(settings_from):
    # Bad input IH29.
    policy = settings_from()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert not [word for words in policy.values() for word in words if "unsafe" in word]


@pytest.mark.django_db
def test_the_driver_is_psycopg2_and_nobody_may_hold_a_row_for_long():
    assert connection.Database.__name__ == "psycopg2"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'), current_setting('TimeZone')"
        )
        assert cursor.fetchone() == ("5s", "30s", "UTC")
