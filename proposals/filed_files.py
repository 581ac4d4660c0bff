"""The files of a filed version, with what the scanner said of them."""

from dataclasses import dataclass

from django.conf import settings

from proposals.models import Attachment
from proposals.states import HANDED_OUT, AttachmentKind, ScanState


@dataclass(frozen=True)
class FiledFile:
    kind: AttachmentKind
    name: str
    size: int
    pages: int
    sha256: str
    scan: ScanState

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def is_ready(self) -> bool:
        """Whether it may be handed out: nothing was found in it, or there is no scanner."""
        return self.scan in HANDED_OUT


def of(version) -> list[FiledFile]:
    """In the order of the form. The working copy's files may be others by now."""
    items = version.content["attachments"]
    rows = Attachment.every.filter(
        letter=version.letter_id, sha256__in=[item["sha256"] for item in items]
    )
    scans: dict[str, set] = {}
    for sha256, scan in rows.values_list("sha256", "scan") if items else ():
        scans.setdefault(sha256, set()).add(scan)
    found = [
        FiledFile(
            kind=AttachmentKind(item["kind"]),
            name=item["name"],
            size=item["size"],
            pages=item.get("pages", 0),
            sha256=item["sha256"],
            scan=_worst(scans.get(item["sha256"], ())),
        )
        for item in items
    ]
    return sorted(found, key=lambda file: list(AttachmentKind).index(file.kind))


def _worst(said) -> ScanState:
    """What holds of bytes of which several rows speak."""
    for scan in (ScanState.INFECTED, ScanState.CLEAN, ScanState.OWED, ScanState.NOT_ASKED):
        if scan in said:
            return scan
    # No row speaks of them: where there is a scanner, nothing is handed out unseen.
    return ScanState.OWED if settings.CLAMAV_ADDRESS else ScanState.NOT_ASKED
