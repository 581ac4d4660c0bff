"""What somebody typed, read from the bare request: for a page that hands it back to be copied."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.core.exceptions import FieldDoesNotExist

from proposals import reading
from proposals.forms import versions

# Sent along by our pages and typed by nobody. A version that was carried along holds no new words,
# except "mine", which the page of two versions holds as it was typed.
_MACHINERY = {
    "csrfmiddlewaretoken",
    "revision",
    "next",
    "add",
    "base",
    "theirs",
    "section",
    "back",
    "answer",
}
_CELL = re.compile(r"(?P<table>\w+)-(?P<row>[0-9]{1,3})-(?P<cell>\w+)")
_UNWRITTEN_CELLS = {"id", "remove"}


@dataclass(frozen=True)
class Typed:
    label: str
    text: str

    @property
    def is_long(self) -> bool:
        return len(self.text) > 80 or "\n" in self.text


class Answers(list[Typed]):
    """Everything that was typed, in the order in which it was sent."""

    @property
    def download(self) -> str:
        """An address that holds the whole text itself: no request, so it works whatever is broken.

        The mark at the start tells old editors that the file is UTF-8.
        """
        text = "\n\n".join(f"{one.label}\n{one.text}" for one in self) + "\n"
        return "data:text/plain;charset=utf-8," + quote("\ufeff" + text)


def answers(posted) -> Answers:
    """Every text in the request with the name of its field, in the order in which it was sent.

    Asks neither the database nor the letter: both may be what is missing.
    """
    found = Answers()
    for name, texts in _unpacked(posted):
        text = "\n".join(text for text in texts if text.strip())
        if name in _MACHINERY or not text:
            continue
        cell = _CELL.fullmatch(name)
        if cell and cell["cell"] in _UNWRITTEN_CELLS:
            continue
        found.append(Typed(_label(name, cell), text))
    return found


def _unpacked(posted):
    for name, texts in posted.lists():
        if name.startswith("take-"):
            continue
        if name != "mine":
            yield name.removeprefix("text-"), texts
            continue
        try:
            yield from versions.from_text(posted[name]).lists()
        except versions.Unreadable:
            yield name, texts


def _label(name, cell) -> str:
    try:
        if cell:
            (table,) = reading.labels([cell["table"]])
            return f"{table} {int(cell['row']) + 1}: {cell['cell']}"
        (label,) = reading.labels([name])
    except FieldDoesNotExist:
        return name
    return label
