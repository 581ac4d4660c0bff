"""How well a reviewer knows what a letter is about."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reviews import affinity

QUAKES = (
    "A seismometer of three axes listens to moonquakes and hears how waves scatter in the crust."
)
ROVER = "A rover with two arms carries instruments over loose regolith and charges its batteries."
QUAKES_ZH = "在月球南极表面布设三轴月震仪，连续一年记录月震信号。"
ROVER_ZH = "移动机器人携带机械臂，在月面搬运载荷并为其他设备充电。"
SEISMOLOGIST = "Inversion of seismic waves, seismometer design, scattering in broken crust."
ROBOTICIST = "Robot arms, batteries, wheels in loose regolith, rover navigation."
SEISMOLOGIST_ZH = "从事月震与行星地震学研究，研制月震仪，分析月震信号。"
ROBOTICIST_ZH = "研究移动机器人与机械臂的运动控制。"
NAN = np.nan


def test_a_letter_is_nearest_to_who_works_on_it_in_english_and_in_chinese():
    letters = [QUAKES, ROVER, QUAKES_ZH, ROVER_ZH]
    found = affinity.text_likeness(
        letters, [[SEISMOLOGIST], [ROBOTICIST], [SEISMOLOGIST_ZH], [ROBOTICIST_ZH]]
    )
    assert [int(np.nanargmax(row)) for row in found] == [0, 1, 2, 3]
    assert ((found >= 0) & (found <= 1) | np.isnan(found)).all()


def test_a_text_is_wholly_like_itself_and_not_at_all_like_one_without_a_common_word():
    found = affinity.text_likeness([QUAKES, QUAKES_ZH], [[QUAKES], [QUAKES_ZH], ["Poppies, oats."]])
    assert found[0, 0] == pytest.approx(1)
    assert found[1, 1] == pytest.approx(1)
    assert found[0, 2] == 0


def test_a_profile_in_a_second_language_takes_nothing_from_the_first():
    one = affinity.text_likeness([QUAKES], [[SEISMOLOGIST]])
    both = affinity.text_likeness([QUAKES], [[SEISMOLOGIST + SEISMOLOGIST_ZH]])
    apart = affinity.text_likeness([QUAKES], [[SEISMOLOGIST, SEISMOLOGIST_ZH]])
    assert both == pytest.approx(one)
    assert apart == pytest.approx(one)


def test_a_chinese_title_counts_by_its_share_of_an_english_letter():
    letter = f"月震仪 {QUAKES}"
    found = affinity.text_likeness([letter, ROVER], [[SEISMOLOGIST], [SEISMOLOGIST_ZH]])[0]
    assert found[0] > found[1] > 0


def test_nothing_is_known_of_no_text_and_of_texts_in_different_scripts():
    found = affinity.text_likeness(
        [QUAKES, "", "的", QUAKES_ZH], [[SEISMOLOGIST], [], ["", "  "], [SEISMOLOGIST_ZH]]
    )
    assert np.isnan(found).tolist() == [
        [False, True, True, True],
        [True, True, True, True],
        [True, True, True, False],
        [True, True, True, False],
    ]


def test_common_english_words_say_nothing():
    assert affinity.words("The rover and the Moon, as it was: 50 kg") == ["rover", "moon", "kg"]
    assert np.isnan(affinity.text_likeness(["and the of"], [["and the of"]])).all()


def test_scripts_without_spaces_are_read_by_pairs_of_characters():
    assert affinity.pairs_of_characters("月震仪，车 seis ﾃｽﾄ") == [
        "月震",
        "震仪",
        "车",
        "テス",
        "スト",
    ]
    assert affinity.words("月震仪 Луноход 月 Çevre") == ["луноход", "çevre"]


def test_signs_on_letters_do_not_cut_words():
    assert affinity.words("चंद्रमा की सतह") == ["चंद्रमा", "की", "सतह"]
    assert affinity.words("القمَر") == ["القمَر"]
    assert affinity.words("x\u0302y decomposed") == ["x\u0302y", "decomposed"]


def test_the_nearest_three_documents_speak_for_a_reviewer():
    few = affinity.text_likeness([QUAKES], [[QUAKES] * 3, [QUAKES]])
    many = affinity.text_likeness([QUAKES], [[QUAKES] * 3 + [ROVER] * 9, [QUAKES]])
    assert few == pytest.approx(1)
    assert many == pytest.approx(1)
    mixed = affinity.text_likeness([QUAKES], [[QUAKES, "Poppies.", "Oats."]])
    assert mixed[0, 0] == pytest.approx(1 / 3)


def test_one_string_is_no_collection_of_documents():
    with pytest.raises(TypeError, match="collection"):
        affinity.text_likeness([QUAKES], [SEISMOLOGIST])


def test_texts_that_no_one_would_write_are_taken():
    found = affinity.text_likeness(
        ["\ud800 \x00 seismometer " + "x" * 10_000], [["seismometer\ud800"]]
    )
    assert 0 < found[0, 0] < 1


def test_empty_tables_have_empty_answers():
    assert affinity.text_likeness([], [[QUAKES]]).shape == (0, 1)
    assert affinity.text_likeness([QUAKES], []).shape == (1, 0)
    assert affinity.keyword_overlap([], []).shape == (0, 0)
    assert affinity.combined(np.zeros((0, 2)), np.zeros((0, 2))).total.shape == (0, 2)


def test_the_order_of_letters_and_reviewers_changes_nothing():
    letters, people = [QUAKES, ROVER, QUAKES_ZH], [[SEISMOLOGIST], [ROBOTICIST, SEISMOLOGIST_ZH]]
    found = affinity.text_likeness(letters, people)
    turned = affinity.text_likeness(letters[::-1], people[::-1])
    assert turned[::-1, ::-1] == pytest.approx(found, nan_ok=True)


def test_keywords_overlap_whatever_their_case_width_and_spaces():
    letters = [["Seismology", "heat  flow", "ＩＳＲＵ", "dust"], []]
    people = [["seismology", "HEAT FLOW", "isru", "Dust", "dust "], ["dust"], ["optics"], [" ", ""]]
    found = affinity.keyword_overlap(letters, people)
    assert found[0].tolist() == pytest.approx([1, 1 / 2, 0, NAN], nan_ok=True)
    assert np.isnan(found[1]).all()


def test_the_parts_are_weighed_and_stay_apart():
    found = affinity.combined([[0.5, 0.5]], [[0.25, 0.25]], [[1, 0.5]])
    assert found.total.tolist()[0] == pytest.approx([0.6 * 0.5 + 0.2 * 0.25 + 0.2, 0.45])
    assert {name: table.tolist() for name, table in found.parts.items()} == {
        "text": [[0.5, 0.5]],
        "keywords": [[0.25, 0.25]],
        "bids": [[1, 0.5]],
    }


def test_the_weights_of_what_is_unknown_go_to_the_rest():
    text, keywords = np.array([[0.4, NAN, 0.4, NAN]]), np.array([[0.8, 0.8, NAN, NAN]])
    nobody_bids = affinity.combined(text, keywords)
    assert nobody_bids.total[0].tolist() == pytest.approx([0.75 * 0.4 + 0.25 * 0.8, 0.8, 0.4, 0])
    somebody_bids = affinity.combined(text, keywords, [[NAN, NAN, NAN, 1]])
    assert somebody_bids.total[0].tolist() == pytest.approx([0.4, 0.8 / 2, 0.6 * 0.4 / 0.8, 1])


def test_no_adds_nothing_and_costs_a_penalty():
    found = affinity.combined([[0.5, 0.5]], [[0.5, 0.5]], [[-1, 0]])
    assert found.total[0, 0] == found.total[0, 1] == pytest.approx(0.4)
    assert found.penalty.tolist() == [[affinity.RELUCTANCE, 0]]


TABLE = arrays(float, (2, 3), elements=st.one_of(st.floats(0, 1), st.just(NAN)))
BIDS = arrays(float, (2, 3), elements=st.sampled_from([*affinity.BID_VALUES, NAN]))


@given(TABLE, TABLE, BIDS)
def test_every_sum_lies_between_0_and_1_and_a_better_bid_never_lowers_one(text, keywords, bids):
    before = affinity.combined(text, keywords, bids)
    assert ((before.total >= 0) & (before.total <= 1)).all()
    if np.isnan(bids).all():
        return
    better = bids.copy()
    better[0, 0] = 1
    after = affinity.combined(text, keywords, better)
    worth = before.total - before.penalty
    assert (after.total - after.penalty)[0, 0] >= worth[0, 0] - 1e-12
    others = np.ones(bids.shape, dtype=bool)
    others[0, 0] = False
    assert (after.total == before.total)[others].all()


@pytest.mark.parametrize(
    ("text", "keywords", "bids", "says"),
    [
        ([[1.5]], [[0]], None, "text: 1.5 is not between 0 and 1"),
        ([[np.inf]], [[0]], None, "text: inf"),
        ([[0]], [[-0.1]], None, "keywords: -0.1"),
        ([[0]], [[0]], [[0.7]], "bids: 0.7 is none of"),
        ([[0]], [[0, 0]], None, "one row a letter"),
        ([0], [0], None, "one row a letter"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, keywords, bids, says):
    with pytest.raises(ValueError, match=says):
        affinity.combined(text, keywords, bids)
