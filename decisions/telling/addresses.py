"""Where results stand: under the code of their call for good, and without one those of the present
call, whichever that is when somebody asks.
"""

from django.conf import settings
from django.urls import reverse

# What a template calls it, and the name of its address.
_NAMES = {
    "page": "results",
    "feed": "results_feed",
    "picture": "results_picture",
    "pdf": "results_pdf",
    "csv": "results_csv",
    "text": "results_text",
    "json": "api:api-results",
}


def all_of(code="") -> dict[str, str]:
    """Every form of the results of a call by its path, without a language."""
    return {what: reverse(name, args=[code] if code else []) for what, name in _NAMES.items()}


def page_of(code="", *, language) -> str:
    """The page in one language, as somebody elsewhere finds it."""
    path = reverse(_NAMES["page"], args=[code] if code else [])
    return f"{settings.BASE_URL}{path}?lang={language}"
