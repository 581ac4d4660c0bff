"""Texts of the call, instants and answers, in the reader's language."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import escape, linebreaks
from django.utils.safestring import mark_safe

from proposals import reading, times
from proposals.models import call

register = template.Library()

register.filter("in_language", call.in_language)
register.filter("moment", times.in_words)


@register.simple_tag
def said(answer):
    """What was answered, by its kind; `answer` is a `reading.Answer`, not empty.

    Not a template: a letter has seventy answers, and including one costs more than the answer.
    """
    match answer.kind:
        case reading.TEXT:
            return mark_safe(linebreaks(answer.value, autoescape=True))
        case reading.LIST:
            return mark_safe("<br>".join(map(escape, answer.value)))
        case reading.ROWS:
            rows = "".join(f"<li>{_row(row)}</li>" for row in answer.value)
            return mark_safe(f'<ol class="said-rows">{rows}</ol>')
    return answer.value


def _row(row) -> str:
    (_label, first), *more = row
    return f"<strong><bdi>{linebreaksbr(first)}</bdi></strong>" + "".join(
        f'<span class="said-cell"><span class="said-label">{escape(label)}:</span>'
        f" <bdi>{linebreaksbr(text)}</bdi></span>"
        for label, text in more
    )
