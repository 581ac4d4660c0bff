import os
import signal
import subprocess
import sys

import pytest

from chang_e8_portal import embedded, processes

# Says it is there, then waits until it is ended; "stubborn" ignores the polite request.
WAIT = "import signal, sys; print('up', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAIT


@pytest.fixture
def pipe():
    """The children's output: reading it returns at the end of the last process that holds it."""
    read, write = os.pipe()
    with os.fdopen(read) as output, os.fdopen(write, "w") as given:
        yield output, given


def python(code):
    return [sys.executable, "-c", code]


def test_stop_ends_all_and_kills_who_does_not_listen(pipe, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    output, given = pipe
    commands = {"calm": python(WAIT), "stubborn": python(STUBBORN)}
    tree = processes.ProcessTree(commands, os.environ, output=given)

    tree.start()
    given.close()
    assert [output.readline(), output.readline()] == ["up\n", "up\n"]
    killed = tree.stop()

    assert killed == ["stubborn"]
    assert tree.ended() == ["calm", "stubborn"]
    assert output.read() == ""


def test_one_that_ends_by_itself_ends_the_run(capfd):
    code = processes.run(
        {"web": python("import sys; sys.exit(3)"), "worker": python(WAIT)}, os.environ
    )

    assert code == 1
    assert "web ended by itself (code 3)" in capfd.readouterr().err


def test_a_program_that_does_not_exist_leaves_nothing_running(pipe):
    _, given = pipe
    commands = {"web": python(WAIT), "worker": ["/no/such/program"]}
    tree = processes.ProcessTree(commands, os.environ, output=given)

    with pytest.raises(FileNotFoundError):
        tree.start()
    given.close()

    assert tree.ended() == ["web"]


RUN_ONE = (
    "import os, sys\n"
    "from chang_e8_portal import processes\n"
    "sys.exit(processes.run({'child': [sys.executable, '-c', sys.argv[1]]}, os.environ))\n"
)


@pytest.mark.parametrize(
    ("number", "returned"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_the_children_end_with_the_parent_however_it_ends(number, returned):
    with subprocess.Popen(
        [sys.executable, "-c", RUN_ONE, WAIT],
        cwd=embedded.REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout.readline() == "up\n"
        parent.send_signal(number)

        assert parent.stdout.read() == ""  # returns only when the child, too, is gone
        assert parent.wait() == returned


def test_the_portal_is_web_two_workers_and_beat(tmp_path):
    commands = processes.portal_commands(port=8123, data_dir=tmp_path)

    assert list(commands) == ["web", "worker", "mailer", "beat"]
    assert "--bind=127.0.0.1:8123" in commands["web"]
    assert f"--schedule={tmp_path / 'beat-schedule'}" in commands["beat"]
