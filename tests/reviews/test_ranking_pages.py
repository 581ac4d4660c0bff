"""The pages about a round's board: what they show, to whom, and what it costs."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import openpyxl
import pytest
from django.urls import reverse

from accounts.states import Role
from reviews import actions, scoring
from reviews.models import Aim, Criterion, Review, Scoreboard, ScoringRun
from tests import make
from tests.reviews.marks import AT, add_review, crossed, letter_marked, scored

pytestmark = pytest.mark.django_db
ROUND = "preliminary"
DAY = timedelta(days=1)
PAGES = ("ranking", "intervals", "marks", "residuals", "severity")
FILES = ("ranking_csv", "ranking_xlsx", "marks_csv", "marks_xlsx")


@pytest.fixture
def call_round(it_is):
    call = make.call()
    make.rubric(call)
    it_is(AT)
    return make.first_round(call)


@pytest.fixture
def chair(client, call_round):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def url(name):
    return reverse(f"panel:{name}", args=[ROUND])


def shown(client, name="ranking", **query):
    return [line.letter for line in client.get(url(name), query).context["page"]]


def text(client, name, **query):
    response = client.get(url(name), query)
    assert response.status_code == 200
    return response.content.decode()


class Table(HTMLParser):
    """The cells of a page's table, by row, without what is for screen readers alone."""

    def __init__(self, page, title):
        super().__init__()
        self.rows, self.cell, self.hidden = [], None, 0
        start = page.index(f'<table class="table-portal{title}"')
        self.feed(page[start : page.index("</table>", start)])

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if self.hidden or "visually-hidden" in attrs.get("class", "") or "aria-hidden" in attrs:
            self.hidden += tag not in ("br", "path", "use")
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.cell = []

    def handle_endtag(self, tag):
        if self.hidden:
            self.hidden -= 1
        elif tag in ("th", "td") and self.cell is not None:
            self.rows[-1].append(" ".join(" ".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None and not self.hidden:
            self.cell.append(data)


# --- the table ------------------------------------------------------------------------------------


def test_before_a_worker_came_by_the_page_says_so_and_offers_to_calculate(
    client, chair, call_round
):
    letters, _reviewers = crossed(call_round)
    page = text(client, "ranking")
    assert "The table is being made" in page
    assert letters[0].reference not in page
    assert client.get(url("score")).status_code == 405

    assert client.post(url("score")).url == url("ranking")

    assert ScoringRun.objects.get().made_by == chair
    assert len(shown(client)) == 8


def test_a_round_without_letters_says_what_comes_first(client, chair, call_round):
    for name in PAGES:
        assert "There is nothing to rank yet" in text(client, name)
    scored()
    assert "There is nothing to rank yet" in text(client, "ranking")


def test_totals_stand_beside_each_other_with_ranks_and_words(client, chair, call_round):
    letters, _reviewers = crossed(call_round)
    scored()
    response = client.get(url("ranking"))
    line = response.context["page"].object_list[0]
    first = Table(response.content.decode(), " table-ranking").rows[1]
    assert line.letter in letters
    assert first[0] == "1"
    assert first[2:8] == [
        f"{line.total}",
        f"{line.merit:.1f} ± {line.merit_error:.1f}",
        f"{line.expected_rank:.1f}",
        f"{line.rank_5}–{line.rank_95}",
        f"{scoring.percent(line.p_top)} % clear",
        "2 too few",
    ]


def test_the_switch_changes_the_order_and_keeps_both_totals(client, chair, call_round):
    # The severe reviewer alone has read the best letter.
    severe, one, other = (make.reviewer() for _ in range(3))
    merits = [Decimal("4.5"), Decimal(4), Decimal("3.5"), Decimal(3), Decimal("2.5"), Decimal(2)]
    letters = [
        letter_marked(
            call_round,
            {
                r: merit - 2 * (r is severe)
                for r in ((severe, one) if number % 2 == 0 else (one, other))
            },
        )
        for number, merit in enumerate(merits)
    ]
    scored()
    as_scored, corrected = shown(client), shown(client, **{"as": "corrected"})
    assert as_scored != corrected
    assert corrected == letters
    for query in ({}, {"as": "corrected"}, {"as": "nonsense"}):
        page = text(client, "ranking", **query)
        assert "Total as scored" in page
        assert "Severity removed" in page
    assert client.get(url("ranking"), {"as": "nonsense"}).context["as_scored"]


def test_letters_are_found_filtered_and_sorted_by_every_column(client, chair, call_round):
    Criterion.objects.filter(code="science").update(threshold=Decimal(3))
    one, other = make.reviewer(), make.reviewer()
    agreed = letter_marked(call_round, {one: 5, other: 5}, level="SYSTEM")
    apart = letter_marked(call_round, {one: 5, other: 1})
    alone = letter_marked(call_round, {one: 4})
    weak = letter_marked(call_round, {one: (2, 3), other: (2, 3)})
    scored()
    for query, found in (
        ({}, [agreed, apart, weak, alone]),
        ({"sort": "-place"}, [weak, apart, agreed, alone]),
        ({"sort": "reference"}, [agreed, apart, alone, weak]),
        ({"sort": "-total"}, [agreed, alone, apart, weak]),
        ({"sort": "-merit"}, [agreed, apart, weak, alone]),
        ({"sort": "rank"}, [agreed, apart, weak, alone]),
        ({"sort": "-rank"}, [weak, apart, agreed, alone]),
        ({"sort": "interval"}, [agreed, apart, weak, alone]),
        ({"sort": "-chance"}, [agreed, apart, weak, alone]),
        ({"sort": "reviews"}, [alone, agreed, apart, weak]),
        ({"sort": "-spread"}, [apart, agreed, weak, alone]),
        ({"sort": "-science"}, [agreed, alone, apart, weak]),
        ({"sort": "password", "page": "-1"}, [agreed, apart, weak, alone]),
        ({"only": "apart"}, [apart]),
        ({"only": "crosses"}, [apart]),
        ({"only": "disagreement"}, []),
        ({"only": "few"}, [agreed, apart, weak, alone]),
        ({"only": "unrated"}, [alone]),
        ({"only": "below"}, [apart, weak]),
        ({"only": "' OR 1=1--"}, [agreed, apart, weak, alone]),
        ({"level": "SYSTEM"}, [agreed]),
        ({"q": apart.reference}, [apart]),
        ({"q": "nothing"}, []),
    ):
        assert shown(client, **query) == found, query


def test_chances_are_found_by_their_words(client, chair, call_round):
    crossed(call_round)
    scored()
    lines = client.get(url("ranking")).context["page"].object_list
    for word, low, high in (("clear", 0.9, 2), ("open", 0.1, 0.9), ("unlikely", 0, 0.1)):
        wanted = [line.letter for line in lines if low <= line.p_top < high]
        assert shown(client, chance=word) == wanted
    assert shown(client, chance="clear")
    assert shown(client, chance="unlikely")


def test_a_long_ranking_has_pages(client, chair, call_round):
    reviewers = [make.reviewer(), make.reviewer()]
    for number in range(53):
        letter_marked(call_round, dict.fromkeys(reviewers, Decimal(number % 11) / 2))
    scored()
    assert [len(shown(client, page=page)) for page in (1, 2, 3)] == [50, 3, 3]
    assert len(rows_of(client, "ranking_csv")) == 53


def test_what_changed_since_is_said_until_it_is_calculated(client, chair, call_round):
    letters, _reviewers = crossed(call_round)
    scored()
    assert "changed after this was calculated" not in text(client, "ranking")
    add_review(call_round, letters[0], make.reviewer(), 2)
    for name in PAGES:
        assert "changed after this was calculated" in text(client, name)
    client.post(url("score"))
    assert "changed after this was calculated" not in text(client, "ranking")


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ({"a": 4}, "no letter has two reviews"),
        ({"a": 4, "b": 4}, "all totals are equal"),
    ],
)
def test_notices_are_sentences(client, chair, call_round, marks, sentence):
    reviewers = {name: make.reviewer() for name in marks}
    for _ in range(2):
        letter_marked(call_round, {reviewers[name]: mark for name, mark in marks.items()})
    scored()
    assert sentence in text(client, "ranking")


def test_groups_that_cannot_be_compared_are_named(client, chair, call_round):
    for size in (3, 2):
        pair = [make.reviewer(), make.reviewer()]
        for number in range(size):
            letter_marked(call_round, {one: 5 - number - at for at, one in enumerate(pair)})
    scored()
    page = text(client, "ranking")
    assert "2 groups that cannot be compared (3, 2 letters)" in page
    assert "group 2" in page
    # There is no one line to cut at.
    assert 'class="cut"' not in text(client, "intervals")


def test_each_reviewer_with_one_review(client, chair, call_round):
    for _ in range(2):
        letter_marked(call_round, {make.reviewer(): 4, make.reviewer(): 3})
    scored()
    assert "every reviewer wrote one review" in text(client, "ranking")
    assert "not known" in text(client, "severity")


# --- files ----------------------------------------------------------------------------------------


def rows_of(client, name, **query) -> list[dict]:
    content = client.get(url(name), query).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@pytest.mark.parametrize("query", [{}, {"as": "corrected", "sort": "-chance", "only": "below"}])
def test_the_file_holds_what_the_page_shows(client, chair, call_round, query):
    crossed(call_round)
    letter_marked(call_round, {make.reviewer(): 4}, title="=cmd()", agency=make.agency(name="+1"))
    scored()
    page = Table(text(client, "ranking", **query), " table-ranking").rows[1:]
    file = rows_of(client, "ranking_csv", **query)
    assert len(page) == len(file) > 1
    for cells, row in zip(page, file, strict=True):
        assert cells[0].removesuffix(" fewer than two reviews") == row["Place"]
        # What a spreadsheet would run stands behind an apostrophe.
        names = (row["Reference"], row["Level"], row["Title"], row["Agency"])
        assert cells[1] == " ".join(name.removeprefix("'") for name in names)
        assert cells[2].removesuffix(" ▾") == row["Total as scored"]
        assert cells[7].split()[0] == row["Reviews"]
        assert cells[8] == row["To talk about"].replace("; ", " ")
        if row["In words"] == "not placed: fewer than two reviews":
            assert cells[0] == "– fewer than two reviews"
            assert cells[3:7] == ["not rateable", "–", "–", "–"]
            continue
        merit = f"{row['Total, severity removed']} ± {row['Standard error']}"
        assert cells[3].removesuffix(" ▾") == merit
        assert cells[4] == row["Expected rank"]
        assert cells[5] == f"{row['Rank, 5 %']}–{row['Rank, 95 %']}"
        chance = row["Chance of being among the best, %"]
        assert cells[6] == f"{chance} % {row['In words']}"
    assert "'=cmd()" in {row["Title"] for row in rows_of(client, "ranking_csv")}


def test_both_kinds_of_file_hold_the_same(client, chair, call_round):
    crossed(call_round)
    scored()
    for name in ("ranking", "marks"):
        book = openpyxl.load_workbook(io.BytesIO(client.get(url(f"{name}_xlsx")).content))
        sheet = [
            ["" if cell is None else str(cell) for cell in row]
            for row in book.active.iter_rows(values_only=True)
        ]
        content = client.get(url(f"{name}_csv")).content.decode("utf-8-sig")
        table = [row for row in csv.reader(io.StringIO(content)) if row]
        assert sheet[0] == table[0]
        assert [[as_number(c) for c in row] for row in sheet] == [
            [as_number(c) for c in row] for row in table
        ]


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return text


def test_the_marks_of_the_file_are_those_of_the_page(client, chair, call_round):
    crossed(call_round)
    letter_marked(call_round, {make.reviewer(): (None, 3)})
    scored()
    page = Table(text(client, "marks"), " table-heat").rows[1:]
    file = rows_of(client, "marks_csv")
    assert [
        [row["Place"], row["Total as scored"], row["Science"] or "–", row["Feasibility"]]
        for row in file
    ] == [[cells[0].split()[0], cells[2], cells[3], cells[4]] for cells in page]
    assert page[-1][0] == "– fewer than two reviews"


# --- plots ----------------------------------------------------------------------------------------


def drawings(page) -> list[ElementTree.Element]:
    """Every drawing of a page that is for all to see, parsed as strictly as XML is."""
    found = re.findall(r'<svg class="plot.*?</svg>\s*(?=</div>|<svg|<details)', page, re.S)
    return [ElementTree.fromstring(one) for one in found]


@pytest.mark.parametrize(
    ("name", "marks"),
    [("intervals", "circle"), ("marks", "rect"), ("residuals", "rect"), ("severity", "circle")],
)
def test_a_plot_is_sound_and_says_in_words_what_it_shows(client, chair, call_round, name, marks):
    letters, reviewers = crossed(call_round)
    letters[0].title = "<script>&amp;"
    letters[0].save(update_fields=["title"])
    reviewers[0].name = 'Ada <b>"Bee"</b> & Co'
    reviewers[0].save(update_fields=["name"])
    scored()
    page = text(client, name)
    labels, area = drawings(page)
    assert labels.get("aria-hidden") == "true"
    assert area.get("role") == "img"
    title, words = area[0], area[1]
    assert (title.tag, words.tag) == ("title", "desc")
    assert area.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert "same numbers stand in the table below" in words.text
    assert len(list(area.iter(marks))) == {"marks": 16, "residuals": 16, "severity": 4}.get(name, 8)
    assert " style=" not in page
    names = [label.text for label in labels]
    if name == "severity":
        assert 'Ada <b>"Bee"</b> & Co' in names
    else:
        assert names == [letter.reference for letter in shown(client, name)]
    assert page.count("<table") >= 1


def test_intervals_show_the_line_and_where_the_letters_stood_as_scored(client, chair, call_round):
    crossed(call_round)
    scored()
    _labels, area = drawings(text(client, "intervals"))
    [cut] = [line for line in area.iter("line") if line.get("class") == "cut"]
    assert cut.get("x1") == cut.get("x2") == "25.00%"  # the best two of eight
    assert len([path for path in area.iter("path") if path.get("class") == "scored"]) == 8


def test_places_as_scored_are_counted_among_the_letters_that_have_an_interval(
    client, chair, call_round
):
    # The best of all has one review: it has no place, and is last.
    letter_marked(call_round, {make.reviewer(): 5})
    crossed(call_round)
    scored()
    response = client.get(url("intervals"))
    told = {line.letter_id: place for line, place in response.context["lines"]}
    rated = [line for line in response.context["page"] if line.expected_rank is not None]
    assert [told[line.letter_id] for line in rated] == list(range(1, 9))
    assert list(told.values()).count(None) == 1
    _labels, area = drawings(response.content.decode())
    assert len([path for path in area.iter("path") if path.get("class") == "scored"]) == 8


def test_cells_carry_signs_besides_tints(client, chair, call_round):
    severe, one, other = (make.reviewer() for _ in range(3))
    for mark in (5, 4, 3):
        letter_marked(call_round, {severe: Decimal(mark) - 2, one: mark, other: mark})
    scored()
    _labels, area = drawings(text(client, "residuals"))
    signs = {node.text for node in area.iter("text") if node.get("class") == "cell-text"}
    assert signs == {"−−", "+"}
    _labels, area = drawings(text(client, "residuals", **{"as": "corrected"}))
    signs = {node.text for node in area.iter("text") if node.get("class") == "cell-text"}
    assert signs == {"·"}


def test_progress_is_drawn_with_the_number_given_out_as_its_top(client, chair, call_round):
    letters, _reviewers = crossed(call_round)
    make.assignment(letter=letters[0], round=call_round)
    page = text(client, "progress")
    [area] = drawings(page)
    assert [tick.text for tick in area.iter("text")][:2] == ["17", "0"]
    assert "16 reviews" in area[1].text
    assert "of 17 given out" in area[1].text


# --- severity -------------------------------------------------------------------------------------


def test_severity_is_told_with_its_error_and_greyed_where_chance_explains_it(
    client, chair, call_round
):
    _letters, reviewers = crossed(call_round)
    scored()
    response = client.get(url("severity"))
    [first, *rest] = response.context["page"].object_list
    assert first["person"] == reviewers[0]
    assert first["severity"] > 2 * first["severity_error"]
    page = response.content.decode()
    assert page.count('<tr class="is-unsure">') == sum(not one["clear"] for one in (first, *rest))
    names = [one["name"] for one in client.get(url("severity"), {"sort": "name"}).context["page"]]
    assert names == sorted(names)


def test_whoever_holds_a_letter_among_the_best_is_named_with_it(client, chair, call_round):
    letters, _reviewers = crossed(call_round)
    another = make.reviewer(name="Another one")
    for number, mark in ((3, 5), (0, 3), (7, "1.5")):
        add_review(call_round, letters[number], another, mark)
    actions.set_aim(call_round, top=1, threshold=Decimal(50), actor=chair, at=AT)
    scored()
    movers = client.get(url("severity")).context["movers"]
    moved = {
        one["person"].name: ([x.pk for x in one["leave"]], [x.pk for x in one["enter"]])
        for one in movers
    }
    assert moved["Another one"] == ([letters[1].pk], [letters[0].pk])
    assert shown(client, only="hinges") == [
        letter for letter in shown(client) if letter in (letters[0], letters[1])
    ]


# --- aims -----------------------------------------------------------------------------------------


def test_the_chair_says_how_many_are_to_be_selected(client, chair, call_round):
    crossed(call_round)
    scored()
    assert client.get(url("aim")).context["form"].initial["threshold"] == Decimal("66.7")
    for top, threshold in (("0", "60"), ("x", "60"), ("3", "101"), ("3", "NaN"), ("10000", "60")):
        response = client.post(url("aim"), {"top": top, "threshold": threshold})
        assert response.status_code == 422
        assert f'value="{top}"' in response.content.decode()
    assert not Aim.objects.exists()

    assert client.post(url("aim"), {"top": "3", "threshold": "60"}).url == url("ranking")
    summary = client.get(url("ranking")).context["summary"]
    assert (summary["top"], summary["threshold"]) == (3, 60)
    assert client.post(url("aim"), {"top": "", "threshold": "60"}).status_code == 302
    assert client.get(url("ranking")).context["summary"]["top"] == 2


def test_a_frozen_round_is_not_aimed_at(client, chair, call_round):
    crossed(call_round)
    actions.freeze_ranking(call_round, actor=chair, at=AT)
    response = client.post(url("aim"), {"top": "3", "threshold": "60"})
    assert response.status_code == 409
    assert "already frozen" in response.content.decode()
    assert client.post(url("score")).status_code == 302


# --- frozen ---------------------------------------------------------------------------------------


def test_after_the_freeze_the_page_shows_the_copy(client, chair, call_round):
    letters, _reviewers = crossed(call_round)
    actions.freeze_ranking(call_round, actor=chair, at=AT)
    Criterion.objects.update(name={"en": "Beauty"}, weight=1)
    scored(AT + DAY)
    assert set(shown(client)) == set(letters)
    page = text(client, "marks")
    assert "Beauty" not in page
    assert "Science" in page
    assert "Nothing changes it any more" in page


@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR, Role.REVIEWER])
def test_severity_is_for_the_chair_alone_frozen_or_not(client, call_round, role):
    crossed(call_round)
    actions.freeze_ranking(call_round, actor=make.user(Role.CHAIR), at=AT)
    client.force_login(make.user(role))
    for name in ("severity", "residuals"):
        assert client.get(url(name)).status_code == 404
    if role == Role.PUBLISHER:
        for name in ("ranking", "intervals", "marks"):
            page = text(client, name)
            assert "/severity/" not in page
            assert "/reviewers/" not in page
            assert "/panel/letters/" not in page
            assert "Reviewer A" not in page
        for name in FILES:
            assert client.get(url(name)).status_code == 403


# --- a chair with a conflict ----------------------------------------------------------------------


def everything(client) -> dict:
    """All that the pages and files answer, without the tokens that differ at every request."""
    found = {}
    for name in (*PAGES, "progress", "freeze", "ranking_csv", "marks_csv"):
        body = client.get(url(name), {"as": "corrected"}).content.decode()
        found[name] = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body)
    return found


def test_a_chair_in_conflict_learns_nothing_of_the_letter_from_any_figure(client, call_round):
    letters, _reviewers = crossed(call_round)
    barred = letters[3]
    chair = make.user(Role.CHAIR)
    make.check(chair, barred, conflicted=True)
    client.force_login(chair)
    scored()
    before = everything(client)
    assert all(barred.reference not in body for body in before.values())
    assert len(shown(client)) == 7

    # Other marks, one review more and one that is out change nothing that this chair sees.
    for review in Review.objects.filter(assignment__letter=barred):
        review.scores.update(mark=Decimal(5))
        Review.objects.filter(pk=review.pk).update(revision=9)
    add_review(call_round, barred, make.reviewer(), 5)
    make.assignment(letter=barred, round=call_round)
    assert everything(client) == before
    assert scored() == 1
    assert everything(client) == before

    # Nor does withdrawing it.
    type(barred).objects.filter(pk=barred.pk).update(state="WITHDRAWN")
    scored()
    assert everything(client) == before


def test_a_conflict_recorded_a_moment_ago_hides_the_letter_at_once(client, chair, call_round):
    letters, _reviewers = crossed(call_round)
    scored()
    make.check(chair, letters[0], conflicted=True)
    for body in everything(client).values():
        assert letters[0].reference not in body
    client.post(url("score"))
    assert set(shown(client)) == set(letters[1:])


def test_frozen_places_leave_no_gap_for_a_chair_in_conflict(client, call_round):
    letters, _reviewers = crossed(call_round)
    actions.freeze_ranking(call_round, actor=make.user(Role.CHAIR), at=AT)
    late = make.user(Role.CHAIR)
    make.check(late, letters[0], conflicted=True)
    client.force_login(late)
    assert scored(AT + DAY) == 1
    lines = client.get(url("ranking")).context["page"]
    assert [line.position for line in lines] == list(range(1, 8))
    assert Scoreboard.objects.filter(round=call_round).count() == 2


# --- cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("letters", [8, 16])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("ranking", 16),
        ("one_more", 10),
        ("intervals", 16),
        ("marks", 15),
        ("residuals", 17),
        ("severity", 14),
        ("ranking_csv", 10),
        ("marks_xlsx", 10),
        ("progress", 5),
    ],
)
def test_a_page_asks_the_same_however_many_letters(
    client, chair, call_round, name, queries, letters, django_assert_num_queries
):
    crossed(call_round, letters=letters)
    scored()
    client.get(reverse("panel:home"))
    with django_assert_num_queries(queries):
        client.get(url(name))
