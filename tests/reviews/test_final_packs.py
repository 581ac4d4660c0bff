"""Committee packs of the final round: what was filed of the fuller proposals is in them."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest
from pypdf import PdfReader

from accounts.states import Role
from chang_e8_portal import clock
from proposals import actions as letters_room
from proposals import files, printing
from proposals.models import CallRound, LetterVersion
from proposals.states import AttachmentKind, RoundKind
from reviews import actions, pack_paper
from reviews.models import CommitteePack
from reviews.states import PackState
from tests import make
from tests.proposals.papers import GOOD
from tests.reviews import packs, papers
from tests.reviews.marks import add_review

pytestmark = pytest.mark.django_db
TOLD = make.CLOSES + timedelta(days=111)
DUE = make.CLOSES + timedelta(days=166)
LACKING = "No fuller proposal is filed for this letter. It is judged as it stands."


@pytest.fixture
def final(it_is, client):
    """The final round, which asks for fuller proposals, with a chair signed in."""
    call = make.call()
    make.rubric(call)
    CallRound.objects.filter(call=call, kind=RoundKind.FINAL).update(proposals_due_at=DUE)
    it_is(TOLD)
    client.force_login(make.user(Role.CHAIR, name="Chair One"))
    return make.final_round(call)


def shortlisted(final, **fields):
    letter = make.shortlisted_letter(call=final.call, **fields)
    make.member(of=letter.agency)
    papers.filed(letter, pdf=True)
    return letter


def saved(letter, **changes):
    """Write into the working copy, and file nothing."""
    proposal = letters_room.fuller_of(letter)
    letters_room.save_fuller(
        letter, changes=changes, revision=proposal.revision, actor=letter.agency.members.get()
    )


def attached(letter, kind):
    stored = files.Stored(files.store_bytes(GOOD), len(GOOD), 1)
    letters_room.attach(
        letter,
        kind=kind,
        stored=stored,
        name="Ana Nakara.pdf",
        actor=letter.agency.members.get(),
    )


def archive_of(client, **choices) -> zipfile.ZipFile:
    pack = packs.made(client, "final", kind="ZIP", **choices)
    return zipfile.ZipFile(io.BytesIO(packs.file_of(client, pack, "final")))


# --- the file itself, set in earnest ---


def test_a_fuller_proposal_has_its_bookmark_under_the_letter(client, final):
    letters = [shortlisted(final, title=title) for title in ("Dust sensor", "Mast camera")]
    add_review(final, letters[0], make.reviewer(), 5)
    papers.file_fuller(letters[0])
    data = packs.file_of(client, packs.made(client, "final"), "final")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    starts = [number for number, page in enumerate(pages, 1) if "Marks" in page.splitlines()]
    packs.is_readable_by_everybody(data, starts)
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        _cover, first, second = outline.root
        own, fuller = first.children[-2:]
        titles = [[child.title for child in one.children] for one in (first, second)]
        assert titles == [
            ["Marks", "Dust sensor", "Fuller proposal"],
            ["Marks", "Fuller proposal", "Mast camera"],
        ]
        assert [child.title for child in own.children][-1] == "H · Files"
        # One page needs no more than the one.
        assert not list(fuller.children)
        begins = pikepdf.Page(fuller.destination[0]).index
    said = pages[begins]
    for words in (
        *("Fuller proposal", "Dust sensor", "Version 1, filed", "A longer mast.", "7.25"),
        *("Implementation scheme", "Confidential copy for Chair One"),
    ):
        assert words in " ".join(said.split()), words
    # Nothing of it is for the chair alone, and the copy does not say that something is left out.
    assert "left out of this copy" not in said
    assert LACKING in " ".join(pages[starts[1] - 1].split())
    assert LACKING not in " ".join("".join(pages[: starts[1] - 1]).split())


def test_a_pack_of_the_first_round_is_the_same_bytes_whatever_was_filed_later(client, final):
    letter = shortlisted(final)
    pack = packs.made(client)
    papers.file_fuller(letter)
    CommitteePack.objects.update(state=PackState.QUEUED, sha256="")
    actions.make_pack(pack.pk, at=clock.now())
    before, pack.sha256 = pack.sha256, CommitteePack.objects.get().sha256
    assert before == pack.sha256


# --- what is in it ---


def test_the_newest_filed_version_is_in_it_and_never_the_working_copy(client, final, quick_press):
    letter = shortlisted(final)
    papers.file_fuller(letter, changes="The first thought.")
    papers.file_fuller(letter, changes="The second thought.")
    saved(letter, changes="Not for anybody yet.")
    packs.made(client, "final")
    said = "".join(quick_press)
    assert "The second thought." in said
    assert "The first thought." not in said
    assert "Not for anybody yet." not in said


def test_what_was_begun_and_not_filed_is_said_to_lack(client, final, quick_press):
    letter = shortlisted(final)
    attached(letter, AttachmentKind.SCHEME)
    saved(letter, changes="Not for anybody yet.")
    archive = archive_of(client)
    assert [name.partition("/")[2] for name in archive.namelist()] == [
        f"{letter.reference}.pdf",
        "letter.pdf",
    ]
    assert LACKING in "".join(quick_press)
    assert "Not for anybody yet." not in "".join(quick_press)


def test_a_zip_has_the_files_of_both_beside_the_paper(client, final, quick_press):
    letter = shortlisted(final)
    attached(letter, AttachmentKind.BACKING)
    papers.file_fuller(letter)
    archive = archive_of(client)
    assert archive.namelist() == [
        f"1_{letter.reference}/{name}"
        for name in (f"{letter.reference}.pdf", "letter.pdf", "scheme.pdf", "backing.pdf")
    ]
    assert archive.read(archive.namelist()[2]) == GOOD
    assert archive.testzip() is None


def test_a_file_that_is_not_cleared_is_not_in_it(client, final, quick_press):
    letter = shortlisted(final)
    papers.file_fuller(letter)
    letter.attachments.update(scan="INFECTED")
    assert not any("scheme" in name for name in archive_of(client).namelist())


def test_a_double_anonymous_round_hides_whose_it_is_and_its_files(client, final, quick_press):
    CallRound.objects.filter(pk=final.pk).update(double_anonymous=True)
    letter = shortlisted(final, agency=make.agency(name="Observatory of Lemuria"))
    papers.file_fuller(letter)
    sha256 = letter.fuller_versions.get().sha256
    archive = archive_of(client)
    packs.made(client, "final")
    said = "".join(quick_press)
    assert "A longer mast." in said
    for hidden in ("Lemuria", "Ana Nakara.pdf", sha256[:8]):
        assert hidden not in said, hidden
    assert [name.partition("/")[2] for name in archive.namelist()] == [f"{letter.reference}.pdf"]
    archive = archive_of(client, with_names="on")
    assert [name.partition("/")[2] for name in archive.namelist()][-1] == "scheme.pdf"
    assert "Lemuria" in quick_press[-1]


def test_a_conflict_hides_it_with_its_letter(client, final, quick_press):
    kept, barred = shortlisted(final), shortlisted(final)
    papers.file_fuller(kept, changes="Of the kept one.")
    papers.file_fuller(barred, changes="Of the barred one.")
    chair = make.user(Role.CHAIR)
    make.check(chair, barred, conflicted=True)
    client.force_login(chair)
    archive = archive_of(client)
    said = "".join(quick_press)
    assert "Of the kept one." in said
    assert "Of the barred one." not in said
    assert not any(barred.reference in name for name in archive.namelist())
    # One that is found later takes the whole pack away.
    pack = CommitteePack.objects.get()
    make.check(chair, kept, conflicted=True)
    assert client.get(packs.address(pack, slug="final")).status_code == 404


def test_a_round_that_asks_for_none_says_nothing_of_it(client, final, quick_press):
    letter = shortlisted(final)
    papers.file_fuller(letter)
    CallRound.objects.update(proposals_due_at=None)
    archive = archive_of(client)
    assert "uller proposal" not in "".join(quick_press)
    assert not any("scheme" in name for name in archive.namelist())


def test_one_that_cannot_be_set_is_said_and_keeps_nothing_else_from_it(
    client, final, quick_press, monkeypatch
):
    letter = shortlisted(final)
    papers.file_fuller(letter)
    set_as_ever = pack_paper.papers.letter_page

    def letter_page(content, **given):
        if not isinstance(given["version"], LetterVersion):
            raise printing.Unprintable("too long")
        return set_as_ever(content, **given)

    monkeypatch.setattr(pack_paper.papers, "letter_page", letter_page)
    assert packs.made(client, "final").state == PackState.READY
    said = "".join(quick_press)
    assert "The fuller proposal cannot be set as a paper." in said
    assert make.COMPLETE["goals"] in said


def test_the_paper_and_the_files_are_of_one_version(client, final, quick_press, monkeypatch):
    """An agency may file anew while a worker makes the pack."""
    letter = shortlisted(final)
    papers.file_fuller(letter, mass_kg=Decimal("7.25"))
    press = printing.pdf_from

    def pdf_from(html, style):
        if letter.fuller_versions.count() == 1:
            attached(letter, AttachmentKind.ANNEX)
            papers.file_fuller(letter, changes="While it was made.")
        return press(html, style)

    monkeypatch.setattr(printing, "pdf_from", pdf_from)
    assert not any("annex" in name for name in archive_of(client).namelist())
    assert "While it was made." not in "".join(quick_press)


@pytest.mark.parametrize("versions", [1, 3])
def test_a_letter_costs_the_same_however_many_versions(
    client, final, quick_press, versions, django_assert_num_queries
):
    letter = shortlisted(final)
    for number in range(versions):
        papers.file_fuller(letter, changes=f"Thought {number}.")
    packs.asked(client, "final")
    pack = CommitteePack.objects.select_related("round__call", "asked_by").get()
    set_by = pack_paper.Papers(pack, [letter])
    with django_assert_num_queries(5):
        set_by.letter(1, letter, set_by.filed(letter))
