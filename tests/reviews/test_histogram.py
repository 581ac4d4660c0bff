from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reviews import histogram
from reviews.scoring import HALF_MARKS


def test_every_mark_has_a_bar_and_what_is_no_mark_has_none():
    bars = histogram.bars([Decimal("3.5"), Decimal("3.5"), None, Decimal(0)])
    assert [bar.mark for bar in bars] == list(HALF_MARKS)
    assert {bar.mark: bar.count for bar in bars if bar.count} == {Decimal("3.5"): 2, Decimal(0): 1}
    tallest = max(bars, key=lambda bar: bar.count)
    assert (tallest.y, tallest.height) == (0, histogram.HEIGHT)
    assert bars[0].height == histogram.HEIGHT // 2


def test_without_marks_all_bars_are_flat():
    assert {bar.height for bar in histogram.bars([])} == {0}


@given(st.lists(st.sampled_from(HALF_MARKS), max_size=400))
def test_bars_stand_beside_each_other_inside_their_box(marks):
    bars = histogram.bars(marks)
    assert sum(bar.count for bar in bars) == len(marks)
    for bar in bars:
        assert 0 <= bar.x <= bar.x + bar.width <= histogram.WIDTH
        assert bar.y + bar.height == histogram.HEIGHT
    assert all(one.x + one.width <= other.x for one, other in pairwise(bars))
