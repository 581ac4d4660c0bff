"""What the records show of a pair, and by which words: the rules alone, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import mail_domains
from reviews.conflicts import OFF, RULES, Person, Project, found_by_rule, strengths_of
from reviews.states import ConflictKind

DEFAULT = strengths_of({})
REVIEWER = {
    "name": "Dora Quill",
    "email": "dora@dust.example",
    "country": "PE",
    "agencies": {1: "Bureau of Salt"},
    "employers": ("Bureau of Salt", "Institute of Dust"),
}
LETTER = {
    "agency_id": 2,
    "organisations": ("Royal Bureau of Tides", "Tide College"),
    "places": {"IT", "NO"},
    "people": ("Ana Nakara", "Ed Quill"),
    "addresses": ("pi@tides.example",),
    "excluded": ("Fay Quill",),
}


def found(person=None, project=None, **rules):
    pair = Person(**{**REVIEWER, **(person or {})}), Project(**{**LETTER, **(project or {})})
    return found_by_rule(*pair, strengths_of(rules))


def test_strangers_are_in_no_conflict():
    assert found() is None


@pytest.mark.parametrize(
    ("person", "project", "kind", "rule"),
    [
        ({}, {"agency_id": 1}, ConflictKind.SAME_AGENCY, "agency"),
        ({}, {"places": {"PE"}}, ConflictKind.SAME_COUNTRY, "country"),
        # One's own project, whatever order and accents the name is written in.
        ({"name": "QUILL, Édith"}, {"people": ("Edith Quill",)}, ConflictKind.TEAM, "team"),
        ({"email": "PI@tides.example"}, {}, ConflictKind.TEAM, "team"),
        # The agency's own name counts as well as a partner's.
        ({"employers": ("royal  bureau of TIDES",)}, {}, ConflictKind.SAME_AGENCY, "organisation"),
        ({"employers": ("Tide College, Oslo",)}, {}, ConflictKind.SAME_AGENCY, "organisation"),
        (
            {"employers": ("北京大学",)},
            {"organisations": ("北京大学物理学院",)},
            ConflictKind.SAME_AGENCY,
            "organisation",
        ),
        ({"email": "d@tides.example"}, {}, ConflictKind.SAME_AGENCY, "domain"),
        ({"email": "d@oslo.tides.example"}, {}, ConflictKind.SAME_AGENCY, "domain"),
        # The person reads the kind: who was named by whom stays with the chair.
        ({}, {"excluded": ("dora  QUILL",)}, ConflictKind.OTHER, "excluded"),
    ],
)
def test_what_the_records_show_is_a_hard_conflict_with_its_evidence(person, project, kind, rule):
    said = found(person, project)
    assert (said.strength, said.kind) == ("HARD", kind)
    assert rule in [one["rule"] for one in said.evidence]
    assert all(one["own"] and one["theirs"] for one in said.evidence)


@pytest.mark.parametrize(
    ("person", "project"),
    [
        ({"country": ""}, {"places": {""}}),
        ({"country": "PE"}, {"places": {"INT"}}),
        ({"employers": ("",)}, {"organisations": ("", "Tide College")}),
        # Whole words: ESA is not in Besa, nor MIT in Smith.
        ({"employers": ("MIT",)}, {"organisations": ("Smith College",)}),
        ({"name": ""}, {"people": ("",), "excluded": ("",)}),
        ({"name": "Quill"}, {}),
        ({"email": ""}, {"addresses": ("",)}),
        ({"email": "d@gmail.com"}, {"addresses": ("pi@gmail.com",)}),
        ({"email": "d@163.com"}, {"addresses": ("pi@163.com",)}),
        ({"email": "d@yahoo.co.jp"}, {"addresses": ("pi@yahoo.co.jp",)}),
        ({"email": "d@example.org"}, {"addresses": ("pi@lab.example.org",)}),
        ({"email": "d@notides.example"}, {}),
        # As long as the other, and another one.
        ({"email": "d@waves.example"}, {"addresses": ("pi@tides.example",)}),
    ],
)
def test_what_is_no_conflict(person, project):
    assert found(person, project) is None


def test_one_hard_rule_makes_the_whole_conflict_hard_and_names_it():
    both = {"places": {"PE"}, "agency_id": 1}
    said = found({}, both, agency="SOFT")
    assert (said.strength, said.kind) == ("HARD", ConflictKind.SAME_COUNTRY)
    assert [one["rule"] for one in said.evidence] == ["agency", "country"]


def test_a_call_may_weaken_a_rule_or_switch_it_off():
    abroad = {"places": {"PE"}}
    assert found({}, abroad, country="SOFT").strength == "SOFT"
    assert found({}, abroad, country=OFF) is None


@pytest.mark.parametrize("rules", [{"weather": "HARD"}, {"country": "LOOSE"}, {"country": ""}])
def test_a_rule_or_word_that_does_not_exist_is_an_error(rules):
    with pytest.raises(ValueError, match="no such rule"):
        strengths_of(rules)


_names = st.text(max_size=8)
_codes = st.sampled_from(["", "PE", "INT"])


@given(
    person=st.builds(
        Person, name=_names, email=_names, country=_codes, employers=st.tuples(_names, _names)
    ),
    project=st.builds(
        Project,
        agency_id=st.none(),
        organisations=st.tuples(_names, _names),
        places=st.sets(_codes),
        people=st.tuples(_names),
        addresses=st.tuples(_names),
        excluded=st.tuples(_names),
    ),
)
def test_whatever_was_typed_each_piece_of_evidence_is_of_a_rule_and_empty_names_show_nothing(
    person, project
):
    said = found_by_rule(person, project, DEFAULT)
    if said:
        assert {one["rule"] for one in said.evidence} <= set(RULES)
        assert all(one["own"].strip() and one["theirs"].strip() for one in said.evidence)


@pytest.mark.parametrize(
    ("address", "domain"),
    [("a@b.example", "b.example"), ("A@B.Example ", "b.example"), ("nobody", ""), ("a@", "")],
)
def test_the_domain_of_an_address(address, domain):
    assert mail_domains.domain_of(address) == domain
