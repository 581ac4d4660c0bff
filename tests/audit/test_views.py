import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import InternalError, connection, transaction

from accounts.states import Role
from audit import chain
from audit.models import Anchor
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2023, 11, 15, 12, tzinfo=UTC)
PAGES = ["/audit/", "/audit/verify/", "/audit/export.csv"]


@pytest.fixture
def auditor(client):
    client.force_login(make.user(Role.AUDITOR))
    return client


def entry(action="letter.submitted", subject="letter:1", actor="", at=AT, **data):
    return chain.append(action, subject=subject, actor=actor, at=at, data=data)


def shown(response):
    return [entry.seq for entry in response.context["page_obj"]]


def rows(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        (None, 404, 404),
        (Role.REVIEWER, 404, 404),
        (Role.CHAIR, 403, 403),
        (Role.PUBLISHER, 403, 403),
        (Role.OPERATOR, 403, 403),
        (Role.AUDITOR, 200, 405),
    ],
)
def test_only_the_auditor_reads_and_nobody_writes(client, page, role, read, write):
    entry()
    client.force_login(make.user(*([role] if role else [])))
    assert client.get(page).status_code == read
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(page).status_code == write
    assert chain.verify().count == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(auditor, count, django_assert_num_queries):
    for _ in range(count):
        entry(actor=str(make.user().pk))
    # session, person, count, page, names, newest
    with django_assert_num_queries(6):
        response = auditor.get("/audit/")
    assert len(shown(response)) == count


def test_people_are_named_and_programs_are_not(auditor):
    entry(actor=str(make.user(name="Ana Quispe").pk))
    entry(actor="")
    entry(actor="not-an-id")
    page = auditor.get("/audit/").content.decode()
    assert "Ana Quispe" in page
    assert "the portal itself" in page
    assert "not-an-id" in page


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({}, [4, 3, 2, 1]),
        ({"sort": "seq"}, [1, 2, 3, 4]),
        ({"sort": "action"}, [2, 3, 1, 4]),
        ({"action": "letter"}, [4, 1]),
        ({"action": "letter.submitted"}, [1]),
        ({"subject": "letter:1"}, [3, 1]),
        ({"actor": "x"}, [2]),
        ({"since": "2023-11-16"}, [4, 3]),
        ({"until": "2023-11-15"}, [2, 1]),
        ({"since": "2023-11-16", "until": "2023-11-16"}, [3]),
        ({"action": "%"}, []),
        ({"action": "_"}, []),
        ({"subject": "' OR 1=1--"}, []),
        ({"page": "-1"}, [4, 3, 2, 1]),
        ({"page": "999999999999"}, [4, 3, 2, 1]),
        ({"page": "x"}, [4, 3, 2, 1]),
    ],
)
def test_what_is_searched_is_listed_and_exported(auditor, search, expected):
    entry("letter.submitted", "letter:1")
    entry("agency.edited", "agency:1", actor="x")
    entry("decision.made", "letter:1", at=AT + timedelta(days=1))
    entry("letter.withdrawn", "letter:2", at=AT + timedelta(days=2))

    response = auditor.get("/audit/", search)

    assert (response.status_code, shown(response)) == (200, expected)
    exported = rows(auditor.get("/audit/export.csv", search))
    assert [int(row["seq"]) for row in exported] == expected


def test_a_day_is_a_day_of_the_readers_zone(client):
    client.force_login(make.user(Role.AUDITOR, time_zone="Asia/Shanghai"))
    entry(at=datetime(2023, 12, 31, 15, 59, 59, tzinfo=UTC))
    entry(at=datetime(2023, 12, 31, 16, 0, 0, tzinfo=UTC))
    assert shown(client.get("/audit/", {"until": "2023-12-31"})) == [1]
    assert shown(client.get("/audit/", {"since": "2024-01-01"})) == [2]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("since", "12/31/2023"),
        ("since", "9999-12-31"),
        ("until", "9999-12-31"),
        ("until", "0001-01-01"),
        ("sort", "hash"),
        ("sort", "seq__gt"),
        ("action", "x" * 61),
    ],
)
@pytest.mark.parametrize("page", ["/audit/", "/audit/export.csv"])
def test_a_search_that_cannot_be_names_its_field(auditor, page, field, value):
    entry()
    response = auditor.get(page, {field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_a_long_record_is_shown_in_pages_of_fifty_and_exported_whole(auditor):
    for _ in range(51):
        entry()
    assert len(shown(auditor.get("/audit/"))) == 50
    assert shown(auditor.get("/audit/?page=2")) == [1]
    assert len(rows(auditor.get("/audit/export.csv"))) == 51


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_does_not_calculate_what_is_exported(auditor, start):
    entry(subject=f"{start}cmd|' /C calc'!A0")
    (row,) = rows(auditor.get("/audit/export.csv"))
    assert row["subject"] == f"'{start}cmd|' /C calc'!A0"


def test_an_export_holds_what_the_row_holds(auditor):
    made = entry(actor="a", name="嫦娥")
    (row,) = rows(auditor.get("/audit/export.csv"))
    assert row == {
        "seq": "1",
        "at": "2023-11-15T12:00:00+00:00",
        "action": "letter.submitted",
        "subject": "letter:1",
        "actor": "a",
        "data": '{"name": "嫦娥"}',
        "prev_hash": chain.GENESIS,
        "hash": made.hash,
        "salt": made.salt,
    }


def test_verifying_says_whole_or_where_it_breaks(auditor):
    entry()
    entry()
    page = auditor.get("/audit/verify/").content.decode()
    assert "The chain is whole." in page
    assert chain.head() in page

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final")
        cursor.execute("UPDATE audit_entry SET action = 'x' WHERE seq = 2")
    page = auditor.get("/audit/verify/").content.decode()
    assert "The chain is broken." in page
    assert "entry 2 was changed after it was written" in page


def test_verifying_in_place_answers_with_that_part_of_the_page(auditor):
    entry()
    part = auditor.get("/audit/verify/", headers={"HX-Request": "true"}).content.decode()
    assert "The chain is whole." in part
    assert "<html" not in part


def test_markup_in_an_entry_is_shown_as_typed(auditor):
    entry(subject="<script>alert(1)</script>", note="<img src=x onerror=alert(1)>")
    page = auditor.get("/audit/").content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_heads_are_made_known_to_everybody_and_stay(client, auditor):
    assert chain.make_known(at=AT) is None
    first = entry()
    chain.make_known(at=AT)
    second = entry()
    for minutes in (60, 120):  # the second time nothing is new
        chain.make_known(at=AT + timedelta(minutes=minutes))
    client.logout()
    response = client.get("/verify/heads.txt")
    text = b"".join(response.streaming_content).decode()
    assert text.splitlines() == [
        f"2023-11-15T12:00:00+00:00 {first.hash}",
        f"2023-11-15T13:00:00+00:00 {second.hash}",
    ]
    assert client.post("/verify/heads.txt").status_code == 405
    with pytest.raises(InternalError, match="made known"), transaction.atomic():
        Anchor.objects.filter(seq=1).update(hash="f" * 64)
