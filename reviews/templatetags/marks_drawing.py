"""The table of one's own marks: three hundred letters as templates were three fifths of its page.

Everything anybody wrote passes through `escape`: what is handed back is safe.
"""

from functools import cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import localize
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from reviews.templatetags.panel_display import heat, title_of

register = template.Library()


@register.simple_tag
def own_marks(lines, criteria):
    """The rows of the table. `lines` are of `reviews.own_marks.line_of`."""
    cannot, total, state = (escape(text) for text in (_("cannot judge"), _("Total"), _("State")))
    heads = [(criterion.code, escape(criterion.short)) for criterion in criteria]

    # Of both there are few that differ, and each is drawn once a page.
    @cache
    def cell(head, mark, is_apart):
        said = "–" if mark is None else escape(localize(mark))
        if is_apart:
            said = f'<span title="{cannot}">∅<span class="visually-hidden">{cannot}</span></span>'
        return f'<td class="heat {heat(mark)}" data-label="{head}"><div>{said}</div></td>'

    @cache
    def standing(asked, review, marked):
        context = {"asked": asked, "state": review, "marked": marked, "criteria": len(criteria)}
        said = render_to_string("reviews/queue_state.html", context)
        return f'<td data-label="{state}"><div>{said}</div></td>'

    drawn = []
    for line in lines:
        row, marks, apart = line["row"], line["marks"], line["apart"]
        title = escape(title_of(row))
        if not row.asked:
            title = f'<a href="{escape(reverse("reviews:review", args=[row.pk]))}">{title}</a>'
        cells = "".join(cell(head, marks.get(code), code in apart) for code, head in heads)
        points = "–" if line["total"] is None else escape(localize(line["total"]))
        drawn.append(
            f'<tr><th scope="row"><span class="reference">{escape(row.reference)}</span><br>{title}'
            f'</th>{cells}<td class="num" data-label="{total}"><div>{points}</div></td>'
            f"{standing(row.asked, row.state, line['marked'])}</tr>"
        )
    return mark_safe("\n".join(drawn))
