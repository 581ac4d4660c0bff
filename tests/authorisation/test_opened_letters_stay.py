"""Row L27: once letters are open, nobody changes a field of one, by whatever address there is.

Every address that names a letter, its file or an assignment to it is sent the letter's own fields
by every visitor who writes, by page and by program. What is asked is not the answer but the
letter: the text, every version that was filed and every file are as they were.
"""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern, get_resolver

from proposals import content
from proposals.models import Attachment, LetterOfIntent, LetterVersion
from tests.authorisation import worlds
from tests.authorisation.people import Visitor
from tests.proposals import papers

pytestmark = pytest.mark.django_db

# Whoever writes anything about a letter in any state; the matrix tries the others at each page.
WITH_A_SAY = ("ed", "su", "ra", "ch", "ad", "p1")
WORDS = {"key": "a", "kind": "letter", "slug": "preliminary", "number": "1"}


def routes(patterns, prefix=""):
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry.url_patterns, route)


ALL = sorted({route for route in routes(get_resolver().url_patterns) if "<" in route})
FILES = (".csv", ".xlsx", ".pdf", ".json")
# Addresses that name a letter, its file, or somebody's assignment to it.
NAMING = re.compile(
    r"letters/<uuid|reviews/<uuid|panel/(letters|assignments)/<uuid|decisions/.*<uuid:letter_id>"
    r"|panel/<round:slug>/(assignment|discussion)/<uuid"
)
PAGES = [route for route in ALL if NAMING.match(route) and not route.endswith(FILES)]
CALLS = [route for route in ALL if route.startswith("api/v1/") and "<path:" not in route]


def filled(route, world):
    """The address with the letter, its file or its review wherever an id is asked for."""

    def word(blank):
        name = blank[2]
        if name in WORDS:
            return "preliminary" if blank[1] == "round" else WORDS[name]
        if "attachment" in name:
            return str(world.attachment.pk)
        of_review = "reviews/" in route[: blank.start()]
        if blank[1] == "int":
            return "1"
        return str(world.assignment.pk if of_review else world.letter.pk)

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", word, route)


def forms(route, world):
    """What is sent to an address: a section's fields as its page would, and a file where they go.

    What a form does not expect it refuses whole (row L31), so each is sent as its page would.
    """
    yield another_title(world)
    if re.search("attachment|files|edit/h", route):
        paper = SimpleUploadedFile("other.pdf", papers.GOOD, "application/pdf")
        yield {"kind": "CV", "file": paper}


def another_title(world):
    return {"title": "Another title", "revision": str(world.letter.revision)}


def kept(world):
    """The letter's text, what was filed, and every file, but for whether it was taken back."""
    letter = LetterOfIntent.objects.get(pk=world.letter.pk)
    return (
        content.of(letter, version=1),
        list(LetterVersion.objects.filter(letter=letter).order_by("pk").values()),
        list(Attachment.every.filter(letter=letter).order_by("pk").values()),
    )


@pytest.mark.parametrize("role", WITH_A_SAY)
def test_no_address_changes_an_opened_letter(it_is, role):
    world = worlds.opened(it_is)
    visitor = Visitor(role, world.people[role])
    before, wrong = kept(world), []
    for route in PAGES:
        address = filled(route, world)
        with transaction.atomic():
            for sent in forms(route, world):
                visitor.browser.post(address, sent)
            if kept(world) != before:
                wrong.append(address)
            transaction.set_rollback(True)
    for route in CALLS if visitor.person else ():
        path = filled(route, world).removeprefix("/api/v1/")
        for method in ("patch", "put", "post", "delete"):
            with transaction.atomic():
                headers = {"If-Match": f'"{world.letter.revision}"', "Idempotency-Key": "k"}
                visitor.api(method, path, {"title": "Another title"}, **headers)
                if kept(world) != before:
                    wrong.append(f"{method} {path}")
                transaction.set_rollback(True)
    assert wrong == []


def test_the_letter_s_own_addresses_are_among_them():
    assert {"letters/<uuid:pk>/edit/<slug:key>/", "panel/letters/<uuid:pk>/"} <= set(PAGES)
    assert "api/v1/letters/<letter_id>" in CALLS


def test_the_same_ways_change_a_draft(it_is):
    """Else the test above would also pass if nothing it sends were ever understood."""
    world = worlds.draft(it_is)
    visitor = Visitor("ed", world.people["ed"])
    before = kept(world)
    for route in ("letters/<uuid:pk>/edit/<slug:key>/", "letters/<uuid:pk>/edit/h/"):
        *_, sent = forms(route, world)
        visitor.browser.post(filled(route, world), sent)
        assert kept(world) != before, route
        before = kept(world)
    headers = {"If-Match": f'"{LetterOfIntent.objects.get().revision}"'}
    visitor.api("patch", f"letters/{world.letter.pk}", {"title": "A third title"}, **headers)
    assert kept(world) != before
