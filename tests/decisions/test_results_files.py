"""The results as table, PDF, feed and picture: nothing before the release, one truth after it."""

import csv
import io
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.states import Language
from audit.models import Entry
from chang_e8_portal import clock
from decisions import actions, pdf_signature, results, tasks, telling
from decisions.actions import papers
from decisions.models import ResultsPaper
from decisions.rendering import reading, wording
from decisions.rendering.letter import tag_of
from decisions.states import Outcome
from decisions.telling import paper, picture
from proposals import files
from proposals.printing import Unprintable
from tests import make
from tests.decisions import stage
from tests.decisions.test_corrections import Told

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
FILES = ("/results.csv", "/results.pdf", "/results.txt")
EVERY = (*FILES, "/results/feed/", "/results/picture.png", "/api/v1/results")


def text_in(answer) -> str:
    """What a form says; the quick press puts a paper's words into its title."""
    if answer["Content-Type"] != "application/pdf":
        return answer.content.decode()
    with pikepdf.open(io.BytesIO(answer.content)) as file:
        return str(file.docinfo["/Title"])


# --- before the release ---


@pytest.mark.usefixtures("quick_press")
def test_before_the_release_each_address_is_neutral_and_kept_by_nobody(client):
    assert {client.get(address).status_code for address in (*FILES, "/results/feed/")} == {404}
    answers = {}
    publication, letters = stage.ready(Outcome.SELECTED, Outcome.SELECTED)
    for outcomes in ("two", "one"):
        if outcomes == "one":
            stage.withdraw(publication)
            stage.decide(publication.round, letters[1:], [Outcome.NOT_SELECTED])
            stage.rendered(publication.round)
        for address in EVERY:
            for language in ("", "fr", "xx"):
                answer = client.get(address, {"lang": language} if language else {})
                if address == "/api/v1/results" and language:
                    continue
                assert answer["Cache-Control"] == "private, no-store", address
                assert not answer.has_header("ETag")
                assert not answer.has_header("Last-Modified")
                answers.setdefault((address, language), set()).add(
                    (answer.status_code, answer.content)
                )
    assert all(len(seen) == 1 for seen in answers.values()), "the same in both worlds"
    for address in FILES:
        seen = {answers[address, language].copy().pop() for language in ("", "fr", "xx")}
        [(status, body)] = seen
        assert status == 404
        assert body == client.get("/api/v1/results").content
    feed = ET.fromstring(client.get("/results/feed/").content)
    assert feed.findall(f"{ATOM}entry") == []
    for needed in ("id", "title", "updated", "author/{*}name"):
        assert feed.findtext(f"{ATOM}{needed}"), needed
    opened = publication.round.call.opens_at
    assert feed.findtext(f"{ATOM}updated").startswith(f"{opened:%Y-%m-%dT%H:%M}")
    assert not ResultsPaper.objects.exists()


# --- after it ---


@pytest.mark.usefixtures("quick_press")
def test_each_form_tells_what_the_page_tells_and_is_asked_for_again(client):
    call_round, letters = stage.final(
        Outcome.SELECTED, Outcome.NOT_SELECTED, None, title_zh="月震仪", title="=SUM(1)"
    )
    stage.merge(call_round, letters[2], letters[0])
    stage.consent(call_round, letters[2])
    stage.release(stage.rendered(call_round))
    lead, left, joined = (letter.agency.name for letter in letters)
    for address in EVERY:
        for query in [{}] if "api" in address else [{}, {"lang": "ar"}]:
            answer = client.get(address, query)
            assert answer.status_code == 200, address
            assert answer["Cache-Control"] == "public, no-cache"
            assert answer["Vary"] == "Accept-Language"
            assert answer["Content-Language"] == query.get("lang", "en")
            again = client.get(address, query, headers={"If-None-Match": answer["ETag"]})
            assert (again.status_code, again.content) == (304, b""), address
            # A cache takes the headers of a 304 for those of what it keeps.
            for header in ("ETag", "Cache-Control", "Vary"):
                assert again[header] == answer[header], (address, header)
            assert client.get(address, query).content == answer.content
            assert client.head(address, query)["ETag"] == answer["ETag"]
            if "picture" not in address:
                said = text_in(answer)
                assert lead in said
                assert joined in said
                assert left not in said
                assert letters[0].reference not in said
    assert client.get("/results.csv", {"lang": "xx"}).json()["code"] == "no_such_language"

    rows = list(csv.reader(io.StringIO(client.get("/results.csv").content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["#", "Level of cooperation", "Title", "Chinese title"]
    assert [row[2:5] for row in rows[1:]] == [
        ["'=SUM(1)", "月震仪", lead],
        ["'=SUM(1)", "月震仪", joined],
    ]
    assert rows[2][7] == "'=SUM(1)"
    chinese = client.get("/results.csv", {"lang": "zh-hans"}).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(chinese)))[1][2:4] == ["'=SUM(1)", "月震仪"]

    page = client.get("/results/", {"lang": "fr"}).content.decode()
    own = f"/results/{call_round.call.code}"
    for form in ("/picture.png", "/feed/", ".pdf", ".csv", ".txt"):
        assert f"{own}{form}?lang=fr" in page
    assert '<meta property="og:description" content="1 projet' in page


@pytest.mark.usefixtures("quick_press")
def test_a_correction_changes_all_of_them_at_once(client):
    told = Told()
    before = {address: client.get(address) for address in EVERY}
    entries = ET.fromstring(before["/results/feed/"].content).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["The selected projects"]
    made = told.propose(told.letters[1], outcome=Outcome.SELECTED)
    assert {a: client.get(a).content for a in EVERY} == {a: before[a].content for a in EVERY}
    told.release(made)
    for address in EVERY:
        after = client.get(address, headers={"If-None-Match": before[address]["ETag"]})
        assert after.status_code == 200, address
        assert after["ETag"] != before[address]["ETag"]
    feed = ET.fromstring(client.get("/results/feed/").content)
    newest, first = feed.findall(f"{ATOM}entry")
    assert "Corrected" in newest.findtext(f"{ATOM}title")
    assert told.letters[1].agency.name in newest.findtext(f"{ATOM}summary")
    assert told.letters[1].agency.name not in first.findtext(f"{ATOM}summary")
    assert first.findtext(f"{ATOM}id") == entries[0].findtext(f"{ATOM}id")
    assert feed.findtext(f"{ATOM}updated") == newest.findtext(f"{ATOM}updated")
    assert ResultsPaper.objects.count() == 2


@pytest.mark.usefixtures("quick_press")
def test_a_paper_is_made_once_signed_named_in_the_record_and_verified(client, monkeypatch):
    told = Told()
    first = client.get("/results.pdf").content
    [row] = ResultsPaper.objects.all()
    [entry] = Entry.objects.filter(action="results.printed")
    assert entry.data["sha256"] == row.sha256
    assert pdf_signature.look(first).is_whole
    with monkeypatch.context() as away:
        away.setattr(paper, "pdf_of", _unprintable)
        assert client.get("/results.pdf").content == first
        assert client.get("/results.pdf", {"lang": "fr"}).status_code == 503
    assert "Genuine: the results" in client.get("/verify/", {"sha256": row.sha256}).content.decode()
    files.path_of(row.sha256).unlink()
    again = client.get("/results.pdf").content
    assert pdf_signature.look(again).is_whole, "what was lost is made anew"
    row.refresh_from_db()
    assert files.path_of(row.sha256).read_bytes() == again
    told.release(told.propose(told.letters[1], outcome=Outcome.SELECTED))
    sent = {"document": SimpleUploadedFile("results.pdf", again)}
    assert "Superseded: the results" in client.post("/verify/", sent).content.decode()
    assert actions.sweep_files() == 0


@pytest.mark.usefixtures("quick_press")
def test_after_a_release_and_a_correction_a_worker_makes_every_paper(client, monkeypatch):
    tasks.print_told_results()
    assert not ResultsPaper.objects.exists(), "before the release there is nothing to be found"
    told = Told()
    tasks.print_told_results()
    assert {row.language for row in ResultsPaper.objects.all()} == set(Language.values)
    with monkeypatch.context() as away:
        away.setattr(paper, "pdf_of", _unprintable)
        tasks.print_told_results()  # nothing is owed
        for language in Language.values:
            assert client.get("/results.pdf", {"lang": language}).status_code == 200
    told.release(told.propose(told.letters[1], outcome=Outcome.SELECTED))
    assert actions.print_told(at=clock.now()) == len(Language.values)
    assert ResultsPaper.objects.count() == 2 * len(Language.values)


@pytest.mark.usefixtures("quick_press")
def test_one_language_that_cannot_be_made_keeps_no_other_waiting(monkeypatch):
    Told()
    real = paper.pdf_of

    def no_french(holds, address):
        if holds.said["language"] == "fr":
            raise Unprintable("out of time")
        return real(holds, address=address)

    with monkeypatch.context() as broken:
        broken.setattr(paper, "pdf_of", no_french)
        assert actions.print_told(at=clock.now()) == len(Language.values) - 1
    caches["drawn"].clear()
    assert actions.print_told(at=clock.now()) == 1


@pytest.mark.usefixtures("quick_press")
def test_a_paper_that_cannot_be_made_holds_up_nobody(client, monkeypatch, settings, tmp_path):
    Told()
    set_so_often = []
    real = paper.pdf_of

    def counted(*given, **named):
        set_so_often.append(1)
        return real(*given, **named)

    monkeypatch.setattr(paper, "pdf_of", counted)
    good = settings.PDF_SIGNING_KEY_FILE
    settings.PDF_SIGNING_KEY_FILE = tmp_path / "letter_key.p12"
    settings.PDF_SIGNING_KEY_FILE.write_bytes(b"spoilt")
    for _each in range(3):
        refused = client.get("/results.pdf")
        assert (refused.status_code, refused.json()["code"]) == (503, "not_printed")
        assert refused["Retry-After"]
    assert len(set_so_often) == 1, "nobody sets again for a minute what cannot be signed"
    settings.PDF_SIGNING_KEY_FILE = good
    caches["drawn"].clear()
    # While one sets a paper, whoever comes must not take a second thread of the process.
    with papers._turn:
        refused = client.get("/results.pdf")
        assert (refused.status_code, refused["Retry-After"]) == (503, "5")
        assert client.get("/results.csv").status_code == 200
    first = client.get("/results.pdf")
    assert first.status_code == 200
    with papers._turn:
        assert client.get("/results.pdf").content == first.content, "what is made is there for all"


def _unprintable(told, address):
    raise Unprintable("out of time")


@pytest.mark.usefixtures("quick_press")
@pytest.mark.parametrize("number", [1, 3])
def test_the_files_cost_the_same_however_many_are_selected(
    client, number, django_assert_num_queries
):
    stage.released(*[Outcome.SELECTED] * number)
    with django_assert_num_queries(4):  # call and rounds; publication; its last correction
        client.get("/results.csv")
    with django_assert_num_queries(4):
        client.get("/results/picture.png")


# --- the real press ---


def test_the_paper_is_archivable_accessible_and_says_every_line_in_each_language():
    call_round, [_letter] = stage.final(
        Outcome.SELECTED,
        title="Seismometer (array)",
        title_zh="月震仪",
        partners=[make.partner("جامعة القاهرة", "EG")],
        public_abstract="One line.\nAnother line \U0001f680.",
    )
    for language in ("en", "zh-hans", "ru", "ar"):
        page = results.page_of(call_round)
        holds = telling.Telling(
            telling.tell(page, language), [("x", "2024")], make.OPENS.date(), "d" * 64
        )
        pdf = paper.pdf_of(holds, address="https://portal.example.org/results/")
        read = reading.Letter(pdf)
        assert read.language == tag_of(language)
        flat = "".join(read.text.split())
        words = wording.of(language)
        project = holds.said["projects"][0]
        for said in (
            *(words.files["results"]["heading"], project["title"], project["second"]),
            *(project["agency"], project["place"], project["level"], "Another line 〓."),
        ):
            assert "".join(said.split()) in flat, (language, said)
        with pikepdf.open(io.BytesIO(pdf)) as file:
            about = file.Root.Metadata.read_bytes()
            assert b"pdfuaid:part>1" in about
            assert b"pdfaid" in about
            assert file.Root.MarkInfo.Marked
        assert pdf == paper.pdf_of(holds, address="https://portal.example.org/results/")


@pytest.mark.parametrize("language", Language.values)
def test_the_picture_has_its_size_and_keeps_every_line_inside(language):
    words = wording.of(language)
    long = words.files["results"]["awaited_explained"][:120]
    png = picture.picture_of(
        language, call=long, heading=words.files["results"]["heading"], lead=long, day="2024"
    )
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == (picture.WIDTH, picture.HEIGHT)
    paper_colour = image.getpixel((2, 2))
    edges = [(x, y) for x in (*range(40), *range(1160, 1200)) for y in range(0, 610, 3)]
    assert {image.getpixel(at) for at in edges} == {paper_colour}
    assert png == picture.picture_of(
        language, call=long, heading=words.files["results"]["heading"], lead=long, day="2024"
    )
