"""The canonical form of what is filed, and its hash."""

import hashlib
import json
from datetime import date
from decimal import Decimal

from proposals import participations, rows
from proposals.models import FullerVersion, LetterOfIntent
from proposals.sections import FIELDS, FULLER
from proposals.states import FULLER_KINDS, LETTER_KINDS


def of(letter, *, version: int) -> dict:
    """Everything a filed version says, as plain JSON values; numbers and days as text.

    Numbers are written without padding, days as in ISO 8601; rows keep their ids.
    """
    return {
        "call": letter.call.code,
        "reference": letter.reference,
        "version": version,
        "agency": {"id": str(letter.agency_id), "name": letter.agency.name},
        "fields": {name: _plain(getattr(letter, name)) for name in FIELDS},
        # What the partners had answered by then.
        "participations": participations.as_filed(letter),
        "attachments": _named(letter, LETTER_KINDS),
    }


def of_fuller(proposal, *, version: int) -> dict:
    """Everything a filed fuller proposal says, in the same way of writing."""
    letter = proposal.letter
    return {
        "call": letter.call.code,
        "reference": letter.reference,
        "about": FullerVersion.ABOUT,
        "version": version,
        "agency": {"id": str(letter.agency_id), "name": letter.agency.name},
        "fields": {name: _plain(getattr(proposal, name)) for name in FULLER.fields},
        "attachments": _named(letter, FULLER_KINDS),
    }


def same(content: dict, other: dict) -> bool:
    """Whether two contents say the same: number of the version and name of the agency aside.

    A question that did not exist when one of them was filed, and has no answer in the other, is no
    difference.
    """
    return _answers(content) == _answers(other) and _files(content) == _files(other)


def is_filed_already(letter) -> bool:
    """Whether a reopened letter still says what its last version says, down to the agency's name
    and what partners answered: nothing that another version would add.
    """
    last = letter.versions.last()
    words, filed = of(letter, version=last.number), last.content
    # A version from before partners were asked says nothing of them.
    beside = (words["agency"], words["participations"])
    return same(words, filed) and beside == (filed["agency"], filed.get("participations", []))


def columns(content: dict) -> dict:
    """Field name to the value of its column, for putting a filed version back."""
    column = LetterOfIntent._meta.get_field
    return {
        name: rows.from_lines(name, value)
        if name in rows.TABLES and isinstance(value, str)
        else column(name).to_python(value)
        for name, value in content["fields"].items()
        if name in FIELDS
    }


def canonical(content: dict) -> bytes:
    """The bytes that are hashed: sorted keys, no white space, UTF-8 (as in RFC 8785)."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: dict) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def plain_number(value: Decimal | int) -> str:
    """A quantity as people write it: the column's padding is not something anybody typed."""
    # Adding zero turns -0 into 0.
    return format((Decimal(value) + 0).normalize(), "f")


def _named(letter, kinds) -> list[dict]:
    """The files of the working copy of these kinds."""
    return [
        {
            "kind": item.kind,
            "name": item.name,
            "size": item.size,
            "pages": item.pages,
            "sha256": item.sha256,
        }
        for item in letter.attachments.filter(kind__in=kinds).order_by("kind")
    ]


def _answers(content):
    return {
        name: value
        for name, value in content["fields"].items()
        if value not in ("", None, [], False)
    }


def _files(content):
    return [(item["kind"], item["name"], item["sha256"]) for item in content["attachments"]]


def _plain(value):
    if isinstance(value, date):
        return value.isoformat()
    return plain_number(value) if isinstance(value, Decimal) else value
