from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import hints

NOTHING = {"marks": {}, "comments": {}, "texts": {}, "total": None}
LONG = "A sentence that says what the mark rests on."


def on(**about):
    return hints.on(**{**NOTHING, **about})


def test_an_empty_review_is_left_alone():
    assert on(marks={"science": None}, comments={"science": ""}, texts={"strengths": "  "}) == {}


@pytest.mark.parametrize(
    ("mark", "comment", "speaks"),
    [
        ("5", "", True),
        ("2", " ", True),
        ("0", "", True),
        ("2.5", "", False),
        ("4.5", "", False),
        ("5", LONG, False),
    ],
)
def test_a_mark_at_an_end_of_the_scale_asks_for_its_comment(mark, comment, speaks):
    said = on(marks={"science": Decimal(mark)}, comments={"science": comment})
    assert ("comment-science" in said) == speaks


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("x" * 20, True),
        ("x" * 21, False),
        ("  " + "x" * 20 + "\n ", True),
        ("团队曾飞行过", True),
        ("团队曾经飞行过两次。", False),
        ("", False),
        ("   ", False),
    ],
)
def test_words_too_few_are_asked_about_in_every_script(text, short):
    assert bool(on(texts={"strengths": text})) == short
    assert bool(on(comments={"science": text})) == short


@pytest.mark.parametrize(
    ("total", "words", "speaks"),
    [("80", LONG, True), ("79.99", LONG, False), ("95", "", False), (None, LONG, False)],
)
def test_high_marks_with_a_major_weakness_are_asked_about(total, words, speaks):
    total = None if total is None else Decimal(total)
    said = on(total=total, texts={"major_weaknesses": words})
    assert ("major_weaknesses" in said) == speaks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ana Nakara leads a fine group of people.", ["Ana Nakara"]),
        ("The plan of Nakara's laboratory is sound.", ["Ana Nakara"]),
        ("The plan of Dr. NAKARAS is sound enough.", []),
        ("We hope that the plan is sound enough.", []),
        ("Dr Hope knows how to build it in time.", ["J. Hope"]),
        ("王小明的团队经验丰富，但是计划太紧。", ["王小明"]),
        ("Ana is a first name that says nothing.", []),
    ],
)
def test_people_of_the_letter_are_found_by_name(text, found):
    people = ["Ana Nakara", "J. Hope", "王小明", "", "  "]
    assert hints.named_in(text, people) == found
    assert len(on(texts={"strengths": text}, people=people).get("strengths", [])) == len(found)


def test_what_only_the_panel_reads_may_name_people():
    text = "Ana Nakara told me so at a congress."
    assert on(texts={"confidential_comment": text}, people=["Ana Nakara"]) == {}
    assert "comment-science" in on(comments={"science": text}, people=["Ana Nakara"])


def test_the_reviewers_own_name_is_found():
    said = on(texts={"comment_to_applicant": "Ask me, Vera Ortiz, about it."}, author="Vera Ortiz")
    assert len(said["comment_to_applicant"]) == 1
    assert on(texts={"comment_to_applicant": LONG}, author="") == {}


@given(text=st.text(max_size=300), people=st.lists(st.text(max_size=30), max_size=5))
def test_no_text_and_no_name_breaks_it(text, people):
    said = on(texts={"strengths": text}, comments={"science": text}, people=people, author=text)
    assert all(sentences for sentences in said.values())
