import dataclasses

import pytest
from django.urls import reverse

from accounts.states import Language, Role
from decisions import results as results_of
from decisions.actions import Refused
from decisions.rendering import wording
from decisions.rendering.letter import tag_of
from decisions.states import Outcome
from proposals import files
from proposals.states import Level
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


# --- before the final release: one neutral page ---


def test_without_a_call_the_page_says_so_little(client):
    assert client.get("/results/").status_code == 200


def test_before_the_release_the_page_names_the_announced_month_and_nothing_else(client):
    _publication, letters = stage.ready()
    answer = client.get("/results/")
    page = answer.content.decode()
    assert "September 2024" in page
    assert "2024-09-01" not in page
    assert "1 September" not in page
    assert not any(letter.title in page or letter.agency.name in page for letter in letters)
    assert answer["Cache-Control"] == "private, no-store"
    assert not answer.has_header("ETag")
    assert not answer.has_header("Last-Modified")


def test_everybody_reads_the_same_main_part(client):
    _publication, [letter, _other] = stage.ready()

    def main():
        return stage.bare(client.get("/results/")).partition("<main")[2].partition("</main>")[0]

    public = main()
    people = [make.user(role) for role in Role.values] + [letter.agency.members.first()]
    for person in people:
        client.force_login(person)
        assert main() == public


# --- after it ---


def test_the_selected_projects_with_all_that_may_be_said(client):
    call_round, letters = stage.final(
        Outcome.SELECTED,
        Outcome.NOT_SELECTED,
        title_zh="月震仪",
        partners=[make.partner("Partner Lab", "IT")],
    )
    letters[0].title = "Seismometer of Peru"
    letters[0].save(update_fields=["title"])
    stage.release(stage.rendered(call_round))

    page = client.get("/results/").content.decode()

    for said in (
        "Seismometer of Peru",
        "月震仪",
        letters[0].agency.name,
        "Peru",
        "Partner Lab (Italy)",
        "Unit level",
        "A seismometer for the south pole.",
        "September 2024",
        "1 project",
    ):
        assert said in page
    silent = [letters[1].agency.name, letters[1].reference, letters[0].reference, "89.00"]
    assert not any(word in page for word in silent)


def test_the_day_it_was_released_stands_beside_the_month_that_was_announced(client):
    publication, _letters = stage.released()
    page = client.get("/results/").content.decode()
    day = publication.released_at.astimezone(publication.round.call.tzinfo)
    assert f"{day.day} {day:%B %Y}" in page


def test_a_merged_letter_stands_under_its_lead_project(client):
    call_round, letters = stage.final(Outcome.SELECTED, None)
    stage.merge(call_round, letters[1], letters[0])
    stage.consent(call_round, letters[1])
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)

    told = results_of.of(publication.round.call).page
    [project] = told["projects"]
    [member] = project["joined_by"]
    assert (project["agency"]["en"], member["agency"]["en"]) == (
        letters[0].agency.name,
        letters[1].agency.name,
    )
    assert told["forward"] == 2
    page = client.get("/results/").content.decode()
    assert page.index(letters[0].agency.name) < page.index(letters[1].agency.name)


def test_projects_are_listed_by_level_and_title_never_by_rank(client):
    call_round, letters = stage.final(*[Outcome.SELECTED] * 3)
    for letter, title, level in zip(
        letters, ["B", "A", "C"], [Level.UNIT, Level.UNIT, Level.MISSION], strict=True
    ):
        letter.title, letter.level = title, level
        letter.save(update_fields=["title", "level"])
    stage.release(stage.rendered(call_round))
    told = client.get("/results/").context["said"]["projects"]
    assert [project["title"] for project in told] == ["C", "A", "B"]


def test_a_release_of_nobody_is_still_a_result(client):
    stage.released(Outcome.NOT_SELECTED)
    assert "No project was selected." in client.get("/results/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many_are_selected(
    client, number, django_assert_num_queries
):
    stage.released(*[Outcome.SELECTED] * number)
    # What holds, before it is drawn and after; call and its rounds; the publication; corrections;
    # other calls.
    with django_assert_num_queries(7):
        client.get("/results/")
    with django_assert_num_queries(1):
        client.get("/results/")


# --- in six languages ---


def test_the_results_are_told_in_six_languages_inside_the_readers_own_frame(client):
    call_round, letters = stage.final(
        Outcome.SELECTED,
        Outcome.NOT_SELECTED,
        title_zh="月震仪",
        partners=[make.partner("Partner Lab", "IT"), make.partner("Union", "INT")],
    )
    for language in Language.values:
        awaited = client.get("/results/", {"lang": language}).content.decode()
        words = wording.of(language).files["results"]
        assert words["awaited"] in awaited
        assert letters[0].agency.name not in awaited
    stage.release(stage.rendered(call_round))
    pages = {}
    for language in Language.values:
        page = client.get("/results/", {"lang": language}).content.decode()
        words = wording.of(language)
        assert f"<h1>{words.files['results']['heading']}</h1>" in page
        assert words.files["levels"]["UNIT"] in page
        assert (
            f'<div lang="{tag_of(language)}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
        )
        # The agency's own words, in every language.
        assert "月震仪" in page
        assert letters[0].agency.name in page
        assert 'lang="en"' in page
        assert "Skip to the content" in page
        for other in Language.values:
            assert f'href="?lang={other}"' in page
        pages[language] = page
    for language, said in {
        "en": ("Peru", "Partner Lab (Italy)", "Union (International organisation)"),
        "zh-hans": ("秘鲁", "Partner Lab (意大利)", "Union (国际组织)"),
        "fr": ("Pérou", "Partner Lab (Italie)", "Union (Organisation internationale)"),
        "ru": ("Перу", "Partner Lab (Италия)", "1 проект"),
        "es": ("Perú", "Partner Lab (Italia)", "septiembre de 2024"),
        "ar": ("بيرو", "Partner Lab (إيطاليا)", "سبتمبر 2024"),
    }.items():
        for words in said:
            assert words in pages[language], (language, words)


@pytest.mark.parametrize(
    ("query", "header", "cookie", "tag"),
    [
        ({}, "fr-CA,fr;q=0.9", "", "fr"),
        ({}, "de,zh-TW;q=0.5", "", "zh-Hans"),
        ({}, "fr", "en", "en"),
        ({"lang": "ru"}, "fr", "en", "ru"),
        ({"lang": "xx"}, "ar", "", "ar"),
        ({"lang": ["fr", "xx"]}, "", "", "en"),
    ],
)
def test_without_a_word_it_is_the_language_a_reader_chose_or_the_browsers(
    client, query, header, cookie, tag
):
    if cookie:
        client.cookies["django_language"] = cookie
    page = client.get("/results/", query, headers={"Accept-Language": header}).content.decode()
    assert f'<div class="page-head" lang="{tag}"' in page


def test_what_was_signed_is_told_whatever_an_agency_calls_itself_later(client):
    _publication, letters = stage.released()
    name = letters[0].agency.name
    type(letters[0].agency).objects.filter(pk=letters[0].agency_id).update(name="Renamed")
    page = client.get("/results/").content.decode()
    assert name in page
    assert "Renamed" not in page
    assert client.get("/api/v1/results").json()["projects"][0]["agency"] == name


def test_what_is_signed_holds_every_sentence_of_every_language(monkeypatch):
    publication, _letters = stage.ready()
    files = dict(wording.of("fr").files)
    files["levels"] = files["levels"] | {"UNIT": "Autre chose"}
    monkeypatch.setattr(wording, "of", _with(wording.of, "fr", files))
    with pytest.raises(Refused, match="results page would tell something else"):
        stage.release(publication)


def _with(of, language, files):
    changed = dataclasses.replace(of(language), files=files)
    return lambda asked: changed if asked == language else of(asked)


# --- an agency's own decision ---


@pytest.fixture
def told():
    """A released letter and a member of its agency."""
    publication, [letter, _other] = stage.released()
    return publication, letter, letter.agency.members.get()


def test_the_agency_reads_its_decision_and_downloads_it_in_both_languages(client, told):
    publication, letter, person = told
    client.force_login(person)
    page = client.get(reverse("decision_letters:page", args=[letter.pk])).content.decode()
    assert stage.REASON in page

    for language in ("en", "zh-hans"):
        row = publication.letters.get(decision__letter=letter, language=language)
        assert row.code in page
        answer = client.get(
            reverse("decision_letters:pdf", args=[letter.pk]), {"round": "final", "lang": language}
        )
        assert answer.content == files.path_of(row.sha256).read_bytes()
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]
        assert not answer.has_header("ETag")


def test_without_a_word_it_is_the_agencys_own_language(client, told):
    _publication, letter, person = told
    letter.agency.letter_language = "zh-hans"
    letter.agency.save(update_fields=["letter_language"])
    client.force_login(person)
    answer = client.get(reverse("decision_letters:pdf", args=[letter.pk]))
    assert "zh-hans" in answer["Content-Disposition"]


@pytest.mark.parametrize("query", [{"lang": "xx"}, {"round": "third"}, {"round": "preliminary"}])
def test_what_there_is_no_letter_for_is_not_found(client, told, query):
    _publication, letter, person = told
    client.force_login(person)
    assert client.get(reverse("decision_letters:pdf", args=[letter.pk]), query).status_code == 404


def test_both_rounds_can_be_read_once_both_are_told(client):
    call_round, [letter] = stage.preliminary(Outcome.SHORTLISTED)
    first = stage.propose(call_round)
    stage.render_all(first)
    stage.release(first)
    last_round = make.final_round(letter.call)
    stage.freeze(last_round, [letter])
    stage.decide(last_round, [letter], [Outcome.SELECTED])
    second = stage.propose(last_round)
    stage.render_all(second)
    client.force_login(letter.agency.members.get())
    page, pdf = (reverse(f"decision_letters:{name}", args=[letter.pk]) for name in ("page", "pdf"))

    assert "Shortlisted" in client.get(page).content.decode()
    assert "-P-1-" in client.get(pdf)["Content-Disposition"], "the second is not told yet"
    stage.release(second)
    assert "-F-1-" in client.get(pdf)["Content-Disposition"]
    assert "-P-1-" in client.get(pdf, {"round": "preliminary"})["Content-Disposition"]
    context = client.get(page, {"round": "preliminary"}).context
    assert context["decision"].outcome == Outcome.SHORTLISTED
    assert len(context["rounds"]) == 2


def test_a_decision_letter_is_its_own_agencys_while_one_belongs_to_it(client):
    """IL13"""
    publication, [letter, other] = stage.ready()
    stage.release(publication)
    pages = [reverse(f"decision_letters:{name}", args=[letter.pk]) for name in ("page", "pdf")]
    member = letter.agency.members.get()
    client.force_login(member)
    assert [client.get(page).status_code for page in pages] == [200, 200]
    letter.agency.memberships.all().delete()
    assert [client.get(page).status_code for page in pages] == [404, 404]
    client.force_login(other.agency.members.get())
    assert [client.get(page).status_code for page in pages] == [404, 404]


def test_before_the_release_the_page_is_that_of_a_letter_that_does_not_exist(client):
    # Bad input IL12.
    _publication, [letter, _other] = stage.ready()
    client.force_login(letter.agency.members.get())
    nobody = "0b5c93d4-16f9-4a9e-9a43-1f7a53a20d0e"
    for name in ("page", "pdf"):
        real, random = (
            client.get(reverse(f"decision_letters:{name}", args=[pk])) for pk in (letter.pk, nobody)
        )
        assert (real.status_code, random.status_code) == (404, 404)
        assert stage.bare(real).replace(str(letter.pk), nobody) == stage.bare(random)
