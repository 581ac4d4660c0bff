"""Committee packs as tests ask for them, have them made, and look at them."""

import io

import pikepdf
from django.urls import reverse

from chang_e8_portal import clock
from reviews import actions
from reviews.models import CommitteePack
from reviews.states import PackState
from tests import make
from tests.reviews import papers


def letter_of(call_round, **fields):
    agency = fields.pop("agency", None) or make.agency()
    make.member(agency)
    letter = make.eligible_letter(call=call_round.call, agency=agency, **fields)
    papers.filed(letter, pdf=True)
    return letter


def asked(client, slug="preliminary", **choices):
    return client.post(
        reverse("panel:packs", args=[slug]), {"kind": "PDF", "order": "REFERENCE", **choices}
    )


def made(client, slug="preliminary", **choices) -> CommitteePack:
    assert asked(client, slug, **choices).status_code == 302
    pack = CommitteePack.objects.get(state=PackState.QUEUED)
    assert actions.make_pack(pack.pk, at=clock.now())
    pack.refresh_from_db()
    return pack


def address(pack, name="pack_file", slug="preliminary"):
    return reverse(f"panel:{name}", args=[slug, pack.pk])


def file_of(client, pack, slug="preliminary") -> bytes:
    response = client.get(address(pack, slug=slug))
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def is_readable_by_everybody(data, starts) -> list[str]:
    """Bookmarks, links, tags and embedded fonts, all of them on the pages they are about.

    Answers the outermost bookmarks; `starts` are the pages on which letters begin.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
            targets = [pikepdf.Page(item.destination[0]).index + 1 for item in outline.root[1:]]
        assert targets == starts
        assert pdf.Root.MarkInfo.Marked
        here = {page.obj.objgen for page in pdf.pages}
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        keys = [int(key) for key in numbers[::2]]
        assert keys == sorted(set(keys))
        assert [int(page.obj.StructParents) for page in pdf.pages] == [
            key for key in keys if key in {int(page.obj.StructParents) for page in pdf.pages}
        ]
        for at, page in enumerate(pdf.pages):
            # What stands on a page is found in the tree as standing on this page.
            own = numbers[2 * keys.index(int(page.obj.StructParents)) + 1]
            marked = [one for one in own if isinstance(one, pikepdf.Dictionary)]
            assert all(one.get("/Pg", page.obj).objgen == page.obj.objgen for one in marked), at
            for font in page.obj.Resources.get("/Font", {}).values():
                kid = font.DescendantFonts[0] if "/DescendantFonts" in font else font
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(kid.FontDescriptor.keys())
        links = [
            annotation.Dest[0].objgen
            for page in list(pdf.pages)[: starts[0] - 1]
            for annotation in page.obj.get("/Annots", [])
        ]
        assert set(links) <= here
        assert {pdf.pages[start - 1].obj.objgen for start in starts} == set(links)
        assert b"pack.invalid" not in data
    return titles
