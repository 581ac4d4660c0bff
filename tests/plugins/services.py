"""A throw-away PostgreSQL and Valkey for one run of the tests.

Loaded with `-p` (pyproject.toml), so that the servers are there before Django reads its settings.
TEST_DATABASE_URL and TEST_REDIS_URL name servers to use instead.
"""

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chang_e8_portal import embedded

# What a developer's shell may hold and must not decide a test.
FOREIGN = [
    *("SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "BASE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"),
    *("SIGNING_KEY_FILE", "PORTAL_CLOCK", "PORTAL_DEMO", "SENTRY_DSN", "S3_BUCKET"),
    *("PDF_SIGNING_KEY_FILE", "PDF_SIGNING_KEY_PASSWORD", "PDF_SIGNING_CERTIFICATES_FILE"),
    *("PDF_TIMESTAMP_URL", "SECRET_KEY_FALLBACKS"),
]


# A wrapper runs before pytest-django, which reads the settings in the same hook.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Prepare the environment: once in the process that was started, and in each of its workers."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        move_into_own_rooms(worker)
    else:
        start(early_config)
    return (yield)


def start(config: pytest.Config) -> None:
    """Start what is not given, and stop it when pytest ends, however it ends."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    # /tmp, because a unix socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="ce8-test-", dir="/tmp"))
    config.add_cleanup(lambda: shutil.rmtree(folder))
    given = {
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL"),
        "REDIS_URL": os.environ.get("TEST_REDIS_URL"),
    }
    if not all(given.values()):
        try:
            services = embedded.start(
                folder,
                postgres=not given["DATABASE_URL"],
                valkey=not given["REDIS_URL"],
                durable=False,
            )
        except embedded.ServicesFailed as failure:
            raise pytest.UsageError(str(failure)) from failure
        config.add_cleanup(services.stop)
        given["DATABASE_URL"] = given["DATABASE_URL"] or services.database_url
        given["REDIS_URL"] = given["REDIS_URL"] or services.redis_url
    os.environ |= given | {"DATA_DIR": str(folder / "data")}


def move_into_own_rooms(worker: str) -> None:
    """Give a parallel worker its own files and its own two numbered databases in Valkey.

    PostgreSQL needs nothing here: pytest-django names a test database after each worker.
    """
    number = 2 * (1 + int(worker.removeprefix("gw")))
    os.environ["REDIS_URL"] = numbered(os.environ["REDIS_URL"], number)
    os.environ["DATA_DIR"] += f"-{worker}"


def numbered(address: str, number: int) -> str:
    """Return the address of another numbered database of the same Redis."""
    url = urlsplit(address)
    if url.scheme == "unix":
        return f"unix://{url.path}?{urlencode(dict(parse_qsl(url.query)) | {'db': number})}"
    return url._replace(path=f"/{number}").geturl()
