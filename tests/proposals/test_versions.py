"""What was filed stays: as page, as PDF, as content, and compared with what came after."""

import hashlib
import json
import subprocess

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from proposals import actions, content, differences, files, papers, printing
from proposals.models import LetterOfIntent
from tests import make

ARABIC = "وكالة الفضاء"
CYRILLIC = "Институт космических исследований"
CHINESE = "月球南极地震台站"


def address(name, letter, *args, **query):
    where = reverse(f"proposals:{name}", args=[letter.pk, *args])
    return where + "?" + "&".join(f"{key}={value}" for key, value in query.items())


def text_of(pdf) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode()


def submit(cast, key="the-first-key-of-all"):
    return actions.submit(cast.letter, actor=cast.representative, idempotency_key=key)


def save(cast, **changes):
    revision = LetterOfIntent.objects.get(pk=cast.letter.pk).revision
    return actions.save_draft(cast.letter, changes=changes, revision=revision, actor=cast.editor)


@pytest.fixture
def twice(cast):
    """Two versions that differ, and a working copy that differs again."""
    data = b"%PDF-1.7 one"
    stored = files.Stored(sha256=files.store_bytes(data), size=len(data), pages=1)
    actions.attach(cast.letter, kind="LETTER", stored=stored, name="one.pdf", actor=cast.editor)
    submit(cast)
    actions.reopen(cast.letter, actor=cast.editor)
    save(cast, title="Seismometer of the south", summary="We listen to the whole Moon.")
    other = b"%PDF-1.7 two"
    stored = files.Stored(sha256=files.store_bytes(other), size=len(other), pages=1)
    actions.attach(cast.letter, kind="LETTER", stored=stored, name="two.pdf", actor=cast.editor)
    submit(cast, key="the-second-key-of-all")
    actions.reopen(cast.letter, actor=cast.editor)
    save(cast, summary="We listen to the Moon at night.")
    return cast


# --- the pages ---


def test_every_version_is_listed_and_read_as_it_was_filed(twice, sign_in):
    client = sign_in(twice.viewer)
    text = client.get(address("versions", twice.letter)).content.decode()
    for number in (1, 2):
        assert reverse("proposals:version_pdf", args=[twice.letter.pk, number]) in text
    first = client.get(address("version", twice.letter, 1)).content.decode()
    assert "We listen to the Moon." in first
    assert "A later version was filed" in first
    second = client.get(address("version", twice.letter, 2)).content.decode()
    assert "We listen to the whole Moon." in second
    assert "A later version was filed" not in second


def test_the_content_has_the_very_hash_of_the_receipt(twice, sign_in):
    response = sign_in(twice.viewer).get(address("version_content", twice.letter, 1))
    version = twice.letter.versions.get(number=1)
    assert hashlib.sha256(response.content).hexdigest() == version.sha256
    assert json.loads(response.content) == version.content


def test_a_file_of_an_old_version_is_still_what_it_was(twice, sign_in):
    client = sign_in(twice.viewer)
    for number, data in ((1, b"%PDF-1.7 one"), (2, b"%PDF-1.7 two")):
        response = client.get(address("version_file", twice.letter, number, "LETTER"))
        assert b"".join(response.streaming_content) == data
        assert response["Content-Disposition"].startswith("attachment")
    assert client.get(address("version_file", twice.letter, 1, "CV")).status_code == 404


def test_a_file_that_the_scanner_holds_back_is_not_handed_out(twice, sign_in):
    twice.letter.attachments.update(scan="INFECTED")
    response = sign_in(twice.viewer).get(address("version_file", twice.letter, 2, "LETTER"))
    assert response.status_code == 409


PAGES = [
    *(("versions", ()), ("version", (1,)), ("version_pdf", (1,)), ("version_content", (1,))),
    *(("version_file", (1, "LETTER")), ("draft_pdf", ()), ("compare", ())),
]


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_a_stranger_finds_none_of_it(twice, sign_in, name, args):
    where = address(name, twice.letter, *args, **{"from": 1, "to": 2})
    assert sign_in(twice.stranger).get(where).status_code == 404


@pytest.mark.parametrize("number", [0, 3, 9999, 10**30])
def test_a_version_that_is_not_there_is_not_found(twice, sign_in, number):
    client = sign_in(twice.viewer)
    for name in ("version", "version_pdf", "version_content"):
        assert client.get(address(name, twice.letter, number)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(cast, sign_in, count, django_assert_num_queries):
    for number in range(count):
        submit(cast, key=f"key-of-version-number-{number}")
        actions.reopen(cast.letter, actor=cast.editor)
        save(cast, title=f"Title of version {number}")
    client = sign_in(cast.viewer)
    client.get(address("versions", cast.letter))  # the first page of a visit notes who came
    with django_assert_num_queries(5):  # session, user, letter, seats, versions
        client.get(address("versions", cast.letter))


# --- differences ---


def test_two_versions_are_compared_word_by_word(twice, sign_in):
    response = sign_in(twice.viewer).get(address("compare", twice.letter, **{"from": 1, "to": 2}))
    text = " ".join(response.content.decode().split())
    assert "whole" in text[text.index("<ins>") :]
    assert "one.pdf" in text
    assert "two.pdf" in text
    # What is the same in both is not shown.
    assert "Goals and expected results" not in text


def test_the_working_copy_is_compared_with_what_was_filed(twice, sign_in):
    client = sign_in(twice.viewer)
    text = client.get(address("compare", twice.letter, **{"from": 2, "to": "now"})).content.decode()
    assert "at night" in text
    actions.put_back(twice.letter, actor=twice.editor)
    gone = client.get(address("compare", twice.letter, **{"from": 2, "to": "now"}))
    assert gone.status_code == 404


def test_nothing_changed_is_said(twice, sign_in):
    response = sign_in(twice.viewer).get(address("compare", twice.letter, **{"from": 1, "to": 1}))
    assert "every answer and every file is the same" in response.content.decode()


@pytest.mark.parametrize("asked", ["", "0", "x", "-1", "9" * 20, "²", "3"])
def test_what_cannot_be_compared_is_not_found(twice, sign_in, asked):
    client = sign_in(twice.viewer)
    for query in ({"from": asked, "to": 1}, {"from": 1, "to": asked}):
        assert client.get(address("compare", twice.letter, **query)).status_code == 404


def test_chinese_is_compared_character_by_character(cast):
    old = content.of(make.letter(call=cast.call, summary="月球南极的地震台站"), version=1)
    new = {**old, "fields": old["fields"] | {"summary": "月球北极的地震台站"}}
    (part,) = differences.between(old, new, cast.call)
    (change,) = part.changes
    assert [(piece.kind, piece.text) for piece in change.pieces] == [
        ("same", "月球"),
        ("removed", "南"),
        ("added", "北"),
        ("same", "极的地震台站"),
    ]


# --- papers ---


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_version_as_pdf_says_what_was_filed_and_its_hash(twice, sign_in, language):
    twice.viewer.language = language
    twice.viewer.save(update_fields=["language"])
    response = sign_in(twice.viewer).get(address("version_pdf", twice.letter, 1))
    text = text_of(response.content)
    version = twice.letter.versions.get(number=1)
    assert response["Content-Type"] == "application/pdf"
    for said in (twice.letter.reference, version.sha256, "We listen to the Moon.", "one.pdf"):
        assert said in text
    page = {"en": ("Version 1, filed", "Page 1 of"), "zh-hans": ("第1版", "第1页")}[language]
    for said in page:
        assert said in text


def test_the_draft_as_pdf_says_that_it_is_not_filed(cast, sign_in):
    response = sign_in(cast.viewer).get(address("draft_pdf", cast.letter))
    text = text_of(response.content)
    assert "Draft, not filed" in text
    assert content.digest(content.of(cast.letter, version=1)) in text
    submit(cast)
    assert sign_in(cast.viewer).get(address("draft_pdf", cast.letter)).status_code == 404


def test_the_receipt_as_pdf_has_everything_and_a_code_to_scan(cast, sign_in):
    receipt = submit(cast)
    text = text_of(sign_in(cast.viewer).get(address("receipt_pdf", cast.letter)).content)
    joined = "".join(text.split())
    for said in (receipt.code, receipt.version.sha256, receipt.signature, receipt.audit_head):
        assert said in joined
    assert f"/verify/?code={receipt.code}" in joined
    assert sign_in(cast.stranger).get(address("receipt_pdf", cast.letter)).status_code == 404


def paper(cast, **fields):
    words = content.of(cast.letter, version=1)
    words = {**words, "fields": words["fields"] | fields}
    return papers.letter(words, call=cast.call, sha256=content.digest(words))


def fonts_of(pdf) -> str:
    return subprocess.run(
        ["pdffonts", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def test_every_script_is_set_from_our_own_fonts(cast):
    cast.letter.agency.name = f"{CYRILLIC} {CHINESE} {ARABIC}"
    pdf = paper(cast, title=f"{CHINESE} {CYRILLIC}", summary=f"{ARABIC}\nŁódź Ελλάδα ąę")
    text = text_of(pdf)
    for said in (CYRILLIC, CHINESE, "Łódź Ελλάδα ąę"):
        assert said in text
    used = fonts_of(pdf)
    assert "Naskh" in used
    # Each one is embedded, and none comes from the machine.
    assert all(" yes yes yes " in line for line in used.splitlines()[2:])
    assert "DejaVu" not in used


def test_what_has_no_type_is_marked_and_explained(cast):
    text = text_of(paper(cast, summary="rocket 🚀 สวัสดี"))
    assert "rocket 〓" in text
    assert "stands for characters" in text


@pytest.mark.parametrize(
    "summary",
    ["a\n" * 50_000, "x" * 200_000, "(" * 3000, "é" + "\u0301" * 500, "\u202e" * 400 + "end"],
    ids=["line breaks", "one word", "brackets", "marks", "overrides"],
)
def test_bombs_are_set_in_bounds_or_refused(cast, summary):
    try:
        pdf = paper(cast, summary=summary)
    except printing.Unprintable:
        assert len(summary) > 12_000
    else:
        assert pdf.startswith(b"%PDF-")


def test_what_is_within_the_limits_of_the_form_is_always_set(cast):
    longest = {name: "a\n" * 750 for name in ("innovation_science", "complement", "interaction")}
    assert paper(cast, goals="x" * 3000, **longest).startswith(b"%PDF-")


def test_a_paper_that_cannot_be_made_is_refused_politely(cast, sign_in, monkeypatch):
    monkeypatch.setattr(printing, "WALL_SECONDS", 0.01)
    response = sign_in(cast.viewer).get(address("draft_pdf", cast.letter))
    assert response.status_code == 409
    assert "could not be made" in response.content.decode()


def test_hostile_text_is_printed_as_typed_and_fetches_nothing(cast):
    hostile = "<link rel=attachment href=file:///etc/passwd> {{7*7}} &lt;b&gt;"
    pdf = paper(cast, title=hostile, summary=hostile)
    assert b"EmbeddedFile" not in pdf
    assert "{{7*7}} &lt;b&gt;" in text_of(pdf)


def test_the_same_version_gives_the_same_bytes(cast):
    version = submit(cast).version
    made = {
        papers.letter(version.content, call=cast.call, sha256=version.sha256, version=version)
        for _ in range(2)
    }
    assert len(made) == 1
    with translation.override("zh-hans"):
        chinese = papers.letter(
            version.content, call=cast.call, sha256=version.sha256, version=version
        )
    assert chinese not in made


def test_papers_in_arabic_run_from_right_to_left_and_each_answer_its_own_way(cast):
    words = content.of(cast.letter, version=1)
    words["fields"] |= {"goals": "A year of records.", "title": "مقياس الزلازل"}
    with translation.override("ar"):
        page = papers.letter_page(words, call=cast.call, sha256=content.digest(words))
        drawn = render_to_string("proposals/paper/letter.html", page)
    assert '<html lang="ar" dir="rtl">' in drawn
    assert '<p dir="ltr">A year of records.</p>' in drawn
    assert '<p dir="rtl">مقياس الزلازل</p>' in drawn
