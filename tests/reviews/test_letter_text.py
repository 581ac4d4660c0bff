from decimal import Decimal

import pytest
from django.utils import translation

from reviews.letter_text import parts_of
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter():
    agency = make.agency()
    make.member(agency)
    return make.eligible_letter(
        agency=agency,
        mass_kg=Decimal("6.500"),
        partners=[make.partner()],
        excluded_reviewers=[
            {"id": "00000001", "name": "D. Quill", "institution": "", "reason": ""}
        ],
        night_survival=True,
        objectives=["fields", "gone"],
    )


def said(letter):
    parts = parts_of(papers.filed(letter), letter.call)
    return {line.name: (line.label, line.plain) for part in parts for line in part.lines}, parts


def test_what_was_filed_is_read_in_words(letter):
    lines, _parts = said(letter)

    assert lines["level"] == ("Cooperation level", "Unit level")
    assert lines["mass_kg"] == ("Mass including adapters, kg", "6.5")
    assert lines["night_survival"][1] == "Yes"
    assert lines["separation_needed"][1] == "No"
    assert lines["priorities"][1] == "Payloads"
    # A code the call no longer lists stays as it was filed.
    assert lines["objectives"][1] == "Physical fields\ngone"
    assert lines["partners"] == ("Partner organisations", "Dust Institute; Peru")


def test_an_objective_of_their_own_is_read_in_words(letter):
    own = make.eligible_letter(
        agency=letter.agency, objectives=["fields", "other"], objective_other="A clock"
    )

    lines, _parts = said(own)

    assert lines["objectives"][1] == "Physical fields\nAnother objective"
    assert lines["objective_other"][1] == "A clock"


def test_lists_of_the_call_are_read_in_the_readers_language(letter):
    with translation.override("zh-hans"):
        assert said(letter)[0]["priorities"][1] == "载荷"


def test_what_was_left_empty_is_named_and_not_drawn(letter):
    lines, parts = said(letter)
    assert "acronym" not in lines
    assert "Acronym" in parts[0].empty
    assert [part.key for part in parts] == list("abcdefg")


def test_whom_not_to_ask_and_how_to_reach_people_is_for_the_chair_alone(letter):
    version = papers.filed(letter)
    for_all, for_chair = (
        {
            line.name
            for part in parts_of(version, letter.call, for_chair=sees)
            for line in part.lines
        }
        for sees in (False, True)
    )
    assert for_chair - for_all == {"excluded_reviewers", "pi_email", "pi_phone"}
    empty = [label for part in parts_of(version, letter.call) for label in part.empty]
    assert "Reviewers to exclude" not in empty
