"""What a receipt says, how it is signed, and how it is checked.

The signed text is canonical JSON (sorted keys, no white space, UTF-8), so that anybody can write it
again from the receipt and check the signature with nothing of the portal: docs/receipts.md.
"""

import hashlib
import json
from datetime import UTC

from django.utils.translation import gettext as _

from accounts import strict_json
from proposals import signing
from proposals.content import canonical

FORMAT = "chang-e8-receipt-1"
# A receipt is about 1.5 kB; with four files and long names it stays far below this.
MOST_BYTES = 64 * 1024


class Unreadable(Exception):
    """The file is not a receipt; the message says why."""


def document(version, *, code, entry) -> dict:
    """Everything a receipt vouches for. `entry` is the audit entry of the submission."""
    letter, words = version.letter, version.content
    return {
        "format": FORMAT,
        # Left out where it is about a letter of intent, as receipts always were.
        **({"about": version.ABOUT} if version.ABOUT else {}),
        "call": letter.call.code,
        "agency": words["agency"]["name"],
        "reference": letter.reference,
        "version": version.number,
        "sha256": version.sha256,
        "files": [
            {name: item[name] for name in ("kind", "name", "size", "sha256")}
            for item in words["attachments"]
        ],
        "accepted_at": version.accepted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "audit_seq": entry.seq,
        "audit_head": entry.hash,
        "code": code,
        "key": signing.key_id(),
    }


def sign(said: dict) -> str:
    """The Ed25519 signature of a receipt's text, in base64."""
    return signing.sign(canonical(said))


def signed(receipt) -> dict:
    """A receipt as it is handed out: its text, and beside it the signature."""
    return receipt.document | {"signature": receipt.signature}


def digest(found: dict) -> str:
    """SHA-256 of a receipt with its signature, whatever white space or order its file has."""
    return hashlib.sha256(canonical(found)).hexdigest()


def as_file(receipt) -> bytes:
    """The receipt as a file that people can read and programs can check."""
    text = json.dumps(signed(receipt), ensure_ascii=False, indent=2, sort_keys=True)
    return text.encode() + b"\n"


def read(data: bytes) -> dict:
    """A receipt from its file. Raises `Unreadable` for everything else, however odd."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is too large to be a receipt."))
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_no_name_twice)
        canonical(found)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The file is not a receipt: it is not JSON.")) from error
    if not (isinstance(found, dict) and found.get("format") == FORMAT):
        raise Unreadable(_("The file is not a receipt of this kind of portal."))
    if not all(isinstance(found.get(name), str) for name in ("signature", "key", "code")):
        raise Unreadable(_("The receipt has no signature."))
    # By its code it is looked up, and the database refuses even the question.
    if not strict_json.is_storable(found["code"]):
        raise Unreadable(_("The file is not a receipt of this kind of portal."))
    return found


def fault_in(found: dict, keys: dict) -> str:
    """Why a receipt that was `read` is not genuine by these public keys; empty if it is."""
    said = {name: value for name, value in found.items() if name != "signature"}
    if found["key"] not in keys:
        return _("It was signed with another key: %(key)s.") % {"key": found["key"][:64]}
    if not signing.is_signed(canonical(said), found["signature"], keys[found["key"]]):
        return _("The signature does not fit: something in it was changed.")
    return ""


def _no_name_twice(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
