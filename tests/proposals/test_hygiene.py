import unicodedata
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from proposals import hygiene


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  Dust sensor ", "Dust sensor"),
        ("a\tb", "a b"),
        ("e\u0301", "é"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{7*7}} ${7*7} %s %n %(password)s", "{{7*7}} ${7*7} %s %n %(password)s"),
        ("月尘传感器 🚀 قمر ดวงจันทร์ 𠀋", "月尘传感器 🚀 قمر ดวงจันทร์ 𠀋"),
        ("a" + "\u0301" * 500, unicodedata.normalize("NFC", "a" + "\u0301" * 500)),
    ],
)
def test_a_line_is_kept_as_it_was_meant(typed, kept):
    assert hygiene.line(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "x\r\nBcc: v@evil.example",
        "two\nlines",
        "two\u2028lines",
        "\x1b[2J",
        "a\x00b",
        "a\x0bb",
        "a\ud800b",
        "\u202eevil",
        "\u2067isolate\u2069",
        "\u200b",
        "\ufeff \u200d",
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(typed):
    with pytest.raises(ValidationError):
        hygiene.line(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\n\n text \n\n", "text"),
        ("\u2067קמר\u2069 and text", "\u2067קמר\u2069 and text"),
        ("\n" * 500, ""),
    ],
)
def test_paragraphs_keep_their_lines(typed, kept):
    assert hygiene.paragraphs(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a\x1b[2Jb", "control_character"),
        ("a\ufffe", "control_character"),
        ("a\udfffb", "surrogate"),
        ("a\u202eb", "bidi_override"),
        ("\u200b\n\u200b", "nothing_visible"),
        ("\u3164", "nothing_visible"),
    ],
)
def test_paragraphs_that_cannot_be_meant_are_refused(typed, code):
    with pytest.raises(ValidationError) as refused:
        hygiene.paragraphs(typed)
    assert refused.value.code == code


@given(st.text())
def test_cleaning_clean_text_changes_nothing(text):
    for clean in (hygiene.line, hygiene.paragraphs):
        try:
            once = clean(text)
        except ValidationError:
            continue
        assert clean(once) == once
        once.encode()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("", None),
        ("  ", None),
        (" 5 ", Decimal(5)),
        ("5\n", Decimal(5)),
        ("-180.5", Decimal("-180.5")),
        ("１２．５", Decimal("12.5")),
        ("\u22127", Decimal(-7)),
        ("007", Decimal(7)),
    ],
)
def test_a_plain_number_is_read(typed, number):
    assert hygiene.number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "NaN",
        "Infinity",
        "-inf",
        "1_000",
        "1e3",
        "1e-400",
        "1,5",
        "1.500,00",
        "1 000",
        "+5",
        ".5",
        "5.",
        "--5",
        "0x10",
        "five",
        "٥",
        "9" * 5000,
        "9" * 31,
    ],
)
def test_what_is_not_a_plain_number_is_refused(typed):
    with pytest.raises(ValidationError):
        hygiene.number(typed)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-999, max_value=999))
def test_every_number_survives_being_written_and_read(number):
    assert hygiene.number(f"{number:f}") == number


@pytest.mark.parametrize("typed", ["7.5", "1e3", "seven", "2" * 40, "1_0"])
def test_a_whole_number_has_digits_only(typed):
    with pytest.raises(ValidationError):
        hygiene.whole_number(typed)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("letter.pdf", "letter.pdf"),
        ("LETTER.PDF", "LETTER.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"..\..\system32\letter.pdf", "letter.pdf"),
        ("loi.html.pdf", "loi.html.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("aux.tar.pdf", "_aux.tar.pdf"),
        ("letter.pdf. ", "letter.pdf"),
        (".pdf", "file.pdf"),
        ('"><img src=x onerror=1>.pdf', '"><img src=x onerror=1>.pdf'),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("=cmd.pdf", "=cmd.pdf"),
        ("%2e%2e%2fx.pdf", "%2e%2e%2fx.pdf"),
        ("意向书🚀.pdf", "意向书🚀.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_pdf_is_shown_under_a_harmless_name(sent, shown):
    assert hygiene.file_name(sent) == shown


@pytest.mark.parametrize(
    "sent",
    ["", ".", "..", "win.ini", "loi.pdf.html", "loi.pdf\x00.exe", "loi．pdf", "pdf", "a\ud800.pdf"],
)
def test_other_names_are_refused(sent):
    with pytest.raises(ValidationError):
        hygiene.file_name(sent)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("plan.PNG", "plan.png"), ("x" * 300 + ".jpeg", "x" * 145 + ".jpeg"), ("nul.jpg", "_nul.jpg")],
)
def test_a_picture_keeps_the_end_of_its_name(sent, shown):
    assert hygiene.file_name(sent, ("pdf", "png", "jpg", "jpeg")) == shown


@pytest.mark.parametrize(
    ("ends", "code"), [(("pdf",), "not_a_pdf"), (("pdf", "png"), "not_a_picture")]
)
def test_a_wrong_end_says_which_ends_are_taken(ends, code):
    with pytest.raises(ValidationError) as refused:
        hygiene.file_name("plan.svg", ends)
    assert refused.value.code == code
