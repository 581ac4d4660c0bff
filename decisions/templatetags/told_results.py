"""For pages of the rooms below, which cannot ask the room of decisions what was told."""

from django import template

from decisions import results

register = template.Library()


@register.simple_tag
def results_of_others(call):
    """The other calls whose results are told, the last told first."""
    return results.others(call)
