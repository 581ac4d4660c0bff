from django import template

from decisions.portfolio_words import figure as in_words
from decisions.portfolio_words import points_of

register = template.Library()


@register.filter
def figure(value) -> str:
    """A stored number as people write it; empty for none."""
    return "" if value in (None, "") else in_words(value)


@register.filter
def points(value) -> str:
    """Points with two decimals at most; empty for none."""
    return "" if value in (None, "") else points_of(value)
