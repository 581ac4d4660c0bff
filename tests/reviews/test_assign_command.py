"""`manage.py assign`: files in, JSON out, no database (these tests have none)."""

import json
from hashlib import sha256

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from manage import WITHOUT_SERVERS
from reviews import affinity, assignment

HEADER = "letter,reviewer,affinity,conflict,locked,country,expertise,most"
TABLE = f"""{HEADER}
CE8-1,Ada,0.9,,,IT,ENGINEER,2
CE8-1,Bai,0.4,,,CN,SCIENTIST,2
CE8-1,Cem,0.6,,1,TR,scientist,2
CE8-1,Dia,0.8,yes,,GR,ENGINEER,2
CE8-2,Ada,0.1,,,,,
CE8-2,Bai,0.7,0,no,,,
CE8-2,Cem,0.3,FALSE,,,,
CE8-2,Dia,0.5,,,,,
"""
PAIRS = {
    *(("CE8-1", "Ada"), ("CE8-1", "Bai"), ("CE8-1", "Cem")),
    *(("CE8-2", "Bai"), ("CE8-2", "Cem"), ("CE8-2", "Dia")),
}


@pytest.fixture
def assign(tmp_path, capsys):
    """Writes a file, runs the command on it, and returns what it wrote to --out."""

    def run(content, *options, name="pairs.csv"):
        file, out = tmp_path / name, tmp_path / "answer.json"
        out.unlink(missing_ok=True)
        if isinstance(content, dict):
            np.savez(file, **content)
        else:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("assign", str(file), "--out", str(out), *options)
        return json.loads(out.read_text())

    run.out = tmp_path / "answer.json"
    return run


def pairs_in(answer):
    return {(pair["letter"], pair["reviewer"]) for pair in answer["pairs"]}


def test_a_table_becomes_an_assignment(assign, capsys):
    answer = assign(TABLE)
    assert pairs_in(answer) == PAIRS
    assert [pair for pair in answer["pairs"] if pair["locked"]] == [
        {
            **{"letter": "CE8-1", "reviewer": "Cem", "affinity": 0.6, "penalty": 0.0},
            **{"locked": True, "parts": {}},
        }
    ]
    assert answer["letters"][1] == {
        **{"letter": "CE8-2", "reviewers": ["Bai", "Cem", "Dia"], "minimum": 0.3, "mean": 0.5}
    }
    assert answer["loads"] == {"Ada": 1, "Bai": 2, "Cem": 2, "Dia": 1}
    figures = {name: answer[name] for name in ("feasible", "proven", "worst_pair", "objective")}
    assert figures == {"feasible": True, "proven": True, "worst_pair": 0.3, "objective": 3.36}
    assert answer["source"] == {
        "file": "pairs.csv",
        "sha256": sha256(TABLE.encode()).hexdigest(),
    }
    assert "2 letters, 4 reviewers, 6 pairs" in capsys.readouterr().out


def test_the_same_file_gives_the_same_bytes(assign):
    assign(TABLE, "--prices")
    first = assign.out.read_bytes()
    assert assign(TABLE, "--prices")["prices"].keys() >= {"lift_worst", "one_per_country", "locks"}
    assert assign.out.read_bytes() == first


def test_without_out_the_answer_is_printed(tmp_path, capsys):
    (tmp_path / "pairs.csv").write_text(TABLE)
    call_command("assign", str(tmp_path / "pairs.csv"))
    assert pairs_in(json.loads(capsys.readouterr().out)) == PAIRS


def test_arrays_say_the_same_as_lines(assign):
    arrays = {
        "letters": np.array(["CE8-1", "CE8-2"]),
        "reviewers": np.array(["Ada", "Bai", "Cem", "Dia"]),
        "affinity": np.array([[0.9, 0.4, 0.6, 0.8], [0.1, 0.7, 0.3, 0.5]]),
        "conflict": np.array([[False, False, False, True], [False] * 4]),
        "locked": np.array([[0, 0, 1, 0], [0, 0, 0, 0]]),
        "country": np.array(["IT", "CN", "TR", "GR"]),
        "expertise": np.array(["ENGINEER", "SCIENTIST", "SCIENTIST", "ENGINEER"]),
        "most": np.array(2),
    }
    one, other = assign(arrays, name="pool.npz"), assign(TABLE)
    assert one.pop("source") != other.pop("source")
    assert one == other


def test_names_are_numbers_where_arrays_have_none(assign):
    answer = assign({"affinity": np.full((2, 4), 0.5)}, name="pool.npz")
    assert {pair["letter"] for pair in answer["pairs"]} == {"L1", "L2"}
    assert set(answer["loads"]) == {"R1", "R2", "R3", "R4"}


def test_affinity_is_made_of_its_parts_where_the_file_has_those(assign):
    lines = "letter,reviewer,text,keywords,bid\nA,X,0.5,0.2,1\nA,Y,0.5,,\nA,Z,0.9,0.9,-1\n"
    answer = assign(lines, "--wanted", "3")
    text, keywords = np.array([[0.5, 0.5, 0.9]]), np.array([[0.2, np.nan, 0.9]])
    made = affinity.combined(text, keywords, [[1, np.nan, -1]])
    assert [pair["affinity"] for pair in answer["pairs"]] == made.total[0].round(6).tolist()
    assert [pair["penalty"] for pair in answer["pairs"]] == [0, 0, affinity.RELUCTANCE]
    assert answer["pairs"][1]["parts"] == {"text": 0.5, "keywords": None, "bids": None}


def test_a_no_costs_its_penalty_beside_a_given_affinity_too(assign):
    answer = assign("letter,reviewer,affinity,bid,penalty\nA,X,0.9,-1,0.1\n", "--wanted", "1")
    assert answer["pairs"][0]["penalty"] == pytest.approx(affinity.RELUCTANCE + 0.1)


def test_a_pair_without_a_line_is_not_possible(assign):
    lines = "letter,reviewer,affinity\nA,X,0.1\nB,X,0.9\nB,Y,0.2\n"
    answer = assign(lines, "--wanted", "1", "--most", "1")
    assert pairs_in(answer) == {("A", "X"), ("B", "Y")}


def test_options_stand_above_the_file_and_switch_rules_off(assign):
    alike = "".join(
        f"A,{name},0.{fits},IT,SCIENTIST,1\n" for name, fits in (("X", 9), ("Y", 8), ("Z", 1))
    )
    lines = f"letter,reviewer,affinity,country,expertise,wanted\n{alike}"
    with pytest.raises(CommandError, match="No engineer may read A"):
        assign(lines)
    answer = assign(lines, "--wanted", "2", "--any-country", "--no-engineer", "--only-sum")
    assert pairs_in(answer) == {("A", "X"), ("A", "Y")}
    assert answer["worst_pair"] is None
    assert answer["rules"] == {
        **{"one_per_country": False, "an_engineer": False, "a_scientist": True},
        **{"lift_worst": False, "load_cost": 0.005},
    }


def test_nobody_reads_more_than_a_third_above_an_even_share_unless_asked(assign):
    lines = "letter,reviewer,affinity\n" + "".join(
        f"L{letter},{reviewer},{0.9 if reviewer == 'X' else 0.1}\n"
        for letter in range(6)
        for reviewer in "XYZ"
    )
    answer = assign(lines, "--wanted", "1", "--only-sum")
    assert max(answer["loads"].values()) == 3
    assert max(assign(lines, "--wanted", "1", "--only-sum", "--most", "6")["loads"].values()) == 6


def test_what_is_lacking_is_written_and_said_and_exits_with_an_error(assign):
    with pytest.raises(CommandError) as refused:
        assign(TABLE, "--most", "1")
    assert str(refused.value).splitlines() == [
        "No assignment keeps all rules.",
        "All letters want 6 reviews, and all reviewers can write 4.",
        "The fewest changes that help:",
        "raise the load of Bai by 1",
        "raise the load of Cem by 1",
    ]
    answer = json.loads(assign.out.read_text())
    assert not answer["feasible"]
    assert answer["proven"]
    assert [change["kind"] for change in answer["changes"]] == [assignment.Kind.RAISE_LOAD] * 2
    assert answer["changes"][0]["sentence"] == "raise the load of Bai by 1"


def test_a_long_list_of_what_helps_ends_in_a_number(assign):
    lines = "letter,reviewer,affinity\n" + "".join(f"L{at:02},R{at:02},0.5\n" for at in range(30))
    with pytest.raises(CommandError, match="and 10 more, in the JSON"):
        assign(lines, "--wanted", "2")
    assert len(json.loads(assign.out.read_text())["changes"]) == 30


def line(text):
    return f"{HEADER}\n{text}\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "line 1: the column letter is missing: add it"),
        ("letter,reviewer\n", "line 1: add a column affinity"),
        ("letter;reviewer;affinity\nA;X;1\n", "line 1: separate the columns with commas"),
        ("letter,reviewer,affinity,conflcit\n", "line 1: unknown column 'conflcit'; there are"),
        ("letter,reviewer,affinity,affinity\n", "line 1: the column affinity is there twice"),
        (f"{HEADER}\n", "it has no pairs: write one line for each"),
        (line("A,X,0.5,,,,"), "line 2: 7 cells under 8 column names"),
        (line(",X,0.5,,,,,"), "line 2: say which letter"),
        (line("A, ,0.5,,,,,"), "line 2: say which reviewer"),
        (line("A,X,,,,,,"), "line 2: affinity is '': write a number from 0 to 1"),
        (line("A,X,nan,,,,,"), "line 2: affinity is 'nan': write a number from 0 to 1"),
        (line("A,X,1e999,,,,,"), "line 2: affinity is '1e999': write a number from 0 to 1"),
        (line('A,X,"0,5",,,,,'), "line 2: affinity is '0,5': write a number from 0 to 1, as 0.5"),
        (line("A,X,87,,,,,"), "line 2: affinity is '87': write a number from 0 to 1"),
        (line("A,X,0.5,maybe,,,,"), "line 2: conflict is 'maybe': write 1, 0 or nothing"),
        (line("A,X,0.5,,,,PILOT,"), "line 2: expertise is 'PILOT': write ENGINEER, SCIENTIST"),
        (line("A,X,0.5,,,,,-1"), "line 2: most is '-1': write a whole number"),
        (line("A,X,0.5,,,,,²"), "line 2: most is '²': write a whole number"),
        (line("A,X,0.5,,,,,\n\nA,X,0.5,,,,,"), "line 4: A and X stand in line 2 already"),
        (
            line("A,X,0.5,,,IT,,\nB,X,0.5,,,CN,,"),
            "line 3: country of X is CN, but IT in line 2: write the same",
        ),
        (line("A,X,0.5,,,,,1\nA,Y,0.5,,,,,"), "Y has no most: write it on one of its lines"),
        (line("A,X,0.5,1,1,,,"), "X is locked to A, but the pair is in conflict"),
        (line('A,X,"0.5'), "line 2: unexpected end of data"),
        ("letter,reviewer,text,bid\nA,X,0.5,2\n", "line 2: bid is '2': write -1, 0, 0.5, 1"),
        (b"letter,reviewer,affinity\nA,\xff,1\n", "it is not UTF-8: save it as CSV UTF-8"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_to_do(assign, content, says):
    with pytest.raises(CommandError) as refused:
        assign(content)
    assert says in str(refused.value)
    assert "pairs.csv: " in str(refused.value)
    assert not assign.out.exists()


def test_a_mark_of_a_spreadsheet_before_the_header_is_no_fault(assign):
    assert pairs_in(assign("\ufeff" + TABLE.replace("\n", "\r\n"))) == PAIRS


FITS = np.full((2, 3), 0.5)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"letters": np.array(["A"])}, "add a table affinity"),
        ({"affinity": np.array([0.5])}, "add a table affinity"),
        ({"affinity": FITS, "lcoked": FITS}, "unknown array 'lcoked'; there are letters"),
        ({"affinity": FITS, "locked": FITS}, "locked: write truth values, or 0 and 1"),
        ({"affinity": FITS, "conflict": FITS[:1]}, "conflict has the shape (1, 3) instead of"),
        ({"affinity": FITS, "letters": np.array(["A"])}, "letters has the shape (1,)"),
        ({"affinity": FITS, "letters": np.array([b"A", b"B"])}, "letters: write text"),
        ({"affinity": FITS, "penalty": FITS.astype(str)}, "penalty: write numbers"),
        ({"affinity": FITS, "country": np.array([1.5, 2, 3])}, "country: write text"),
        ({"affinity": FITS * np.nan}, "The affinity of L1 and R1 is nan"),
        ({"affinity": FITS, "most": np.array([1, 2])}, "most letters: 2 numbers for 3 names"),
        ({"affinity": FITS, "most": np.array(["a", "b", "c"])}, "most: write numbers"),
        ({"affinity": np.array([[object()]])}, "write it with numpy.savez"),
        (b"", "write it with numpy.savez"),
        (b"PK\x03\x04 nothing", "write it with numpy.savez"),
        (b"\x93NUMPY\x01\x00", "write it with numpy.savez"),
    ],
)
def test_a_fault_in_an_array_is_told_by_its_name(assign, content, says):
    with pytest.raises(CommandError) as refused:
        assign(content, name="pool.npz")
    assert says in str(refused.value)
    assert not assign.out.exists()


def test_files_that_cannot_be_used_are_named(assign, tmp_path):
    with pytest.raises(CommandError, match=r"pool.txt: name it .csv or .npz"):
        assign(TABLE, name="pool.txt")
    with pytest.raises(CommandError, match=r"nowhere.csv cannot be read: No such file"):
        call_command("assign", str(tmp_path / "nowhere.csv"))
    (tmp_path / "pairs.csv").write_text(TABLE)
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        call_command("assign", str(tmp_path / "pairs.csv"), "--out", str(tmp_path))
    with pytest.raises(CommandError, match="load cost is -1"):
        assign(TABLE, "--load-cost=-1")


def test_no_server_is_started_for_it():
    assert "assign" in WITHOUT_SERVERS
