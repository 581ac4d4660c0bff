"""Every text of the sources is in the Chinese catalogue, translated, and every text that an agency
meets in those of the other languages of the United Nations.

A text that is not there shows up in English in the middle of a Chinese page, and a lost
placeholder breaks the page; neither stops anything before somebody reads Chinese.
"""

import gettext
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.pofile import read_po

from accounts import borrowed
from accounts.states import Language, PanelLanguage

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))
# The whole of the portal, and what agencies meet (locale/agency-sources.txt).
WHOLE, FOR_AGENCIES = "zh_Hans", sorted(set(Language.values) - set(PanelLanguage.values))
# Plural forms that stand for one number each: they may say it in a word.
ONE_NUMBER = {"ar": {0, 1, 2}, "es": {0}}
ROOMS = [
    *("accounts", "audit", "chang_e8_portal", "decisions", "notifications", "operations"),
    "proposals",
]
# The English one changes words of others only: the portal's own are written in English.
TRANSLATIONS = [path for path in CATALOGUES if path.parent.parent.name != "en"]
SOURCES = [*ROOMS, "reviews", "templates"]
# %(name)s, %s, %%, {name} and HTML tags
PLACEHOLDERS = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}|</?[a-z][^>]*>")


def read(path):
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def faults(catalogue):
    """What is wrong with a catalogue, one sentence each."""
    found = []
    if catalogue.fuzzy:
        found.append("its header is fuzzy, so it is not compiled")
    if catalogue.obsolete:
        found.append(f"it keeps {len(catalogue.obsolete)} texts that are used no more")
    for message in catalogue:
        if not message.id:
            continue
        plural = isinstance(message.id, tuple)
        strings = message.string if plural else (message.string,)
        # The singular may leave a number out ("a letter"); what stands for many may not.
        original = message.id[1] if plural else message.id
        if message.fuzzy:
            found.append(f"fuzzy: {original}")
        in_words = ONE_NUMBER.get(str(catalogue.locale), ()) if plural else ()
        for form, string in enumerate(strings):
            told, known = placeholders(string or ""), placeholders(original)
            if not string:
                found.append(f"not translated: {original}")
            elif told != known and not (form in in_words and told < known):
                found.append(f"other placeholders: {original} -> {string}")
    # What `pybabel compile`, and so bin/set-up, stops at.
    found += [f"{error}: {m.id}" for m, errors in catalogue.check() for error in errors]
    return found


def placeholders(text):
    return Counter(PLACEHOLDERS.findall(text))


def test_every_language_has_its_catalogue():
    # The English one changes words of packages only.
    assert [path.parent.parent.name for path in CATALOGUES] == sorted(["en", WHOLE, *FOR_AGENCIES])


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_every_text_is_translated_whole(path):
    assert faults(read(path)) == []


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.parent.parent.name)
def test_every_mail_greets_a_person_alike(path):
    """Mails are translated whole, each by itself, and come to one mailbox one after another."""
    greeting = "Dear %(name)s,"
    catalogue = read(path)
    start = catalogue.get(greeting).string
    greeted = [m for m in catalogue if m.id and _several(m.id)[0].startswith(greeting)]
    assert len(greeted) > 10
    strings = [string for message in greeted for string in _several(message.string)]
    assert [string for string in strings if not string.startswith(start)] == []


def _several(texts):
    return texts if isinstance(texts, tuple) else (texts,)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """The texts of the sources, as `make messages` finds them; taken from a copy."""
    copy = tmp_path_factory.mktemp("sources")
    only = shutil.ignore_patterns("__pycache__", "*.pyc", "migrations")
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, copy / folder, ignore=only)
    (copy / "locale").mkdir()
    # With settings, makemessages would write into the catalogues that are kept.
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale=zh_Hans", "--no-wrap"],
        cwd=copy,
        env=environment,
        check=True,
        capture_output=True,
    )
    return read(copy / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")


def test_every_text_of_the_sources_is_in_the_whole_catalogue(extracted):
    catalogue = read(ROOT / "locale" / WHOLE / "LC_MESSAGES" / "django.po")
    assert len(extracted) > 1000
    missing = [m.id for m in extracted if m.id and catalogue.get(m.id, m.context) is None]
    assert missing == [], "run `make messages` and translate what is new"


@pytest.fixture(scope="module")
def agency_messages():
    loader = SourceFileLoader("agency_messages", str(ROOT / "bin" / "agency-messages"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", FOR_AGENCIES)
def test_every_text_that_an_agency_meets_is_in_its_catalogue(language, extracted, agency_messages):
    for_agencies = [m for m in extracted if m.id and agency_messages.is_for_agencies(m)]
    assert 1000 < len(for_agencies) < len(extracted) * 2 / 3
    catalogue = read(ROOT / "locale" / language / "LC_MESSAGES" / "django.po")
    missing = [m.id for m in for_agencies if catalogue.get(m.id, m.context) is None]
    assert missing == [], "run `make messages` and translate what is new"
    assert len(catalogue) == len(for_agencies), "run `make messages`: some are used no more"


def test_each_listed_source_is_there(agency_messages):
    """A source that was renamed would silently lose its translations."""
    patterns = (ROOT / "locale" / "agency-sources.txt").read_text().splitlines()
    patterns = [line.removeprefix("!") for line in patterns if line and not line.startswith("#")]
    assert [pattern for pattern in patterns if not any(ROOT.glob(pattern))] == []


def test_words_borrowed_from_packages_are_still_theirs():
    """What a package no longer says would stay in our catalogue for nothing."""
    folders = [
        *(Path(allauth.__path__[0], "locale"), Path(django.__path__[0], "conf/locale")),
        Path(django.__path__[0], "contrib/auth/locale"),
    ]
    theirs = [gettext.translation("django", folder, ["zh_Hans"]) for folder in folders]
    words = [word for word in borrowed.WORDS if isinstance(word, str)]
    assert words
    assert [w for w in words if all(package.gettext(w) == w for package in theirs)] == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "Yes"\nmsgstr ""', "not translated"),
        ('#, fuzzy\nmsgid "Yes"\nmsgstr "是"', "fuzzy: Yes"),
        ('msgid "Dear %(name)s,"\nmsgstr "您好！"', "other placeholders"),
        ('msgid "Dear %(name)s,"\nmsgstr "%(who)s："', "other placeholders"),
        ('msgid "{n} of {limit}"\nmsgstr "{n}"', "other placeholders"),
        ('msgid "<strong>Yes</strong>"\nmsgstr "<strong>是"', "other placeholders"),
        ('msgid "a"\nmsgid_plural "%(n)s"\nmsgstr[0] "些"', "other placeholders"),
        ('#~ msgid "Yes"\n#~ msgstr "是"', "used no more"),
    ],
)
def test_a_bad_catalogue_is_found_out(entry, fault, tmp_path):
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'
    path.write_text(f"{head}\n{entry}\n", encoding="utf-8")
    assert any(fault in found for found in faults(read(path)))
