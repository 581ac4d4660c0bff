"""A call is data: the command makes it, and refuses data that do not hold together."""

import copy
import json
import re
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from chang_e8_portal.demo import content
from decisions import urls as decision_urls
from proposals.models import Call
from proposals.states import RoundKind
from reviews import panel_urls
from reviews.models import Criterion, RubricVersion

pytestmark = pytest.mark.django_db


def announce(tmp_path, call=None, rubric=None) -> str:
    for name, data in {
        "call": call or content.call(),
        "rubric": rubric or content.rubric(),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(data, default=str), encoding="utf-8")
    said = StringIO()
    call_command("announce_call", tmp_path / "call.json", tmp_path / "rubric.json", stdout=said)
    return said.getvalue()


def numbers(rubric):
    """The rubric with plain numbers, as a file holds them."""
    rubric = copy.deepcopy(rubric)
    for row in rubric["criteria"]:
        row["threshold"] = None if row["threshold"] is None else float(row["threshold"])
    return rubric


def test_the_call_of_chang_e_8(tmp_path):
    assert "CE8-2023" in announce(tmp_path, rubric=numbers(content.rubric()))

    call = Call.objects.get()
    # "31 December 2023, 24:00 Beijing time": the first instant that is too late.
    assert call.closes_at == datetime(2023, 12, 31, 16, tzinfo=UTC)
    assert [(row.kind, row.announced_for, row.precise_to_day) for row in call.rounds.all()] == [
        (RoundKind.PRELIMINARY, date(2024, 4, 1), False),
        (RoundKind.FINAL, date(2024, 9, 1), False),
    ]
    assert sum(Criterion.objects.values_list("weight", flat=True)) == 100
    assert Entry.objects.filter(action="call.announced").count() == 1
    first = RubricVersion.objects.get()
    assert (first.number, first.made_by) == (1, None)
    assert Entry.objects.get(action="rubric.announced").data["sha256"] == first.sha256


def test_the_same_code_twice_is_refused(tmp_path):
    rubric = numbers(content.rubric())
    announce(tmp_path, rubric=rubric)
    with pytest.raises(CommandError, match="already"):
        announce(tmp_path, rubric=rubric)
    assert Call.objects.count() == 1


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda call, rubric: call.pop("closes_at"), "lack 'closes_at'"),
        (lambda call, rubric: call.update(opens_at="yesterday"), "Nothing was written"),
        # It stands in addresses, /results/feed/ and /panel/reviewers/ beside them.
        (lambda call, rubric: call.update(code="CE/9"), "at most 20 letters, digits"),
        (lambda call, rubric: call.update(code="C" * 21), "at most 20 letters, digits"),
        (lambda call, rubric: call.update(code="feed"), "with a digit"),
        (lambda call, rubric: call.update(code="reviewers"), "with a digit"),
        (lambda call, rubric: call.update(code=9), "Nothing was written"),
        (lambda call, rubric: rubric["criteria"].pop(), "add up to 95"),
    ],
)
def test_data_that_do_not_hold_together_write_nothing(tmp_path, spoil, says):
    call, rubric = copy.deepcopy(content.call()), numbers(content.rubric())
    spoil(call, rubric)
    with pytest.raises(CommandError, match=says):
        announce(tmp_path, call, rubric)
    assert not Call.objects.exists()
    assert not Criterion.objects.exists()
    assert not Entry.objects.exists()


def test_a_day_that_was_announced_is_kept_as_a_day(tmp_path):
    call = copy.deepcopy(content.call())
    call["rounds"][1]["announced"]["date"] = "2025-04-24"
    announce(tmp_path, call, numbers(content.rubric()))
    final = Call.objects.get().rounds.get(kind=RoundKind.FINAL)
    assert (final.announced_for, final.precise_to_day) == (date(2025, 4, 24), True)


def test_no_page_is_named_as_a_call_can_be():
    """A code is a part of addresses, where the first words of other pages have no digit."""
    for urls in (panel_urls.urlpatterns, decision_urls.urlpatterns, decision_urls.public):
        firsts = {str(route.pattern).removeprefix("results/").split("/")[0] for route in urls}
        words = {word for word in firsts if not word.startswith("<")}
        assert not [word for word in words if re.search(r"\d", word)]
