"""What the demo's letters say in sections B, E, F and G, put together from `data/filled.json`.

The same letter always says the same. Of a real project nothing is known of these sections: every
sentence about one is marked, and no person is named.
"""

import random
from datetime import date
from decimal import Decimal

from accounts import places
from chang_e8_portal.demo import content

# The weakest letter is marked 1, the strongest 5.
_MIDDLING = Decimal("3.4")


def rest_of(row) -> dict:
    """Field name to value for the letter of `content.letters()` or `content.drafts()`."""
    return _people(row) | _maturity(row) | _advantages(row) | _declarations(row)


def _people(row):
    mark = _mark(row)
    return {
        "pi_name": _draw(row, "names", "pi") if not row["real"] else f"Not published{mark}",
        "pi_position": f"Principal investigator{mark}",
        "pi_email": f"pi@{row['agency']}.example.org",
        "pi_phone": "+00 555 0100",
        "co_investigators": [] if row["real"] else [_colleague(row, n) for n in (1, 2)],
        "partners": [
            _partner(number, organisation)
            for number, organisation in enumerate(row["organisations"][1:], 1)
        ],
        "representative_name": _draw(row, "names", "representative")
        if not row["real"]
        else f"Not published{mark}",
        "representative_function": f"Head of international cooperation{mark}",
    }


def _maturity(row):
    dice = _dice(row, "maturity")
    now = 5 if row.get("quality", _MIDDLING) >= _MIDDLING else 3
    first = date(2025, dice.choice((3, 6, 9)), 30)
    return {
        "trl_now": now,
        "trl_delivery": 8 if now == 5 else 6,
        "heritage": _draw(row, "heritage") + _mark(row),
        "em_delivery": first,
        "qm_delivery": first.replace(year=2026),
        "fm_delivery": date(2027, dice.choice((3, 6, 9)), 30),
        "risks": [
            {
                "id": f"{number:08d}",
                "risk": risk["risk"] + _mark(row),
                "mitigation": risk["mitigation"] + _mark(row),
            }
            for number, risk in enumerate(dice.sample(_bank()["risks"], 2), 1)
        ],
    }


def _advantages(row):
    texts = {
        name: _draw(row, name) + _mark(row)
        for name in ("shared_costs", "expertise", "visibility", "relations")
    }
    if row["real"]:
        return texts
    dice = _dice(row, "budget")
    return texts | {
        "budget_amount": Decimal(dice.randrange(8, 60)) * 100_000,
        "budget_currency": dice.choice(("EUR", "USD", "CNY")),
        "budget_status": dice.choice(("SECURED", "REQUESTED", "PLANNED")),
        "budget_body": "Ministry of Science",
    }


def _declarations(row):
    return {
        "planetary_protection": "IIB",
        "export_control": "" if row["real"] else _dice(row, "export").choice(("NONE", "LICENCE")),
        "data_sharing": True,
        "peaceful_use": True,
        "consent_to_publish": True,
        "is_correct": True,
    }


def _colleague(row, number):
    return {
        "id": f"{number:08d}",
        "name": _draw(row, "names", f"colleague {number}"),
        "institution": row["organisations"][0]["name"]["en"],
        "country": "",
        "role": _draw(row, "roles", number),
    }


def _partner(number, organisation):
    name, place = organisation["name"]["en"], organisation["country_name"]["en"]
    code = organisation["country"]
    if not code and place == "International organisation":
        code = places.INTERNATIONAL
    # Countries that do not exist are in no list.
    return {
        "id": f"{number:08d}",
        "name": name if code else f"{name}, {place}",
        "country": code,
        "share": "",
    }


def _bank():
    return content.filled()


def _mark(row):
    return content.ILLUSTRATIVE["en"] if row["real"] else ""


def _draw(row, name, *words):
    return _dice(row, name, *words).choice(_bank()[name])


def _dice(row, *words):
    return random.Random("/".join(map(str, ("filled", row["key"], *words))))
