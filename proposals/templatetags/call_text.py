"""Texts of the call, and instants, in the reader's language."""

from django import template

from proposals import times
from proposals.models import call

register = template.Library()

register.filter("in_language", call.in_language)
register.filter("moment", times.in_words)
