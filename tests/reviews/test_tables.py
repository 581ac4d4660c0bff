"""Downloads that no spreadsheet runs and no letter breaks."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from reviews import tables


def cells(rows):
    sheet = load_workbook(io.BytesIO(tables.workbook("Letters", ["a", "=b"], rows))).active
    return [[cell for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "＠SUM(A1)"]
)
def test_nothing_runs(text):
    [_head, [cell, *_]] = cells([[text]])
    assert cell.data_type != "f"
    assert str(cell.value).startswith("'")
    line = b"".join(tables.csv_lines(["a"], [[text]])).decode("utf-8-sig").split("\r\n", 1)[1]
    assert line.lstrip('"').startswith("'")


def test_a_heading_does_not_run_either():
    assert cells([])[0][1].value == "'=b"


def test_numbers_and_moments_stay_what_they_are():
    at = datetime(2023, 12, 31, 15, 59, 59, tzinfo=UTC)
    [_head, row] = cells([[Decimal("-6.5"), -3, at, None]])
    assert [cell.value for cell in row] == [-6.5, -3, at.replace(tzinfo=None), None]
    csv = b"".join(tables.csv_lines(["a"], [[Decimal("-6.5"), -3, at, None, True]])).decode()
    assert csv.split("\r\n")[1] == "-6.5,-3,2023-12-31 15:59:59,,True"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x0bb", "ab"),
        ("a\x00b", "ab"),
        ("\x1b[2J", "[2J"),
        ("a\ud800b", "a?b"),
        ("月\n球", "月\n球"),
    ],
)
def test_what_xml_cannot_hold_is_taken_out(text, kept):
    # Bad input IL10.
    [_head, [cell, *_]] = cells([[text]])
    assert cell.value == kept
    assert kept in b"".join(tables.csv_lines(["a"], [[text]])).decode()


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark():
    # Bad input IL11.
    long = "x" * 40_000
    [_head, [cell, whole]] = cells([[long, "x" * tables.LONGEST]])
    assert len(cell.value) == tables.LONGEST
    assert cell.value.endswith("cut: the whole text has 40000 characters")
    assert whole.value == "x" * tables.LONGEST
    # CSV has no such limit.
    assert long in b"".join(tables.csv_lines(["a"], [[long]])).decode()


def test_a_table_is_made_some_rows_after_the_other():
    taken = []

    def rows():
        for number in range(9):
            taken.append(number)
            yield ["x" * 20_000]

    parts = tables.csv_lines(["a"], rows())
    assert next(parts) == "\ufeffa\r\n".encode()
    assert taken == []
    assert len(next(parts)) < 2 * 20_003 + 1
    assert taken == [0, 1]
    assert b"".join(parts).count(b"\r\n") == 7


@given(st.lists(st.text(), min_size=1))
def test_the_quick_way_writes_what_the_careful_one_does(cells):
    text = b"".join(tables.csv_lines(["a"], [cells])).decode("utf-8-sig")
    _header, line = csv.reader(io.StringIO(text, newline=""))
    assert line == [tables.harmless(cell) for cell in cells]


def test_the_same_table_gives_the_same_bytes_at_any_moment(monkeypatch):
    made = []
    for moment in (1_600_000_000, 1_700_000_000):
        with monkeypatch.context() as held:
            held.setattr("time.time", lambda moment=moment: moment)
            made.append(tables.workbook("Letters", ["Title"], [["Seismometer"]]))
    assert made[0] == made[1]
    assert load_workbook(io.BytesIO(made[0])).active["A2"].value == "Seismometer"
