"""How letters and what was filed of them are written as JSON."""

import json
from datetime import UTC

from django.utils.translation import gettext as _

from accounts.preconditions import tag
from accounts.problems import Problem
from proposals import content
from proposals.api.fields import plain
from proposals.sections import missing
from proposals.states import LETTER_KINDS


def head(letter) -> dict:
    """One row of the list."""
    return _summary(letter) | {"title": letter.title, "level": letter.level}


def whole(letter) -> dict:
    gaps = missing(letter)
    return {
        **_summary(letter),
        **plain(letter),
        "attachments": [
            attachment(item) for item in letter.attachments.all() if item.kind in LETTER_KINDS
        ],
        "missing": [name for names in gaps.values() for name in names],
    }


def attachment(item) -> dict:
    names = ("id", "kind", "name", "size", "pages", "sha256", "uploaded_at")
    return {name: getattr(item, name) for name in names}


def version(filed) -> dict:
    return {
        "version": filed.number,
        "accepted_at": moment(filed.accepted_at),
        "sha256": filed.sha256,
        "submitted_by": str(filed.submitted_by),
    }


def receipt(found) -> dict:
    filed = found.version
    return {
        "reference": filed.letter.reference,
        "version": filed.number,
        "accepted_at": moment(filed.accepted_at),
        "sha256": filed.sha256,
        "audit_seq": found.audit_seq,
        "audit_head": found.audit_head,
        "code": found.code,
        "signature": found.signature,
        # In the order that is signed: the database keeps its own.
        "document": json.loads(content.canonical(found.document)),
    }


def moment(at) -> str:
    """An instant to the microsecond, exactly as receipts and the audit chain write it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def stale(letter) -> Problem:
    """Somebody saved meanwhile: the letter as it is now, to be merged with what was sent."""
    sentence = _("Somebody saved this letter after you read it. Nothing was stored.")
    headers = {"ETag": tag(letter.revision)}
    return Problem(412, "stale", sentence, headers=headers, current=whole(letter))


def _summary(letter) -> dict:
    return {
        "id": letter.pk,
        "reference": letter.reference,
        "call": letter.call.code,
        "agency": {"id": letter.agency_id, "name": letter.agency.name},
        "state": letter.state,
        "revision": letter.revision,
        "created_at": letter.created_at,
        "updated_at": letter.updated_at,
        "submitted_at": letter.submitted_at,
        "reopened_at": letter.reopened_at,
    }
