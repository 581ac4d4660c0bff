"""Countries and regions by code (ISO 3166), and the organisations that belong to none."""

from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

# Two letters are countries; three cannot be mistaken for one.
INTERNATIONAL = "INT"


def is_known(code: str) -> bool:
    return code == INTERNATIONAL or (len(code) == 2 and code in countries)


def name_of(code: str) -> str:
    """The place in the reader's language; a code that is no longer listed is shown as it is."""
    if code == INTERNATIONAL:
        return _("International organisation")
    return str(countries.name(code)) or code


def choices() -> list[tuple[str, str]]:
    """Every place as (code, name), sorted in the reader's language."""
    return _choices(get_language())


@cache
def _choices(_language):
    # Putting 250 translated names in order takes a millisecond, and a page asks once a row.
    places = [(country.code, str(country.name)) for country in countries]
    return [(INTERNATIONAL, name_of(INTERNATIONAL)), *places]
