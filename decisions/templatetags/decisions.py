import re

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from decisions.rounds import plain
from decisions.states import Outcome

register = template.Library()
register.filter(plain)


@register.filter
def outcome_label(code):
    """The word for an outcome of which a query gave only the code."""
    return Outcome(code).label


@register.filter
def with_places(text):
    """A text of a letter with its `${name}` in one piece each, whichever way the text runs."""
    pieces = re.split(r"(\$\{\w+\})", text)
    place = '<bdi dir="ltr">{}</bdi>'
    return format_html_join(
        "", "{}", ((format_html(place, one) if at % 2 else one,) for at, one in enumerate(pieces))
    )


@register.filter
def moment(value) -> str:
    """A moment in the reader's zone, which is named: "26 April 2024, 02:00 UTC+8"."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    minutes = int(local.utcoffset().total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{hours}" + (f":{rest:02d}" if rest else "") if minutes else ""
    return f"{date_format(local, 'DATETIME_FORMAT')} UTC{offset}"
