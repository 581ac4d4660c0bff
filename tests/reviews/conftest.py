import io
import re
from datetime import timedelta

import pikepdf
import pytest

from proposals import printing
from tests import make
from tests.reviews import papers

DAY = timedelta(days=1)


@pytest.fixture
def assignment(it_is):
    """A letter with text, given to a reviewer who has no conflict; ten days before it is due."""
    agency = make.agency(name="Observatory of Lemuria")
    make.member(agency)
    letter = make.eligible_letter(agency=agency, summary="The secret plan of the letter.")
    make.rubric(letter.call)
    papers.filed(letter, pdf=True)
    given = make.assignment(letter=letter)
    it_is(given.due_at - 10 * DAY)
    return given


@pytest.fixture
def reader(client, assignment):
    """The assignment's reviewer, signed in."""
    client.force_login(assignment.reviewer)
    return client


@pytest.fixture
def quick_press(monkeypatch):
    """Each paper as one page that says what was set, for tests that are not about how it looks."""

    def pdf_from(html, style):
        said = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
        said = " ".join(re.sub(r"<[^>]+>", " ", said).split())
        pdf = pikepdf.new()
        pdf.add_blank_page()
        pdf.docinfo["/Said"] = said
        tree = pikepdf.Dictionary(
            Type=pikepdf.Name.StructTreeRoot,
            K=pikepdf.Array(),
            ParentTree=pikepdf.Dictionary(Nums=pikepdf.Array()),
        )
        pdf.Root.StructTreeRoot = pdf.make_indirect(tree)
        out = io.BytesIO()
        pdf.save(out)
        told.append(said)
        return out.getvalue()

    told: list[str] = []
    monkeypatch.setattr(printing, "pdf_from", pdf_from)
    return told
