"""A pasted list of people, in whatever way it was copied."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from reviews.guest_list import MOST, Guest, read

ANA = Guest("Ana Nakara", "ana@oba.example")


@pytest.mark.parametrize(
    "row",
    [
        "Ana Nakara <ana@oba.example>",
        "Ana Nakara, ana@oba.example",
        "ana@oba.example; Ana Nakara",
        '"Ana Nakara" <Ana@OBA.example>,',
        "Ana\tNakara\tana@oba.example",
        "  Ana   Nakara (ana@oba.example)  ",
        "Ana Nakara ana@oba.example ana@oba.example",
    ],
)
def test_a_line_in_any_usual_order(row):
    assert read(row) == [ANA]


def test_empty_lines_are_passed_over_and_names_keep_their_letters():
    text = "\r\n王 伟 <wang@sky.example>\r\n,;\nAna Nakara <ana@oba.example>\r"
    assert read(text) == [Guest("王 伟", "wang@sky.example"), ANA]
    assert read("") == read(" \n\t\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ana Nakara", "Line 1: write one name"),
        ("Ana Nakara <ana@oba.example>\nana@oba.example", "Line 2: the name is missing"),
        ("Ana a@oba.example, Bo b@oba.example", "Line 1: write one name"),
        ("Ana <ana@oba.example>\nBo <ANA@oba.example>", "Line 2: the same address as in line 1"),
        ("Ana <ana@localhost>", "full e-mail address"),
        ("Ana <ana@[127.0.0.1]>", "Line 1"),
        ("A\u202ena <ana@oba.example>", "U+202E"),
        ("\u200b <ana@oba.example>", "can be seen"),
        ("A" * 151 + " ana@oba.example", "too long"),
        ("\n".join(f"N {n}@oba.example" for n in range(MOST + 1)), "At most 200"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, said):
    with pytest.raises(ValidationError) as refused:
        read(text)
    assert any(said in message for message in refused.value.messages)


@given(st.text(max_size=60))
def test_anything_is_read_or_refused(text):
    try:
        guests = read(text)
    except ValidationError:
        return
    assert len({guest.email for guest in guests}) == len(guests)
