"""What a call says of itself to everybody, as plain values for a program."""

from decimal import Decimal

from proposals.content import plain_number
from proposals.files import MOST_BYTES
from proposals.models.call import in_language
from proposals.states import Level, RoundKind


def facts(call, *, now) -> dict:
    """The call in the reader's language. `now` is the portal's own clock, which alone counts."""
    return {
        "code": call.code,
        "title": str(call),
        "summary": in_language(call.summary),
        "contact": call.contact,
        "opens_at": call.opens_at,
        "closes_at": call.closes_at,
        "now": now,
        "zone": call.zone,
        "closing_sentence": call.closing_sentence,
        "phase": call.phase_at(now),
        "levels": _levels(call),
        "objectives": _codes(call.objectives),
        "priorities": _codes(call.priorities),
        "limits": {
            "lander_mass_kg": _number(call.lander_mass_kg),
            "module_mass_kg": _number(call.module_mass_kg),
            "payload_power_w": _number(call.payload_power_w),
            "file_bytes": MOST_BYTES,
        },
        "rounds": [
            {"kind": RoundKind(one.kind), "announced_for": _announced(one)}
            for one in call.rounds.all()
        ],
    }


def _levels(call):
    told = {item["code"]: item for item in call.facts.get("levels", ())}
    return [
        {
            "code": level.value,
            "name": str(level.label),
            "description": in_language(told.get(level.value, {}).get("description")),
        }
        for level in Level
    ]


def _codes(items):
    return [{"code": item["code"], "name": in_language(item)} for item in items]


def _announced(one) -> str:
    """The day, or the month where only a month was announced."""
    return one.announced_for.strftime("%Y-%m-%d" if one.precise_to_day else "%Y-%m")


def _number(value: Decimal):
    text = plain_number(value)
    return float(text) if "." in text else int(text)
