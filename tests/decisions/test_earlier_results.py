"""Results under the code of their call: they stay when the next call opens, and before their
release they are as if there were no such call.
"""

import csv
import io
from datetime import timedelta
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.states import Language, Role
from decisions import actions, pdf_signature, results
from decisions.models import ResultsPaper
from decisions.states import Outcome
from proposals.models import Call
from tests import make
from tests.decisions import stage
from tests.decisions.test_corrections import Told
from tests.programs import Program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

ATOM = "{http://www.w3.org/2005/Atom}"
OLDER, NEWER, NONE = "CE7-2019", "CE8-2023", "CE9-2031"
# Of the present call, and of the one with a code.
PRESENT = (
    *("/results/", "/results.csv", "/results.txt", "/results.pdf", "/results/feed/"),
    *("/results/picture.png", "/api/v1/results"),
)
NAMED = (
    *("/results/{}/", "/results/{}.csv", "/results/{}.txt", "/results/{}.pdf"),
    *("/results/{}/feed/", "/results/{}/picture.png", "/api/v1/results/{}"),
)
YEAR = timedelta(days=365)


def call(code, **fields):
    """The older of the two calls, or the newer."""
    later = YEAR if code == NEWER else timedelta(0)
    title = {OLDER: "Chang'e-7 call", NEWER: "Chang'e-8 call"}[code]
    return make.call(
        code=code,
        title={"en": title, "zh-hans": f"{title} 中文"},
        opens_at=make.OPENS + later,
        closes_at=make.CLOSES + later,
        **fields,
    )


def released(code, *outcomes, **fields):
    return stage.released(*outcomes, call=call(code), **fields)


def of(code) -> list[str]:
    return [address.format(code) for address in NAMED]


def everything(response) -> tuple:
    """All that one may see of an answer."""
    body = b"".join(response) if response.streaming else response.content
    return response.status_code, dict(response.headers), body, str(response.cookies)


# --- after the next call has opened ---


def test_the_older_results_are_told_in_every_form_and_the_newer_are_awaited(client):
    _publication, [chosen, declined] = released(OLDER, title_zh="月震仪")
    before = {address: client.get(address).content for address in of(OLDER)}
    assert client.get("/results/").context["said"]["projects"]
    newer = call(NEWER)
    assert Call.objects.current() == newer
    name = chosen.agency.name
    answers = {address: client.get(address) for address in of(OLDER)}
    assert {answer.status_code for answer in answers.values()} == {200}
    page, table, text, paper, feed, picture, told = answers.values()

    assert name in page.content.decode()
    assert next(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))[0] == "#"
    assert name in table.content.decode()
    assert text.content.decode().startswith("Chang'e-7 call\nThe selected projects\n")
    assert f"月震仪 (Unit level)\n  {name}" in text.content.decode()
    with pikepdf.open(io.BytesIO(paper.content)) as file:
        assert name in str(file.docinfo["/Title"])
    assert [one.tag for one in ET.fromstring(feed.content)].count(f"{ATOM}entry") == 1
    assert picture.content.startswith(b"\x89PNG")
    assert told.json()["call"] == OLDER
    assert [project["agency"] for project in told.json()["projects"]] == [name]
    for address, answer in answers.items():
        assert declined.agency.name not in answer.content.decode("latin-1")
        if address != f"/results/{OLDER}/":
            assert answer.content == before[address], "the next call changes nothing of it"
    for header, value in {
        "Content-Disposition": f'attachment; filename="{OLDER}-results-en.csv"',
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Language",
    }.items():
        assert table[header] == value

    # The addresses without a code are those of the present call, which is not told yet.
    assert name not in client.get("/results/").content.decode()
    for address in ("/results.csv", "/results.pdf", "/results.txt", "/api/v1/results"):
        assert client.get(address).status_code == 404
    assert ET.fromstring(client.get("/results/feed/").content).find(f"{ATOM}entry") is None


def test_each_of_two_told_calls_has_results_of_its_own(client):
    [_older, letters_of_older] = released(OLDER)
    [_newer, letters_of_newer] = released(NEWER)
    names = {OLDER: letters_of_older[0].agency.name, NEWER: letters_of_newer[0].agency.name}
    for code, other in ((OLDER, NEWER), (NEWER, OLDER)):
        for address in of(code):
            answer = client.get(address)
            assert answer.status_code == 200, address
            if not address.endswith((".pdf", "picture.png")):
                assert names[code] in answer.content.decode()
                assert names[other] not in answer.content.decode()
    assert names[NEWER] in client.get("/results/").content.decode()
    # One and the same file, whether the call is named or the present one is asked for.
    for present, named in zip(PRESENT, of(NEWER), strict=True):
        if present not in ("/results/", "/results/feed/"):
            assert client.get(present).content == client.get(named).content, present
    assert ResultsPaper.objects.count() == 2


def test_a_code_in_other_letters_is_another_code(client):
    released(OLDER)
    for code in (OLDER.lower(), f"{OLDER} ", f"{OLDER}%20", "feed"):
        assert client.get(f"/results/{code}.csv").status_code == 404
        assert client.get(f"/api/v1/results/{code}").status_code == 404


# --- before the release: as if there were no such call ---


def test_before_its_release_a_call_is_one_that_does_not_exist(client):
    addresses = [*of(NEWER), f"/results/{NEWER}", f"/results/{NEWER}/?lang=ar"]
    addresses += [f"/results/{NEWER}{form}?lang=xx" for form in (".csv", ".pdf", ".txt")]
    addresses += [f"/results/{NEWER}/{form}?lang=fr" for form in ("feed/", "picture.png")]

    def asked(code):
        for address in addresses:
            path = address.replace(NEWER, code)
            for method in (client.get, client.head):
                yield everything(method(path, headers={"If-None-Match": '"x"'}))
            yield everything(client.get(path, headers={"Accept-Language": "zh-hans"}))

    def seen():
        there, nowhere = list(asked(NEWER)), list(asked(NONE))
        # The redirect to the address with a slash names what was asked for.
        said = [str(one).replace(NEWER, NONE) for one in there]
        assert said == [str(one) for one in nowhere]
        assert [one for one in there if one[0] != 301] == [one for one in nowhere if one[0] != 301]
        return there

    worlds = [seen()]
    made = call(NEWER)
    call_round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED, call=made)
    worlds.append(seen())
    publication = stage.rendered(call_round)
    worlds.append(seen())
    assert all(world == worlds[0] for world in worlds)
    assert {one[0] for one in worlds[0]} == {301, 404}
    assert {one[1]["Cache-Control"] for one in worlds[0] if one[0] == 404} == {"private, no-store"}
    assert not any("ETag" in one[1] for one in worlds[0])
    assert not ResultsPaper.objects.exists()

    stage.release(publication)
    assert seen_is_told(client, letters[0])


def seen_is_told(client, letter) -> bool:
    return letter.agency.name in client.get(f"/results/{NEWER}/").content.decode()


def test_nobody_who_is_signed_in_is_told_more(client):
    _publication, letters = stage.ready(call=call(NEWER))
    people = [make.user(role) for role in Role] + [letters[0].agency.members.first()]
    for person in people:
        client.force_login(person)
        for path in NAMED[:-1]:
            there, nowhere = (stage.bare(client.get(path.format(code))) for code in (NEWER, NONE))
            assert there == nowhere, (person.roles, path)
        program = Program(person)
        assert (
            program.get(f"/results/{NEWER}").content
            == program.get(f"/results/{NONE}").content
            == program.get("/results").content
        )


def test_the_page_that_is_not_there_leads_to_those_that_are(client):
    missing = client.get(f"/results/{NONE}/")
    assert missing.status_code == 404
    assert "Published results" not in missing.content.decode()
    assert 'href="/results/"' in missing.content.decode()
    released(OLDER)
    page = client.get(f"/results/{NONE}/").content.decode()
    assert "Published results" in page
    assert f'href="/results/{OLDER}/"' in page


# --- a correction is one of its own call ---


def test_a_correction_changes_its_own_call_and_no_other(client):
    released(NEWER)
    told = Told(call=call(OLDER))
    assert told.publication.round.call != Call.objects.current()
    every = [*PRESENT, *of(NEWER), *of(OLDER)]
    before = {address: client.get(address) for address in every}
    added = told.letters[1]
    told.release(told.propose(added, outcome=Outcome.SELECTED))
    for address in every:
        etag = before[address]["ETag"]
        after = client.get(address, headers={"If-None-Match": etag})
        if OLDER in address:
            assert (after.status_code, after["ETag"] != etag) == (200, True), address
            if not address.endswith((".pdf", ".png")):
                assert added.agency.name in after.content.decode()
        else:
            assert (after.status_code, after["ETag"]) == (304, etag), address
            assert client.get(address).content == before[address].content, address


# --- the way to them ---


def test_each_page_leads_to_the_results_of_the_other_calls(client, settings):
    older, newer = f'href="/results/{OLDER}/"', f'href="/results/{NEWER}/"'
    publication, _letters = released(OLDER)
    for address in ("/", "/results/", f"/results/{OLDER}/"):
        page = client.get(address).content.decode()
        assert not any(
            words in page for words in ("Earlier results", "earlier calls", "other calls")
        )

    publication, _letters = stage.ready(call=call(NEWER))
    for address, words in {
        "/": "Results of earlier calls",
        "/results/": "Earlier results",
    }.items():
        page = client.get(address).content.decode()
        assert words in page
        assert older in page
        assert "<bdi>Chang&#x27;e-7 call</bdi>" in page
        assert newer not in page
    page = client.get(f"/results/{OLDER}/").content.decode()
    assert "other calls" not in page
    assert "also when the next call is open" not in page, "it stands in the address already"

    # Told from memory a moment ago, and drawn anew since another call was told.
    stage.release(publication)
    page = client.get(f"/results/{OLDER}/").content.decode()
    assert "Results of other calls" in page
    assert newer in page
    page = client.get("/results/").content.decode()
    assert older in page
    assert f"<bdi>{settings.BASE_URL}/results/{NEWER}/</bdi>" in page
    page = client.get("/results/", {"lang": "fr"}).content.decode()
    assert f'href="/results/{OLDER}/?lang=fr"' in page
    chinese = client.get("/results/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "<bdi>Chang&#x27;e-7 call 中文</bdi>" in chinese


def test_others_are_named_as_they_were_told_the_last_told_first():
    older, _letters = released(OLDER)
    newer, _letters = released(NEWER)
    Call.objects.filter(code=OLDER).update(title={"en": "Renamed"})
    assert [one.code for one in results.others(None)] == [NEWER, OLDER]
    [one] = results.others(newer.round.call)
    assert (one.code, one.title["en"]) == (OLDER, "Chang'e-7 call")
    zone = older.round.call.tzinfo
    assert one.day == older.released_at.astimezone(zone).date()


def test_what_others_keep_names_the_call(client, settings):
    released(NEWER)
    base = settings.BASE_URL
    for address in ("/results/?lang=es", f"/results/{NEWER}/?lang=es"):
        page = client.get(address).content.decode()
        for line in (
            f'<link rel="canonical" href="{base}/results/{NEWER}/?lang=es">',
            f'<meta property="og:url" content="{base}/results/{NEWER}/?lang=es">',
            f'<meta property="og:image" content="{base}/results/{NEWER}/picture.png?lang=es">',
            f'<link rel="alternate" hreflang="ar" href="{base}/results/{NEWER}/?lang=ar">',
        ):
            assert line in page, line
        assert f'href="/api/v1/results/{NEWER}"' in page
    for address, own in {
        "/results/feed/": f"{base}/results/feed/?lang=es",
        f"/results/{NEWER}/feed/": f"{base}/results/{NEWER}/feed/?lang=es",
    }.items():
        feed = ET.fromstring(client.get(address, {"lang": "es"}).content)
        links = {one.get("rel"): one.get("href") for one in feed.findall(f"{ATOM}link")}
        assert links == {"alternate": f"{base}/results/{NEWER}/?lang=es", "self": own}
        assert feed.findtext(f"{ATOM}id") == own
        [entry] = feed.findall(f"{ATOM}entry")
        assert entry.find(f"{ATOM}link").get("href") == links["alternate"]
    with pikepdf.open(io.BytesIO(client.get("/results.pdf?lang=es").content)) as file:
        assert f"{base}/results/{NEWER}/?lang=es" in str(file.docinfo["/Title"])


# --- kept, and how much it costs ---


def test_the_page_of_a_call_is_kept_like_that_of_the_present_one(client, django_assert_num_queries):
    released(OLDER)
    released(NEWER)
    address = f"/results/{OLDER}/"
    for query in ({}, {"lang": "ru"}):
        drawn = client.get(address, query)
        assert drawn["Cache-Control"] == "no-cache"
        with django_assert_num_queries(1):
            again = client.get(address, query)
        assert everything(again) == everything(drawn)
        with django_assert_num_queries(1):
            same = client.get(address, query, headers={"If-None-Match": drawn["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
    # One is not told for the other, nor one address for the other.
    pages = {client.get(where).content for where in (address, "/results/", f"/results/{NEWER}/")}
    assert len(pages) == 3
    assert f'name="next" value="{address}"' in client.get(address).content.decode()
    person = make.user(Role.CHAIR)
    client.force_login(person)
    assert person.email in client.get(address).content.decode()
    client.logout()
    assert client.get(address).content in pages


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_however_many_are_told(client, number, django_assert_num_queries):
    released(OLDER, *[Outcome.SELECTED] * number)
    for at in range(number):
        stage.released(call=make.call(code=f"M{at}"))
    call(NEWER)
    # What holds, before it is drawn and after; the publication; its last correction; other calls.
    with django_assert_num_queries(5):
        client.get(f"/results/{OLDER}/")
    # The publication; its last correction.
    for form in (".csv", ".txt", "/picture.png"):
        with django_assert_num_queries(2):
            client.get(f"/results/{OLDER}{form}")
    with django_assert_num_queries(2):
        client.get(f"/api/v1/results/{OLDER}")
    # What holds; call and rounds; the publication; other calls.
    with django_assert_num_queries(5):
        client.get("/results/")
    # What holds; the publication; other calls.
    with django_assert_num_queries(3):
        client.get(f"/results/{NONE}/")
    client.get("/")
    with django_assert_num_queries(5):
        client.get("/")


# --- papers and their check ---


def test_a_paper_of_an_earlier_call_is_checked_and_leads_to_what_holds_of_its_call(client):
    told = Told(call=call(OLDER))
    call(NEWER)
    paper = client.get(f"/results/{OLDER}.pdf").content
    assert pdf_signature.look(paper).is_whole
    sent = {"document": SimpleUploadedFile("results.pdf", paper)}
    assert "Genuine: the results" in client.post("/verify/", sent).content.decode()
    told.release(told.propose(told.letters[1], outcome=Outcome.SELECTED))
    sent = {"document": SimpleUploadedFile("results.pdf", paper)}
    answer = client.post("/verify/", sent).content.decode()
    assert "Superseded: the results" in answer
    assert f'href="/results/{OLDER}/?lang=en"' in answer


def test_the_frame_speaks_each_language_of_what_is_told(client):
    released(OLDER)
    call(NEWER)
    headings = set()
    for language in Language.values:
        reader = Client()
        reader.cookies["django_language"] = language
        for address in ("/results/", f"/results/{NONE}/"):
            page = reader.get(address).content.decode()
            headings.add(page.partition('<h2 id="other-results">')[2].partition("<")[0])
    assert len(headings) == 12
    assert actions.sweep_files() == 0
