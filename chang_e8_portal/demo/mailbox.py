"""Reading the mails the demo has sent: the e-mail backend writes each into a file of its own."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

# What Django's file backend writes between two mails.
_END = "-" * 79


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    date: str
    text: str


def mails(*, to: str = "") -> list[Mail]:
    """The mails that left the portal, newest first; `to` keeps those whose address contains it."""
    found = []
    for path in sorted(_folder().glob("*.log"), key=lambda p: p.stat().st_mtime, reverse=True):
        for raw in reversed(path.read_text(encoding="utf-8").split(f"\n{_END}\n")):
            if raw.strip():
                mail = _parse(raw)
                if to.lower() in mail.to.lower():
                    found.append(mail)
    return found


def _parse(raw) -> Mail:
    # As bytes: the parser takes a string for ASCII, and other letters are lost.
    message = message_from_bytes(raw.lstrip().encode(), policy=policy.default)
    return Mail(
        to=str(message["To"]),
        # A long one begins on the line after its name.
        subject=str(message["Subject"]).strip(),
        date=str(message["Date"]),
        text=message.get_content(),
    )


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)
