"""Tables of marks from elsewhere: what they may hold, and that a fault is told with its line."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.review_table import MOST_FAULTS, REQUIRED, BadFile, read_marks, totals

HEADER = "proposal_id,reviewer_id,score,scale_min,scale_max,higher_is_better"
WHOLE = (
    "call,proposal_id,reviewer_id,criterion,score,scale_min,scale_max,higher_is_better,"
    "confidence,submitted_at"
)


def read(*rows, header=HEADER, **options):
    return read_marks([f"{line}\n" for line in (header, *rows)], **options)


def percents(marks):
    return [mark.percent for mark in marks]


def test_scores_become_percent_of_their_scale_whatever_is_best():
    marks = read("a,x,1,1,9,1", "a,y,3,1,9,yes", "b,x,9,1,9,TRUE")
    assert percents(marks) == [0, 25, 100]
    marks = read("a,x,1,1,9,0", "a,y,3,1,9,no", "b,x,9.0,1,9,False")
    assert percents(marks) == [100, 75, 0]
    assert percents(read("a,x,-1.5,-2,2,1", "a,y,+.5e0,-2,2,1")) == [12.5, 62.5]


def test_columns_stand_in_any_order_and_others_are_left_alone():
    rows = "CE8,a,x,science,4,0,5,1,high,2024-01-05T10:00:00Z"
    (mark,) = read(rows, header=WHOLE)
    assert (mark.line, mark.call, mark.proposal_id, mark.reviewer_id) == (2, "CE8", "a", "x")
    assert (mark.criterion, mark.percent) == ("science", 80)
    other = " Reviewer_ID,remark,Higher_is_better,scale_max,scale_min,SCORE,proposal_id"
    assert read("x,note,1,5,0,4, a ", header=other) == read("a,x,4,0,5,1")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,x,nan,0,5,1", "score is no number: 'nan'"),
        ("a,x,inf,0,5,1", "score is no number"),
        ("a,x,1e999,0,5,1", "score is no number"),
        ("a,x,0,-1e308,1e308,1", "scale_min is no number"),
        ("a,x,four,0,5,1", "score is no number: 'four'"),
        ("a,x,1_0,0,50,1", "score is no number"),
        ("a,x,٤,0,5,1", "score is no number"),
        ("a,x,4,,5,1", "scale_min is no number: ''"),
        ("a,x,4,0,best,1", "scale_max is no number"),
        ("a,x,5.01,0,5,1", "score 5.01 is outside its scale, 0 to 5"),
        ("a,x,-1,0,5,1", "score -1 is outside its scale"),
        ("a,x,5,5,5,1", "scale_min 5 is not below scale_max 5"),
        ("a,x,4,5,0,1", "scale_min 5 is not below scale_max 0"),
        ("a,x,4,0,5,", "higher_is_better is 1 or 0, not ''"),
        ("a,x,4,0,5,up", "higher_is_better is 1 or 0"),
        (",x,4,0,5,1", "no proposal_id"),
        ("a, ,4,0,5,1", "a score without a reviewer_id"),
        ("a,x,4,0,5", "5 cells, but the header has 6"),
        ("a,x,4,0,5,1,", "7 cells, but the header has 6"),
        ("b,y,4,0,5,1", "reviewer 'y' has scored 'b' already on line 2"),
        ("a,x,4,1,5,1", "another scale or direction than on line 2"),
        ("a,x,4,0,5,0", "another scale or direction than on line 2"),
    ],
)
def test_a_fault_is_told_with_its_line(row, told):
    with pytest.raises(BadFile) as refusal:
        read("b,y,4,0,5,1", "", row, "c,x,4,0,5,1")
    assert refusal.value.faults == [str(refusal.value)]
    assert str(refusal.value).startswith(f"line 4: {told}")


def test_a_cell_of_several_lines_does_not_lose_count():
    header = f"{HEADER},remark"
    rows = ['a,x,4,0,5,1,"one', "two", 'three"', "b,x,9,0,5,1,"]
    with pytest.raises(BadFile, match=r"^line 5: score 9 is outside"):
        read(*rows, header=header)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "the file is empty"),
        (["\n", " , \n"], "the file is empty"),
        ([f"{HEADER}\n", "\n"], "the file has a header, but no line of marks"),
        (["proposal_id,score\n"], "line 1: missing columns: reviewer_id, scale_min"),
        ([HEADER.replace(",", ";") + "\n"], "line 1: missing columns: proposal_id"),
        ([f"{HEADER},score\n"], "line 1: columns that stand there twice: score"),
        ([f"{HEADER}\n", 'a,"x"y,4,0,5,1\n'], "line 2: not CSV"),
        ([f"{HEADER}\n", 'a,"x,4,0,5,1\n'], "line 2: not CSV"),
        ([f"{HEADER}\n", "a" * 200_000 + ",x,4,0,5,1\n"], "line 2: not CSV"),
    ],
)
def test_a_file_that_is_no_table_of_marks(lines, told):
    with pytest.raises(BadFile) as refusal:
        read_marks(lines)
    assert str(refusal.value).startswith(told)


def test_all_faults_are_told_up_to_a_number():
    rows = [f"a,x{n},7,0,5,1" for n in range(MOST_FAULTS + 5)]
    with pytest.raises(BadFile) as refusal:
        read(*rows)
    assert len(refusal.value.faults) == MOST_FAULTS + 5
    assert str(refusal.value).endswith("\nand 5 more")
    assert str(refusal.value).count("\n") == MOST_FAULTS


def test_steps_are_checked_where_they_are_known():
    rows = ["a,x,1.25,1,6,1", "b,x,1.1,1,6,1", "c,x,3.5,1,6,1"]
    assert len(read(*rows)) == 3
    with pytest.raises(BadFile, match=r"^line 3: score 1.1 lies between the steps of 0.25 from 1$"):
        read(*rows, step=0.25)
    # A tenth is no binary fraction.
    assert len(read("a,x,1.7,1,6,1", "b,x,5.9,1,6,1", step=0.1)) == 2
    for step in (0, -1, float("nan")):
        with pytest.raises(BadFile, match="step"):
            read(*rows, step=step)


# --- from marks to totals ---

CRITERIA = f"{HEADER},criterion"


def test_criteria_are_averaged_with_their_weights_each_on_its_own_scale():
    marks = read(
        "a,x,4,0,5,1,science",
        "a,x,3,1,5,0,risk",
        "b,x,5,0,5,1,science",
        "b,x,1,1,5,0,risk",
        header=CRITERIA,
    )
    assert totals(marks).reviews == [("a", "x", 65), ("b", "x", 100)]
    weighted = totals(marks, weights={"science": 30, "risk": 10})
    assert weighted.reviews == [("a", "x", 72.5), ("b", "x", 100)]
    assert weighted.weights == {"science": 30, "risk": 10}


def test_what_nobody_could_judge_takes_no_part():
    marks = read(
        "a,x,4,0,5,1,science",
        "a,x,,0,5,1,risk",
        "a,y,,,,,science",
        "b,,,,,,",
        "c,z,1,0,5,1,risk",
        header=CRITERIA,
    )
    found = totals(marks, weights={"science": 1, "risk": 9})
    assert found.reviews == [("a", "x", 80), ("c", "z", 20)]
    assert found.proposals == ["a", "b", "c"]


def test_one_call_of_several_is_chosen():
    rows = ["one,a,x,4,0,5,1", "two,a,x,1,0,5,1", "two,b,x,2,0,5,1"]
    marks = read(*rows, header=f"call,{HEADER}")
    with pytest.raises(BadFile, match="several calls, choose one: one, two"):
        totals(marks)
    assert totals(marks, call="two").reviews == [("a", "x", 20), ("b", "x", 40)]
    with pytest.raises(BadFile, match="no call 'three'"):
        totals(marks, call="three")
    assert totals(read(rows[0], header=f"call,{HEADER}")).call == "one"


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"science": 1}, "criterion 'risk' has no weight"),
        ({"science": 1, "risk": 1, "rsik": 1}, "the file has no criterion 'rsik'"),
        ({"science": 1, "risk": 0}, "the weight of 'risk' is no number above zero"),
        ({"science": 1, "risk": float("nan")}, "the weight of 'risk' is no number above zero"),
    ],
)
def test_weights_are_of_just_these_criteria(weights, told):
    marks = read("a,x,4,0,5,1,science", "a,x,3,0,5,1,risk", header=CRITERIA)
    with pytest.raises(BadFile, match=f"^{told}$"):
        totals(marks, weights=weights)


cells = st.one_of(
    st.sampled_from(["1", "0", "5", "nan", "", "-1", "1e308", "-1e308", "yes"]), st.text(max_size=4)
)


@settings(max_examples=150)
@given(st.lists(st.lists(cells, min_size=6, max_size=6), max_size=6))
def test_whatever_is_read_is_marks_from_0_to_100_or_a_refusal(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(REQUIRED)
    writer.writerows(rows)
    try:
        found = totals(read_marks(io.StringIO(text.getvalue(), newline="")))
    except BadFile:
        return
    assert all(0 <= total <= 100 for _, _, total in found.reviews)
    assert {proposal for proposal, _, _ in found.reviews} <= set(found.proposals)
