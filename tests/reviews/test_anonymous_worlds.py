"""Two worlds that differ in whose a letter is look alike to a reviewer who must not know it.

The worlds grow from one base inside savepoints, so that all ids are the same. Between them differ
the agency, its place, its people, partners and funder, and what the files tell of who made them.
"""

import io
import re
from contextlib import contextmanager
from datetime import timedelta

import pikepdf
import pytest
from django.db import transaction
from django.test import Client
from PIL import Image

from accounts.models import Agency
from notifications.models import Message
from proposals import content, files
from proposals.models import Attachment, LetterOfIntent, LetterVersion
from reviews import actions
from reviews.models import Assignment, Review
from tests import make
from tests.programs import Program
from tests.reviews import papers

pytestmark = pytest.mark.django_db
_RESTLESS = {"Date", "Expires", "Set-Cookie"}

ATLANTIS = {
    "name": "Space Agency of Atlantis",
    "country": "PE",
    "person": "Ada Abyss",
    "partner": "Institute of Tides",
    "body": "Ministry of Currents",
}
LEMURIA = {
    "name": "Observatory of Lemuria",
    "country": "NP",
    "person": "Lev Summit",
    "partner": "Laboratory of Peaks and Valleys",
    "body": "Fund of the High Lakes",
}


def drawing(person) -> bytes:
    """A JPEG into which a camera wrote whose it is."""
    picture, out = Image.new("RGB", (8, 8), "navy"), io.BytesIO()
    exif = picture.getexif()
    exif[0x013B] = person  # artist
    picture.save(out, "JPEG", exif=exif, comment=person.encode())
    return out.getvalue()


def paper(person) -> bytes:
    """A PDF whose properties, XMP, notes and pictures name a person."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200)).obj
    picture = pikepdf.Stream(pdf, drawing(person))
    picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    picture.Width, picture.Height, picture.BitsPerComponent = 8, 8, 8
    picture.ColorSpace, picture.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
    page.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Owner=person))
    page.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Text,
                Rect=[0, 0, 9, 9],
                Contents="Look here.",
                T=person,
            )
        ]
    )
    with pdf.open_metadata() as xmp:
        xmp["dc:creator"] = [person]
    pdf.docinfo["/Author"] = person
    pdf.docinfo["/Title"] = f"Letter of {person}"
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


class Base:
    """A letter in a double-anonymous round, with a reviewer who has not filed, and one who has."""

    def __init__(self, it_is):
        self.letter = make.eligible_letter(agency=make.agency(name="Nobody"))
        make.member(self.letter.agency)
        self.call, self.round = self.letter.call, make.first_round(self.letter.call)
        make.rubric(self.call)
        actions.set_double_anonymous(self.round, True, actor=make.user(), at=self.call.closes_at)
        self.round.refresh_from_db()
        self.other_letter = make.eligible_letter(call=self.call)
        self.reader, self.other = make.reviewer(), make.reviewer()
        self.own = make.assignment(letter=self.letter, reviewer=self.reader, round=self.round)
        self.theirs = make.assignment(letter=self.letter, reviewer=self.other, round=self.round)
        make.review(of=self.theirs, recognised="NO")
        make.review(of=self.own, submitted=False, recognised="NO")
        it_is(self.own.due_at - timedelta(days=5))
        self.program = Program(self.reader)

    def belongs_to(self, who):
        """The letter as these people would have written it: the same work."""
        Agency.objects.filter(pk=self.letter.agency_id).update(
            name=who["name"], country=who["country"]
        )
        LetterOfIntent.objects.filter(pk=self.letter.pk).update(
            pi_name=who["person"],
            pi_position=f"Head of {who['partner']}",
            representative_name=f"{who['person']} senior",
            budget_body=who["body"],
            partners=[make.partner(who["partner"], who["country"], id="000000000001")],
            co_investigators=[
                {
                    "id": "000000000002",
                    "name": f"{who['person']} junior",
                    "institution": who["partner"],
                    "country": who["country"],
                    "role": "Deputy",
                }
            ],
        )
        letter = LetterOfIntent.objects.select_related("agency", "call").get(pk=self.letter.pk)
        said = content.of(letter, version=1)
        said["attachments"] = [
            {"kind": kind, "name": f"{who['person']}.{end}", "size": len(data), "sha256": sha256}
            for kind, end, data in (
                ("LETTER", "pdf", paper(who["person"])),
                ("DRAWING", "jpg", drawing(who["person"])),
                ("CV", "pdf", paper(who["person"])),
                ("ENDORSEMENT", "pdf", paper(who["person"])),
            )
            for sha256 in [files.store_bytes(data)]
        ]
        key, by = "3d1a63c0-5f0b-4d0c-9a37-6a3c8a7cf0aa", letter.agency.members.get()
        make.version(letter, said, by=by, id=key)


def addresses(base):
    own = base.own.pk
    yield from ("/reviews/", "/reviews/marks/", "/reviews/thanks/", "/reviews/offline/")
    yield from ("/reviews/offline.csv", "/reviews/conflicts/", "/reviews/profile/")
    # What a search finds tells as well.
    yield from ("/reviews/?q=Atlantis", "/reviews/?q=Lemuria", "/reviews/?q=Seismometer")
    yield from (f"/reviews/{own}/", f"/reviews/{own}/?as=pdf", f"/reviews/{own}/letter.pdf")
    yield from (f"/reviews/{own}/files/{k}/" for k in ("letter", "drawing", "cv", "endorsement"))
    yield from (f"/reviews/{own}/{page}/" for page in ("others", "discussion", "consensus", "team"))
    yield from (f"/reviews/{own}/team/{kind}/" for kind in ("cv", "endorsement"))


def seen_by(base):
    client = Client()
    client.force_login(base.reader)
    answers = {}
    for address in addresses(base):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        headers = {k: v for k, v in response.headers.items() if k not in _RESTLESS}
        body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", body)
        answers[address] = (response.status_code, headers, body)
    # The same by program.
    own = f"/reviews/{base.own.pk}"
    by_program = ("/reviews", own, *(f"{own}/files/{k}" for k in ("letter", "drawing", "cv")))
    for path in by_program:
        response = base.program.get(path)
        body = b"".join(response) if response.streaming else response.content
        headers = {k: v for k, v in response.headers.items() if k not in _RESTLESS}
        answers[f"program {path}"] = (response.status_code, headers, body)
    # Typing a name must not tell whether it is the right one.
    form = papers.form_of(base.own, revision=1, recognised="NO", strengths="Ada Abyss, Lev Summit.")
    if Review.objects.get(assignment=base.own).state == "DRAFT":
        saved = client.post(papers.page_of(base.own), form, headers=papers.AUTOSAVE)
        answers["saving"] = saved.status_code, saved.json()["advice"], b""
    return answers


@contextmanager
def world(base, who):
    with transaction.atomic():
        base.belongs_to(who)
        yield
        transaction.set_rollback(True)


def compared(base):
    seen = []
    for who in (ATLANTIS, LEMURIA):
        with world(base, who):
            seen.append(seen_by(base))
    first, second = seen
    assert [a for a in first if first[a] != second[a]] == []
    for answer in first.values():
        for who in (ATLANTIS, LEMURIA):
            assert not any(name.encode() in answer[2] for name in who.values() if len(name) > 2)
    return {address: answer[0] for address, answer in first.items()}


@pytest.fixture
def base(it_is):
    return Base(it_is)


def test_whose_the_letter_is_shows_nowhere_while_one_marks(base):
    statuses = compared(base)
    own = f"/reviews/{base.own.pk}"
    assert statuses[f"{own}/"] == statuses[f"{own}/letter.pdf"] == 200
    assert statuses[f"{own}/files/letter/"] == statuses[f"{own}/files/drawing/"] == 200
    assert statuses[f"{own}/files/cv/"] == statuses[f"{own}/files/endorsement/"] == 404
    assert statuses[f"{own}/team/"] == 403
    assert statuses["saving"] == statuses[f"program {own}"] == 200
    assert statuses[f"program {own}/files/letter"] == 200
    assert statuses[f"program {own}/files/cv"] == 404


@pytest.mark.long
def test_whose_the_letter_is_shows_nowhere_before_the_team_is_opened(base):
    review = Review.objects.get(assignment=base.own)
    actions.submit_review(review, actor=base.reader)
    own = f"/reviews/{base.own.pk}"
    statuses = compared(base)
    assert statuses[f"{own}/discussion/"] == statuses[f"{own}/others/"] == 200
    assert statuses[f"{own}/team/"] == 200
    assert statuses[f"{own}/team/cv/"] == 403


def test_mails_about_the_round_name_nobody(base):
    told = []
    for who in (ATLANTIS, LEMURIA):
        with world(base, who):
            late = make.reviewer(email="late@example.org", name="Late")
            actions.open_conflict_checks(base.round, actor=make.user(), at=base.call.closes_at)
            actions.contribute(
                base.round,
                base.letter,
                text="So?",
                answers=None,
                actor=Assignment.objects.get(pk=base.theirs.pk).reviewer,
            )
            fields = ("recipient__email", "template", "subject", "body")
            mails = Message.objects.exclude(recipient__email__startswith="person")
            told.append([*mails.values_list(*fields), late.email])
    assert told[0] == told[1]


def test_stored_files_stay_as_they_were_sent(base):
    with world(base, ATLANTIS):
        seen_by(base)
        for item in LetterVersion.objects.get(letter=base.letter).content["attachments"]:
            assert files.is_whole(item["sha256"])
        assert not Attachment.every.exists()
