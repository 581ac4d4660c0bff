"""Whatever page an agency's representative comes to has no text left in English."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import get_language, override, trans_real

from tests import make
from tests.authorisation import worlds
from tests.decisions.test_consents import Merger

pytestmark = pytest.mark.django_db
# What these say is told by programs, or to others; the demo and signing out are no pages.
_NO_PAGES = ("/static/", "/accounts/logout/", "/demo/")
_CHINESE = settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture
def left_in_english(monkeypatch):
    """The texts for which French fell back to English, as they are asked for."""
    asked = set()
    english = trans_real.translation("fr")._fallback
    real = english.gettext

    def note(text):
        # Papers and what is kept in English ask English itself.
        if get_language() == "fr":
            asked.add(text.rpartition("\x04")[2])

    def noting(text):
        note(text)
        return real(text)

    def noting_plural(one, many, number):
        note(one)
        return one if number == 1 else many

    monkeypatch.setattr(english, "gettext", noting)
    monkeypatch.setattr(english, "ngettext", noting_plural)
    # A request leaves its language behind; the next world is made in English again.
    with override("en"):
        yield asked


def walk(browser) -> dict[str, str]:
    """Every page that links lead to from the front page, one of a kind: address and body."""
    waiting, seen, pages = ["/", "/accounts/password/reset/"], set(), {}
    while waiting:
        address = waiting.pop(0)
        kind = re.sub(r"[0-9a-f-]{36}|\d+", "*", address.partition("?")[0])
        if kind in seen or address.startswith(_NO_PAGES):
            continue
        seen.add(kind)
        answer = browser.get(address)
        if answer.streaming:
            list(answer.streaming_content)
        if "html" not in answer.get("Content-Type", ""):
            continue
        pages[address] = answer.content.decode()
        waiting += re.findall(r'href="(/[^"#]*)', pages[address])
    return pages


@pytest.mark.parametrize("world_of", [worlds.draft, worlds.shortlisted, worlds.selected])
def test_a_representative_finds_nothing_left_in_english(world_of, it_is, left_in_english):
    pages = walk(of(world_of(it_is).people["su"]))
    assert len(pages) > 25
    assert ours(left_in_english) == []


def test_nor_does_one_who_is_asked_for_consent(it_is, left_in_english):
    merger = Merger()
    it_is(merger.at)
    merger.ask()
    pages = walk(of(merger.representative))
    assert any("/confidential/" in address and len(address) > 40 for address in pages)
    assert ours(left_in_english) == []


def of(person) -> Client:
    """The browser of a person, from now on a French one."""
    person.language = "fr"
    person.save(update_fields=["language"])
    browser = Client()
    browser.force_login(person)
    make.stepped_up(browser)
    return browser


def ours(texts) -> list[str]:
    """Without what Django and its packages say, in English, where nobody reads it."""
    catalogue = _CHINESE.read_text(encoding="utf-8")
    return [text for text in sorted(texts) if f'msgid "{text}"' in catalogue]
