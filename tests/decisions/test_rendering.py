"""The decision letter, read back with the tools a reader has: pdftotext, pdffonts, pdfdetach."""

import datetime
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from decisions.rendering import (
    Condition,
    CriterionLine,
    LetterFacts,
    RenderingUnavailable,
    findings,
    letter,
    press,
    render,
    text_of,
    wording,
)
from proposals.printing import Unprintable
from proposals.printing.characters import GETA, paragraphs, printable
from proposals.printing.press import PackagedFiles

MARKS = ["4.17", "3.50", "2.125"]
ENGLISH = LetterFacts(
    language="en",
    letterhead="Chang’e-8 International Cooperation Office (demonstration)",
    office="Chang’e-8 International Cooperation Office (demonstration)",
    place="Beijing",
    date=datetime.date(2024, 9, 30),
    letter_number="CE8-2023-0007/F/1/en",
    reference="CE8-2023-0007",
    title="Seismometer array for the Leibnitz-beta plateau",
    title_zh="莱布尼茨-β高原月面地震仪阵列",
    agency="Demo Space Agency of Atlantis",
    country="Atlantis",
    organisations=("University of Poseidonia",),
    addressee="Dr Amara Lindqvist",
    addressee_position="Director of Programmes",
    call_title="Chang’e-8 international cooperation",
    round_name="Final selection",
    letters_received=41,
    letters_selected=10,
    outcome="SELECTED",
    reason="The return is high for the mass it takes.",
    level="Unit level",
    mass_allocated_kg=Decimal("12.50"),
    reviewers_count=3,
    criteria=tuple(
        CriterionLine(name, weight, Decimal(mean), anchor)
        for name, weight, mean, anchor in zip(
            ["Scientific value and fit with the objectives", "Feasibility", "Innovation"],
            [50, 30, 20],
            MARKS,
            ["Very good", "Good", "Fair"],
            strict=True,
        )
    ),
    total=Decimal("70.25"),
    strengths="Three stations locate what one can only detect.\nThe sensor has flown twice.",
    weaknesses="The arm it needs is not agreed.",
    contact="cooperation@example.org",
    signatory="Lin Yuehua",
    signatory_position="Head of Office",
    verification_code="K7QF-3M2X-PD9T",
    verification_address="https://portal.example.org/verify/?code=K7QF-3M2X-PD9T",
    sha256_of_decision="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
)
CHINESE = replace(
    ENGLISH,
    language="zh-hans",
    letterhead="嫦娥八号国际合作办公室（演示）",
    office="嫦娥八号国际合作办公室（演示）",
    place="北京",
    letter_number="CE8-2023-0007/F/1/zh-hans",
    title="月面地震仪阵列",
    agency="亚特兰蒂斯示范航天局",
    country="亚特兰蒂斯",
    organisations=(),
    addressee="欧阳珺琦",  # none of the four is a rare name
    addressee_position="国际项目主任",
    call_title="嫦娥八号任务国际合作机遇",
    round_name="最终遴选",
    reason="科学产出高。",
    level="单机级",
    criteria=tuple(
        CriterionLine(name, weight, Decimal(mean), anchor)
        for name, weight, mean, anchor in zip(
            ["科学价值", "技术可行性", "创新性"],
            [50, 30, 20],
            MARKS,
            ["很好", "良好", "一般"],
            strict=True,
        )
    ),
    strengths="三个台站可以定位。",
    weaknesses="机械臂接口尚未商定。",
    signatory="林月华",
    signatory_position="办公室主任",
)
BOTH = pytest.mark.parametrize("facts", [ENGLISH, CHINESE], ids=["en", "zh-hans"])


def with_outcome(facts, outcome):
    """The facts as they would be for another outcome."""
    changes = {
        "CONDITIONAL": {"conditions": (Condition("Ω ≤ 50 W", datetime.date(2025, 3, 31)),)},
        "MERGED": {"merged_with": "月球车 Rover"},
        "RESERVE": {"reserve_rank": 2, "reserve_until": datetime.date(2025, 6, 30)},
        "INELIGIBLE": {"criteria": (), "total": None, "reviewers_count": 0},
    }
    return replace(facts, outcome=outcome, **changes.get(outcome, {}))


def run(*command, pdf):
    """What a command line tool says of a PDF, without spaces and line breaks."""
    done = subprocess.run([*command], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def read(pdf):
    return "".join(run("pdftotext", "-layout", "-", "-", pdf=pdf).split())


def squeezed(text):
    return "".join(str(text).split())


@BOTH
def test_a_reader_finds_agency_reference_decision_marks_and_chinese_title(facts):
    text = read(render(facts))

    for said in [
        *(facts.agency, facts.reference, facts.letter_number, facts.title, facts.title_zh),
        *(facts.verification_code, facts.verification_address, facts.sha256_of_decision),
        *("50%4.17", "30%3.50", "20%2.13", "70.3/100", "12.5kg", facts.strengths),
    ]:
        assert squeezed(said) in text


@pytest.mark.parametrize("outcome", wording.OUTCOMES)
def test_a_chinese_letter_has_no_english_left_in_it(outcome):
    told = replace(with_outcome(CHINESE, outcome), merged_with="月球车")
    text = strip_tags(letter.html_of(told).split("</head>")[1])
    for known in [told.verification_address, told.contact, "QR code"]:
        text = text.replace(known, "")

    english = ["letter", " the ", " of ", "Decision", "Next", "Page", "review", "Dear", "Yours"]
    assert [word for word in english if word in text] == []


@BOTH
def test_every_font_is_ours_and_embedded(facts):
    rows = run("pdffonts", "-", pdf=render(facts)).splitlines()[2:]

    assert rows
    for row in rows:
        assert "+Letter-" in row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, subset, unicode


@BOTH
def test_the_file_says_its_language_title_and_structure_and_nothing_of_people(facts):
    info = run("pdfinfo", "-", pdf=render(facts))

    assert facts.letter_number in info
    assert "Tagged:          yes" in info
    assert "Page size:       595.276 x 841.89 pts (A4)" in info
    for private in [facts.agency, facts.title, facts.addressee, "Author", "Subject"]:
        assert private not in info


def test_the_same_facts_give_the_same_bytes_in_any_process():
    child = (
        "import django, pickle, sys; django.setup();"
        "from decisions.rendering import render;"
        "sys.stdout.buffer.write(render(pickle.load(sys.stdin.buffer)))"
    )
    again = subprocess.run(
        [sys.executable, "-c", child],
        input=pickle.dumps(CHINESE),
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "7"},
    ).stdout

    render(ENGLISH)  # what was set before must not matter
    assert render(CHINESE) == render(CHINESE) == again


HOSTILE = [
    "<link rel=attachment href=file:///etc/passwd>",
    "<img src=http://example.org/x.png><style>@import url(file:///etc/passwd)</style>",
    "{{7*7}} {% debug %} ${7*7} &lt;b&gt; \"'",
    "(" * 150,
]


@pytest.mark.parametrize("title", HOSTILE)
def test_what_people_type_is_printed_as_typed_and_fetches_nothing(title):
    # Bad input IL01.
    told = replace(ENGLISH, title=title)

    pdf = render(told)

    assert squeezed(title) in squeezed(text_of(pdf)).replace("\u200b", "")
    assert b"EmbeddedFile" not in pdf
    assert findings(pdf, told) == []


@pytest.mark.parametrize(
    "address",
    [
        *("file:///etc/passwd", "http://example.org/", "data:text/plain,x"),
        *("letter:../../manage.py", "letter:letter.css", "LETTER:serif"),
    ],
)
def test_the_press_refuses_what_is_not_packaged(address):
    with pytest.raises(ValueError, match="packaged files only"):
        PackagedFiles({}).fetch(address)


@pytest.mark.parametrize(
    "text",
    [
        "🚀 👨‍👩‍👧 مرحبا بالعالم สวัสดี 𠀀𠮷𪚥",
        "e" + "\u0301" * 500,
        "a\x00b\x0b\u202ec\u2066d\ufeff",
        "\n" * 50_000,
        "a\n" * 50_000,
        "Ж" * 12_000,
        "字" * 12_000,
        "<div>" * 400,
    ],
    ids=["scripts", "accents", "controls", "breaks", "lines", "word", "chinese", "nesting"],
)
def test_no_text_breaks_the_letter(text):
    told = replace(ENGLISH, title=text[:150], strengths=text)

    pdf = render(told)

    assert "Letter-" in run("pdffonts", "-", pdf=pdf)
    assert all("+Letter-" in row for row in run("pdffonts", "-", pdf=pdf).splitlines()[2:])
    assert [found for found in findings(pdf, told) if "too long" not in found] == []


def test_characters_without_a_glyph_become_one_mark_that_is_explained():
    assert printable("Rocket 🚀🌕 سلام عليكم end") == f"Rocket {GETA} end"
    assert "stands for characters" in text_of(render(replace(ENGLISH, title="🚀")))
    assert "stands for characters" not in text_of(render(ENGLISH))


def test_ordinary_names_are_set_whole():
    for name in ["欧阳珺琦", "王喆 李祎 陈玥 张䶮", "Đặng Łukasz İşçi Å", "Сергей Ελένη"]:
        assert printable(name) == name


def test_lines_become_flat_paragraphs_and_too_many_become_one():
    assert paragraphs(" one \n\n\r\n two\u2028three") == ["one", "two", "three"]
    assert paragraphs("x\n" * 61) == [" ".join("x" * 61)]


def test_a_text_too_long_to_print_is_a_finding():
    told = replace(ENGLISH, strengths="word " * 3000)

    assert "A text is too long to be printed whole." in findings(render(told), told)


@BOTH
@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"agency": "Other Agency of Mu"}, "Other Agency of Mu"),
        ({"reference": "CE8-2023-0008"}, "CE8-2023-0008"),
        ({"strengths": "Praise of another letter."}, "Praise of another letter."),
        ({"sha256_of_decision": "0" * 64}, "0" * 64),
        ({"total": Decimal("70.35")}, "70.4 / 100"),
        ({"language": "fr"}, "language"),
    ],
)
def test_the_release_check_finds_a_letter_made_for_other_facts(facts, changes, complaint):
    pdf = render(facts)

    assert complaint in " ".join(findings(pdf, replace(facts, **changes)))


@BOTH
@pytest.mark.parametrize("outcome", wording.OUTCOMES)
def test_the_release_check_finds_a_swapped_decision(facts, outcome):
    pdf = render(with_outcome(facts, outcome))

    for other in {"SELECTED", "NOT_SELECTED"} - {outcome}:
        found = findings(pdf, with_outcome(facts, other))
        assert any("another decision" in sentence for sentence in found), other


def test_the_release_check_finds_a_missing_or_an_empty_criterion():
    pdf = render(replace(ENGLISH, criteria=ENGLISH.criteria[:2]))
    empty = replace(ENGLISH, criteria=(CriterionLine("Feasibility", 100, None, ""),))
    none = replace(ENGLISH, criteria=())

    assert "Innovation 20% 2.13 Fair" in " ".join(findings(pdf, ENGLISH))
    assert "Criterion 1 is empty" in " ".join(findings(render(empty), empty))
    assert "The letter has no marks." in findings(render(none), none)


def test_a_mark_nobody_could_give_is_said_not_counted():
    told = replace(ENGLISH, criteria=(CriterionLine("Outreach", 100, None, "Cannot judge"),))
    pdf = render(told)

    assert "100%–Cannotjudge" in read(pdf)
    assert findings(pdf, told) == []


def test_what_is_not_a_pdf_is_a_finding():
    assert findings(b"hello", ENGLISH) == ["The file cannot be read as a PDF."]


def test_without_pango_the_reader_is_told_what_to_install(monkeypatch):
    def no_pango(html):
        raise Unprintable("OSError: cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(press, "pdf_from", no_pango)

    with pytest.raises(RenderingUnavailable, match=r"apt-get install libpango-1\.0-0"):
        render(ENGLISH)
