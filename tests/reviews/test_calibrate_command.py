"""A table of marks through the command: published ranks, and refusals that name the line."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

SNSF = Path(__file__).parent / "data" / "snsf_mock_panel1_reviews.csv"
# Expected ranks of #1 to #15, from JAGS, published with the data.
PUBLISHED = [
    *(2.44, 4.06, 4.09, 4.12, 5.08, 6.19, 7.34, 7.26),
    *(8.43, 9.42, 10.4, 11.4, 13.0, 13.0, 13.7),
]
HEADER = "proposal_id,reviewer_id,score,scale_min,scale_max,higher_is_better"


def calibrate(file, tmp_path, *options):
    """The record, what was said, and what was warned of."""
    out, said, warned = tmp_path / "record.json", StringIO(), StringIO()
    call_command("calibrate", str(file), "--out", str(out), *options, stdout=said, stderr=warned)
    return json.loads(out.read_text(encoding="utf-8")), said.getvalue(), warned.getvalue()


def written(tmp_path, *rows, header=HEADER, encoding="utf-8"):
    file = tmp_path / "marks.csv"
    file.write_text("\n".join((header, *rows)) + "\n", encoding=encoding)
    return file


def expected_ranks(record):
    return {line["letter"]: line["expected_rank"] for line in record["letters"]}


def test_the_mock_panel_of_the_snsf_comes_out_as_published(tmp_path):
    record, said, warned = calibrate(SNSF, tmp_path)
    ranks = expected_ranks(record)
    for number, published in enumerate(PUBLISHED, 1):
        assert ranks[f"#{number}"] == pytest.approx(published, abs=0.3), number
    assert record["correction"]["supported"]
    assert (said, warned) == (f"15 letters, 5 reviewers, 75 reviews: {tmp_path}/record.json\n", "")
    assert record["source"]["file"] == SNSF.name
    severity = {line["reviewer"]: line["severity"] for line in record["reviewers"]}
    assert max(severity, key=severity.get) == "v_5"
    assert min(severity, key=severity.get) == "v_1"


def test_where_one_is_best_the_ranks_are_the_same(tmp_path):
    head, *rows = SNSF.read_text(encoding="utf-8").splitlines()
    turned = []
    for row in rows:
        proposal, reviewer, score, *_scale = row.split(",")
        turned.append(f"{proposal},{reviewer},{7 - int(score)},1,6,0")
    record, _, _ = calibrate(written(tmp_path, *turned, header=head), tmp_path)
    same, _, _ = calibrate(SNSF, tmp_path)
    assert expected_ranks(record) == pytest.approx(expected_ranks(same), abs=1e-5)
    assert record["input_sha256"] == same["input_sha256"]
    assert record["source"]["sha256"] != same["source"]["sha256"]


def test_the_order_of_lines_and_a_spreadsheet_s_mark_change_nothing(tmp_path):
    head, *rows = SNSF.read_text(encoding="utf-8").splitlines()
    record, _, _ = calibrate(
        written(tmp_path, *reversed(rows), header=head, encoding="utf-8-sig"), tmp_path
    )
    same, _, _ = calibrate(SNSF, tmp_path)
    assert {**record, "source": 0} == {**same, "source": 0}


def test_options_reach_the_arithmetic_and_the_record(tmp_path):
    rows = [
        f"{call},{p},{r},{criterion},{(p * r + k) % 6},0,5,1"
        for call in ("first", "second")
        for p in range(1, 5)
        for r in range(1, 4)
        for k, criterion in enumerate(("science", "risk"))
    ]
    header = "call,proposal_id,reviewer_id,criterion,score,scale_min,scale_max,higher_is_better"
    record, _, _ = calibrate(
        written(tmp_path, *rows, header=header),
        tmp_path,
        *("--call", "second", "--top", "2", "--threshold", "60", "--draws", "50", "--seed", "7"),
        *("--step", "0.5", "--weight", "science=3", "--weight", "risk=1"),
    )
    assert record["source"]["weights"] == {"science": 3, "risk": 1}
    assert (record["source"]["call"], record["source"]["step"]) == ("second", 0.5)
    options = {"top": 2, "threshold": 60, "draws": 50, "seed": 7}
    assert options.items() <= record["parameters"].items()
    # Reviewer 2 gives letter 1 the marks 2 and 3 of 5: three times 40 and once 60 percent.
    given = {(row["letter"], row["reviewer"]): row["total"] for row in record["reviews"]}
    assert given["1", "2"] == 45
    assert len(given) == 12


def test_what_the_table_cannot_say_is_warned_of(tmp_path):
    apart = [f"{p},{g}{r},{(p + r * p) % 6},0,5,1" for p in range(4) for g in "a" for r in range(3)]
    apart += [f"z{p},z{r},{(p * r) % 6},0,5,1" for p in range(4) for r in range(3)]
    _, _, warned = calibrate(written(tmp_path, *apart), tmp_path)
    assert "groups are not comparable" in warned
    once = [f"{p},{p}{r},{(p + r) % 6},0,5,1" for p in range(4) for r in range(3)]
    record, _, warned = calibrate(written(tmp_path, *once, "none,,,,,"), tmp_path)
    assert "no correction supported" in warned
    assert not record["correction"]["supported"]
    assert {line["letter"]: line["status"] for line in record["letters"]}["none"] == "not rateable"


def test_without_a_file_for_it_the_record_is_printed(tmp_path):
    said = StringIO()
    call_command("calibrate", str(SNSF), stdout=said)
    record, _, _ = calibrate(SNSF, tmp_path)
    assert json.loads(said.getvalue()) == record


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,y,nan,0,5,1", "line 3: score is no number: 'nan'"),
        ("a,y,6,0,5,1", "line 3: score 6 is outside its scale, 0 to 5"),
        ("a,x,4,0,5,1", "line 3: reviewer 'x' has scored 'a' already on line 2"),
        ("a,y,4,0,5", "line 3: 5 cells, but the header has 6"),
    ],
)
def test_bad_lines_are_named_and_nothing_is_written(tmp_path, row, told):
    file = written(tmp_path, "a,x,4,0,5,1", row)
    with pytest.raises(CommandError) as refusal:
        calibrate(file, tmp_path)
    assert str(refusal.value) == f"{file}: {told}"
    assert not (tmp_path / "record.json").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"proposal_id,score\na,4\n", "line 1: missing columns: reviewer_id"),
        (HEADER.encode() + b"\na,x,4,0,5,1\na,\xff,4,0,5,1\n", "line 3: not UTF-8 text"),
        ("\ufeff".encode("utf-16") + HEADER.encode("utf-16"), "line 1: not UTF-8 text"),
    ],
)
def test_files_that_are_no_table(tmp_path, content, told):
    file = tmp_path / "marks.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        calibrate(file, tmp_path)
    assert str(refusal.value).startswith(f"{file}: {told}")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--step", "0.3"], "line 2: score 4 lies between the steps"),
        (["--call", "other"], "no call 'other'"),
        (["--weight", "=1", "--weight", "x=1"], "no criterion 'x'"),
        (["--weight", "science"], "not CRITERION=NUMBER"),
        (["--weight", "science=much"], "not CRITERION=NUMBER"),
        (["--top", "0"], "at least 1"),
        (["--threshold", "nan"], "threshold"),
    ],
)
def test_options_that_make_no_sense(tmp_path, options, told):
    with pytest.raises(CommandError, match=told):
        calibrate(written(tmp_path, "a,x,4,0,5,1", "a,y,4,0,5,1"), tmp_path, *options)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        calibrate(tmp_path / "none.csv", tmp_path)
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        calibrate(tmp_path, tmp_path)
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        call_command("calibrate", str(SNSF), "--out", str(tmp_path / "no" / "record.json"))


def test_no_server_is_started_for_it(tmp_path):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL")
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "calibrate", str(SNSF)],
        cwd=settings.BASE_DIR,
        env=environment | {"DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(json.loads(done.stdout)["letters"]) == 15
    assert not list((tmp_path / "data").glob("postgres*"))
