"""Rows in the editor, without a script and while one types."""

import re

import pytest
from django.urls import reverse

from proposals.models import LetterOfIntent
from tests import make

AUTOSAVE = {"x-requested-with": "autosave"}
CELLS = ("name", "institution", "country", "role")


@pytest.fixture
def post(cast, sign_in):
    def send(key="b", *, autosave=False, revision=1, **fields):
        address = reverse("proposals:edit", args=[cast.letter.pk, key])
        headers = AUTOSAVE if autosave else {}
        data = {"revision": revision, **fields}
        return sign_in(cast.editor).post(address, data, headers=headers)

    return send


def stored():
    return LetterOfIntent.objects.get()


def people(*names, **more):
    """Co-investigators as the form sends them; None for a row that is left empty."""
    sent = {"co_investigators": "rows"}
    for number, name in enumerate(names):
        start = f"co_investigators-{number}"
        sent |= {f"{start}-{cell}": "" for cell in CELLS} | {f"{start}-id": f"{number:08d}"}
        sent[f"{start}-name"] = name or ""
    return sent | more


def names_of(page):
    return re.findall(r'name="(co_investigators-\d+-\w+)"', page.content.decode())


def test_rows_are_saved_in_order_with_their_ids_and_empty_ones_vanish(cast, post):
    filled = people("Ana", None, " Bela ", **{"co_investigators-2-country": "PE"})
    assert post(**filled).status_code == 302
    assert stored().co_investigators == [
        {"id": "00000000", "name": "Ana", "institution": "", "country": "", "role": ""},
        {"id": "00000002", "name": "Bela", "institution": "", "country": "PE", "role": ""},
    ]
    # The ids stay when the first row goes.
    post(revision=2, **people("Ana", "Bela") | {"co_investigators-0-remove": "on"})
    assert [row["id"] for row in stored().co_investigators] == ["00000001"]


def test_an_empty_row_follows_and_more_come_when_asked_for(cast, sign_in, post):
    address = reverse("proposals:edit", args=[cast.letter.pk, "b"])
    response = post(**people("Ana"), add="co_investigators")
    assert response.url == f"{address}?add=co_investigators#id_co_investigators-1-name"
    client = sign_in(cast.editor)
    assert len(names_of(client.get(address))) == 2 * 6
    page = client.get(response.url)
    assert len(names_of(page)) == 4 * 6
    ids = re.findall(r'name="co_investigators-\d-id" value="(\w+)"', page.content.decode())
    assert len(set(ids)) == 4


def test_a_full_table_offers_no_more(cast, sign_in, post):
    names = [f"Person {number}" for number in range(30)]
    assert post(**people(*names), add="co_investigators").status_code == 302
    page = sign_in(cast.editor).get(reverse("proposals:edit", args=[cast.letter.pk, "b"]))
    assert len(names_of(page)) == 30 * 6
    response = post(revision=2, **people(*names, "One more"))
    assert response.status_code == 422
    assert "Use at most 30 rows; there are 31 now." in response.content.decode()


@pytest.mark.parametrize("table", ["state", "title", "summary"])
def test_only_tables_grow(cast, sign_in, post, table):
    address = reverse("proposals:edit", args=[cast.letter.pk, "b"])
    assert post(**people("Ana"), add=table).url == address
    page = sign_in(cast.editor).get(address, {"add": table})
    assert len(names_of(page)) == 2 * 6


def test_a_fault_keeps_every_row_as_it_was_typed_and_leads_to_its_cell(cast, post, nothing_written):
    sent = people("Ana", None, "", "Carl\u202e") | {
        "co_investigators-2-role": "<b>Optics</b>",
        "co_investigators-0-remove": "on",
    }
    with nothing_written():
        response = post(**sent)
    text = response.content.decode()
    assert response.status_code == 422
    # The rows are numbered as they are shown again: the empty one is gone.
    assert "Row 2, name: Fill this in, or remove the row." in text
    assert 'href="#id_co_investigators-1-name"' in text
    assert 'href="#id_co_investigators-2-name"' in text
    assert 'id="id_co_investigators-1-name"' in text
    assert 'value="&lt;b&gt;Optics&lt;/b&gt;"' in text
    assert re.search(r'name="co_investigators-0-remove"[^>]*checked', text)


def test_rows_that_were_not_sent_are_not_emptied_and_an_emptied_table_is(cast, post):
    post(**people("Ana"))
    post(revision=2, pi_name="Another")
    assert len(stored().co_investigators) == 1
    post(revision=3, co_investigators="rows")
    assert stored().co_investigators == []


def test_typing_saves_rows_and_answers_a_stale_page_with_all_of_them(cast, post):
    assert post(autosave=True, **people("Ana")).json()["revision"] == 2
    # A repeated save is the same save.
    assert post(autosave=True, **people("Ana")).json()["revision"] == 2
    body = post(autosave=True, **people("Bela")).json()
    theirs = {name: text for name, text in body["current"].items() if name.startswith("co_inv")}
    assert theirs == {
        "co_investigators": "rows",
        "co_investigators-0-id": "00000000",
        "co_investigators-0-name": "Ana",
        "co_investigators-0-institution": "",
        "co_investigators-0-country": "",
        "co_investigators-0-role": "",
    }


def test_a_bad_cell_keeps_its_table_from_being_saved_and_nothing_else(cast, post):
    sent = people("Ana", "") | {"co_investigators-1-role": "Optics"}
    response = post(autosave=True, pi_name="Ana Nakara II", **sent)
    assert response.status_code == 422
    assert response.json()["fields"] == {
        "co_investigators": ["Co-investigators: Row 2, name: Fill this in, or remove the row."]
    }
    assert (stored().pi_name, stored().co_investigators) == ("Ana Nakara II", [])


@pytest.mark.parametrize(
    "name", ["co_investigators-0-state", "co_investigators-1000-name", "risks-0-risk", "partners-x"]
)
def test_a_cell_that_nobody_offered_is_refused(cast, post, nothing_written, name):
    with nothing_written():
        assert post(**people("Ana"), **{name: "x"}).status_code == 400


def test_late_rows_are_handed_back_to_be_copied(cast, post, it_is, nothing_written):
    it_is(cast.call.closes_at)
    with nothing_written():
        response = post(**people("Ana", "Bela") | {"co_investigators-1-country": "PE"})
    assert response.status_code == 409
    text = response.content.decode()
    assert "Co-investigators 2: name" in text
    assert "Ana</textarea>" in text
    assert "Bela</textarea>" in text


def test_two_versions_of_rows_are_shown_side_by_side(cast, post):
    post(**people("Ana"))
    response = post(**people("Bela"))
    text = response.content.decode()
    assert response.status_code == 412
    assert 'name="take-co_investigators"' in text
    assert ">Ana<" in text
    assert ">Bela<" in text
    revision, base, mine, theirs = (
        re.search(rf'name="{name}" value="([^"]*)"', text)[1].replace("&quot;", '"')
        for name in ("revision", "base", "mine", "theirs")
    )
    choice = {"base": base, "mine": mine, "theirs": theirs, "take-co_investigators": "mine"}
    assert post(revision=revision, **choice).status_code == 302
    assert [row["name"] for row in stored().co_investigators] == ["Bela"]


def test_the_whole_letter_can_be_sent_through_its_forms_and_comes_out_the_same(cast, post):
    table = [make.partner("Tides", "NO", "20 %")]
    cast.letter.partners = table
    cast.letter.risks = [{"id": "risk0001", "risk": "Late", "mitigation": "Hurry\nup"}]
    cast.letter.save(update_fields=["partners", "risks"])
    before = LetterOfIntent.objects.values().get()
    for key in "abcdefg":
        assert post(key, **make.form_values(cast.letter, key)).status_code == 302
    assert LetterOfIntent.objects.values().get() == before
