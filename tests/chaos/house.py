"""A portal of its own with servers of its own, whose parts can be killed, frozen and started again.

Everything lies in one folder under /tmp and is gone at the end. The processes are those of the demo
and of production: gunicorn, a Celery worker, beat, PostgreSQL and Valkey. Whatever ended is started
again, as Docker or systemd would.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import psycopg2
import redis

from chang_e8_portal import embedded
from chang_e8_portal.processes import ProcessTree, portal_commands

PATIENCE = 60  # seconds; the longest that any one thing is waited for
_CSRF = "c" * 32


def eventually(condition, what, patience=PATIENCE):
    """Wait until `condition()` is true and return what it returned."""
    deadline, pause = time.monotonic() + patience, threading.Event()
    while time.monotonic() < deadline:
        if found := condition():
            return found
        pause.wait(0.1)
    raise AssertionError(f"not within {patience} s: {what}")


class House:
    """Doors to the processes, to the database, and to the pages as a signed-in person."""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="ce8-chaos-", dir="/tmp"))
        self.folders = embedded.Folders(self.root)
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.clock = self.root / "clock"
        self.env = os.environ | {
            "DATABASE_URL": self.folders.database_url,
            "REDIS_URL": self.folders.redis_url,
            "DATA_DIR": str(self.root),
            "EMAIL_URL": f"filemail:///{self.root / 'mail'}",
            "PORTAL_CLOCK": f"file:{self.clock}",
            "BASE_URL": self.address,
        }
        self._commands = portal_commands(port=self.port, data_dir=self.root)
        self._output = (self.root / "output").open("w")
        self._trees = {}
        self._services = None
        # The kernel ends a child when the thread that started it ends: this one lives with us.
        self._hands = ThreadPoolExecutor(1)

    # --- its life ---

    def open(self):
        """Start everything and wait until the web answers."""
        self._services = embedded.start(self.root)
        self.manage("migrate", "--verbosity=0")
        for name in self._commands:
            self.start(name)
        self.wait_for_web()

    def close(self):
        for tree in self._trees.values():
            tree.stop()
        self._hands.shutdown()
        self._output.close()
        if self._services:
            self.start_servers()  # one that is dead or frozen cannot be stopped
            self._services.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self, name, like=None):
        """Start web, worker or beat; `like` names the command for a second one of a kind."""
        command = list(self._commands[like or name])
        if like == "beat":
            command[-1] = f"--schedule={self.root / name}"
        tree = ProcessTree({name: command}, self.env, output=self._output)
        tree.start()
        self._trees[name] = tree

    def stop(self, name):
        """Kill one process with all its children, without a word, as kill -9 does."""
        tree = self._trees.pop(name)
        os.killpg(tree.children[name].pid, signal.SIGKILL)
        tree.stop()

    def runs(self, name):
        """Whether a process of this name was started and not stopped."""
        return name in self._trees

    def supervise(self):
        """Start again what ended by itself."""
        for name, tree in list(self._trees.items()):
            if tree.ended():
                tree.stop()
                self.start(name)

    def strike(self, name, *, after):
        """Kill a part in `after` seconds, while the caller goes on; answers with a future."""

        def later():
            threading.Event().wait(after)
            self.kill(name)

        return self._hands.submit(later)

    def kill(self, name):
        """kill -9 any part, a server or a process, and start it again at once."""
        if name == "postgres":
            self.kill_postgres()
            self.start_servers()
        elif name == "valkey":
            self.kill_valkey()
            self.start_servers()
        else:
            self.stop(name)
            self.start(name)

    def kill_postgres(self):
        pid = int((self.folders.postgres / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not _is_running(pid), "PostgreSQL is gone")

    def kill_valkey(self):
        pid = self.valkey_pid()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not _is_running(pid), "Valkey is gone")

    def start_servers(self):
        """Start the servers that are not running. PostgreSQL waits for its orphans to end."""

        def started():
            try:
                share = embedded.start(self.root)
            except embedded.ServicesFailed:
                return False
            share.stop()  # the first share still holds them
            return True

        eventually(started, "the servers are back")

    def valkey_pid(self):
        with self.valkey() as client:
            return client.info("server")["process_id"]

    def valkey(self):
        path = str(self.folders.sockets / "valkey.sock")
        return redis.Redis(unix_socket_path=path, socket_timeout=5)

    def wait_for_web(self):
        eventually(lambda: self.ask("GET", "/health/ready")[0] == 200, "the web answers")

    # --- talking to it ---

    def manage(self, *words):
        """What `manage.py` prints; a failure carries both outputs."""
        command = [sys.executable, str(embedded.REPOSITORY / "manage.py"), *words]
        return self._run(command, *words)

    def world(self, **wishes):
        """Make a call with drafts ready to be filed, and somebody signed in who may file them."""
        words = [f"--{name}={value}" for name, value in wishes.items()]
        return json.loads(self._run([sys.executable, "-m", "tests.chaos.world", *words], "world"))

    def proposed_world(self, *, letters):
        """Make a decided round, proposed by one publisher, and somebody signed in as another."""
        words = ["-m", "tests.chaos.proposed_world", f"--letters={letters}"]
        return json.loads(self._run([sys.executable, *words], "proposed_world"))

    def _run(self, command, *words):
        done = subprocess.run(
            command,
            env=self.env,
            cwd=embedded.REPOSITORY,
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def rows(self, query, *values):
        """The rows of one query, over a connection of its own."""
        database = psycopg2.connect(self.folders.database_url, connect_timeout=5)
        try:
            with database, database.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            database.close()

    def ask(self, method, path, *, session="", form=None):
        """Status, headers and body of one request; status 0 if the line was cut."""
        headers = {"Cookie": f"sessionid={session}; csrftoken={_CSRF}", "X-CSRFToken": _CSRF}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            line.close()

    def answers_to(self, text):
        """The statuses of all answers to what is sent as it stands, until the line is closed."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            # A server that has read enough closes the line while we still talk.
            with contextlib.suppress(OSError):
                line.sendall(text.encode())
                line.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while data := line.recv(65_536):
                    received += data
        return re.findall(r"^HTTP/1\.1 (\d{3}) ", received.decode("latin-1"), re.MULTILINE)

    def travel(self, seconds):
        """Set the portal's clock this far from the real one."""
        beside = self.clock.with_suffix(".new")
        beside.write_text(f"{seconds:.6f}\n")
        beside.replace(self.clock)

    def pass_time(self, seconds):
        """Set the portal's clock forward by so much."""
        self.travel(float(self.clock.read_text()) + seconds)


def _is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
