"""Facts to HTML to PDF. A pure function: no clock, no database, no environment."""

from dataclasses import fields, replace
from functools import partial

import segno
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from decisions.rendering import fit, press, wording
from proposals.printing import Unprintable, characters, fonts
from proposals.printing.characters import GETA

TEMPLATE = "decisions/letter/letter.html"
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"

printable = partial(characters.printable, families=fonts.WITH_BOTH_ARABIC)
paragraphs = partial(characters.paragraphs, families=fonts.WITH_BOTH_ARABIC)

# Texts of several lines; each line becomes a paragraph.
_LONG = {"reason", "strengths", "weaknesses"}
# Not typed by anybody, and compared as they are.
_OURS = {"language", "outcome", "sha256_of_decision"}
_TAGS = {"zh-hans": "zh-Hans"}


class RenderingUnavailable(Exception):
    """The machine lacks a system library; the message says what to install."""


def render(facts):
    """Return the decision letter as PDF; the same facts always give the same bytes.

    Raise Unprintable for a letter that breaks the limits of the press, RenderingUnavailable if
    Pango is not installed, KeyError for an unknown outcome or language, Unfit for texts around the
    facts that no letter may have.
    """
    if facts.texts:
        fit.ensure_fit(facts.texts, facts.outcome, facts.language)
    return _set(html_of(facts))


def render_draft(facts):
    """The same paper for those who write its texts: every page says that it is no letter, and
    where a letter proves itself it has neither code nor address nor hash.

    Raises as `render` does.
    """
    fit.ensure_fit(facts.texts, facts.outcome, facts.language)
    return _set(html_of(facts, draft=True))


def _set(html):
    try:
        return press.pdf_from(html)
    except Unprintable as error:
        if "cannot load library" not in str(error):  # the package is there, Pango is not
            raise
        raise RenderingUnavailable(
            "Decision letters cannot be made on this machine: a system library is missing. "
            f"Install it with: apt-get install {DEBIAN_PACKAGES}"
        ) from error


def html_of(facts, *, draft=False):
    """Return the letter as HTML in its own language, whatever language is active here."""
    return render_to_string(TEMPLATE, _page(cleaned(facts), draft=draft))


def cleaned(facts):
    """The facts with every short text made printable: what the letter says of them."""
    changed = {}
    for field in fields(facts):
        value = getattr(facts, field.name)
        if isinstance(value, str) and field.name not in _LONG | _OURS:
            changed[field.name] = printable(value)
    return replace(
        facts,
        **changed,
        organisations=tuple(map(printable, facts.organisations)),
        conditions=tuple(replace(one, text=printable(one.text)) for one in facts.conditions),
        joined_by=tuple(
            replace(one, agency=printable(one.agency), title=printable(one.title))
            for one in facts.joined_by
        ),
        criteria=tuple(
            replace(line, name=printable(line.name), anchor=printable(line.anchor))
            for line in facts.criteria
        ),
    )


def tag_of(language):
    """A language as HTML and PDF name it (BCP 47)."""
    return _TAGS.get(language, language)


def level_shown(facts):
    """The level of cooperation; a letter that was not admitted has none to be told of."""
    return "" if facts.outcome == "INELIGIBLE" else facts.level


def mass_shown(facts):
    """The mass allocated with its unit, or nothing: 0 kg is nothing, too."""
    words = wording.of(facts.language)
    mass = facts.mass_allocated_kg
    return words.say("kilograms", mass=words.plain_number(mass)) if mass else ""


def row_of(line, language):
    """One row of the table of marks as it is printed; a dash where nobody could judge."""
    words = wording.of(language)
    return {
        "name": line.name,
        "weight": words.say("percent", number=line.weight_percent),
        "mark": "–" if line.mean is None else words.number(line.mean, 2),
        "anchor": line.anchor,
        # quarters of a mark, 0-20: the style sheet knows these 21 lengths
        "bar": None if line.mean is None else min(20, max(0, round(line.mean * 4))),
    }


def total_shown(facts):
    """The total mark, or None."""
    return None if facts.total is None else wording.of(facts.language).number(facts.total, 1)


def _page(facts, *, draft):
    """Everything the template prints, from facts that are clean."""
    words = wording.of(facts.language)
    marks = words.files["draft"] if draft else None
    total = total_shown(facts)
    page = {
        # metadata and language
        "facts": facts,
        "lang": tag_of(facts.language),
        "direction": "rtl" if words.is_rtl else "ltr",
        "in_chinese": facts.language == "zh-hans",
        # A viewer shows it by itself, where marks of direction would be seen.
        "file_title": marks["foot"]
        if marks
        else words.word("title").replace("${number}", facts.letter_number),
        "draft": marks,
        "page_of": page_of(words),
        "long_date": words.long_date(facts.date),
        # head
        "letterhead": _own(facts.letterhead, words),
        "call_title": _own(facts.call_title, words),
        "office": _own(facts.office, words),
        "place_and_date": wording.place_and_date(facts),
        "letter_number": words.isolated(facts.letter_number),
        "reference": words.isolated(facts.reference),
        "addressee": _own(facts.addressee, words),
        "addressee_position": _own(facts.addressee_position, words),
        "agency": _own(facts.agency, words),
        "country": _own(facts.country, words),
        "title": own_lines(facts.title, words),
        "partners": wording.partners(facts),
        # decision
        "salutation": wording.salutation(facts),
        "context": wording.context(facts),
        "word": wording.word_of(facts.outcome, facts.language),
        "good_news": facts.outcome in {"SHORTLISTED", "SELECTED", "CONDITIONAL", "MERGED"},
        "sentence": wording.sentence(facts),
        "led_by": own_lines(facts.led_by, words) if facts.led_by else None,
        "joined_by": [
            {"agency": own_lines(one.agency, words), "title": own_lines(one.title, words)}
            for one in facts.joined_by
        ],
        "level": level_shown(facts),
        "mass_allocated": mass_shown(facts),
        "reserve_rank": facts.reserve_rank,
        "reason": paragraphs_of(facts.reason, words),
        "conditions": [
            own_lines(condition.text, words)
            | {
                "due": words.long_date(condition.due) if condition.due else "",
            }
            for condition in facts.conditions
        ],
        # assessment
        "assessment": wording.assessment(facts),
        "criteria": [row_of(line, facts.language) for line in facts.criteria],
        "hundred_percent": words.say("percent", number=100),
        "total": total,
        "total_of_hundred": words.isolated(f"{total} / 100") if total else "",
        "strengths": paragraphs_of(facts.strengths, words),
        "weaknesses": paragraphs_of(facts.weaknesses, words),
        # what follows
        "steps": wording.next_steps(facts),
        "redress": wording.redress(facts),
        "closing": wording.closing(facts),
        "signatory": _own(facts.signatory, words),
        "signatory_position": _own(facts.signatory_position, words),
        # proof
        "qr": "" if draft else _qr(facts.verification_address, words.word("qr")),
        "sha256": " ".join(_grouped(facts.sha256_of_decision)),
    }
    return page | {"has_geta": GETA in str(page), "words": words.files["letter"]}


def _own(text, words):
    """A text of one line that stands by itself and may be in a script of another direction."""
    return words.isolated(text)


def paragraphs_of(text, words):
    """Paragraphs in the direction in which each is written: comments need not be in the letter's
    language.
    """
    return [own_lines(one, words) for one in paragraphs(text)]


def own_lines(text, words):
    """A text that may fill more than a line, with its direction where that is not the letter's.

    Isolating marks do not do: each line is set by itself, and what is behind a break would run in
    the direction of the letter.
    """
    here = "rtl" if words.is_rtl else "ltr"
    there = _direction(text, here)
    return {"text": text, "direction": there if there != here else ""}


def _direction(text, otherwise):
    if wording.reads_right_to_left(text):
        return "rtl"
    return "ltr" if any(char.isalpha() for char in text) else otherwise


def page_of(words):
    """ "Page 1 of 2": the style sheet counts, in the order of the language."""
    counters = {name: f'<span class="{name}"></span>' for name in ("page-number", "page-count")}
    text = conditional_escape(words.word("page"))
    # Safe: our own words, escaped, around two empty elements.
    return mark_safe(
        text.replace("${page}", counters["page-number"]).replace("${pages}", counters["page-count"])
    )


def _qr(address, title):
    code = segno.make(address, error="m", micro=False)
    # Safe: segno draws the squares itself and escapes the title.
    return mark_safe(code.svg_inline(border=0, omitsize=True, dark="#1b2733", title=title))


def _grouped(digest):
    """A hash in groups of eight, which an eye can compare."""
    return [digest[start : start + 8] for start in range(0, len(digest), 8)]
