"""`export`: what a person's pages offer, into a file, and nothing else."""

import csv
import io
import stat
import tracemalloc
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import load_workbook

from accounts.states import Role
from decisions.states import Outcome
from reviews import tables
from reviews.models import Review
from tests import make
from tests.decisions import stage
from tests.reviews.marks import AT, crossed, scored

pytestmark = pytest.mark.django_db
SOURCES = ["letters", "assignments", "reviews", "texts", "scores", "ranking"]
# Table: the page's own export in the round.
PAGES = {
    "letters": ("panel:letters_csv", []),
    "assignments": ("panel:assignment_csv", ["preliminary"]),
    "reviews": ("panel:mark_lines_csv", ["preliminary"]),
    "texts": ("panel:reviews_csv", ["preliminary"]),
    "scores": ("panel:marks_csv", ["preliminary"]),
    "ranking": ("panel:ranking_csv", ["preliminary"]),
}


@pytest.fixture
def chair(it_is):
    """A chair of a round with eight letters and their reviews."""
    call = make.call()
    make.rubric(call)
    it_is(AT)
    crossed(make.first_round(call))
    scored()
    return make.user(Role.CHAIR)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "table"


def take(table, out, person, *options):
    call_command(
        "export", table, "--out", str(out), "--as", person.email, *options, stdout=io.StringIO()
    )
    return out.read_bytes()


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("table", SOURCES)
def test_a_file_is_the_pages_own_byte_for_byte(client, chair, out, table):
    client.force_login(chair)
    name, args = PAGES[table]
    page = body(client.get(reverse(name, args=args)))
    assert take(table, out, chair) == page
    assert len(page.splitlines()) > 8
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_decisions_are_the_pages_own_as_well(client, out, it_is):
    _round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    it_is(stage.late(letters[0].call))
    for role in (Role.CHAIR, Role.PUBLISHER):
        person = make.user(role)
        client.force_login(person)
        page = body(client.get(reverse("decisions:decisions_csv", args=["FINAL"])))
        assert take("decisions", out, person, "--round", "final") == page
        assert letters[0].reference in page.decode()


@pytest.mark.parametrize("table", SOURCES)
def test_a_workbook_holds_the_same_cells(chair, out, table):
    lines = list(csv.reader(io.StringIO(take(table, out, chair).decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(take(table, out, chair, "--format", "xlsx")))
    [sheet] = book.worksheets
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [[_said(cell) for cell in row] for row in cells] == [
        [_said(cell) for cell in row] for row in lines
    ]


def _said(cell):
    """A cell as both kinds of file mean it."""
    try:
        return str(Decimal(str(cell)).normalize())
    except ArithmeticError:
        return "" if cell is None else str(cell)


@pytest.mark.parametrize("table", SOURCES)
def test_a_letter_in_conflict_is_not_in_it(chair, out, table):
    review = Review.objects.order_by("assignment__letter__reference").first()
    letter = review.assignment.letter
    assert letter.reference in take(table, out, chair).decode()
    make.check(chair, letter, conflicted=True)
    scored()
    assert letter.reference not in take(table, out, chair).decode()


@pytest.mark.parametrize("table", [*SOURCES, "decisions"])
@pytest.mark.parametrize("role", [None, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR])
def test_whoever_has_no_such_page_gets_no_file(chair, out, table, role):
    person = make.user(role) if role else make.member()
    with pytest.raises(CommandError, match="may not take these along"):
        take(table, out, person)
    assert list(out.parent.iterdir()) == []


def test_a_refusal_leaves_the_file_that_was_there(chair, out):
    out.write_text("old")
    with pytest.raises(CommandError):
        take("letters", out, make.member())
    assert out.read_text() == "old"


def test_what_is_not_there_is_named(chair, out):
    with pytest.raises(CommandError, match="no account"):
        call_command("export", "letters", "--out", str(out), "--as", "who@example.org")
    with pytest.raises(CommandError, match="no round 'third'"):
        take("letters", out, chair, "--round", "third")
    with pytest.raises(CommandError, match="cannot be written"):
        take("letters", out / "nowhere" / "table", chair)
    with pytest.raises(CommandError, match="invalid choice"):
        take("secrets", out, chair)


def test_a_file_speaks_the_persons_language(chair, out):
    chair.language = "zh-hans"
    chair.save(update_fields=["language"])
    assert "编号" in take("letters", out, chair).decode().splitlines()[0]


def test_nothing_in_a_file_runs(chair, out):
    Review.objects.update(weaknesses="=1+1", strengths="\x0bbell")
    told = take("texts", out, chair).decode("utf-8-sig")
    assert "'=1+1" in told
    assert "\x0b" not in told


def test_reviews_can_be_brought_back_into_an_empty_call(chair, out):
    before = take("reviews", out, chair)
    assert len(before.splitlines()) == 1 + 2 * Review.objects.count()
    for review in Review.objects.all():
        review.scores.all().delete()
    Review.objects.all().delete()
    call_command("import_reviews", str(out), stdout=io.StringIO())
    assert take("reviews", out, chair) == before


def test_calibrate_reads_the_reviews(chair, out, tmp_path):
    take("reviews", out, chair)
    result = tmp_path / "found.json"
    weights = ["--weight", "science=60", "--weight", "feasibility=40"]
    call_command("calibrate", str(out), "--out", str(result), *weights, stdout=io.StringIO())
    assert result.exists()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_of_any_length_needs_the_same_memory(tmp_path, ending):
    header = ["A", "B"]

    def peak(rows):
        made = (["x" * 200, number] for number in range(rows))
        tracemalloc.start()
        with (tmp_path / "table").open("wb") as file:
            if ending == "csv":
                file.writelines(tables.csv_lines(header, made))
            else:
                tables.write_workbook(file, "T", header, made)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(6000) < 2 * peak(600) + 500_000
