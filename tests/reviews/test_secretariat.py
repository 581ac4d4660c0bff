"""The secretariat's pages: intake, possible duplicates, and the list as a table."""

import csv
import io
import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Membership
from accounts.states import Role, Seat
from proposals.models import LetterEvent
from proposals.states import Level
from reviews import intake
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
_number = itertools.count(1)
SUMMARY = (
    "A seismometer of three axes stands on the regolith and listens to moonquakes for a year. "
    "Its sensor is cooled by night and kept above minus eighty degrees by a small heater."
)


@pytest.fixture
def call(it_is):
    made = make.call()
    it_is(made.closes_at + 2 * DAY)
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def filed(call, **fields):
    """A filed letter whose people have nothing to do with those of another one."""
    number = next(_number)
    own = {"pi_name": f"Person {number}", "pi_email": f"pi{number}@example.org"}
    letter = make.letter(call=call, state="SUBMITTED", **own | fields)
    make.member(letter.agency)
    papers.filed(letter)
    LetterEvent.objects.create(
        letter=letter, actor=None, from_state="DRAFT", to_state="SUBMITTED", at=letter.submitted_at
    )
    return letter


def text(client, name, *args, **query):
    return client.get(reverse(f"panel:{name}", args=args), query).content.decode()


# --- intake ---


def test_the_curve_counts_what_stood_and_not_what_was_filed_anew(call):
    for day in (1, 1, 5):
        letter = filed(call)
        LetterEvent.objects.filter(letter=letter).update(at=call.opens_at + day * DAY)
    for came, went in (("SUBMITTED", "SUBMITTED"), ("SUBMITTED", "WITHDRAWN")):
        LetterEvent.objects.create(
            letter=letter, actor=None, from_state=came, to_state=went, at=call.opens_at + 9 * DAY
        )
    late = call.closes_at + DAY
    LetterEvent.objects.create(
        letter=letter, actor=None, from_state="DRAFT", to_state="SUBMITTED", at=late
    )
    drawn = intake.curve(call, until=call.closes_at)
    assert [(day.filed, day.withdrawn, day.standing) for day in drawn.days] == [
        (2, 0, 2),
        (1, 0, 3),
        (0, 1, 2),
    ]
    assert (drawn.line.total, drawn.line.top) == (2, 3)
    assert drawn.line.path.startswith("M0 220")
    assert drawn.line.path.endswith("H640")


def test_a_call_that_has_just_opened_has_a_curve_too(call):
    assert intake.curve(call, until=call.opens_at).days == []


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR])
def test_before_the_opening_an_officer_knows_the_number_and_nothing_else(client, call, it_is, role):
    it_is(call.closes_at - DAY)
    letter = filed(call, title="A secret instrument", mass_kg=Decimal("77.25"))
    make.letter(call=call)
    client.force_login(make.user(role))
    said = text(client, "intake")
    assert client.get(reverse("panel:intake")).context["standing"] == 1
    for secret in (letter.reference, letter.title, "77.25", letter.agency.name, "Peru"):
        assert secret not in said


@pytest.mark.parametrize("role", [Role.REVIEWER, None])
def test_nobody_else_knows_that_there_is_such_a_page(client, call, role):
    client.force_login(make.user(role) if role else make.member())
    assert client.get(reverse("panel:intake")).status_code == 404


def test_a_chair_with_a_seat_in_an_agency_is_told_no_number(client, call, chair, it_is):
    it_is(call.closes_at - DAY)
    letter = filed(call)
    assert "Letters filed" in text(client, "home")
    Membership.objects.create(user=chair, agency=letter.agency, seat=Seat.VIEWER, since=make.OPENS)
    assert client.get(reverse("panel:intake")).status_code == 404
    assert "Letters filed" not in text(client, "home")


@pytest.mark.parametrize(("more", "status"), [(Role.REVIEWER, 404), (Role.PUBLISHER, 200)])
def test_another_office_opens_the_number_to_such_a_chair_only_if_it_is_told(
    client, call, chair, it_is, more, status
):
    it_is(call.closes_at - DAY)
    chair.roles = [Role.CHAIR, more]
    chair.save(update_fields=["roles"])
    agency = filed(call).agency
    Membership.objects.create(user=chair, agency=agency, seat=Seat.VIEWER, since=make.OPENS)
    assert client.get(reverse("panel:intake")).status_code == status


def test_after_the_opening_the_chair_sees_what_the_letters_hold(client, call, chair):
    filed(call, mass_kg=Decimal("40"), level=Level.SYSTEM, title_zh="月震仪")
    filed(call, mass_kg=Decimal("6.5"))
    filed(call, mass_kg=Decimal("90"), level=Level.MISSION)
    barred = filed(call, mass_kg=Decimal("30"))
    make.letter(call=call, mass_kg=Decimal("11"))
    make.opened(call)
    make.check(chair, barred, conflicted=True)
    page = client.get(reverse("panel:intake"))
    assert page.context["contents"]["mass"] == Decimal("46.5")
    assert page.context["contents"]["number"] == 3
    groups = {str(title): dict(rows) for title, rows in page.context["groups"]}
    assert groups["Country or region of the lead agency"] == {"Peru": 3}
    assert groups["Cooperation level"] == {"Mission level": 1, "System level": 1, "Unit level": 1}
    assert groups["What the letters hold beyond what is required"]["Title in Chinese"] == 1


def test_after_the_opening_other_officers_still_see_the_number_alone(client, call):
    filed(call)
    make.opened(call)
    client.force_login(make.user(Role.PUBLISHER))
    assert "contents" not in client.get(reverse("panel:intake")).context


# --- duplicates ---


@pytest.fixture
def pairs(client, call, chair):
    cache.clear()
    agency = make.agency()
    one = filed(call, agency=agency, summary=SUMMARY, title="The first")
    copy = filed(call, summary=SUMMARY + " We add a word.", pi_email="PI@example.org")
    same = filed(call, summary="Another.", pi_email="pi@example.org ", pi_name="Quispe, Rosa")
    name = filed(call, summary="A third.", agency=agency, pi_name="Rosa Quispe")
    make.opened(call)
    return {"one": one, "copy": copy, "same": same, "name": name}


def found(client, **query):
    page = client.get(reverse("panel:duplicates"), query).context["page"]
    return {
        frozenset((pair["one"]["reference"], pair["other"]["reference"])): pair["reasons"]
        for pair in page
    }


def pair_of(pairs, *names):
    return frozenset(pairs[name].reference for name in names)


def test_what_letters_have_in_common_is_shown_with_its_reason(client, pairs):
    # The goals and so on of `make` are the same in all, and too short to count alone.
    shown = found(client)
    assert shown[pair_of(pairs, "copy", "same")][0] == "email"
    assert "name" in shown[pair_of(pairs, "same", "name")]
    assert "agency" in shown[pair_of(pairs, "one", "name")]
    assert "text" in shown[pair_of(pairs, "one", "copy")]
    assert pair_of(pairs, "one", "same") not in shown
    assert set(found(client, reason="email")) == {pair_of(pairs, "copy", "same")}
    assert set(found(client, q="first", reason="text")) == {pair_of(pairs, "one", "copy")}
    assert found(client, q="nothing like it") == {}


def test_a_letter_in_conflict_is_in_no_pair(client, pairs, chair):
    make.check(chair, pairs["copy"], conflicted=True)
    assert not any(pairs["copy"].reference in pair for pair in found(client))
    said = text(client, "duplicates")
    assert pairs["copy"].reference not in said
    compare = reverse("panel:compare", args=[pairs["one"].pk, pairs["copy"].pk])
    assert client.get(compare).status_code == 403


def test_two_letters_stand_side_by_side_with_what_they_share_marked(client, pairs):
    said = text(client, "compare", pairs["one"].pk, pairs["copy"].pk)
    assert f"<mark>{SUMMARY.rstrip('.')}" in said
    assert " We add a word" in said
    itself = reverse("panel:compare", args=[pairs["one"].pk, pairs["one"].pk])
    assert client.get(itself).status_code == 404


def test_sealed_letters_are_compared_for_nobody(client, call, chair):
    one, other = filed(call, summary=SUMMARY), filed(call, summary=SUMMARY)
    make.sealed(call)
    assert found(client) == {}
    assert client.get(reverse("panel:compare", args=[one.pk, other.pk])).status_code == 404


def test_a_letter_that_came_later_is_compared_too(client, pairs, call):
    before = found(client)
    filed(call, summary=SUMMARY)
    assert len(found(client)) > len(before)


# --- the list as a table ---


def table(client, **query):
    answer = client.get(reverse("panel:letters_csv"), query)
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def sheet(client, **query):
    answer = client.get(reverse("panel:letters_xlsx"), query)
    book = load_workbook(io.BytesIO(answer.content))
    [head, *rows] = book.active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_table_is_what_the_list_shows_after_its_filters(client, call, chair):
    heavy = filed(call, mass_kg=Decimal("60"), level=Level.SYSTEM, title="Rover one")
    light = filed(call, mass_kg=Decimal("5"), title="Rover two")
    barred = filed(call, title="Rover three")
    make.letter(call=call, title="Rover of a draft")
    make.opened(call)
    make.check(chair, barred, conflicted=True)
    for read in (table, sheet):
        assert {row["Reference"] for row in read(client)} == {heavy.reference, light.reference}
        assert [row["Title"] for row in read(client, q="rover", sort="-mass")] == [
            "Rover one",
            "Rover two",
        ]
        assert [row["Reference"] for row in read(client, level="UNIT")] == [light.reference]
        assert read(client, q="nothing") == []
    shown = client.get(reverse("panel:screening"), {"q": "two", "level": "UNIT"}).content.decode()
    assert reverse("panel:letters_xlsx") + "?q=two&amp;level=UNIT" in shown
    [row] = sheet(client, level="UNIT")
    assert (row["Country or region"], row["mass including adapters, kg"]) == ("Peru", 5)


def test_what_an_agency_wrote_does_not_run(client, call, chair):
    filed(call, title='=HYPERLINK("http://evil.example.org")', acronym="-1", pi_name="@SUM(A1)")
    make.opened(call)
    for [row] in (table(client), sheet(client)):
        assert row["Title"] == '\'=HYPERLINK("http://evil.example.org")'
        assert row["Acronym"] == "'-1"
        assert "'@SUM(A1)" in row.values()


def test_the_download_says_what_it_is(client, call, chair):
    filed(call)
    make.opened(call)
    for name, kind in (("letters_csv", "text/csv"), ("letters_xlsx", "openxmlformats")):
        answer = client.get(reverse(f"panel:{name}"))
        b"".join(answer)
        assert kind in answer["Content-Type"]
        assert answer["Content-Disposition"].startswith(
            f'attachment; filename="letters-{call.code}'
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert client.post(reverse(f"panel:{name}")).status_code == 405
        assert client.head(reverse(f"panel:{name}")).status_code == 405


def test_sealed_letters_are_in_no_table(client, call, chair):
    filed(call)
    make.sealed(call)
    assert client.get(reverse("panel:letters_csv")).status_code == 409
    assert client.get(reverse("panel:letters_xlsx")).status_code == 409


@pytest.mark.parametrize("name", ["intake", "duplicates", "letters_csv", "letters_xlsx"])
def test_a_page_asks_the_database_the_same_however_many_letters(client, call, chair, name):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            b"".join(client.get(reverse(f"panel:{name}")))
        return len(queries)

    cache.clear()
    filed(call)
    make.opened(call)
    client.get(reverse("panel:home"))
    one = cost()
    for _ in range(2):
        filed(call)
    assert cost() == one < 25
