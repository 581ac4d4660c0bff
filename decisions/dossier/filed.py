"""What the agency filed, and what was written between it and the portal."""

from decisions.dossier.scope import Scope, instant
from notifications.models import Message
from proposals import filed_files
from proposals.models import SubmitAttempt


def letter_facts(scope: Scope) -> dict:
    """What letter it is. Its title is part of its text, as it was filed last."""
    letter, agency = scope.letter, scope.letter.agency
    filed = letter.versions.order_by("-number").first()
    fields = filed.content["fields"] if filed and scope.reads_the_text else {}
    return {
        "id": str(letter.pk),
        "reference": letter.reference,
        "title": fields.get("title"),
        "title_zh": fields.get("title_zh"),
        "state": letter.state,
        "agency": {
            "id": str(agency.pk),
            "name": agency.name,
            "country": agency.country_text or agency.country.code or "",
        },
    }


def versions(scope: Scope) -> list[dict]:
    """Every filed version, oldest first; `folder` is where its files lie in the dossier."""
    letter = scope.letter
    found = [*_with_receipts(letter.versions), *_with_receipts(letter.fuller_versions)]
    return [_version(scope, one) for one in found]


def folder_of(version) -> str:
    kind = "fuller" if version.ABOUT else "filed"
    return f"{kind}/v{version.number}"


def receipt_name(version) -> str:
    """The name of a version's receipt, without its ending."""
    return f"receipts/{'fuller-' if version.ABOUT else ''}v{version.number}"


def file_name(version, file) -> str:
    """Our name, not the agency's: theirs may hold any character."""
    return f"{folder_of(version)}/{file.kind.lower()}.{file.name.rpartition('.')[2].lower()}"


def _with_receipts(rows):
    return rows.select_related("submitted_by").prefetch_related("receipt").order_by("number")


def _version(scope, version) -> dict:
    receipt = getattr(version, "receipt", None)
    own = scope.reads_the_text
    return {
        "about": version.ABOUT or "letter of intent",
        "number": version.number,
        "accepted_at": instant(version.accepted_at),
        "submitted_by": scope.person(version.submitted_by),
        "sha256": version.sha256,
        "content": f"{folder_of(version)}/content.json" if own else None,
        "files": [_file(version, file, own) for file in filed_files.of(version)],
        "receipt": _receipt(version, receipt) if receipt and scope.keeps_the_record else None,
    }


def _file(version, file, own) -> dict:
    return {
        "kind": str(file.kind),
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "member": file_name(version, file) if own and file.is_ready else None,
        # Malware is not handed on, and what nobody has looked at neither.
        "withheld": not file.is_ready,
    }


def _receipt(version, receipt) -> dict:
    return {
        "code": receipt.code,
        "audit_seq": receipt.audit_seq,
        "audit_head": receipt.audit_head,
        "member": f"{receipt_name(version)}.json",
    }


def steps(scope: Scope) -> list[dict]:
    """Every change of the letter's state."""
    return [
        {
            "at": instant(event.at),
            "from": event.from_state,
            "to": event.to_state,
            "by": scope.person(event.actor),
        }
        for event in scope.letter.events.select_related("actor")
    ]


def attempts(scope: Scope) -> list[dict]:
    """Every request to submit, whatever became of it."""
    if not scope.keeps_the_record:
        return []
    rows = SubmitAttempt.objects.filter(letter=scope.letter).select_related("actor")
    return [
        {"at": instant(one.at), "outcome": one.outcome, "by": scope.person(one.actor)}
        for one in rows.order_by("at", "pk")
    ]


def questions(scope: Scope) -> list[dict]:
    """What the panel asked the agency, and what it answered."""
    if not scope.reads_the_text:
        return []
    rows = scope.letter.clarifications.select_related("asked_by", "answered_by")
    return [
        {
            "asked_at": instant(one.asked_at),
            "asked_by": scope.person(one.asked_by),
            "question": one.question,
            "due_at": instant(one.due_at),
            "answered_at": instant(one.answered_at),
            "answered_by": scope.person(one.answered_by),
            "answer": one.answer,
        }
        for one in rows
    ]


def mails(scope: Scope) -> list[dict]:
    """What was mailed to the agency's people about the letter, without the texts.

    That somebody was written to in confidence is left out, as it is from the ledger.
    """
    if not scope.keeps_the_record:
        return []
    rows = Message.objects.openly().about(scope.letter).select_related("recipient").defer("body")
    return [
        {
            "kind": one.template,
            "subject": one.subject,
            "to": scope.person(one.recipient),
            "address": one.address,
            "state": one.state,
            "queued_at": instant(one.queued_at),
            "sent_at": instant(one.sent_at),
            "attempts": one.attempts,
            "message_id": one.message_id,
        }
        for one in rows.order_by("queued_at", "template", "address", "pk")
    ]
