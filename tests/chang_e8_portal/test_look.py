"""What holds for every page, whoever wrote it: the policy, the colours, the files, the base."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import Message
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

TEMPLATES = settings.BASE_DIR / "templates"
STATIC = settings.BASE_DIR / "static"
# Printed by WeasyPrint, sent by mail or opened from a dossier's folder: no policy of ours.
NOT_PAGES = (
    *("decisions/letter/", "decisions/dossier/index.html"),
    *("reviews/paper/", "mail/", "demo/paper.html"),
)
PAGES = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    if not str(path.relative_to(TEMPLATES)).startswith(NOT_PAGES)
]
FILES = [path for path in sorted(STATIC.rglob("*")) if path.suffix in {".css", ".js", ".svg"}]
EMBARGOED = {
    "a script without a file": r"<script(?![^>]*\b(src=|type=\"application/json\"))",
    "a style sheet in the page": r"<style\b",
    "an inline style": r"<[^>]*\sstyle\s*=",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "an address that runs": r"javascript:",
}
ELSEWHERE = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+""", re.I)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)


def short(path):
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_no_page_breaks_the_content_security_policy(path):
    page = COMMENT.sub("", path.read_text())
    found = [what for what, pattern in EMBARGOED.items() if re.search(pattern, page, re.I)]
    assert found == []


@pytest.mark.parametrize("path", [*PAGES, *FILES], ids=short)
def test_nothing_is_fetched_from_another_host(path):
    # A link that a person follows may lead elsewhere; what the page loads may not.
    text = re.sub(r"<a\b[^>]*>", "", COMMENT.sub("", path.read_text()))
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_every_static_file_a_page_names_exists(path):
    named = re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", path.read_text())
    named += re.findall(r"{{ files }}([^\"]+)", path.read_text())
    assert [name for name in named if not finders.find(name)] == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_every_file_that_a_file_names_exists(path):
    named = re.findall(r'url\("([^"#]+)"\)|from "(\./[^"]+)"', path.read_text())
    assert [
        name for pair in named for name in pair if name and not (path.parent / name).exists()
    ] == []


# --- colours ---

THEME = (STATIC / "portal" / "theme.css").read_text()
TEXT_ON_GROUND = [
    *((text, ground) for text in ("ink", "ink-soft", "ink-faint") for ground in ("paper", "sheet")),
    *((text, "sunk") for text in ("ink", "ink-soft", "ink-faint", "accent", "danger")),
    *((text, "paper") for text in ("accent", "accent-strong", "success", "warning", "danger")),
    *((text, "sheet") for text in ("accent", "accent-strong", "success", "warning", "danger")),
    *((tone, f"{tone}-tint") for tone in ("accent", "success", "warning", "danger")),
    *(("ink", f"{tone}-tint") for tone in ("accent", "success", "warning", "danger")),
    *(("ink-soft", f"{tone}-tint") for tone in ("accent", "success", "warning", "danger")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("paper", "ink"),
    ("paper", "ink-soft"),
]


def variables(selector):
    """The custom properties of the first rule with this selector."""
    block = re.search(re.escape(selector) + r"\s*{(.*?)}", THEME, re.DOTALL).group(1)
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_every_ground_it_stands_on(theme):
    colours = variables(f'[data-bs-theme="{theme}"]')
    faint = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, ground in TEXT_ON_GROUND
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert faint == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet"])
def test_the_edges_of_fields_can_be_seen(theme, ground):
    colours = variables(f'[data-bs-theme="{theme}"]')
    assert contrast(colours["rule-strong"], colours[ground]) >= 3


def test_dark_is_the_same_with_and_without_javascript():
    assert variables('[data-bs-theme="dark"]') == variables(":root:not([data-bs-theme])")


def test_every_variable_that_is_used_is_defined():
    css = "".join(path.read_text() for path in sorted(STATIC.rglob("*.css")))
    used = set(re.findall(r"var\(--([\w-]+)", css))
    defined = set(re.findall(r"--([\w-]+):", css))
    assert used - defined == set()


# --- the base page and the error pages ---


@pytest.fixture
def request_of_nobody():
    request = RequestFactory().get("/results/", {"q": "rover", "page": "2"})
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_the_pages_of_last_resort_need_no_context(name):
    page = get_template(name).render()
    assert "<h1>" in page
    assert "portal/theme.css" in page


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "409.html"])
def test_the_other_error_pages_wear_the_portal(name, request_of_nobody):
    page = render_to_string(name, {}, request=request_of_nobody)
    assert 'id="main"' in page
    assert page.count("<h1") == 1


def test_the_base_page_comes_back_to_where_the_reader_was(request_of_nobody):
    page = render_to_string("base.html", {}, request=request_of_nobody)
    assert '<input type="hidden" name="next" value="/results/?q=rover&amp;page=2">' in page


@pytest.mark.parametrize(
    ("language", "direction", "bootstrap"),
    [("en", "ltr", "bootstrap.min.css"), ("ar", "rtl", "bootstrap.rtl.min.css")],
)
def test_arabic_turns_the_page_round(request_of_nobody, language, direction, bootstrap, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    with translation.override(language):
        page = render_to_string("base.html", {}, request=request_of_nobody)
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"css/{bootstrap}" in page


# --- includes ---


def test_a_deadline_is_complete_without_javascript():
    page = render_to_string(
        "includes/deadline.html",
        {
            "moment": datetime(2023, 12, 31, 16, tzinfo=UTC),
            "now": datetime(2023, 12, 31, 8, tzinfo=UTC),
            "zone": "Asia/Shanghai",
            "said": "31 December 2023, 24:00 Beijing time",
        },
    )
    assert "31 December 2023, 24:00 Beijing time" in page
    assert "1 January 2024, 00:00</time> <bdi>(UTC+08:00)" in page
    assert "31 December 2023, 16:00</time>" in page
    assert "8\xa0hours left" in page
    assert 'data-until="2023-12-31T16:00:00+00:00"' in page


def test_a_deadline_that_has_passed_says_so_and_counts_nothing():
    page = render_to_string(
        "includes/deadline.html",
        {
            "moment": datetime(2023, 12, 31, 16, tzinfo=UTC),
            "now": datetime(2023, 12, 31, 16, tzinfo=UTC),
            "zone": "Asia/Shanghai",
            "closed_text": "The call has closed.",
        },
    )
    assert "data-countdown" not in page
    assert re.search(r"data-closed>\s*The call has closed\.", page)


@pytest.mark.parametrize("tone", ["neutral", "info", "success", "warning", "danger", "accent"])
def test_a_state_has_a_word_and_a_shape(tone):
    page = render_to_string("includes/state_badge.html", {"label": "Draft", "tone": tone})
    assert "Draft" in page
    assert "<path" in page or "<circle" in page


def test_turning_the_page_keeps_the_filters(request_of_nobody):
    listed = Paginator(range(50), 20).page(2)
    page = render_to_string(
        "includes/page_nav.html", {"page_obj": listed}, request=request_of_nobody
    )
    assert "21 to 40 of 50" in page
    assert 'href="?q=rover&amp;page=1"' in page
    assert 'href="?q=rover&amp;page=3"' in page


def test_flashes_interrupt_only_for_errors(request_of_nobody):
    flashes = [Message(messages.SUCCESS, "Sent"), Message(messages.ERROR, "Too late")]
    page = render_to_string("base.html", {"messages": flashes}, request=request_of_nobody)
    assert re.findall(r'notice-(\w+)" role="(\w+)"', page) == [
        ("success", "status"),
        ("danger", "alert"),
    ]
