from django import template

from decisions.portfolio_words import figure as in_words
from decisions.portfolio_words import points_of
from reviews.templatetags.panel_display import agency_name, title_of

register = template.Library()


@register.filter
def figure(value) -> str:
    """A stored number as people write it; empty for none."""
    return "" if value in (None, "") else in_words(value)


@register.filter
def points(value) -> str:
    """Points with two decimals at most; empty for none."""
    return "" if value in (None, "") else points_of(value)


@register.filter
def titles(letters) -> str:
    """The title of a candidate: of its letter, or of both."""
    return " + ".join(map(title_of, letters))


@register.filter
def agencies(letters) -> str:
    """Whose it is; an agency with both letters is named once."""
    return " + ".join(dict.fromkeys(agency_name(letter.agency) for letter in letters))
