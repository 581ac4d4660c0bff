"""The demonstration's data keeps the rules of the call it tells of. No database, no Django."""

import itertools
import re
from datetime import datetime
from decimal import Decimal

import pytest

from chang_e8_portal.demo import content

HALF_STEPS = {Decimal(n) / 2 for n in range(11)}
LIMITS = {
    "title": 150,
    "title_zh": 150,
    "acronym": 20,
    "summary": 2500,
    "public_abstract": 600,
    "objective_other": 150,
    "goals": 3000,
    "innovation_science": 1500,
    "innovation_engineering": 1500,
    "complement": 1500,
    "interaction": 1500,
    "surface_operations": 1500,
    "interface_wishes": 1500,
    "hazards": 1500,
}
# The announcement names five objectives; a letter may add one of its own under this code.
OTHER_OBJECTIVE = "other"
TYPES = {"SPACECRAFT", "ROVER", "ROBOT", "FLYER", "INSTRUMENT", "ISRU", "LIFE_SCIENCE", "OTHER"}
RESOURCES = (
    "mass_kg",
    "margin_percent",
    "envelope_mm",
    "power_average_w",
    "power_peak_w",
    "own_power_source",
    "data_mbit_per_day",
    "data_peak_kbps",
    "lifetime_days",
)
# Facts of the announced result: project, mass where one was published.
PUBLISHED_MASS = {"multi-robot": 100, "pakistan-rover": 35, "cheri": 10}

LETTERS = content.letters()
FORMS = LETTERS + content.drafts()
AGENCIES = {agency["key"]: agency for agency in content.agencies()}
REVIEWERS = [reviewer["email"] for reviewer in content.people()["reviewers"]]
WEIGHTS = {c["code"]: c["weight_percent"] for c in content.rubric()["criteria"]}

every_form = pytest.mark.parametrize("row", FORMS, ids=lambda row: row["key"])
every_letter = pytest.mark.parametrize("row", LETTERS, ids=lambda row: row["key"])


def selected():
    return [row for row in LETTERS if row["outcome_final"] == "SELECTED"]


def codes(name):
    return {entry["code"] for entry in content.call()[name]}


def texts(data):
    """Every string anywhere in the data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from itertools.chain.from_iterable(texts(value) for value in data.values())
    elif isinstance(data, list):
        yield from itertools.chain.from_iterable(texts(value) for value in data)


def bilingual(data):
    """Every object that is keyed by language."""
    if isinstance(data, dict):
        if "en" in data:
            yield data
        for value in data.values():
            yield from bilingual(value)
    elif isinstance(data, list):
        for value in data:
            yield from bilingual(value)


@every_form
def test_every_text_keeps_its_limit(row):
    too_long = {
        field: len(row["form"][field])
        for field, limit in LIMITS.items()
        if len(row["form"][field]) > limit
    }
    assert too_long == {}


@every_form
def test_every_code_is_one_the_call_knows(row):
    form = row["form"]
    assert form["level"] in codes("levels")
    assert form["project_type"] in TYPES
    assert form["priorities"]
    assert set(form["priorities"]) <= codes("priorities")
    assert set(form["objectives"]) <= codes("objectives") | {OTHER_OBJECTIVE}
    assert (OTHER_OBJECTIVE in form["objectives"]) == bool(form["objective_other"])
    assert row["agency"] in AGENCIES


@every_letter
def test_every_filed_letter_says_what_its_level_requires(row):
    form = row["form"]
    required = ["title", "summary", "public_abstract", "objectives", "goals", "complement"]
    required += ["innovation_science", "innovation_engineering"]
    if form["level"] == "MISSION":
        required.append("interaction")
        assert form["mass_kg"] is None
    else:
        required += RESOURCES
        assert 0 < form["mass_kg"] <= 100
        assert form["temp_survival_min_c"] <= form["temp_operating_min_c"]
        assert form["temp_operating_max_c"] <= form["temp_survival_max_c"]
        assert form["power_average_w"] <= form["power_peak_w"]
    if form["level"] == "SYSTEM":
        required.append("surface_operations")
    assert [name for name in required if form[name] in ("", None, [])] == []


@pytest.mark.parametrize("row", content.drafts(), ids=lambda row: row["key"])
def test_a_draft_lacks_exactly_what_it_says(row):
    required = [*LIMITS, "mass_kg", "power_average_w", "power_peak_w", "data_mbit_per_day"]
    optional = {"title_zh", "acronym", "objective_other", "interaction", "surface_operations"}
    optional |= {"interface_wishes", "hazards"}
    empty = [name for name in required if row["form"][name] in ("", None)]
    assert [name for name in empty if name not in optional] == row["missing"]


def test_forty_one_letters_ten_of_them_real_and_selected():
    assert len(LETTERS) == content.results()["letters_received"]["value"] == 41
    assert [row["key"] for row in selected()] == [row["key"] for row in LETTERS if row["real"]]
    assert len(selected()) == 10


def test_the_shortlist_contains_all_that_got_further():
    further = [row for row in LETTERS if row["outcome_final"]]
    assert {row["outcome_round1"] for row in further} == {"SHORTLISTED"}
    rest = [row for row in LETTERS if not row["outcome_final"]]
    assert {row["outcome_round1"] for row in rest} == {"NOT_SHORTLISTED", "INELIGIBLE"}
    reserve = sorted(row["reserve"]["rank"] for row in LETTERS if row["reserve"])
    assert reserve == list(range(1, len(reserve) + 1))


def test_one_invented_letter_is_merged_into_a_selected_project_and_says_that_it_is_invented():
    keys = {row["key"]: row for row in LETTERS}
    (joined,) = [row for row in LETTERS if row["outcome_final"] == "MERGED"]
    lead = keys[joined["merged_with"]]
    assert lead in selected()
    assert joined["agency"] != lead["agency"]
    assert not joined["real"]
    # It stands beside the real ones on the page of the results.
    assert joined["form"]["public_abstract"].endswith(" [invented]")
    both = joined["form"]["mass_kg"] + lead["form"]["mass_kg"]
    assert lead["mass_allocated_kg"] == both


def test_the_selected_fit_on_the_lander_and_published_masses_are_the_published_ones():
    masses = {row["key"]: row["form"]["mass_kg"] for row in selected()}
    joined = next(row for row in LETTERS if row["outcome_final"] == "MERGED")
    assert sum(masses.values()) + joined["form"]["mass_kg"] <= 200
    known = {
        row["key"]: row["form"]["mass_kg"]
        for row in selected()
        if "mass_kg" not in row["illustrative"]
    }
    assert known == PUBLISHED_MASS


@pytest.mark.parametrize("row", selected(), ids=lambda row: row["key"])
def test_what_is_invented_about_a_real_project_says_so(row):
    prose = set(LIMITS) - {"title", "title_zh", "acronym"}
    unmarked = [
        name
        for name in prose
        if row["form"][name] and not row["form"][name].endswith(content.ILLUSTRATIVE["en"])
    ]
    assert unmarked == []
    published = {"title", "title_zh", "acronym", "level", "mass_kg"}
    given = {name for name, value in row["form"].items() if value not in ("", None)}
    assert given - set(row["illustrative"]) <= published


def test_only_real_agencies_stand_on_the_list_of_countries():
    for agency in AGENCIES.values():
        assert bool(agency["country"]) == agency["real"]
        assert agency["real"] or agency["name"]["en"].startswith("Demo ")
    lead_of_a_real_letter = {row["agency"] for row in LETTERS if row["real"]}
    assert lead_of_a_real_letter == {key for key, agency in AGENCIES.items() if agency["real"]}


def test_letters_are_filed_in_a_rush_at_the_end_and_none_late():
    call = content.call()
    opens, closes = (datetime.fromisoformat(call[name]) for name in ("opens_at", "closes_at"))
    moments = sorted(datetime.fromisoformat(row["submitted_at"]) for row in LETTERS)
    assert opens <= moments[0]
    assert moments[-1] < closes
    assert len(set(moments)) == len(moments)
    last_two_days = [moment for moment in moments if (closes - moment).days < 2]
    assert len(last_two_days) > len(moments) / 3
    for row in LETTERS:
        assert opens <= datetime.fromisoformat(row["started_at"])
        assert row["started_at"] < row["submitted_at"]


def test_phases_follow_each_other_and_intake_leaves_eight_hours():
    moments = [datetime.fromisoformat(phase["at"]) for phase in content.phases()]
    keys = [phase["key"] for phase in content.phases()]
    assert keys == ["intake", "closed", "review", "shortlist", "selection", "published"]
    assert moments == sorted(moments)
    closes = datetime.fromisoformat(content.call()["closes_at"])
    assert (closes - moments[0]).total_seconds() == 8 * 3600


def test_rubric_weights_add_up_and_every_mark_has_an_anchor():
    criteria = content.rubric()["criteria"]
    assert sum(WEIGHTS.values()) == 100
    assert [len(criterion["anchors"]) for criterion in criteria] == [6] * 8
    thresholds = {c["code"]: c["threshold"] for c in criteria if c["threshold"]}
    assert thresholds == {"science": 3, "feasibility": 3}


@pytest.mark.parametrize(
    "data",
    [
        content.call(),
        content.results(),
        content.rubric(),
        content.phases(),
        content.agencies(),
        LETTERS,
    ],
    ids=["call", "results", "rubric", "phases", "agencies", "letters"],
)
def test_whoever_reads_chinese_misses_nothing(data):
    lacking = [entry["en"] for entry in bilingual(data) if not entry.get("zh-hans", "").strip()]
    assert lacking == []


def test_every_mailbox_is_an_example():
    everything = [content.call(), content.agencies(), content.people(), FORMS]
    found = re.findall(r"[\w.+-]+@[\w.-]+", " ".join(texts(everything)))
    assert found
    assert [mail for mail in found if not mail.endswith("example.org")] == []


def test_nothing_is_there_twice():
    people = content.people()
    for group in (
        [row["key"] for row in FORMS],
        [row["form"]["title"] for row in FORMS],
        [agency["key"] for agency in content.agencies()],
        [agency["name"]["en"] for agency in content.agencies()],
        [p["email"] for kind in ("staff", "reviewers", "members") for p in people[kind]],
        [p["name"] for p in people["reviewers"]],
    ):
        assert len(group) == len(set(group))


def test_every_agency_has_somebody_who_can_sign():
    seats = {(member["agency"], member["role"]) for member in content.people()["members"]}
    assert [key for key in AGENCIES if (key, "REPRESENTATIVE") not in seats] == []
    assert {agency for agency, _ in seats} == set(AGENCIES)


def test_the_demo_people_of_the_readme_exist():
    seats = {
        member["email"]: member["role"]
        for member in content.people()["members"]
        if member["agency"] == "atlantis"
    }
    assert seats == {
        "mira@atlantis.example.org": "EDITOR",
        "leo@atlantis.example.org": "REPRESENTATIVE",
        "ines@atlantis.example.org": "VIEWER",
    }


def test_every_keyword_of_a_letter_is_some_reviewers_field():
    known = {word for person in content.people()["reviewers"] for word in person["keywords"]}
    assert len(REVIEWERS) == 24
    assert {word for row in FORMS for word in row["keywords"]} <= known
    assert known == set(content.people()["keywords"])


@every_letter
def test_reviews_are_legal_complete_and_the_same_each_time(row):
    for email in REVIEWERS:
        review = content.review_for(row["key"], email, "1")
        assert review == content.review_for(row["key"], email, "1")
        marks = {code: mark for code, mark in review["scores"].items() if mark is not None}
        assert set(review["scores"]) == set(WEIGHTS)
        assert set(marks.values()) <= HALF_STEPS
        extreme = {code for code, mark in marks.items() if mark <= 2 or mark == 5}
        assert set(review["comments"]) == extreme
        assert all(review["comments"].values())
        for name in ("strengths", "weaknesses", "comment_to_applicant", "confidential_comment"):
            assert 20 <= len(review[name]) <= 3000
            assert review[name].endswith(content.ILLUSTRATIVE["en"]) == row["real"]
        for name in ("major_strengths", "major_weaknesses"):
            assert review[name] == "" or 20 <= len(review[name]) <= 3000
        assert bool(review["major_weaknesses"]) == (min(marks.values()) <= 2)
        assert review["risk"] in {"LOW", "MEDIUM", "HIGH"}
        assert review["confidence"] in {"LOW", "MEDIUM", "HIGH"}
        assert review["recommendation"] in {"SELECT", "CONDITIONS", "RESERVE", "DECLINE"}


def test_rounds_and_reviewers_differ():
    letter, (first, second) = LETTERS[0]["key"], REVIEWERS[:2]
    assert content.review_for(letter, first, "1") != content.review_for(letter, first, "2")
    assert content.review_for(letter, first, "1") != content.review_for(letter, second, "1")


def test_a_letter_written_in_the_demo_is_reviewed_as_well():
    review = content.review_for("CE8-2023-0123", REVIEWERS[0])
    assert set(review["scores"]) == set(WEIGHTS)
    assert not review["strengths"].endswith(content.ILLUSTRATIVE["en"])


def test_marks_on_average_agree_with_the_outcome():
    def mean_total(row):
        totals = []
        for email in REVIEWERS:
            scores = content.review_for(row["key"], email, "2")["scores"]
            judged = {code: mark for code, mark in scores.items() if mark is not None}
            points = sum(WEIGHTS[code] * mark for code, mark in judged.items())
            totals.append(points / sum(WEIGHTS[code] for code in judged) * 20)
        return sum(totals) / len(totals)

    means = {}
    for row in LETTERS:
        means.setdefault(row["outcome_final"] or row["outcome_round1"], []).append(mean_total(row))
    assert min(means["SELECTED"]) > max(means["RESERVE"]) > max(means["NOT_SHORTLISTED"])
    assert min(means["SELECTED"]) >= content.rubric()["total_threshold"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "outcome",
    [
        "SHORTLISTED",
        "NOT_SHORTLISTED",
        "SELECTED",
        "MERGED",
        "RESERVE",
        "NOT_SELECTED",
    ],
)
def test_every_outcome_has_a_reason_and_an_invented_one_is_marked(outcome, language):
    marker = content.ILLUSTRATIVE[language]
    assert content.reason_for(outcome, "laser-reflector", language).endswith(marker)
    assert not content.reason_for(outcome, "dust-shield", language).endswith(marker)


def test_an_ineligible_letter_names_the_rule_and_the_reason():
    rules = {rule["code"]: rule["en"] for rule in content.call()["eligibility_rules"]}
    faults = [row["ineligible"] for row in LETTERS if row["outcome_round1"] == "INELIGIBLE"]
    assert len(faults) == 2
    for fault in faults:
        assert fault["rule"] == rules[fault["rule_code"]]
        assert len(fault["rule"]) <= 200
        assert set(fault["reason"]) == {"en", "zh-hans"}
