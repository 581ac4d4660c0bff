"""The lists a form offers, in the words of the call."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from proposals.models.call import in_language
from proposals.states import Level


def levels(call) -> list[tuple[str, str]]:
    """The three levels, each with what the call says about it."""
    told = {item["code"]: item for item in call.facts.get("levels", ())}
    return [(level.value, _level(level, told.get(level.value, {}))) for level in Level]


def objectives(call) -> list[tuple[str, str]]:
    return [*_codes(call.objectives), ("other", _("Another objective"))]


def priorities(call) -> list[tuple[str, str]]:
    return _codes(call.priorities)


def with_none(offered) -> list[tuple[str, str]]:
    """A list of which nothing need be chosen."""
    return [("", _("Choose")), *offered]


def _codes(items):
    return [(item["code"], in_language(item)) for item in items]


def _level(level, told):
    if not told:
        return level.label
    return format_html(
        '<strong>{}</strong><span class="d-block form-text mt-0">{} {}</span>',
        level.label,
        in_language(told.get("description")),
        in_language(told.get("limits")),
    )
