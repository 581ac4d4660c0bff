"""Cells of the ranking, of which a page has hundreds.

What is a number needs no escaping; every label passes through `escape`.
"""

from decimal import ROUND_HALF_UP, Decimal
from html import escape

from django import template
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from reviews.templatetags.panel_display import chance_word, percent

register = template.Library()

_TENTH = Decimal("0.1")


@register.simple_tag(takes_context=True)
def merit_cells(context, line):
    """The four cells of what was calculated of a line that can be rated.

    From the context: the labels of the columns, `as_scored`, `passing`, `below` (what the sign
    beneath a total means) and `summary` of the board.
    """
    merit, error, rank = map(_tenths, (line.merit, line.merit_error, line.expected_rank))
    if not context["as_scored"]:
        merit = f"<strong>{merit}</strong>"
    sign = ""
    if line.merit < context["passing"]:
        below = escape(context["below"])
        sign = f' <span aria-hidden="true">▾</span><span class="visually-hidden"> {below}</span>'
    if len(context["summary"]["groups"]) > 1:
        group = escape(_("group %(group)s") % {"group": line.group})
        rank += f' <span class="keywords text-nowrap">{group}</span>'
    cells = {
        "merit_label": f'<div>{merit} <span class="keywords">± {error}</span>{sign}</div>',
        "rank_label": rank,
        "interval_label": f"{line.rank_5}–{line.rank_95}",
        "chance_label": f"<div>{percent(line.p_top)} %"
        f'<span class="d-block keywords">{escape(chance_word(line.p_top))}</span></div>',
    }
    return mark_safe(
        "".join(
            f'<td class="num" data-label="{escape(context[label])}">{cell}</td>'
            for label, cell in cells.items()
        )
    )


def _tenths(value: float) -> str:
    """A number with one digit after the point, as the filter `floatformat:1` writes it."""
    return number_format(Decimal(str(value)).quantize(_TENTH, ROUND_HALF_UP), 1)
