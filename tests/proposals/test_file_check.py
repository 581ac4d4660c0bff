import json
import subprocess
import sys

import pytest

from proposals import files
from proposals.files import check, inspection
from proposals.files.check import Fault, Good
from tests.proposals import papers


@pytest.fixture
def inspect(tmp_path):
    def look(data, accepts=files.PDF):
        path = tmp_path / "sent"
        path.write_bytes(data)
        return check.look(path, accepts=accepts)

    return look


def verdict(data, tmp_path, kind="pdf"):
    """What the child would say, asked for in this process: starting one takes half a second."""
    path = tmp_path / "sent"
    path.write_bytes(data)
    try:
        return inspection.verdict_on(kind, path)
    except inspection.Bad as bad:
        return bad.args[0]


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (papers.GOOD, 1),
        (papers.pdf(pages=200), 200),
        (papers.GOOD + b"\r\n" * 40, 1),
        (papers.GOOD + b"x" * 64, 1),
    ],
)
def test_a_plain_pdf_is_taken_with_its_number_of_pages(inspect, data, pages):
    assert inspect(data) == Good(pages, "pdf")


@pytest.mark.parametrize("case", papers.BAD)
def test_a_bad_pdf_is_refused_with_the_reason(tmp_path, case):
    data, code = papers.BAD[case]
    assert verdict(data, tmp_path) == code


def test_a_refusal_names_the_remedy(inspect):
    assert inspect(papers.BAD["password"][0]) == Fault(
        "encrypted", "This PDF is encrypted. Save it without a password and without restrictions."
    )


def test_an_ordinary_link_is_no_reason_to_refuse(inspect):
    link = papers.Dictionary(S=papers.Name.URI, URI=papers.String("https://doi.org/10.1/x"))
    assert (
        inspect(papers.pdf(change=lambda made: setattr(made.Root, "OpenAction", link))).pages == 1
    )


@pytest.mark.parametrize("bomb", [papers.bomb, papers.nested_bomb])
def test_a_bomb_is_not_unpacked(inspect, bomb):
    assert inspect(bomb()).pages == 1


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (papers.PNG, "png"),
        (papers.PNG + b"\n", "png"),
        (papers.JPEG, "jpg"),
        (papers.picture("JPEG", progressive=True), "jpg"),
        # As telephones do: a second picture behind the first.
        (papers.JPEG + papers.picture("JPEG", (9, 9)), "jpg"),
        # As large as it may be.
        (papers.picture(size=(10_000, 5_000)), "png"),
    ],
)
def test_a_picture_is_taken_where_pictures_are(inspect, data, end):
    assert inspect(data, files.PICTURE) == Good(0, end)
    assert inspect(data).code == "not_a_pdf"


def test_a_pdf_is_taken_where_pictures_are(inspect):
    assert inspect(papers.GOOD, files.PICTURE) == Good(1, "pdf")


@pytest.mark.parametrize("case", papers.BAD_PICTURES)
def test_a_bad_picture_is_refused_with_the_reason(tmp_path, case):
    data, code = papers.BAD_PICTURES[case]
    assert verdict(data, tmp_path, "picture") == code


def test_every_fault_has_a_sentence():
    cases = [*papers.BAD.values(), *papers.BAD_PICTURES.values()]
    assert {code for _data, code in cases} | {"unreadable"} == set(check._SENTENCES)
    assert all(sentence.endswith(".") for sentence in check._SENTENCES.values())


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(1)",
        "print('not json')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "while True: pass",
    ],
)
def test_a_child_that_fails_is_a_fault_of_the_file(inspect, monkeypatch, tmp_path, program):
    script = tmp_path / "inspection.py"
    script.write_text(program)
    monkeypatch.setattr(check, "_INSPECTION", script)
    monkeypatch.setattr(check, "WALL_SECONDS", 1)
    assert inspect(papers.GOOD).code == "unreadable"


def test_the_child_knows_no_secret(inspect, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    script = tmp_path / "inspection.py"
    script.write_text(
        "import json, os\n"
        "print(json.dumps({'pages': int('SECRET_KEY' in os.environ), 'extension': 'pdf'}))"
    )
    monkeypatch.setattr(check, "_INSPECTION", script)
    assert inspect(papers.GOOD).pages == 0


def test_running_out_of_memory_is_a_fault_of_the_file(monkeypatch, capsys):
    def verdict_on(kind, path):
        raise MemoryError

    monkeypatch.setattr(inspection, "_limit", lambda: None)
    monkeypatch.setattr(inspection, "verdict_on", verdict_on)
    inspection.main("pdf", "any")
    assert capsys.readouterr().out == '{"fault": "unreadable"}\n'


def test_the_child_limits_itself(tmp_path):
    """In a process of its own, which looks at its limits after it has set them."""
    program = (
        "import json, resource, runpy\n"
        f"inspection = runpy.run_path({inspection.__file__!r})\n"
        "inspection['_limit']()\n"
        "kinds = ['RLIMIT_CPU', 'RLIMIT_AS', 'RLIMIT_FSIZE', 'RLIMIT_CORE']\n"
        "print(json.dumps({kind: resource.getrlimit(getattr(resource, kind)) for kind in kinds}))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True)
    assert json.loads(done.stdout) == {
        "RLIMIT_CPU": [10, 10],
        "RLIMIT_AS": [512 * 1024 * 1024] * 2,
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_CORE": [0, 0],
    }
