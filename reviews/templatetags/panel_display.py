"""Small things the panel's pages print."""

from decimal import Decimal
from html import escape

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals.models import call as calls
from reviews import addresses, scoring
from reviews.evidence import sentences
from reviews.scoring import anchor_of

register = template.Library()


@register.filter
def in_language(text: dict) -> str:
    """A text of the call in the reader's language."""
    return calls.in_language(text)


@register.simple_tag(takes_context=True)
def of_call(context, name, *args) -> str:
    """The address of a page of the panel about the call that this page is about."""
    return addresses.of_call(context["request"], name, *args)


@register.filter
def title_of(letter) -> str:
    """A letter's title in the reader's language, where it has one."""
    if (get_language() or "en").startswith("zh") and letter.title_zh:
        return letter.title_zh
    return letter.title or _("Untitled")


@register.filter
def agency_name(agency) -> str:
    if (get_language() or "en").startswith("zh") and agency.name_zh:
        return agency.name_zh
    return agency.name


@register.simple_tag
def letter_cell(letter, linked):
    """What names a letter in a long table. Not a template: including one costs more than a row."""
    title = escape(title_of(letter))
    if linked:
        address = escape(reverse("panel:letter", args=[letter.pk]))
        title = f'<a href="{address}#reviews">{title}</a>'
    level, agency = escape(letter.get_level_display()), escape(agency_name(letter.agency))
    # Safe: whatever anybody wrote is escaped above.
    return mark_safe(
        f'<span class="reference">{escape(letter.reference)}</span>'
        f' <span class="keywords fw-normal">{level}</span><br>{title}'
        f'<span class="d-block fw-normal keywords">{agency}</span>'
    )


@register.simple_tag
def queue_cell(assignment):
    """What names a letter in its reader's queue: a sixth of the page as lines of the template."""
    letter, title = assignment.letter, escape(title_of(assignment.letter))
    if not assignment.asked:
        address = escape(reverse("reviews:review", args=[assignment.pk]))
        title = f'<a href="{address}" data-key-stop>{title}</a>'
    behind = ""
    if not assignment.is_nameless:
        whose = escape(f"{agency_name(letter.agency)}, {letter.agency.place}")
        behind = f'<span class="d-block fw-normal question-org">{whose}</span>'
    reference = escape(letter.reference)
    return mark_safe(f'<span class="reference">{reference}</span><br>{title} {behind}')


@register.filter
def heat(mean) -> str:
    """The class that tints a cell of the heat map; its number is printed as well."""
    return "" if mean in (None, "") else f"heat-{anchor_of(Decimal(mean))}"


@register.filter
def percent(chance: float) -> str:
    """A chance in whole per cent, without the sign."""
    return scoring.percent(chance)


@register.filter
def method_of(code_version: str) -> str:
    """The version of the method of a scoring run, in words; runs keep it as `calibration 1`."""
    return _("calibration %(number)s") % {"number": code_version.removeprefix("calibration ")}


@register.filter
def chance_word(chance: float) -> str:
    """What a chance of being among the best means for the panel's meeting."""
    if chance >= scoring.CLEAR:
        return _("clear")
    return _("open – discuss") if chance >= scoring.UNLIKELY else _("unlikely")


@register.filter
def flags(line) -> list[str]:
    """What is to be talked about of a line of a board, in words."""
    found = []
    if line.totals_apart:
        found.append(_("%(spread)s apart") % {"spread": line.spread})
    elif line.apart:
        found.append(_("marks apart"))
    if line.disagreement:
        found.append(_("more than chance"))
    if line.crosses:
        found.append(_("on both sides of the passing total"))
    if line.hinges:
        found.append(_("hangs on one reviewer"))
    return found


@register.filter
def evidence(found: list[dict]) -> list[str]:
    """What the records show of a conflict, a sentence each."""
    return sentences(found)


@register.filter
def item(mapping, key):
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def sort_link(context, key, label):
    """The head of a column that can be sorted by: once upward, once downward."""
    request, sort = context["request"], context["sort"]
    wanted = f"-{key}" if sort == key else key
    address = request.GET.copy()
    address["sort"] = wanted
    address.pop("page", None)
    arrow = {key: " ↑", f"-{key}": " ↓"}.get(sort, "")
    return format_html(
        '<a href="?{}">{}<span aria-hidden="true">{}</span></a>', address.urlencode(), label, arrow
    )


@register.simple_tag(takes_context=True)
def sort_state(context, key) -> str:
    """The value of `aria-sort` for a column's head."""
    return {key: "ascending", f"-{key}": "descending"}.get(context["sort"], "none")
