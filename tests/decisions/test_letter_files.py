"""A finished letter as a file: archivable, accessible, small, readable by machines.

veraPDF is the judge (docs/letters.md says how to ask it); here stands what it would miss.
"""

import subprocess
import sys
from dataclasses import replace

import pikepdf
import pytest

from decisions.rendering import findings, press, reading, render, text_of, wording
from proposals.printing import Unprintable
from proposals.printing.kept import KeptPress
from tests.decisions import samples

MOST_BYTES = 300_000
EACH = pytest.mark.parametrize("language", wording.LANGUAGES)


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """One letter a language, as files."""
    folder = tmp_path_factory.mktemp("letters")
    for language in wording.LANGUAGES:
        told = samples.facts(language, "CONDITIONAL")
        (folder / f"{language}.pdf").write_bytes(render(told))
    return folder


@EACH
def test_the_file_claims_both_standards_and_holds_what_they_ask(letters, language):
    with pikepdf.open(letters / f"{language}.pdf") as file:
        about = file.Root.Metadata.read_bytes().decode()
        root = file.Root
        assert 'pdfaid:part="2" pdfaid:conformance="A"' in about
        assert "<pdfuaid:part>1</pdfuaid:part>" in about
        assert "pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/" in about
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert (root.ViewerPreferences.Direction == "/R2L") == (language == "ar")
        assert str(root.Lang) == {"zh-hans": "zh-Hans"}.get(language, language)
        assert str(file.docinfo["/Title"]).count("CE8-2023-0007/F/1/") == 1
        assert "/Outlines" in root
        assert all(page.Tabs == "/S" for page in file.pages)
        assert "/EmbeddedFiles" not in root.get("/Names", {})
        elements = [
            thing
            for thing in file.objects
            if isinstance(thing, pikepdf.Dictionary) and "/S" in thing and "/P" in thing
        ]
        headings = [one for one in elements if one.S == "/TH"]
        assert headings
        assert all("/Scope" in repr(one.A) for one in headings)
        foreign = [str(one.Lang) for one in elements if one.S == "/P" and "/Lang" in one]
        assert foreign == ["zh-Hans"]  # the Chinese title


@EACH
def test_a_file_without_damage_that_is_small(letters, language):
    path = letters / f"{language}.pdf"
    if subprocess.run(["which", "qpdf"], capture_output=True).returncode == 0:
        assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0
    with pikepdf.open(path) as file:
        assert file.check_pdf_syntax() == []
    assert path.stat().st_size < MOST_BYTES


@EACH
def test_every_glyph_is_in_its_font_and_says_what_it_is(letters, language):
    """Chinese fonts know glyphs by names of their own: a reader must find the same ones."""
    with pikepdf.open(letters / f"{language}.pdf") as file:
        for page in file.pages:
            for font in page.resources.Font.values():
                assert font.Encoding == "/Identity-H"
                assert "/ToUnicode" in font
    rows = subprocess.run(["pdffonts", letters / f"{language}.pdf"], capture_output=True, text=True)
    assert all("yes yes yes" in row for row in rows.stdout.splitlines()[2:])


def test_arabic_is_read_letter_by_letter(letters):
    text = text_of((letters / "ar.pdf").read_bytes()).replace("\N{ARABIC TATWEEL}", "")
    said = wording.of("ar").files["outcomes"]["CONDITIONAL"]
    assert said["sentence"] in text
    assert "30 سبتمبر 2024" in text
    assert "إذا رأيتم أنها لم" in text  # a line of the last paragraph


def test_a_line_drawn_from_left_to_right_is_turned_back():
    drawn = list("2024 ربمتبس 30 ،نيكب")
    assert reading.as_read(drawn, rtl=True) == "بكين، 30 سبتمبر 2024"
    assert reading.as_read(list("with ةعماج here"), rtl=False) == "with جامعة here"
    assert reading.as_read(list("plain"), rtl=True) == "plain"
    assert reading.as_read(list("(رصم)"), rtl=True) == "(مصر)"


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        (".«imager (HALO)", "imager (HALO)»."),
        ("(HALO) imager»", "«(HALO) imager"),
        ("(the end", "the end)"),
        ("plain", "plain"),
        ("–", "–"),
    ],
)
def test_signs_around_a_line_without_arabic_are_those_of_its_paragraph(drawn, read):
    assert reading.as_read(list(drawn), rtl=True) == drawn
    assert reading.as_read_there(list(drawn), rtl=True) == read
    assert reading.as_read_there(list(drawn), rtl=False) == drawn


@pytest.mark.parametrize("language", ["en", "ar"])
def test_brackets_and_joined_letters_are_read_wherever_they_come_first(language):
    """The first text of a file must not decide what its glyphs are taken for."""
    told = replace(
        samples.facts(language),
        addressee="Layla Al-Ramli (ليلى الرملي)",
        country="Iram (fictitious)",
        agency="Institute [of sands] «إرم» (أُسست)",
        reason="أُدرجت الرسالة.\n\nFirst (second) [third].",
    )
    pdf = render(told)
    assert findings(pdf, told) == []
    text = text_of(pdf)
    assert "أُسست" in text
    assert "First (second) [third]." in text


# --- the gate ---


def test_a_letter_that_tells_a_reviewers_name_does_not_pass():
    told = replace(samples.facts("en"), strengths="As Dr Rosa Quispe says, it is sound.")
    pdf = render(told)

    complaint = ["The letter tells the name of a reviewer."]
    assert findings(pdf, told, never={"Rosa  QUISPE"}) == complaint
    assert "Quispe" not in complaint[0]
    assert findings(pdf, told, never={"Rosa Quis", "Quispe", "Pedro Mamani"}) == []


@pytest.mark.parametrize("name", ["Lin Yuehua", "Amara Lindqvist"])
def test_who_signs_or_gets_the_letter_may_have_a_reviewers_name(name):
    told = samples.facts("en")
    assert findings(render(told), told, never={name}) == []


def test_a_reviewer_with_a_chinese_name_is_found():
    told = replace(samples.facts("zh-hans"), weaknesses="专家 欧阳珺琦 认为接口未定。")
    assert findings(render(told), told, never={"欧阳珺琦"})


def test_a_name_with_marks_of_direction_is_printed_without_them():
    told = replace(samples.facts("en"), agency="Agency\u202e gnp.exe \u2067of Mu")
    pdf = render(told)
    assert findings(pdf, told) == []
    assert "Agency gnp.exe of Mu" in text_of(pdf)


# --- the press and its limits ---

PAGE = "<!doctype html><html lang=en><title>t</title><body><p>%s</p>"


@pytest.fixture
def small_press():
    made = KeptPress(press.STYLE, cpu_seconds=4)
    yield made
    made.close()


def test_a_paper_that_costs_too_much_ends_alone(small_press):
    # Bad input IT18: measured to cost 20 s and 700 MB.
    with pytest.raises(Unprintable, match=r"out of processor time|MemoryError|press ended"):
        small_press.pdf_from(PAGE % ("<br>" * 50_000))
    assert small_press.pdf_from(PAGE % "the next one").startswith(b"%PDF-")


def test_deep_nesting_ends_alone(small_press):
    # Bad input IT19.
    with pytest.raises(Unprintable):
        small_press.pdf_from(PAGE % ("<div>" * 4000))
    assert small_press.pdf_from(PAGE % "the next one").startswith(b"%PDF-")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png"])
def test_nothing_is_fetched(small_press, address):
    plain = small_press.pdf_from(PAGE % "")
    hostile = (
        f"<img src={address}><link rel=attachment href={address}><style>@import '{address}'</style>"
    )
    assert b"EmbeddedFile" not in small_press.pdf_from(PAGE % hostile)
    assert small_press.pdf_from(PAGE % "") == plain


def test_a_killed_press_is_started_again(small_press):
    first = small_press.pdf_from(PAGE % "one")
    small_press._child.kill()
    small_press._child.wait()
    assert small_press.pdf_from(PAGE % "one") == first


def test_the_press_has_no_secrets_and_opens_no_socket(small_press):
    small_press.pdf_from(PAGE % "")
    with open(f"/proc/{small_press._child.pid}/environ", "rb") as environment:
        names = {entry.partition(b"=")[0] for entry in environment.read().split(b"\0") if entry}
    assert names <= {b"HOME", b"PATH", b"SOURCE_DATE_EPOCH"}
    child = (
        "import sys, socket; from proposals.printing import kept_child;"
        "kept_child._leave_the_network();"
        "socket.create_connection(('127.0.0.1', 9))"
    )
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True)
    assert "is not for a press" in done.stderr


def test_a_page_that_is_too_long_is_not_even_tried(small_press):
    with pytest.raises(Unprintable, match="characters of HTML"):
        small_press.pdf_from("x" * 700_000)
