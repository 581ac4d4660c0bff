"""Currencies by code (ISO 4217), named in the reader's language."""

from datetime import date
from functools import cache

from babel import Locale
from babel.numbers import get_territory_currencies
from django.utils.translation import get_language, to_locale

# What was money somewhere while anything about the mission is planned.
_FROM, _UNTIL = date(2020, 1, 1), date(2040, 12, 31)


def choices() -> list[tuple[str, str]]:
    """Every currency in use as (code, "EUR: euro"), sorted by code."""
    return _choices(get_language() or "en")


def in_words(code: str) -> str:
    return dict(choices()).get(code, code)


@cache
def _choices(language):
    names = Locale.parse(to_locale(language)).currencies
    return [(code, f"{code}: {names.get(code, code)}") for code in _codes()]


@cache
def _codes():
    territories = Locale("en").territories
    return sorted(
        {
            code
            for territory in territories
            for code in get_territory_currencies(territory, _FROM, _UNTIL)
        }
    )
