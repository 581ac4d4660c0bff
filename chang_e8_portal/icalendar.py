"""Writing a calendar that other programs read: RFC 5545, the little of it that a feed needs.

An event here is a moment or a whole day; nothing repeats, nobody is invited. Everything that the
format asks of text is in this file: escaping, folding at 75 octets, line ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

_MOST_OCTETS = 75  # of a line, without its end. Source: RFC 5545, 3.1
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True)
class Event:
    """One entry. `uid` is the same for the same thing for ever; `known_at` is when it was set."""

    uid: str
    at: datetime | date
    words: str
    address: str
    known_at: datetime


def written(events: Iterable[Event], *, product: str, name: str) -> bytes:
    """The calendar as a file; the same events, the same bytes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_text(product)}",
        "CALSCALE:GREGORIAN",
        # The name by RFC 7986, and as programs knew it before.
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(event.uid)}",
            f"DTSTAMP:{_moment(event.known_at)}",
            _start(event.at),
            f"SUMMARY:{_text(event.words)}",
            f"URL:{event.address}",
            # A due date keeps nobody busy.
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _start(at) -> str:
    if isinstance(at, datetime):
        return f"DTSTART:{_moment(at)}"
    return f"DTSTART;VALUE=DATE:{at:%Y%m%d}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """A text as a value: control characters are not allowed in one, line breaks are written."""
    text = value.translate(_ESCAPED)
    return "".join(sign for sign in text if sign >= " " or sign == "\t").replace("\x7f", "")


def _folded(line: str) -> bytes:
    """A content line, cut between characters where it is too long for one."""
    parts, room = [b""], _MOST_OCTETS
    for sign in line:
        octets = sign.encode()
        if len(parts[-1]) + len(octets) > room:
            parts.append(b"")
            room = _MOST_OCTETS - 1  # a space begins each line that goes on
        parts[-1] += octets
    return b"\r\n ".join(parts) + b"\r\n"
