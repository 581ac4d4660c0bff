"""Servers and processes as in production (DEBUG=0), in a folder that is gone afterwards."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import psycopg2

from chang_e8_portal import embedded
from chang_e8_portal.processes import ProcessTree, portal_commands

START_SECONDS = 120


class Ground:
    """PostgreSQL and Valkey of our own, with one database for each number of letters."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="ce8-bench-", dir="/tmp"))
        self.folders = embedded.Folders(self.root)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.mail = f"filemail:///{self.root / 'mail'}"
        self._services = embedded.start(self.root)
        self._tree: ProcessTree | None = None

    def env(self, database: str) -> dict[str, str]:
        return os.environ | {
            "DEBUG": "0",
            "SECRET_KEY": "only for this run of the bench, on this machine, and gone afterwards",
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "BASE_URL": self.address,
            "DATABASE_URL": self.folders.database_url.replace("/portal?", f"/{database}?"),
            "REDIS_URL": self.folders.redis_url,
            "DATA_DIR": str(self.root),
            "EMAIL_URL": self.mail,
            "PORTAL_CLOCK": "",
            "PORTAL_DEMO": "",
        }

    def prepare(self) -> None:
        """Make the tables once, to be copied, and the static files as the image has them."""
        self.run("manage.py", "make_signing_key", database="portal")
        self.run("manage.py", "make_letter_key", database="portal")
        self.run("manage.py", "migrate", "--verbosity=0", database="portal")
        self.run("manage.py", "collectstatic", "--noinput", "--verbosity=0", database="portal")

    def database(self, name: str) -> None:
        line = psycopg2.connect(self.folders.database_url.replace("/portal?", "/postgres?"))
        line.autocommit = True
        line.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE portal')
        line.close()

    def seed(self, database: str, letters: int, *, is_open: bool) -> dict:
        words = [f"--letters={letters}", "--seed=1", "--in-production"]
        words += ["--reviewers=0", "--reviews-per-letter=0", "--open"] if is_open else []
        return json.loads(self.run("manage.py", "seed_load", *words, database=database))

    def run(self, *command: str, database: str) -> str:
        """What a Python program of ours prints."""
        done = subprocess.run(
            [sys.executable, *command],
            env=self.env(database),
            cwd=embedded.REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed (exit {done.returncode})")
        return done.stdout

    def serve(self, database: str) -> None:
        """Start web, worker and beat, and wait until the web answers."""
        commands = portal_commands(port=self.port, data_dir=self.root)
        self._output = (self.root / "output").open("w")
        self._tree = ProcessTree(commands, self.env(database), output=self._output)
        self._tree.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise SystemExit((self.root / "output").read_text()[-4000:])
            time.sleep(0.2)

    def memory(self) -> int:
        """Resident memory of the largest web worker, in bytes."""
        assert self._tree is not None
        parent = self._tree.children["web"].pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in children]
        return max(pages) * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        if self._tree:
            self._tree.stop()
        self._services.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/health/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
