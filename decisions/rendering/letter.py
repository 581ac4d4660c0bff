"""Facts to HTML to PDF. A pure function: no clock, no database, no environment."""

from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module

import segno
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from decisions.rendering import wording
from proposals.printing.characters import GETA, paragraphs, printable

TEMPLATE = "decisions/letter/letter.html"
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class RenderingUnavailable(Exception):
    """The machine lacks a system library; the message says what to install."""


def render(facts):
    """Return the decision letter as PDF; the same facts always give the same bytes.

    Raise RenderingUnavailable if Pango is not installed, KeyError for an unknown outcome.
    """
    html = html_of(facts)
    try:
        press = import_module("decisions.rendering.press")
    except OSError as error:  # not ImportError: the Python package is there, Pango is not
        raise RenderingUnavailable(
            "Decision letters cannot be made on this machine: a system library is missing. "
            f"Install it with: apt-get install {DEBIAN_PACKAGES}"
        ) from error
    return press.pdf_from(html)


def html_of(facts):
    """Return the letter as HTML in its own language, whatever language is active here."""
    with translation.override(facts.language):
        return render_to_string(TEMPLATE, _page(facts))


def _page(facts):
    """Everything the template prints. What people typed passes through `printable`."""
    outcome = wording.OUTCOMES[facts.outcome]
    page = {
        # metadata and language
        "lang": "zh-Hans" if facts.language == "zh-hans" else facts.language,
        "in_chinese": facts.language == "zh-hans",
        "date": facts.date,
        "long_date": wording.long_date(facts.date),
        # head
        "letterhead": printable(facts.letterhead),
        "call_title": printable(facts.call_title),
        "office": printable(facts.office),
        "place_and_date": printable(wording.place_and_date(facts)),
        "letter_number": printable(facts.letter_number),
        "reference": printable(facts.reference),
        "addressee": printable(facts.addressee),
        "addressee_position": printable(facts.addressee_position),
        "agency": printable(facts.agency),
        "country": printable(facts.country),
        "title": printable(facts.title),
        "title_zh": printable(facts.title_zh),
        "partners": printable(wording.partners(facts)),
        # decision
        "salutation": printable(wording.salutation(facts)),
        "context": printable(wording.context(facts)),
        "word": outcome.word,
        "good_news": facts.outcome in {"SHORTLISTED", "SELECTED", "CONDITIONAL", "MERGED"},
        "sentence": decision_sentence(facts),
        "level": level_shown(facts),
        "mass_allocated": plain_number(facts.mass_allocated_kg),
        "reserve_rank": facts.reserve_rank,
        "reason": paragraphs(facts.reason),
        "conditions": [
            {
                "text": printable(condition.text),
                "due": wording.long_date(condition.due) if condition.due else "",
            }
            for condition in facts.conditions
        ],
        # assessment
        "assessment": wording.assessment(facts),
        "criteria": [_row(line) for line in facts.criteria],
        "total": None if facts.total is None else rounded(facts.total, "0.1"),
        "strengths": paragraphs(facts.strengths),
        "weaknesses": paragraphs(facts.weaknesses),
        # what follows
        "steps": wording.next_steps(facts),
        "redress": printable(wording.redress(facts)),
        "signatory": printable(facts.signatory),
        "signatory_position": printable(facts.signatory_position),
        # proof
        "verification_code": printable(facts.verification_code),
        "verification_address": printable(facts.verification_address),
        "qr": _qr(facts.verification_address),
        "sha256": _grouped(facts.sha256_of_decision),
    }
    return page | {"has_geta": GETA in str(page)}


def decision_sentence(facts):
    """The one sentence that carries the decision, in the active language, as it is printed."""
    return printable(wording.sentence(facts.outcome, project=facts.merged_with))


def level_shown(facts):
    """The level of cooperation; a letter that was not admitted has none to be told of."""
    return "" if facts.outcome == "INELIGIBLE" else printable(facts.level)


def mark(mean):
    """A mean mark as printed: two digits after the point, a dash if nobody could judge."""
    return "–" if mean is None else rounded(mean, "0.01")


def rounded(number, step):
    """A number rounded as at school: half goes up, not to the even neighbour."""
    return str(Decimal(number).quantize(Decimal(step), ROUND_HALF_UP))


def plain_number(number):
    """A number without useless zeros: 35, 4.5; empty if there is none."""
    if number is None:
        return ""
    return f"{Decimal(number).normalize():f}"


def _row(line):
    bar = None if line.mean is None else min(20, max(0, round(line.mean * 4)))
    return {
        "name": printable(line.name),
        "weight_percent": line.weight_percent,
        "mark": mark(line.mean),
        "anchor": printable(line.anchor),
        "bar": bar,  # quarters of a mark, 0-20: the style sheet knows these 21 lengths
    }


def _qr(address):
    code = segno.make(address, error="m", micro=False)
    # Safe: segno draws the squares itself and escapes the title.
    return mark_safe(
        code.svg_inline(border=0, omitsize=True, dark="#1b2733", title=gettext("QR code"))
    )


def _grouped(digest):
    """A hash in groups of eight, which an eye can compare."""
    return [digest[start : start + 8] for start in range(0, len(digest), 8)]
