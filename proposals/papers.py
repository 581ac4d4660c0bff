"""A letter of intent and its receipt as PDF, in the reader's language.

The same content in the same language gives the same bytes. What people typed passes through
`printable`, and the setting itself happens in a child process with limits.
"""

import unicodedata
from datetime import UTC
from functools import partial
from pathlib import Path

import segno
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext

from proposals import printing, reading
from proposals.models import FullerVersion
from proposals.printing import Unprintable, fonts
from proposals.printing.characters import GETA, MOST_CHARACTERS
from proposals.printing.characters import printable as printable_in
from proposals.states import AttachmentKind

STYLE = Path(__file__).resolve().parent / "paper_assets" / "paper.css"
# More lines than this in one answer are set as one paragraph, with a mark where each ended.
MOST_LINES = 80
LINE_END = " ¶ "

printable = partial(printable_in, families=fonts.WITH_ARABIC)


def letter(
    content,
    *,
    call,
    sha256,
    version=None,
    without=frozenset(),
    nameless: bool = False,
    copy_for: str = "",
) -> bytes:
    """What is or would be filed. `version` is the filed one; without it the paper says "draft".

    Answers named in `without` are left out, and the paper says so. One that is `nameless` tells
    neither the agency, nor hashes and files' names and sizes by which it could be guessed.
    `copy_for` stands at the foot of every page. Raises `printing.Unprintable`.
    """
    page = letter_page(
        content,
        call=call,
        sha256=sha256,
        version=version,
        without=without,
        nameless=nameless,
        copy_for=copy_for,
    )
    return printing.pdf_from(render_to_string("proposals/paper/letter.html", page), STYLE)


def letter_page(
    content,
    *,
    call,
    sha256,
    version=None,
    without=frozenset(),
    nameless: bool = False,
    copy_for: str = "",
) -> dict:
    """What the template of a letter needs, for whoever sets it together with something else."""
    number = content["version"]
    page = {
        "lang": _lang(),
        "filed": version is not None,
        "call": printable(call),
        "reference": content["reference"],
        "is_fuller": content.get("about") == FullerVersion.ABOUT,
        "standing": gettext("Version %(number)s, filed") % {"number": number}
        if version
        else gettext("Draft, not filed"),
        "title": printable(content["fields"].get("title") or content["reference"]),
        "agency": "" if nameless else printable(content["agency"]["name"]),
        "nameless": nameless,
        "sha256": "" if nameless else sha256,
        "groups": [sha256[start : start + 8] for start in range(0, len(sha256), 8)],
        "parts": [
            _part(part, without)
            for part in reading.parts_of(content, call)
            if not without.issuperset(part.section.fields)
        ],
        "shortened": bool(without),
        "copy_for": printable(copy_for),
        "files": [] if nameless else _files(content["attachments"]),
        "day": f"{version.accepted_at:%Y-%m-%d}" if version else "",
        "accepted": f"{_moment(version.accepted_at)} UTC" if version else "",
    }
    page["name"] = f"{page['reference']} · {page['standing']}"
    page["has_geta"] = GETA in str(page)
    return page


def receipt(found, *, call) -> bytes:
    """A receipt on one page, with a QR code that leads to what the portal knows of it.

    Raises `printing.Unprintable`.
    """
    version = found.version
    reference = version.letter.reference
    address = f"{settings.BASE_URL}/verify/?code={found.code}"
    page = {
        "lang": _lang(),
        "name": f"{gettext('Receipt')} {reference} v{version.number}",
        "day": f"{version.accepted_at:%Y-%m-%d}",
        "call": printable(call),
        "reference": reference,
        "number": version.number,
        "is_fuller": version.ABOUT == FullerVersion.ABOUT,
        "facts": [
            (label, value, _direction(value))
            for label, value in (
                (gettext("Reference"), reference),
                (gettext("Agency"), printable(version.content["agency"]["name"])),
                (gettext("Version"), str(version.number)),
                (gettext("Accepted"), f"{_moment(version.accepted_at)} UTC"),
                (call.zone_name, _moment(version.accepted_at, call.tzinfo)),
            )
        ],
        "files": _files(version.content["attachments"]),
        "hashes": [
            (gettext("SHA-256 of the content"), version.sha256),
            (gettext("Audit entry"), found.audit_seq),
            (gettext("Head of the audit chain"), found.audit_head),
            (gettext("Signature (Ed25519)"), found.signature or "–"),
            (gettext("Signed with the key"), found.document.get("key", "–")),
        ],
        "code": found.code,
        "address": address,
        "program": f"{settings.BASE_URL}/verify/verify_receipt.py",
        "qr": _qr(address),
    }
    return printing.pdf_from(render_to_string("proposals/paper/receipt.html", page), STYLE)


def _lang() -> str:
    return "zh-Hans" if get_language() == "zh-hans" else get_language()


def _part(part, without) -> dict:
    return {
        # The sections of a letter have letters; a fuller proposal is one section.
        "key": part.section.key.upper() if len(part.section.key) == 1 else "",
        "title": part.section.title,
        "answers": [
            {
                "label": printable(answer.label),
                "is_long": answer.is_long,
                "lines": _lines(answer.plain),
            }
            for answer in part.answers
            if answer.name not in without
        ],
    }


def _lines(text) -> list[dict]:
    if len(text) > MOST_CHARACTERS:
        raise Unprintable(f"an answer of {len(text)} characters")
    lines = [line for line in map(printable, text.splitlines()) if line]
    if len(lines) > MOST_LINES:
        lines = [LINE_END.join(lines)]
    return [{"text": line, "direction": _direction(line)} for line in lines]


def _direction(line) -> str:
    """That of the first letter of a line that has one; the press does not know "auto"."""
    for char in line:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL", "L"):
            return "ltr" if direction == "L" else "rtl"
    return "ltr"


def _files(items) -> list[dict]:
    kinds = dict(AttachmentKind.choices)
    return [
        {
            "kind": kinds.get(item["kind"], item["kind"]),
            "name": printable(item["name"]),
            "size": filesizeformat(item["size"]),
            "sha256": item["sha256"],
        }
        for item in items
    ]


def _moment(moment, zone=UTC) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.%f")


def _qr(address):
    code = segno.make(address, error="m", micro=False)
    # Safe: segno draws the squares itself and escapes the title.
    return mark_safe(
        code.svg_inline(border=0, omitsize=True, dark="#1b2733", title=gettext("QR code"))
    )
