"""Where the marks of each plot stand."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.plots.axis import percent, ticks
from reviews.plots.intervals import Places, intervals
from reviews.plots.matrix import Value, difference, matrix
from reviews.plots.severity import Severity, severities
from reviews.plots.steps import steps

AT = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
UNRATED = Places("B", 2, None, None, None, None, None)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (1, 41, [5, 10, 15, 20, 25, 30, 35, 40]),
        (1, 5, [1, 2, 3, 4, 5]),
        (-12.3, 12.3, [-10, -5, 0, 5, 10]),
        (1, 2000, [500, 1000, 1500, 2000]),
        (0.2, 0.4, []),
    ],
)
def test_ticks_are_round_and_few(low, high, found):
    assert ticks(low, high) == found


@given(low=st.floats(-1e6, 1e6), width=st.floats(0, 1e6))
def test_ticks_lie_between_their_ends(low, width):
    found = ticks(low, low + width)
    assert len(found) <= 8
    assert all(low <= tick <= low + width for tick in found)


def test_a_share_is_written_as_svg_reads_it_and_stays_inside():
    assert [percent(share) for share in (0, 1 / 3, 1, -5, 7)] == [
        *("0.00%", "33.33%", "100.00%", "0.00%", "100.00%")
    ]


def test_a_bar_covers_its_places_from_edge_to_edge():
    sure = Places("A", 1, 1.0, 1, 1, 1, 1)
    wide = Places("C", 4, 2.5, 1, 2, 3, 4)
    drawn = intervals([sure, wide], places=4, cut=2)

    assert drawn.rows[0].thin == drawn.rows[0].thick == ("0.00%", "25.00%")
    assert (drawn.rows[1].thin, drawn.rows[1].thick) == (
        ("0.00%", "100.00%"),
        ("25.00%", "75.00%"),
    )
    assert [(row.dot, row.scored) for row in drawn.rows] == [
        ("12.50%", "12.50%"),
        ("50.00%", "87.50%"),
    ]
    assert drawn.cut == "50.00%"
    assert drawn.rows[0].y < drawn.rows[1].y < drawn.height


def test_what_is_not_rateable_is_named_and_not_drawn():
    drawn = intervals([UNRATED], places=2, cut=1)
    [row] = drawn.rows
    assert (row.label, row.thin, row.thick, row.dot, row.scored) == (
        *("B", None, None, None),
        "75.00%",
    )


@pytest.mark.parametrize(("places", "cut"), [(4, 4), (4, 9), (4, None), (1, 1), (0, 3)])
def test_there_is_no_line_where_all_would_be_selected(places, cut):
    assert intervals([], places=places, cut=cut).cut is None


def test_the_first_place_is_always_labelled():
    assert [place for _x, place in intervals([], places=41, cut=None).ticks][:2] == [1, 5]
    assert [place for _x, place in intervals([], places=1, cut=None).ticks] == [1]
    assert [place for _x, place in intervals([], places=2000, cut=None).ticks] == [
        *(1, 500, 1000, 1500, 2000)
    ]


def test_a_matrix_leaves_empty_what_has_no_value():
    drawn = matrix([("A", [Value("4.0"), None]), ("B", [None, Value("2.0")])], ["1", "2"])
    assert [
        [(cell.value.text, cell.x, cell.width) for cell in row.cells] for row in drawn.rows
    ] == [
        [("4.0", "0.00%", "50.00%")],
        [("2.0", "50.00%", "50.00%")],
    ]
    assert [head.middle for head in drawn.heads] == ["25.00%", "75.00%"]
    assert matrix([], []).rows == []


@pytest.mark.parametrize(
    ("count", "word"), [(0, ""), (10, ""), (11, "wide"), (48, "wider"), (49, "widest")]
)
def test_many_columns_ask_for_room(count, word):
    assert matrix([], ["x"] * count).breadth == word


@pytest.mark.parametrize(
    ("points", "sign", "tint"),
    [
        (0, "·", "near"),
        (4.99, "·", "near"),
        (5, "+", "above"),
        (-5, "−", "below"),
        (14.99, "+", "above"),
        (15, "++", "above-far"),
        (-100, "−−", "below-far"),
    ],
)
def test_a_difference_has_a_sign_besides_its_tint(points, sign, tint):
    assert (difference(points).text, difference(points).tint) == (sign, tint)


def test_severities_share_a_scale_around_zero():
    drawn = severities([Severity("A", 10, 5, True), Severity("B", -5, 2.5, False)])
    first, second = drawn.rows
    # Ten points and two errors of five reach to twenty, which is the edge.
    assert (first.thin, first.thick, first.dot) == (
        ("50.00%", "100.00%"),
        ("62.50%", "87.50%"),
        "75.00%",
    )
    assert (second.thin, second.dot) == (("25.00%", "50.00%"), "37.50%")
    assert drawn.zero == "50.00%"
    assert (first.clear, second.clear) == (True, False)


def test_reviewers_without_any_severity_can_be_drawn():
    drawn = severities([Severity("A", 0.0, 0.0, False)])
    assert drawn.rows[0].dot == "50.00%"
    assert severities([]).rows == []


def test_steps_rise_and_fall_within_the_box():
    changes = [(AT - DAY, 1), (AT + DAY, 1), (AT + 2 * DAY, -1), (AT + 9 * DAY, 1)]
    drawn = steps(changes, start=AT, until=AT + 4 * DAY)
    assert drawn.path == "M0 220.0H0V110.0H160.0V0.0H320.0V110.0H640V0.0H640"
    assert (drawn.top, drawn.total) == (2, 2)
    assert [mark["x"] for mark in drawn.marks] == [0.0, 160.0, 320.0, 480.0, 640.0]


def test_a_goal_is_the_top_of_the_scale():
    drawn = steps([(AT, 1)], start=AT, until=AT + DAY, top=10)
    assert drawn.path == "M0 220.0H0V198.0H640"


@given(
    st.lists(st.tuples(st.timedeltas(-DAY, 9 * DAY), st.sampled_from([1, -1])), max_size=20),
    st.timedeltas(timedelta(0), 9 * DAY),
)
def test_no_step_leaves_the_box_on_the_right_or_left(changes, length):
    moments = sorted((AT + after, change) for after, change in changes)
    drawn = steps(moments, start=AT, until=AT + length)
    across = [float(x) for x in re.findall(r"H([-\d.]+)", drawn.path)]
    assert all(0 <= x <= drawn.width for x in across)
    assert across == sorted(across)
