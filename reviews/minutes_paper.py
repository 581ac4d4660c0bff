"""The minutes of a meeting as PDF, in the reader's language.

What is printed is what the reader may know, and the fingerprint is of that: one of the whole would
tell of what is left out.
"""

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals import papers, printing
from proposals.papers import printable
from proposals.printing.characters import GETA
from reviews import minutes
from reviews.minutes_words import Words


def pdf(content: dict, *, call, copy_for: str) -> bytes:
    """The minutes that `reviews.minutes.for_reader` left; `copy_for` stands on every page.

    The same content for the same reader gives the same bytes. Raises `printing.Unprintable`.
    """
    words = Words(content)
    sha256 = minutes.digest(content)
    page = {
        "lang": "zh-Hans" if get_language() == "zh-hans" else get_language(),
        "day": content["started_at"][:10],
        "call": printable(call),
        "round": words.round,
        "title": printable(words.title),
        "name": f"{_('Minutes')} · {printable(words.title)}",
        "place": printable(words.place),
        "date": words.day,
        "times": f"{words.began}–{words.closed}",
        "zone": words.zone,
        "present": [{**one, "name": printable(one["name"])} for one in words.present],
        "missing": [printable(name) for name in words.missing],
        "items": [_item(one) for one in words.items],
        "sha256": sha256,
        "groups": [sha256[start : start + 8] for start in range(0, len(sha256), 8)],
        "copy_for": printable(_("Confidential copy for %(name)s") % {"name": copy_for}),
    }
    page["has_geta"] = GETA in str(page)
    return printing.pdf_from(render_to_string("reviews/paper/minutes.html", page), papers.STYLE)


def _item(one) -> dict:
    if one.get("absent"):
        return one
    made = {
        **one,
        "title": printable(one["title"]),
        "led_by": printable(one["led_by"]),
        "reason": _lines(one["reason"]),
        "note": _lines(one["note"]),
        "left": [printable(line) for line in one["left"]],
    }
    if agreed := one.get("consensus"):
        made["consensus"] = {
            "text": _lines(agreed["text"]),
            "minority_view": _lines(agreed["minority_view"]),
            "marks": [(printable(name), mark) for name, mark in agreed["marks"]],
        }
    return made


def _lines(text) -> list[str]:
    lines = [line for line in map(printable, text.splitlines()) if line]
    return lines if len(lines) <= papers.MOST_LINES else [papers.LINE_END.join(lines)]
