"""Small things the panel's pages print."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals.models import call as calls
from reviews.evidence import sentences
from reviews.scoring import anchor_of

register = template.Library()


@register.filter
def in_language(text: dict) -> str:
    """A text of the call in the reader's language."""
    return calls.in_language(text)


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


@register.filter
def heat(mean) -> str:
    """The class that tints a cell of the heat map; its number is printed as well."""
    return "" if mean in (None, "") else f"heat-{anchor_of(Decimal(mean))}"


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
