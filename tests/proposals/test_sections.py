import pytest

from proposals.models import LetterOfIntent
from proposals.sections import FIELDS, SECTIONS, missing, shown
from proposals.states import MOVES, LetterState, Level, PowerSource
from tests import make

pytestmark = pytest.mark.django_db


def test_every_state_says_where_it_may_go():
    assert set(MOVES) == set(LetterState)


def test_every_field_of_a_section_is_a_column():
    columns = {field.name for field in LetterOfIntent._meta.fields}
    assert set(FIELDS) <= columns
    assert len(FIELDS) == len(set(FIELDS))


def test_a_complete_letter_lacks_nothing():
    assert missing(make.letter()) == {}


@pytest.mark.parametrize(
    ("level", "lacks"),
    [
        (Level.MISSION, {"c": ["interaction"]}),
        (Level.SYSTEM, {"c": ["surface_operations"], "d": ["mass_kg"]}),
        (Level.UNIT, {"d": ["mass_kg"]}),
    ],
)
def test_each_level_asks_for_its_own_answers(level, lacks):
    assert missing(make.letter(level=level, mass_kg=None)) == lacks


def test_another_objective_must_be_named():
    letter = make.letter(objectives=["other"])
    assert missing(letter) == {"c": ["objective_other"]}
    letter.objective_other = "A navigation beacon"
    assert missing(letter) == {}


def test_a_radioisotope_source_needs_a_note():
    letter = make.letter(own_power_source=PowerSource.RADIOISOTOPE)
    assert missing(letter) == {"d": ["own_power_note"]}


def test_a_mission_is_not_asked_for_mass_on_the_lander():
    letter = make.letter(level=Level.MISSION, mass_kg=None)
    assert "mass_kg" not in shown(SECTIONS["d"], letter)
    assert "interaction" in shown(SECTIONS["c"], letter)


def test_what_was_filled_in_stays_on_the_page_when_the_level_changes():
    letter = make.letter(level=Level.MISSION)
    assert "mass_kg" in shown(SECTIONS["d"], letter)


def test_a_budget_needs_its_currency():
    letter = make.letter(budget_amount=5)
    assert missing(letter) == {"f": ["budget_currency"]}


def test_every_declaration_that_is_asked_for_must_be_made():
    boxes = ["data_sharing", "peaceful_use", "consent_to_publish", "is_correct"]
    letter = make.letter(**dict.fromkeys(boxes, False))
    assert missing(letter) == {"g": boxes}


def test_the_sections_stand_in_the_order_of_the_call():
    assert list(SECTIONS) == list("abcdefg")


def test_an_empty_letter_lacks_what_the_call_asks_of_everybody():
    lacks = missing(make.letter(complete=False))
    assert lacks == {
        key: list(section.required) for key, section in SECTIONS.items() if section.required
    }
