"""Decision letters in the six languages of the United Nations, from one set of facts."""

import datetime
import re
import subprocess
from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import Language
from decisions import letter_facts
from decisions.rendering import Condition, Joined, findings, letter, render, text_of, wording
from decisions.states import Outcome
from notifications.models import Message
from proposals.printing import fonts
from tests import make
from tests.decisions import samples, stage

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
COUNTED = ("received", "shortlisted", "selected", "reviewers", "projects")
DAY = datetime.date(2025, 3, 31)
LONG = (
    "One platform carries both instruments, with one interface to the lander and within the mass."
)
EACH = pytest.mark.parametrize("language", wording.LANGUAGES)


def flat(texts, path=""):
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def texts_of(language, *, counted=False):
    found = dict(flat(wording.of(language).files))
    return {key: text for key, text in found.items() if (key.split(".")[0] in COUNTED) == counted}


def names_in(text):
    return sorted(PLACEHOLDER.findall(str(text)))


# --- the files ---


def test_agencies_choose_among_the_languages_that_have_words():
    assert set(Language.values) == set(wording.LANGUAGES)
    assert set(wording.OUTCOMES) == set(Outcome.values)


@EACH
def test_every_language_has_every_text_with_the_same_places_to_fill(language):
    ours, english = texts_of(language), texts_of("en")
    assert set(ours) == set(english)
    for key, text in ours.items():
        assert names_in(text) == names_in(english[key]), key
        if isinstance(text, list):
            assert len(text) == len(english[key]), key


@EACH
def test_every_plural_form_of_the_language_is_written(language):
    words = wording.of(language)
    forms = {words.locale.plural_form(count) for count in range(1000)}
    for key in COUNTED:
        assert forms <= set(words.files[key]), key
        for text in words.files[key].values():
            assert set(names_in(text)) <= {"count", "round", "forward", "received"}


@EACH
def test_our_own_words_need_no_letter_that_the_fonts_lack(language):
    covered = fonts.coverage(fonts.WITH_BOTH_ARABIC)
    said = "".join(str(text) for _key, text in flat(wording.of(language).files))
    assert {char for char in said if ord(char) not in covered} <= {"\n"}


@EACH
def test_no_language_borrows_a_sentence_from_english(language):
    if language == "en":
        return
    english = {key: text for key, text in texts_of("en").items() if len(str(text)) > 18}
    ours = texts_of(language)
    assert [key for key, text in english.items() if ours[key] == text] == []


# --- words ---


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 letter of intent was received."),
        ("ru", 1, "Получено 1 письмо"),
        ("ru", 3, "Получено 3 письма"),
        ("ru", 41, "Получено 41 письмо"),
        ("ru", 12, "Получено 12 писем"),
        ("ar", 2, "رسالتا نوايا"),
        ("ar", 3, "3 رسائل"),
        ("ar", 41, "41 رسالة"),
        ("fr", 1, "1 lettre d’intention a été reçue."),
    ],
)
def test_a_number_takes_the_plural_of_its_language(language, count, said):
    assert said in wording.of(language).counted("received", count)


@pytest.mark.parametrize(
    ("language", "date", "mark", "mass"),
    [
        ("en", "30 September 2024", "4.17", "12.5 kg"),
        ("zh-hans", "2024年9月30日", "4.17", "12.5 kg"),
        ("fr", "30 septembre 2024", "4,17", "12,5 kg"),
        ("ru", "30 сентября 2024 года", "4,17", "12,5 кг"),
        ("es", "30 de septiembre de 2024", "4,17", "12,5 kg"),
        ("ar", "30 سبتمبر 2024", "4.17", "12.5 كغ"),
    ],
)
def test_dates_and_numbers_are_written_as_in_the_language(language, date, mark, mass):
    words, told = wording.of(language), samples.facts(language)
    assert words.long_date(datetime.date(2024, 9, 30)) == date
    assert words.number(Decimal("4.165"), 2) == mark
    assert letter.mass_shown(told) == mass


def test_a_mark_is_rounded_as_at_school():
    assert wording.of("en").number(Decimal("2.125"), 2) == "2.13"


def test_a_renamed_criterion_keeps_its_own_name():
    default = {"en": "Increased visibility and support", "zh-hans": "提升影响力与支持度"}
    assert wording.criterion(default, "visibility", "fr") == "Visibilité et soutien accrus"
    renamed = default | {"en": "Visibility in schools"}
    assert wording.criterion(renamed, "visibility", "fr") == "Visibility in schools"
    assert wording.criterion(renamed, "visibility", "zh-hans") == "提升影响力与支持度"


@pytest.mark.parametrize(
    ("language", "project", "said"),
    [
        ("en", "The “Frost” chain", "part of “The ‘Frost’ chain”."),
        ("zh-hans", "“嫦娥”月球车", "将并入“‘嫦娥’月球车”项目"),
        (
            "fr",
            "Le rover «\N{NO-BREAK SPACE}Lune\N{NO-BREAK SPACE}»",
            "du projet «\N{NO-BREAK SPACE}Le rover “Lune”\N{NO-BREAK SPACE}».",
        ),
        ("ru", "«Чанъэ-8»: луноход", "в составе проекта «„Чанъэ-8“: луноход»."),
        ("es", "El róver «Luna»", "como parte de «El róver “Luna”»."),
    ],
)
def test_quotation_marks_within_others_are_those_of_the_second_level(language, project, said):
    told = samples.facts(language, "MERGED", merged_with=project, title=project)
    assert said in wording.sentence(told)
    pdf = render(told)
    assert findings(pdf, told) == []
    # Where the title stands by itself it has its own.
    assert " ".join(project.split()) in letter.html_of(told)


def test_marks_are_those_of_the_first_level_where_none_are_around_them():
    words = wording.of("ru")
    assert words.fill("${a}; «${a}», ${a}", a="«Луна»") == "«Луна»; «„Луна“», «Луна»"
    with pytest.raises(KeyError):
        words.fill("«${b}»", a="«Луна»")


def test_what_runs_the_other_way_is_kept_together():
    arabic = wording.of("ar")
    assert arabic.isolated("CE8-2023-0007/F/1/ar") == "\u2068CE8-2023-0007/F/1/ar\u2069"
    assert arabic.isolated("25") == "25"
    assert wording.of("en").isolated("جامعة القاهرة") == "\u2068جامعة القاهرة\u2069"
    assert wording.of("en").isolated("Lima") == "Lima"


# --- the letters ---


@EACH
@pytest.mark.parametrize("outcome", wording.OUTCOMES)
def test_every_outcome_is_said_in_every_language(language, outcome):
    told = samples.facts(language, outcome)

    pdf = render(told)

    assert findings(pdf, told) == []
    text = text_of(pdf)
    assert "${" not in text
    assert told.verification_address in "".join(text.split())
    # Page 1 of 2, in whatever order.
    assert len(text.split("\f")) <= 2


def test_a_text_of_the_other_direction_may_break_anywhere_in_its_lines():
    """Behind a break it runs as before, and the release check reads it."""
    told = samples.facts(
        "ar",
        "CONDITIONAL",
        title="Two small orbiters in conversation with the lander, and what they hear (PALE FIRE).",
        title_zh="月面地震仪阵列！",
        conditions=(
            Condition(f"One platform carries {'both instruments, ' * 9}and no more.", DAY),
        ),
    )
    pdf = render(told)
    assert findings(pdf, told) == []
    lines = text_of(pdf).split("\n")
    assert "月面地震仪阵列！" in lines
    assert any(line.endswith("(PALE FIRE).") for line in lines)
    assert any(line.endswith("and no more.") for line in lines)
    assert findings(pdf, replace(told, conditions=(Condition("One platform carries both.", DAY),)))


def test_a_project_whose_name_breaks_within_an_arabic_sentence_is_read():
    name = "Far-ultraviolet imager for the geocorona and the plasmasphere (HALO)"
    told = samples.facts("ar", "MERGED", merged_with=name)
    pdf = render(told)
    assert name not in " ".join(text_of(pdf).split("\n"))  # drawn ".«name", as Arabic has it
    assert findings(pdf, told) == []
    other = name.replace("geocorona", "corona")
    assert findings(pdf, replace(told, merged_with=other))


@EACH
def test_conditions_and_all_eight_marks_of_the_rubric_are_two_pages(language):
    told = samples.facts(
        language,
        "CONDITIONAL",
        criteria=samples.whole_rubric(language),
        conditions=(Condition(LONG, DAY), Condition(LONG, DAY)),
        reason=LONG,
        strengths=f"{LONG}\n{LONG}",
        weaknesses=LONG,
        title="Far-ultraviolet imager for the geocorona and the plasmasphere",
    )
    pdf = render(told)
    assert findings(pdf, told) == []
    assert len(text_of(pdf).split("\f")) == 2


JOINED = (
    Joined("Demo Agency of Laputa", "月球车 Rover"),
    Joined("وكالة أطلانتس الفضائية التجريبية", "مقياس زلازل"),
    Joined("National Institute of Astronomy of Laputa", "Seismometer array, " * 7),
)


@EACH
@pytest.mark.parametrize(("outcome", "joined"), [("CONDITIONAL", 2), ("SELECTED", 3)])
def test_who_joins_a_project_is_read_back_and_makes_no_third_page(language, outcome, joined):
    told = samples.facts(
        language,
        outcome,
        joined_by=JOINED[:joined],
        criteria=samples.whole_rubric(language),
        conditions=(Condition(LONG, DAY), Condition(LONG, DAY)) * (outcome == "CONDITIONAL"),
        reason=LONG,
        strengths=f"{LONG}\n{LONG}",
        weaknesses=LONG,
    )
    pdf = render(told)
    assert findings(pdf, told) == []
    assert len(text_of(pdf).split("\f")) == 2
    other = Joined("Demo Agency of Balnibarbi", "月球车 Rover")
    [missing] = findings(pdf, replace(told, joined_by=(other,)))
    assert missing == "Missing from the letter: who joins “Demo Agency of Balnibarbi”."


@EACH
def test_the_longest_titles_of_two_who_join_make_no_third_page(language):
    """A title has at most 150 characters."""
    title = "Far-ultraviolet imager of the geocorona, with stations " * 3
    told = samples.facts(
        language,
        "CONDITIONAL",
        title=title[:150],
        joined_by=(Joined("National Institute of Astronomy of Laputa", title[:150]),) * 2,
        criteria=samples.whole_rubric(language),
        conditions=(Condition("A mass below 12.5 kg with its margin.", DAY),) * 2,
    )
    assert len(text_of(render(told)).split("\f")) == 2


ARABIC = "مصفوفة زلازل قمرية صغيرة لقياس الموجات العميقة في القطب الجنوبي"


@EACH
@pytest.mark.parametrize(
    "title",
    [
        f"测量月面 {ARABIC} للقمر مع محطات",
        f"{ARABIC} (LuSEE-2 array) للقمر مع محطات ثلاث متباعدة وجهاز",
        f"array LuSEE-2 (phase 1) في القطب 测量月面 地震仪阵列 嫦娥八号 (第一阶段) {ARABIC[:40]}",
    ],
)
def test_a_title_of_several_scripts_may_break_anywhere_in_any_letter(language, title):
    """Nobody could release a letter that the check cannot read."""
    told = samples.facts(
        language,
        "CONDITIONAL",
        title=title,
        joined_by=(Joined("Demo Agency of Laputa", title),),
        conditions=(Condition(title, DAY),),
        reason=f"{title}.",
    )
    pdf = render(told)
    assert findings(pdf, told) == []
    other = title.replace("قمرية", "شمسية").replace("phase", "face")
    [missing] = findings(pdf, replace(told, title=other))
    assert missing.startswith("Missing from the letter: title “")


def test_facts_from_before_name_nobody_who_joins():
    stored = letter_facts.to_json(samples.facts("en"))
    del stored["joined_by"]
    assert letter_facts.from_json(stored) == samples.facts("en")


@pytest.mark.parametrize("language", ["fr", "ru", "es", "ar"])
def test_every_font_of_every_script_is_ours_and_embedded(language):
    pdf = render(samples.facts(language))
    listed = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True)
    rows = listed.stdout.decode().splitlines()[2:]

    assert rows
    for row in rows:
        assert "+Letter-" in row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"]


@pytest.mark.parametrize("language", ["ru", "ar"])
@pytest.mark.parametrize("outcome", ["SELECTED", "NOT_SELECTED", "RESERVE"])
def test_a_swapped_decision_is_found_in_other_scripts(language, outcome):
    pdf = render(samples.facts(language, outcome))

    for other in {"SELECTED", "NOT_SELECTED", "INELIGIBLE"} - {outcome}:
        found = findings(pdf, samples.facts(language, other))
        assert any("another decision" in sentence for sentence in found), other


def test_an_arabic_letter_of_another_agency_is_found():
    pdf = render(samples.facts("ar"))
    assert findings(pdf, samples.facts("ar", agency="وكالة الفضاء المصرية"))
    assert findings(pdf, samples.facts("ar", reference="CE8-2023-0008"))


@EACH
def test_a_letter_in_another_language_is_found(language):
    other = "fr" if language != "fr" else "es"
    found = findings(render(samples.facts(language)), samples.facts(other))
    assert any("language" in sentence for sentence in found)


# --- who gets which ---


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_press")
@pytest.mark.parametrize(("chosen", "languages"), [("en", ["en"]), ("ar", ["ar", "en"])])
def test_an_agency_gets_english_and_the_language_it_chose(chosen, languages):
    call_round, [loi] = stage.final(Outcome.SELECTED)
    loi.agency.letter_language = chosen
    loi.agency.save(update_fields=["letter_language"])

    publication = stage.propose(call_round)

    assert sorted(publication.letters.values_list("language", flat=True)) == languages


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_press")
def test_the_mail_begins_in_the_language_of_the_letters_and_says_no_outcome():
    call_round, letters = stage.final(*[Outcome.SELECTED, Outcome.NOT_SELECTED] * 3)
    bodies = {}
    for loi, language in zip(letters, Language.values, strict=True):
        loi.agency.letter_language = language
        loi.agency.save(update_fields=["letter_language"])
    stage.release(stage.rendered(call_round))
    for loi, language in zip(letters, Language.values, strict=True):
        mail = Message.objects.get(about=loi.pk, template="decision_ready")
        said = wording.of(language).files["mail"]
        assert mail.subject.replace("\u2068", "").replace("\u2069", "") == (
            said["subject"].replace("${reference}", loi.reference)
        )
        text = mail.body.replace("\u2068", "").replace("\u2069", "")
        assert said["text"].replace("${reference}", loi.reference).lower() in text.lower()
        # And in the reader's own language.
        assert "For your protection it is not in this mail" in text
        assert text.count(f"/letters/{loi.pk}/") == (1 if language == "en" else 2)
        for outcome in wording.of(language).files["outcomes"].values():
            assert outcome["word"].lower() not in text.lower()
        bodies[language] = text.replace(loi.reference, "").replace(str(loi.pk), "")
    assert len(set(bodies.values())) == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "place", "said"),
    [("PE", "", "Перу"), ("HK", "", "Гонконг, Китай"), ("", "", "Международная организация")],
)
def test_a_place_is_named_in_the_letters_language(country, place, said):
    call_round, [loi] = stage.final(Outcome.SELECTED)
    agency = loi.agency
    agency.country, agency.country_text, agency.letter_language = country, place, "ru"
    agency.save(update_fields=["country", "country_text", "letter_language"])

    told = stage.propose(call_round).letters.get(language="ru").facts

    assert told["country"] == said
    assert told["round_name"] == "Окончательный отбор"
    assert told["criteria"][0]["anchor"] == "отлично"


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_press")
def test_the_page_is_in_the_readers_language_without_a_letter_in_it(client):
    call_round, [loi] = stage.final(Outcome.SELECTED)
    type(loi.agency).objects.filter(pk=loi.agency_id).update(letter_language="ru")
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    person = loi.agency.members.get()
    person.language = "zh-hans"
    person.save(update_fields=["language"])
    client.force_login(person)

    page = client.get(reverse("decision_letters:page", args=[loi.pk])).content.decode()

    assert "经评审，贵机构提交的意向书已入选" in page
    assert "科学" in page
    assert "优秀" in page
    pdf = reverse("decision_letters:pdf", args=[loi.pk])
    assert client.get(pdf)["Content-Disposition"].endswith('-ru.pdf"')
    assert client.get(pdf, {"lang": "fr"}).status_code == 404


@pytest.mark.django_db
def test_the_agency_chooses_the_language_on_its_own_page(client):
    agency = make.agency(letter_language="en")
    client.force_login(make.member(agency))
    page = client.get(reverse("accounts:edit", args=[agency.pk])).content.decode()
    for language in Language:
        assert f'value="{language.value}"' in page
        assert language.label in page


@pytest.mark.django_db
def test_facts_survive_their_rest_in_the_database():
    told = samples.facts("ar", "CONDITIONAL")
    assert letter_facts.from_json(letter_facts.to_json(told)) == told
