"""What the page of a dossier is made of."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


@dataclass(frozen=True)
class Cell:
    """One cell: a text, how it is set ("time", "hash", "code", "text"), and where it leads."""

    text: str
    kind: str = ""
    href: str = ""
    # Several links instead of one text.
    links: tuple = ()

    def __bool__(self):
        return bool(self.text or self.links)


@dataclass(frozen=True)
class Table:
    title: str
    columns: list[str]
    rows: list[list]

    def __bool__(self):
        return bool(self.rows)

    @property
    def lines(self) -> list:
        """Each row as pairs of a column's name and its cell."""
        return [
            [
                (name, one if isinstance(one, Cell) else Cell(str(one)))
                for name, one in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]


@dataclass
class Section:
    """A part of the page; one without tables and texts is not drawn."""

    key: str
    title: str
    tables: list[Table]
    texts: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.tables = [table for table in self.tables if table]
        if not self.tables and self.key != "record":
            self.texts = []


def matter() -> str:
    """The head of a column that says what stands beside it."""
    return pgettext("what a row is about", "What")


def moment(text: str | None) -> Cell:
    """An instant of the facts as people read it, in UTC."""
    if not text:
        return Cell("")
    return Cell(f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC", "time")


def named(person: dict | None) -> str:
    """Who it was; somebody whose name the reader must not know is an office."""
    if person is None:
        return _("the portal")
    return person["name"] or _("the panel")


def sha(text: str | None) -> Cell:
    return Cell(text or "", "hash")


def listed(links) -> Cell:
    """Several (label, address) pairs, an empty address for what is named and not there."""
    return Cell("", links=tuple(links))
