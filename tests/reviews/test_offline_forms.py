"""Reviews as a table, filled in elsewhere and sent back: differences first, and all or nothing."""

import csv
import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from reviews import tables
from reviews.forms import offline
from reviews.models import Assignment, ConflictCheck, Ranking, Review
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db
PAGE = reverse("reviews:offline")
TAKE = reverse("reviews:offline_take")


def downloaded(client, kind="xlsx"):
    """The table as rows of dicts, keyed as the portal knows its columns."""
    response = client.get(reverse(f"reviews:offline_{kind}"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    keys = [cell.rpartition("[")[2].rstrip("]") for cell in rows[0]]
    return [dict(zip(keys, row, strict=True)) for row in rows[1:]]


def as_csv(rows, *, delimiter=",", encoding="utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([f"anything [{key}]" for key in rows[0]])
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.active.append([f"[{key}]" for key in rows[0]])
    for row in rows:
        book.active.append(list(row.values()))
    book.save(file)
    return file.getvalue()


def send(client, data, name="filled.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, data)})


def fill(rows, **answers):
    """Put answers in: by field, "comment_science" for a comment."""
    for row in rows:
        code = row["field"].removeprefix("mark-")
        if row["field"] in answers or f"mark_{code}" in answers:
            row["answer"] = answers.get(row["field"], answers.get(f"mark_{code}"))
        if f"comment_{code}" in answers:
            row["comment"] = answers[f"comment_{code}"]
    return rows


def agree(client, response, *take):
    chosen = take or [line["assignment"].pk for line in response.context["lines"]]
    return client.post(TAKE, {"forms": response.context["forms"], "take": chosen})


WHOLE = {
    "mark_science": 4.5,
    "comment_science": "Well argued, see section C.",
    "mark_feasibility": "Cannot judge",
    "major_strengths": "- flown twice\n- funded",
    "weaknesses": "Late.",
    "risk": "Low",
    "recommendation": "Select",
    "confidence": "High",
}


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_down_filled_looked_at_and_written(reader, assignment, write):
    rows = fill(downloaded(reader), **WHOLE)

    response = send(reader, write(rows), "filled.xlsx")

    assert response.status_code == 200
    assert not Review.objects.exists()
    [line] = response.context["lines"]
    assert [change["name"] for change in line["changes"]] == [
        *("mark-science", "comment-science", "mark-feasibility", "major_strengths"),
        *("weaknesses", "risk", "recommendation", "confidence"),
    ]
    assert agree(reader, response).url == reverse("reviews:queue")
    review = Review.objects.get()
    assert (review.state, review.major_strengths) == ("DRAFT", "- flown twice\n- funded")
    assert [(s.mark, s.cannot_judge, s.comment) for s in review.scores.all()] == [
        (Decimal("4.5"), False, "Well argued, see section C."),
        (None, True, ""),
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_comes_back_untouched_changes_nothing(reader, assignment, kind):
    odd = "=SUM(A1)\n+1 for the plan, \"quoted\"; 'apostrophe'\n-minus"
    values = papers.form_of(assignment, strengths=odd, weaknesses="'=x", comment_science="@home")
    reader.post(papers.page_of(assignment), values)
    rows = downloaded(reader, kind)
    response = send(reader, as_csv(rows) if kind == "csv" else as_xlsx(rows))
    # What began with an apostrophe before a formula cannot be told from one that we put there.
    changed = {c["name"] for line in response.context["lines"] for c in line["changes"]}
    assert changed <= {"weaknesses"}
    assert agree(reader, response).status_code == 302
    assert Review.objects.get().strengths == odd


@given(text=st.text(max_size=60))
def test_a_cell_means_what_was_written_into_it(text):
    clean = tables.harmless(text)
    if not text.startswith("'") and clean in (text, f"'{text}"):
        assert tables.meant(clean) == text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_form_of_one_language_is_read_in_the_other(reader, assignment, language):
    filled = {"mark_science": "none", "risk": "low", "recommendation": "DECLINE"}
    with translation.override("zh-hans"):
        filled["mark_feasibility"] = translation.gettext("Cannot judge")
        filled["confidence"] = translation.gettext("High")
    reader.cookies.load({"django_language": language})
    rows = fill(downloaded(reader), **filled)
    assert agree(reader, send(reader, as_csv(rows))).status_code == 302
    review = Review.objects.get()
    assert (review.risk, review.recommendation, review.confidence) == ("LOW", "DECLINE", "HIGH")
    assert all(score.cannot_judge for score in review.scores.all())


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "utf-8"), ("\t", "utf-16"), (",", "utf-8-sig")]
)
def test_programs_write_csv_in_different_ways(reader, assignment, delimiter, encoding):
    rows = fill(downloaded(reader), strengths="月球南极")
    response = send(reader, as_csv(rows, delimiter=delimiter, encoding=encoding))
    assert response.context["lines"][0]["changes"][0]["after"] == "月球南极"


def test_an_emptied_cell_empties_and_a_removed_row_leaves_as_it_is(reader, assignment):
    reader.post(papers.page_of(assignment), papers.form_of(assignment))
    rows = fill(downloaded(reader), strengths="", risk=None, mark_science=None)
    rows = [row for row in rows if row["field"] not in ("weaknesses", "mark-feasibility")]
    agree(reader, send(reader, as_csv(rows)))
    review = Review.objects.get()
    assert (review.strengths, review.risk, review.weaknesses) == ("", "", "Tight schedule.")
    assert list(review.scores.values_list("mark", flat=True)) == [None, 4]


WRONG = {
    "no mark": {"mark_science": "seven"},
    "too much": {"mark_science": 5.5},
    "no half step": {"mark_science": "3.7"},
    "a comma": {"mark_science": "4,5"},
    "NaN": {"mark_science": "NaN"},
    "no choice": {"risk": "extreme"},
    "too long": {"strengths": "x" * 3001},
    "a control character": {"strengths": "a\x07b"},
    "a formula": {"mark_science": "=1+2"},
    "a formula in words": {"weaknesses": ' =HYPERLINK("http://x")'},
    "true": {"risk": True},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_taken_is_named_with_its_row_and_nothing_is_written(
    reader, assignment, wrong
):
    rows = fill(downloaded(reader), **{**WHOLE, **wrong})
    # A spreadsheet cannot hold what a CSV file can.
    in_xlsx = wrong != WRONG["a control character"]
    response = send(reader, as_xlsx(rows) if in_xlsx else as_csv(rows))
    assert response.status_code == 422
    [fault] = response.context["faults"]
    assert "Row " in fault
    assert not Review.objects.exists()


def test_a_date_that_a_spreadsheet_made_of_a_mark_is_refused(reader, assignment):
    rows = fill(downloaded(reader), mark_science=date(2024, 5, 4))
    response = send(reader, as_xlsx(rows))
    assert "date" in response.context["faults"][0]


def test_every_fault_is_told_up_to_a_number(reader, assignment):
    rows = fill(downloaded(reader), mark_science=9, mark_feasibility=-1, risk="?")
    assert len(send(reader, as_csv(rows)).context["faults"]) == 3
    many = [dict(rows[0], field=f"mark-{n}") for n in range(100)]
    assert len(send(reader, as_csv(many)).context["faults"]) == offline.MOST_FAULTS


@pytest.mark.parametrize("whose", ["another reviewer's", "made up"])
def test_the_form_of_somebody_else_is_refused_whole(reader, assignment, whose):
    other = make.assignment(letter=make.eligible_letter(call=assignment.letter.call))
    rows = fill(downloaded(reader), **WHOLE)
    foreign = [dict(row) for row in rows]
    for row in foreign:
        row["form"] = str(other.pk if whose == "another reviewer's" else uuid4())
    response = send(reader, as_csv([*rows, *foreign]))
    assert response.status_code == 422
    assert response.context["faults"] == [
        "There is a form in this file that is not yours. Nothing of it was taken."
    ]
    assert not Review.objects.exists()


def test_choices_on_the_page_of_differences_are_checked_anew(reader, assignment):
    other = make.assignment(letter=make.eligible_letter(call=assignment.letter.call))
    own = {"revision": 0, "values": {"strengths": "Fine."}}

    def take(forms, *keys):
        return reader.post(TAKE, {"forms": json.dumps(forms), "take": keys}).status_code

    assert take({str(other.pk): own}, other.pk) == 400
    assert take({str(assignment.pk): own}, other.pk) == 400
    assert take({str(assignment.pk): own}, "nonsense") == 404
    for broken in (
        [],
        {"x": own},
        {str(assignment.pk): []},
        {str(assignment.pk): {"revision": "0", "values": {}}},
        {str(assignment.pk): {"revision": 0, "values": {"strengths": ["x"]}}},
        {str(assignment.pk): {"revision": 0, "values": {"strengths": "\ud800"}}},
        {str(assignment.pk): {"revision": 0, "values": {"\ud800": "x"}}},
    ):
        assert take(broken, assignment.pk) == 400
    wrong = {"revision": 0, "values": {"mark-science": "9"}}
    assert take({str(assignment.pk): wrong}, assignment.pk) == 422
    unknown = {"revision": 0, "values": {"state": "SUBMITTED"}}
    assert take({str(assignment.pk): unknown}, assignment.pk) == 422
    assert not Review.objects.exists()
    assert reader.post(TAKE, {"forms": "{}"}).url == PAGE


def test_all_letters_that_are_ticked_are_written_or_none(reader, assignment):
    second = make.assignment(
        letter=make.eligible_letter(call=assignment.letter.call), reviewer=assignment.reviewer
    )
    response = send(reader, as_csv(fill(downloaded(reader), strengths="Good.")))
    assert len(response.context["lines"]) == 2
    agree(reader, response, assignment.pk)
    assert Review.objects.get().assignment == assignment

    # Meanwhile the other one is no longer asked for: neither is written.
    response = send(reader, as_csv(fill(downloaded(reader), strengths="Better.")))
    Assignment.objects.filter(pk=second.pk).update(ended_at=second.assigned_at, conflicted=None)
    refused = agree(reader, response, assignment.pk, second.pk)
    assert refused.status_code == 409
    assert Review.objects.get().strengths == "Good."


def test_a_file_older_than_the_page_is_not_ticked_and_a_save_meanwhile_is_shown_anew(
    reader, assignment
):
    rows = fill(downloaded(reader), strengths="From the train.")
    reader.post(papers.page_of(assignment), papers.form_of(assignment, strengths="Online."))
    response = send(reader, as_csv(rows))
    assert response.context["lines"][0]["is_older"]
    assert " checked" not in response.content.decode()

    reader.post(
        papers.page_of(assignment), papers.form_of(assignment, revision=1, strengths="Newer.")
    )
    stale = agree(reader, response)
    assert stale.status_code == 412
    assert Review.objects.get().strengths == "Newer."
    changes = {c["name"]: c["before"] for c in stale.context["lines"][0]["changes"]}
    assert changes["strengths"] == "Newer."
    assert agree(reader, stale).status_code == 302
    assert Review.objects.get().strengths == "From the train."


def submitted(assignment, it_is):
    make.review(of=assignment)


def past_due(assignment, it_is):
    it_is(assignment.due_at)


def asked_anew(assignment, it_is):
    ConflictCheck.objects.update(answered_at=None)


def frozen(assignment, it_is):
    Ranking.objects.create(
        round=assignment.round,
        frozen_at=assignment.assigned_at,
        frozen_by=assignment.assigned_by,
        rubric=[],
    )


@pytest.mark.parametrize("why", [submitted, past_due, asked_anew, frozen])
def test_what_is_closed_is_not_given_out_and_cannot_be_written(reader, assignment, it_is, why):
    rows = fill(downloaded(reader), strengths="Too late.")
    why(assignment, it_is)
    before = list(Review.objects.values_list("strengths", "revision"))

    response = send(reader, as_csv(rows))

    assert response.context["lines"][0]["closed"]
    assert response.context["forms"] == "{}"
    forged = {str(assignment.pk): {"revision": len(before), "values": {"strengths": "Too late."}}}
    refused = reader.post(TAKE, {"forms": json.dumps(forged), "take": assignment.pk})
    assert refused.status_code == 409
    assert list(Review.objects.values_list("strengths", "revision")) == before
    assert not downloaded(reader)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return file.getvalue()


def laughs() -> bytes:
    """A workbook whose text unfolds to gigabytes."""
    rows = [dict.fromkeys(offline.COLUMNS, "x")]
    source, file = zipfile.ZipFile(io.BytesIO(as_xlsx(rows))), io.BytesIO()
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    with zipfile.ZipFile(file, "w") as archive:
        for item in source.infolist():
            data = source.read(item)
            if item.filename == "xl/worksheets/sheet1.xml":
                head = f"<!DOCTYPE worksheet [{entities}]>".encode()
                data = head + data.replace(b"<v>", b"<v>&j;", 1)
            archive.writestr(item, data)
    return file.getvalue()


def swollen(part, end, filling) -> bytes:
    """A workbook in one part of which the same few tags stand a million times before `end`."""
    rows = [dict.fromkeys(offline.COLUMNS, "x")]
    source, file = zipfile.ZipFile(io.BytesIO(as_xlsx(rows))), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in source.infolist():
            data = source.read(item)
            if item.filename == part:
                assert end in data
                data = data.replace(end, filling * 1_000_000 + end)
            archive.writestr(item.filename, data)
    return file.getvalue()


HOSTILE = {
    "nothing": b"",
    "no table": b"hello",
    "another table": b"a,b,c\n1,2,3\n",
    "bytes": b"\xff\x00\xfe\x9f" * 50,
    "half a zip": as_xlsx([{"answer": 1}])[:400],
    "a zip of something else": b"PK\x05\x06" + b"\x00" * 18,
    "GBK": "评审 [answer],[comment],[form],[field],[revision]\n".encode("gbk"),
    "only a head": b"[answer],[comment],[form],[field],[revision]\n",
    "an open quote": b'[answer],[comment],[form],[field],[revision]\n"x',
    "a NUL": b"[answer],[comment],[form],[field],[revision]\n\x00,,,,\n",
    "huge": b"x" * (offline.MOST_BYTES + 1),
    "endless rows": b"[answer],[comment],[form],[field],[revision]\n" + b",,,,\n" * 20_000,
    "a bomb": bomb(),
    "a billion laughs": laughs(),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_filled_form_is_refused_politely(reader, assignment, data):
    response = send(reader, data)
    assert response.status_code == 422
    assert response.context["faults"]
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("part", "end", "filling"),
    [
        ("xl/styles.xml", b"</cellXfs>", b'<xf numFmtId="0"/>'),
        ("xl/worksheets/sheet1.xml", b"</row>", b"<c/>"),
        ("xl/workbook.xml", b"</sheets>", b"<sheet/>"),
    ],
)
def test_a_small_workbook_that_would_cost_gigabytes_is_not_read(part, end, filling):
    data = swollen(part, end, filling)
    assert len(data) < 150_000
    with pytest.raises(offline.BadFile, match="unpacks"):
        offline.read("forms.xlsx", data)


def test_the_forms_of_a_hundred_letters_are_read():
    row = dict.fromkeys(offline.COLUMNS, "x") | {"form": str(uuid4()), "revision": "1"}
    rows = [row | {"field": f"mark-{number}", "answer": "3"} for number in range(2_500)]
    [form] = offline.read("forms.xlsx", as_xlsx(rows))
    assert len(form.values) == 2 * 2_500


def test_without_a_file_it_says_so(reader, assignment):
    assert reader.post(PAGE).status_code == 422


@pytest.mark.parametrize("letters", [1, 3])
def test_the_pages_cost_the_same_however_many_letters(
    client, it_is, letters, django_assert_num_queries
):
    reviewer, call = make.reviewer(), make.call()
    make.rubric(call)
    for _ in range(letters):
        of = make.assignment(letter=make.eligible_letter(call=call), reviewer=reviewer)
        make.review(of=of, submitted=False)
    it_is(of.due_at - papers.DAY)
    client.force_login(reviewer)
    with django_assert_num_queries(6):
        assert len(client.get(PAGE).context["open"]) == letters
    rows = downloaded(client)
    with django_assert_num_queries(6):
        assert send(client, as_csv(rows)).status_code == 200


def test_nobody_else_knows_of_it(client):
    client.force_login(make.member())
    for address in (PAGE, reverse("reviews:offline_csv"), reverse("reviews:offline_xlsx")):
        assert client.get(address).status_code == 404
    assert client.post(TAKE, {"forms": "{}"}).status_code == 404
