"""The portal's processes as one tree: web, workers and beat live and end together.

For the demo and the end-to-end tests; production leaves this to Docker or systemd.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

STOP_SECONDS = 5.0  # then they are killed; nothing is lost, the rows are the queue
POLL_SECONDS = 0.2
WEB_PROCESSES = 3
_PR_SET_PDEATHSIG = 1


def portal_commands(*, port: int, data_dir: Path) -> dict[str, list[str]]:
    """Return the four commands that make the portal, by the names used in messages."""
    celery = [
        # In a container everything is root's; the worker unpickles nothing, which is the danger.
        *(sys.executable, "-W", "ignore:You're running the worker with superuser privileges"),
        *("-m", "celery", "--quiet", "--app=chang_e8_portal"),
    ]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "chang_e8_portal.wsgi"),
            f"--bind=127.0.0.1:{port}",
            # A process more rather than threads: those of one process take turns at Python's lock.
            *("--worker-class=gthread", f"--workers={WEB_PROCESSES}", "--threads=2"),
            *("--graceful-timeout=3", "--log-level=error", "--no-control-socket"),
        ],
        "worker": _worker(celery, "portal"),
        "mailer": _worker(celery, "mail"),
        # An absolute schedule, so that it lies with the data and not in the current folder.
        "beat": [*celery, "beat", "--loglevel=WARNING", f"--schedule={data_dir / 'beat-schedule'}"],
    }


def _worker(celery, queue) -> list[str]:
    return [
        *(*celery, "worker", f"--queues={queue}", f"--hostname={queue}@%h"),
        *("--concurrency=2", "--loglevel=WARNING"),
        *("--without-gossip", "--without-mingle"),  # the workers have nothing to tell each other
    ]


class ProcessTree:
    """Child processes that end together, and with us, even when we are killed (on Linux)."""

    def __init__(
        self,
        commands: Mapping[str, list[str]],
        env: Mapping[str, str],
        *,
        output: IO[str] | None = None,
    ) -> None:
        """Take the commands by name; `output` is a file for all they print, None the terminal."""
        self._commands = commands
        self._env = env
        self._output = output
        self.children: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        """Start all; if one cannot be started, none runs."""
        try:
            for name, command in self._commands.items():
                self.children[name] = subprocess.Popen(
                    command,
                    env=dict(self._env),
                    stdin=subprocess.DEVNULL,
                    stdout=self._output,
                    stderr=subprocess.STDOUT if self._output else None,
                    # A group of its own: Ctrl+C reaches us alone, and we stop them in good order.
                    start_new_session=True,
                    preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                )
        except OSError:
            self.stop()
            raise

    def ended(self) -> list[str]:
        """Return the names of the children that are no longer running."""
        return [name for name, child in self.children.items() if child.poll() is not None]

    def stop(self) -> list[str]:
        """End all children and return the names of those that had to be killed."""
        running = {name: child for name, child in self.children.items() if child.poll() is None}
        for child in running.values():
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        killed = []
        for name, child in running.items():
            try:
                child.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                killed.append(name)
        for child in self.children.values():
            # The whole group: a killed parent cannot end its own children.
            _kill_group(child.pid)
            child.wait()
        return killed


def run(commands: Mapping[str, list[str]], env: Mapping[str, str]) -> int:
    """Run the commands until Ctrl+C or SIGTERM (return 0), or until one of them ends (return 1)."""
    asked = threading.Event()
    tree = ProcessTree(commands, env)
    before = {
        number: signal.signal(number, lambda *_: asked.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        tree.start()
        while not asked.wait(POLL_SECONDS):
            if ended := tree.ended():
                name = ended[0]
                print(
                    f"{name} ended by itself (code {tree.children[name].returncode}); "
                    "stopping the others.",
                    file=sys.stderr,
                )
                return 1
        return 0
    finally:
        tree.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent() -> None:
    """Ask the kernel, in the new process, for a SIGTERM when the process that made us dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
