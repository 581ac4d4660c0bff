import pytest

from proposals import accommodation
from proposals.models import Call, LetterOfIntent
from proposals.sections import FIELDS, SECTIONS
from tests import make

FACTS = {"launch": {"current": {"year": 2029, "text": {"en": "around 2029"}}}}

every_rule = pytest.mark.parametrize("rule", accommodation.RULES, ids=lambda rule: rule.code)


def letter(**answers):
    return LetterOfIntent(call=Call(facts=FACTS), **answers)


def codes(**answers):
    return [advice.code for advice in accommodation.on(letter(**answers))]


@every_rule
def test_each_rule_is_silent_and_speaks_as_its_examples_say(rule):
    assert rule.code not in codes(**rule.passing)
    assert rule.code in codes(**rule.failing)
    assert set(rule.fields) <= set(FIELDS)
    # The examples differ in nothing that the rule is not about.
    assert {*rule.passing, *rule.failing} - {
        *rule.fields,
        "level",
        "wireless_link",
        "mass_kg",
    } == set()


def test_no_code_is_there_twice():
    found = [rule.code for rule in accommodation.RULES]
    assert len(found) == len(set(found))


def test_a_letter_of_which_nothing_is_written_is_left_alone():
    assert codes() == []


@pytest.mark.parametrize("level", ["MISSION", "SYSTEM", "UNIT"])
def test_choosing_a_level_alone_warns_of_nothing(level):
    assert codes(level=level, margin_percent=20) == []


def test_a_sentence_names_the_numbers_and_their_standing():
    (advice,) = accommodation.on(letter(power_peak_w=80))
    assert advice.sentence.startswith("About 50 W for one payload was reported, not published.")
    assert advice.section == SECTIONS["d"]
    (advice,) = accommodation.on(letter(level="UNIT", mass_kg=90, margin_percent=20))
    assert "108 kg: more than the 100 kg of one module" in advice.sentence


def test_an_answer_of_another_section_is_asked_about_in_both():
    asked = letter(level="MISSION", mass_kg=5)
    said = {key: accommodation.beside(SECTIONS[key], asked) for key in "ad"}
    assert said == {"a": {"level": said["d"]["mass_kg"]}, "d": {"mass_kg": said["a"]["level"]}}


def test_without_a_planned_launch_no_day_is_late():
    unplanned = LetterOfIntent(call=Call(), fm_delivery=make.COMPLETE["fm_delivery"])
    assert accommodation.on(unplanned) == []
