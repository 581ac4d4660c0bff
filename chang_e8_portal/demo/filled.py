"""What the demo's letters say in sections B, E, F and G."""

from datetime import date

from accounts import places
from chang_e8_portal.demo import content


def rest_of(row) -> dict:
    mark = content.ILLUSTRATIVE["en"] if row["real"] else ""
    return {
        "pi_name": "To be named by the agency" + mark,
        "pi_position": "Principal investigator",
        "pi_email": f"pi@{row['agency']}.example.org",
        "pi_phone": "+00 555 0100",
        "representative_name": "Office of international cooperation" + mark,
        "representative_function": "Head of office",
        "partners": [
            _partner(number, organisation)
            for number, organisation in enumerate(row["organisations"][1:], 1)
        ],
        "trl_now": 5,
        "trl_delivery": 8,
        "heritage": "Built on instruments flown before." + mark,
        "fm_delivery": date(2026, 12, 15),
        "shared_costs": "Each side pays for what it builds." + mark,
        "expertise": "We share what we know of the instrument." + mark,
        "visibility": "Schools and media take part." + mark,
        "relations": "Our first joint project." + mark,
        "planetary_protection": "IIB",
        "data_sharing": True,
        "peaceful_use": True,
        "consent_to_publish": True,
        "is_correct": True,
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
