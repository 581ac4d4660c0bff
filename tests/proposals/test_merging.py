"""Two people's changes to one text."""

import random
import time

import pytest

from proposals.merging import ADDED, REMOVED, SAME, changes, merge, words


def shown(before, after):
    mark = {SAME: "{}", REMOVED: "[-{}-]", ADDED: "[+{}+]"}
    return "".join(mark[piece.kind].format(piece.text) for piece in changes(before, after))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("We drive 300 m.", ["We", " ", "drive", " ", "300", " ", "m", "."]),
        ("月球南极", ["月", "球", "南", "极"]),
        ("用Rover探测", ["用", "Rover", "探", "测"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("naïve café", ["naïve", " ", "café"]),
        ("القمر الجنوبي", ["القمر", " ", "الجنوبي"]),
    ],
)
def test_words_follow_the_script(text, pieces):
    assert words(text) == pieces


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("We drive north.", "We drive south.", "We drive [-north-][+south+]."),
        ("月球南极地震仪", "月球南极的地震仪", "月球南极[+的+]地震仪"),
        ("", "New.", "[+New.+]"),
        ("Old.", "", "[-Old.-]"),
        # Two changes with only a space between them are one to the eye.
        ("We drive on.", "They walk on.", "[-We drive-][+They walk+] on."),
    ],
)
def test_changes_are_shown_word_by_word(before, after, expected):
    assert shown(before, after) == expected


def test_changes_in_different_places_go_into_one_text():
    found = merge("We drive north for a day.", "We drive south for a day.", "We drive north today.")
    assert (found.text, found.is_clean) == ("We drive south today.", True)
    found = merge("月球南极地震仪", "月球南极的地震仪", "月球北极地震仪")
    assert (found.text, found.is_clean) == ("月球北极的地震仪", True)


def test_changes_of_the_same_place_are_both_kept_and_said_to_be_unclear():
    found = merge("We drive north.", "We drive south.", "We drive west.")
    assert (found.text, found.is_clean) == ("We drive south west.", False)
    found = merge("One.", "One. Two.", "One. Three.")
    assert (found.text, found.is_clean) == ("One. Two. Three.", False)


def test_nothing_typed_disappears_from_any_merge():
    chance = random.Random(8)
    letters = "ab c月.\n"
    for _round in range(2000):
        base, theirs, mine = (
            "".join(chance.choice(letters) for _ in range(chance.randrange(14))) for _ in range(3)
        )
        pieces = changes(base, mine)
        assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == base
        assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == mine
        assert merge(base, theirs, base).text == theirs
        assert merge(base, base, mine).text == mine
        assert merge(base, mine, mine).text == mine


@pytest.mark.parametrize(
    ("one", "other"),
    [("月" * 3000, "月地" * 1500), ("a " * 1500, "b a " * 750), ("月地" * 1500, "地地月" * 1000)],
)
def test_no_text_that_fits_a_field_takes_long(one, other):
    begun = time.process_time()
    merge(one, other, one[::-1])
    assert time.process_time() - begun < 5
