import pytest

from proposals import pdf_check, pdf_inspection
from proposals.pdf_check import Fault
from tests.proposals import papers


@pytest.fixture
def inspect(tmp_path):
    def look(data):
        path = tmp_path / "sent.pdf"
        path.write_bytes(data)
        return pdf_check.fault_in(path)

    return look


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
    assert inspect(data) == pages


@pytest.mark.parametrize("case", papers.BAD)
def test_a_bad_pdf_is_refused_with_the_reason(inspect, case):
    data, code = papers.BAD[case]
    fault = inspect(data)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert fault.sentence.endswith(".")


def test_an_ordinary_link_is_no_reason_to_refuse(inspect):
    link = papers.Dictionary(S=papers.Name.URI, URI=papers.String("https://doi.org/10.1/x"))
    assert inspect(papers.pdf(change=lambda made: setattr(made.Root, "OpenAction", link))) == 1


def test_a_bomb_is_not_unpacked(inspect):
    assert inspect(papers.bomb()) == 1


def test_every_fault_has_a_sentence():
    codes = {code for _data, code in papers.BAD.values()} | {"unreadable"}
    assert codes == set(pdf_check._SENTENCES)


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
    monkeypatch.setattr(pdf_check, "_INSPECTION", script)
    monkeypatch.setattr(pdf_check, "WALL_SECONDS", 1)
    assert inspect(papers.GOOD).code == "unreadable"


def test_the_child_knows_no_secret(inspect, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    script = tmp_path / "inspection.py"
    script.write_text(
        "import json, os\nprint(json.dumps({'pages': int('SECRET_KEY' in os.environ)}))"
    )
    monkeypatch.setattr(pdf_check, "_INSPECTION", script)
    assert inspect(papers.GOOD) == 0


def test_running_out_of_memory_is_a_fault_of_the_file(monkeypatch, capsys):
    def pages_of(path):
        raise MemoryError

    monkeypatch.setattr(pdf_inspection, "_limit", lambda: None)
    monkeypatch.setattr(pdf_inspection, "pages_of", pages_of)
    pdf_inspection.main("any")
    assert capsys.readouterr().out == '{"fault": "unreadable"}\n'
