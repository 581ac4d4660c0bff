"""What changed between two texts of a letter: answer by answer, word by word."""

from dataclasses import dataclass

from django.utils.text import capfirst

from proposals import merging, reading
from proposals.merging import ADDED, REMOVED, Piece
from proposals.sections import Section
from proposals.states import AttachmentKind


@dataclass(frozen=True)
class Change:
    """One answer that differs: its words before and after, and the two woven together."""

    label: str
    before: str
    after: str
    pieces: list[Piece]


@dataclass(frozen=True)
class ChangedPart:
    section: Section
    changes: list[Change]


def between(old, new, call) -> list[ChangedPart]:
    """The sections in which two contents differ (as `content.of` makes them), with the changes."""
    found = []
    for before, after in zip(reading.parts_of(old, call), reading.parts_of(new, call), strict=True):
        changes = [
            change(answer.label, was.plain, answer.plain)
            for was, answer in zip(before.answers, after.answers, strict=True)
            if was.plain != answer.plain
        ]
        if changes:
            found.append(ChangedPart(after.section, changes))
    return found


def of_files(old, new) -> list[Change]:
    """Files that were added, taken out or replaced, each with its name and SHA-256."""
    before, after = ({item["kind"]: item for item in one["attachments"]} for one in (old, new))
    kinds = dict(AttachmentKind.choices)
    return [
        _whole(capfirst(kinds.get(kind, kind)), _file(before.get(kind)), _file(after.get(kind)))
        for kind in sorted(before.keys() | after.keys())
        if _file(before.get(kind)) != _file(after.get(kind))
    ]


def change(label, before, after) -> Change:
    """One answer that differs, compared word by word."""
    return Change(label, before, after, merging.changes(before, after))


def _whole(label, before, after) -> Change:
    pieces = [Piece(REMOVED, before)] * bool(before) + [Piece(ADDED, after)] * bool(after)
    return Change(label, before, after, pieces)


def _file(item) -> str:
    return f"{item['name']} (SHA-256 {item['sha256']})" if item else ""
