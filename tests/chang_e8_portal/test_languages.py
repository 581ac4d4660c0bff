"""Six languages for agencies, two for the panel: who reads what in which."""

import re

import pytest
from django.conf import settings
from django.utils import translation

from accounts.states import Language, PanelLanguage, Role
from chang_e8_portal.demo import content
from notifications import outbox
from notifications.models import Message
from tests import make

EACH = pytest.mark.parametrize("language", Language.values)
FOR_AGENCIES = sorted(set(Language.values) - set(PanelLanguage.values))
# "Letters of intent", the heading of an agency's first page.
HEADINGS = {
    "en": "Letters of intent",
    "zh-hans": "意向书",
    "fr": "Lettres d’intention",
    "ru": "Письма о намерениях",
    "es": "Cartas de intención",
    "ar": "رسائل النوايا",
}


def offered(page) -> list[str]:
    return re.findall(r'<button name="language" value="([^"]+)"', page)


def test_settings_and_choices_are_the_same_languages():
    assert Language.choices == settings.LANGUAGES
    assert Language.choices[: len(PanelLanguage.choices)] == PanelLanguage.choices


@EACH
def test_a_stranger_reads_the_call_in_the_language_of_the_browser(client, db, language):
    make.call()
    page = client.get("/", headers={"Accept-Language": language})
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page.content.decode()
    assert page.headers["Content-Language"] == language
    assert offered(page.content.decode()) == Language.values


@EACH
def test_an_agency_reads_its_pages_in_the_language_of_the_account(client, db, language):
    make.call()
    person = make.member(of=make.agency(), language=language)
    client.force_login(person)
    page = client.get("/letters/").content.decode()
    assert re.search(r"<h1>(.*?)</h1>", page).group(1) == HEADINGS[language]
    assert offered(page) == Language.values


@pytest.mark.parametrize("language", FOR_AGENCIES)
@pytest.mark.parametrize("path", ["/panel/", "/decisions/"])
def test_the_panel_s_pages_are_in_english_for_readers_of_the_other_four(client, db, language, path):
    make.call()
    client.force_login(make.user(Role.CHAIR, language=language))
    answer = client.get(path)
    page = answer.content.decode()
    assert '<html lang="en" dir="ltr">' in page
    assert answer.headers["Content-Language"] == "en"
    assert offered(page) == PanelLanguage.values
    # What they chose holds again where it is spoken.
    assert f'<html lang="{language}"' in client.get("/verify/").content.decode()


def test_the_panel_s_pages_are_chinese_for_who_reads_chinese(client, db):
    make.call()
    client.force_login(make.user(Role.CHAIR, language="zh-hans"))
    assert '<html lang="zh-hans"' in client.get("/panel/").content.decode()


def test_a_language_nobody_speaks_is_english(client, db):
    make.call()
    page = client.get("/", headers={"Accept-Language": "tlh"}).content.decode()
    assert '<html lang="en" dir="ltr">' in page


@EACH
def test_a_mail_to_an_agency_is_in_its_reader_s_language(db, language):
    person = make.member(of=make.agency(), language=language)
    outbox.enqueue(key="k", recipient=person, template="welcome", at=make.OPENS)
    written = Message.objects.get()
    with translation.override(language):
        greeting = translation.gettext("Dear %(name)s,") % {"name": person.name}
    assert written.language == language
    assert written.body.startswith(greeting)
    assert (language == "en") == greeting.startswith("Dear")


def test_every_text_of_the_real_call_is_there_in_all_languages():
    missing = []

    def look(at, where):
        if isinstance(at, dict) and isinstance(at.get("en"), str):
            missing.extend(f"{where}: {one}" for one in Language.values if not at.get(one))
        elif isinstance(at, dict):
            for key, value in at.items():
                look(value, f"{where}/{key}")
        elif isinstance(at, list):
            for number, value in enumerate(at):
                look(value, f"{where}/{number}")

    look(content.call(), "")
    assert missing == []
