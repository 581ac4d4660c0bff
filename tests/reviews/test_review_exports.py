import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.states import Role
from reviews import actions
from tests import make

pytestmark = pytest.mark.django_db


def table(client, kind="csv"):
    response = client.get(reverse(f"panel:reviews_{kind}", args=["preliminary"]))
    assert "no-store" in response["Cache-Control"]
    if kind == "xlsx":
        sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
        return [list(row) for row in sheet.iter_rows(values_only=True)]
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body)))


@pytest.fixture
def chair(client, assignment):
    chair = make.user(Role.CHAIR)
    client.force_login(chair)
    return chair


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_filed_review_is_a_line_with_all_its_words(client, assignment, chair, kind):
    make.review(
        of=assignment,
        marks={"science": Decimal("2.5")},
        major_weaknesses="=1+1",
        confidential_comment="Between us.",
    )
    make.review(of=make.assignment(letter=assignment.letter), submitted=False)
    head, line = table(client, kind)
    row = dict(zip(head, map(str, line), strict=True))
    assert row["Reference"] == assignment.letter.reference
    assert row["Reviewer"] == assignment.reviewer.name
    assert (row["Science"], row["Feasibility"]) in [("2.5", "4.0"), ("2.5", "4")]
    assert Decimal(row["Weighted total"]) == 62
    # Text that a spreadsheet would run is text.
    assert row["Major weaknesses"] == "'=1+1"
    assert row["Confidential comment to the panel"] == "Between us."


def test_a_review_taken_back_or_in_conflict_is_not_in_it(client, assignment, chair):
    review = make.review(of=assignment)
    other = make.eligible_letter(call=assignment.letter.call)
    make.review(of=make.assignment(letter=other))
    make.check(chair, other, conflicted=True)
    assert [line[0] for line in table(client)[1:]] == [assignment.letter.reference]
    actions.reopen_review(review, actor=assignment.reviewer)
    assert table(client)[1:] == []


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.REVIEWER, 403), (Role.PUBLISHER, 403), (Role.OPERATOR, 403), (Role.AUDITOR, 404)],
)
def test_nobody_but_the_chair_takes_them_along(client, assignment, role, status):
    make.review(of=assignment)
    client.force_login(make.user(role))
    for kind in ("csv", "xlsx"):
        address = reverse(f"panel:reviews_{kind}", args=["preliminary"])
        assert client.get(address).status_code == status
