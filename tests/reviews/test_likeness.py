"""Texts that say the same, found without comparing each with each."""

import random

import pytest

from reviews import likeness

ENGLISH = (
    "A seismometer of three axes stands on the regolith and listens to moonquakes for a year. "
    "Its sensor is cooled by night and kept above minus eighty degrees by a small heater."
)
CHINESE = (
    "在月球南极表面布设三轴月震仪，连续一年记录月震与撞击信号，并与着陆器上的同类仪器联合定位。"
)


def changed(text, every):
    """The text with every so many words replaced."""
    return " ".join(
        f"other{i}" if i % every == 0 else word for i, word in enumerate(text.split(), 1)
    )


def test_a_copied_text_is_found_and_another_is_not():
    texts = {
        "one": ENGLISH,
        "copy": "  " + ENGLISH.upper().replace(".", " !"),
        "near": changed(ENGLISH, 12),
        "far": "A mirror of eight corner cubes sends laser light back to the Earth every month, "
        "and needs neither power nor data of the lander that carries it there.",
    }
    pairs = {frozenset((one, other)): share for one, other, share in likeness.alike(texts)}
    assert pairs[frozenset(("one", "copy"))] == 1
    assert 0.3 <= pairs[frozenset(("one", "near"))] < 1
    assert not any("far" in pair for pair in pairs)


def test_scripts_without_spaces_are_compared_by_character():
    near = CHINESE.replace("一年", "两年")
    [(_one, _other, share)] = likeness.alike({1: CHINESE, 2: near, 3: "月球轨道器中继通信" * 3})
    assert 0.7 < share < 1


def test_short_texts_and_empty_ones_say_nothing():
    assert likeness.alike({1: "A rover.", 2: "A rover.", 3: "", 4: "\ud800"}) == []
    assert likeness.alike({}) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_found_is_what_comparing_all_would_find(seed):
    dice = random.Random(seed)
    words = [f"w{n}" for n in range(400)]
    texts = {n: " ".join(dice.choice(words) for _ in range(120)) for n in range(30)}
    for n in range(30, 40):
        texts[n] = changed(texts[n - 30], dice.choice([8, 12, 20, 40]))
    found = {frozenset(pair[:2]) for pair in likeness.alike(texts)}
    sets = {key: likeness.shingles(text) for key, text in texts.items()}
    every = {
        frozenset((a, b))
        for a in texts
        for b in texts
        if a < b and len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= likeness.ALIKE
    }
    assert found == every


def test_passages_put_together_are_the_text():
    for mine, theirs in ((ENGLISH, changed(ENGLISH, 9)), (CHINESE, CHINESE[10:]), ("", "x")):
        pieces = likeness.passages(mine, theirs)
        assert "".join(text for text, _shared in pieces) == mine
    assert likeness.passages(ENGLISH, ENGLISH) == [(ENGLISH, True)]
    assert likeness.passages("one two", "one two") == [("one two", False)]
    assert likeness.passages("zero one two three, four", "one two three") == [
        ("zero ", False),
        ("one two three", True),
        (", four", False),
    ]
