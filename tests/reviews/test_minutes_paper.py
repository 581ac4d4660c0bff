"""The minutes as PDF: in two languages, tagged, with embedded fonts and numbered pages."""

import io

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from reviews import actions, minutes, minutes_paper
from reviews.models import Minutes
from tests.conftest import SettledClient
from tests.reviews.panel_in_session import DAY, MINUTE, Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(it_is):
    """A meeting with a consensus, a letter left open, a note in two scripts, and two who left."""
    panel = Session()
    it_is(panel.at + DAY)
    panel.meeting = panel.held()
    panel.agreed(panel.first, text="We want it.\nThe mass must come down.")
    panel.settled(panel.meeting, panel.first, decision="CONSENSUS", note="月球 <b>Moon</b> ق")
    actions.confirm_back(
        panel.meeting,
        {panel.cleo.pk, panel.deputy.pk},
        actor=panel.chair,
        at=panel.at + DAY + 9 * MINUTE,
    )
    panel.settled(panel.meeting, panel.second, decision="MORE", more=2, reason="Nobody knows it.")
    actions.close_meeting(
        panel.meeting, leaving=True, actor=panel.chair, at=panel.at + DAY + 90 * MINUTE
    )
    return panel


def pdf_for(panel, person, **headers):
    client = SettledClient()
    client.force_login(person)
    if person in (panel.chair, panel.deputy):
        address = reverse("panel:meeting_minutes_pdf", args=["preliminary", panel.meeting.pk])
    else:
        address = reverse("reviews:meeting_minutes_pdf", args=[panel.meeting.pk])
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    return PdfReader(io.BytesIO(answer.content))


def words_of(reader):
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_it_says_who_was_there_what_was_decided_and_who_left_when(closed):
    reader = pdf_for(closed, closed.chair)
    said = words_of(reader)
    for text in (
        "Panel meeting",
        "Chao Chair (Chair)",
        "Ice drill",
        "We want it.",
        "The mass must come down.",
        "Too heavy, says one.",
        "Cleo Reader left at 00:01, back at 00:09: conflict of interest",
        "2 more reviews wanted",
        "Nobody knows it.",
        "Not dealt with",
        "月球 <b>Moon</b> ق",
        "Confidential copy for Chao Chair",
        "Page 1 of",
        minutes.digest(Minutes.objects.get().content),
    ):
        assert text in said, text
    root = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("en", True)
    fonts = [
        font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    for font in fonts:
        below = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert any(name.startswith("/FontFile") for name in below["/FontDescriptor"].get_object())


def test_whoever_was_absent_reads_that_and_a_fingerprint_of_that_copy(closed):
    whole = Minutes.objects.get()
    for absent in (closed.cleo, closed.deputy):
        said = words_of(pdf_for(closed, absent))
        assert "An item from which you were absent" in said
        for secret in ("Ice drill", "We want it.", closed.first.reference, whole.sha256, "left at"):
            assert secret not in said, secret
        assert minutes.digest(minutes.for_reader(whole.content, absent)) in said


def test_it_speaks_the_readers_language(closed):
    closed.ana.language = "zh-hans"
    closed.ana.save(update_fields=["language"])
    # A request leaves its language behind in this thread; the next test begins in English.
    with translation.override("en"):
        reader = pdf_for(closed, closed.ana)
    assert reader.trailer["/Root"]["/Lang"] == "zh-Hans"
    said = words_of(reader).replace(" ", "")
    for text in ("会议纪要", "出席", "需增加2份评审", "于00:01离开，00:09返回：利益冲突"):
        assert text in said, text


def test_the_same_minutes_are_the_same_bytes_and_a_flood_of_text_is_set(closed):
    content = Minutes.objects.get().content
    about = {"call": closed.call, "copy_for": "Ana"}
    assert minutes_paper.pdf(content, **about) == minutes_paper.pdf(content, **about)
    content["items"][0]["note"] = "line\n" * 600 + "x" * 2000
    with translation.override("zh-hans"):
        assert minutes_paper.pdf(content, **about).startswith(b"%PDF")
