"""Sections B, E, F and G of the demo: whole, within their limits, marked where invented."""

import pytest

from chang_e8_portal.demo import content, filled
from proposals import accommodation, rows
from proposals.models import Call, LetterOfIntent
from proposals.sections import missing

LAUNCH = {"launch": content.call()["launch"]}

every_form = pytest.mark.parametrize(
    "row", content.letters() + content.drafts(), ids=lambda row: row["key"]
)


@every_form
def test_nothing_that_must_be_said_is_missing_and_nothing_is_too_long(row):
    said = filled.rest_of(row)
    letter = LetterOfIntent(call=Call(facts=LAUNCH), **said)
    assert set(missing(letter)).isdisjoint("befg")
    others = {field.name for field in letter._meta.fields} - said.keys()
    letter.clean_fields(exclude=others)
    for name in rows.TABLES.keys() & said.keys():
        assert rows.clean(name, said[name]) == said[name]
    assert accommodation.on(letter) == []
    assert said == filled.rest_of(row)


@pytest.mark.parametrize(
    "row", [row for row in content.letters() if row["real"]], ids=lambda row: row["key"]
)
def test_of_a_real_project_no_person_is_named_and_every_sentence_is_marked(row):
    said = filled.rest_of(row)
    mark = content.ILLUSTRATIVE["en"]
    assert said["co_investigators"] == []
    assert said["pi_name"] == said["representative_name"] == f"Not published{mark}"
    prose = [said[name] for name in ("heritage", "shared_costs", "expertise", "visibility")]
    prose += [
        said["relations"],
        *(text for risk in said["risks"] for text in list(risk.values())[1:]),
    ]
    assert all(text.endswith(mark) for text in prose)
    assert "budget_amount" not in said
