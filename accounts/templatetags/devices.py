"""A browser and its device in a few words, instead of what browsers say of themselves."""

import re

from django import template

register = template.Library()

# The order matters: most browsers also claim to be the ones below them.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR", "Opera"), ("Firefox|FxiOS", "Firefox")),
    *(("Chrom|CriOS", "Chrome"), ("Safari", "Safari")),
)
DEVICES = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X|Macintosh", "macOS"), ("Linux", "Linux")),
)


@register.filter
def device(user_agent: str) -> str:
    """ "Firefox, Windows"; what nobody knows stays as it is, cut short."""
    found = [
        next((name for pattern, name in known if re.search(pattern, user_agent)), "")
        for known in (BROWSERS, DEVICES)
    ]
    return ", ".join(filter(None, found)) or user_agent[:60]
