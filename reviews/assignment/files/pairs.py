"""CSV: one line for each pair of a letter and a reviewer."""

import csv
from collections.abc import Iterable
from typing import Any

import numpy as np

from reviews import affinity
from reviews.assignment.files.given import (
    COUNTS,
    FLAGS,
    OF_LETTER,
    OF_REVIEWER,
    TABLES,
    WANTED,
    Given,
    Unreadable,
)
from reviews.assignment.pool import ENGINEER, SCIENTIST

_YES_NO = {"1": True, "yes": True, "true": True, "": False, "0": False, "no": False, "false": False}


def read_csv(file: Iterable[str]) -> Given:
    """What a CSV table says that has a line for each pair. Raises Unreadable with the line."""
    lines = csv.reader(file, strict=True)
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        _check_header(header)
        return _Lines(header).given(lines)
    except UnicodeDecodeError as fault:
        raise Unreadable("it is not UTF-8: save it as CSV UTF-8") from fault
    except csv.Error as fault:
        raise Unreadable(f"line {lines.line_num}: {fault}") from fault


def _check_header(header):
    known = ("letter", "reviewer", *TABLES, *OF_LETTER, *OF_REVIEWER)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise Unreadable("line 1: separate the columns with commas")
    for name in header:
        if name not in known:
            raise Unreadable(f"line 1: unknown column {name!r}; there are {', '.join(known)}")
        if header.count(name) > 1:
            raise Unreadable(f"line 1: the column {name} is there twice: take one out")
    for name in ("letter", "reviewer"):
        if name not in header:
            raise Unreadable(f"line 1: the column {name} is missing: add it")
    if not {"affinity", "text", "keywords"} & set(header):
        raise Unreadable("line 1: add a column affinity, or text or keywords to make it from")


class _Lines:
    """The lines of a table of pairs, gathered."""

    def __init__(self, header):
        self.header = header
        self.letters: dict[str, int] = {}
        self.reviewers: dict[str, int] = {}
        self.seen: dict[tuple[int, int], int] = {}
        self.columns = {name: [] for name in TABLES if name in header}
        # Of each letter or reviewer what was said first, and in which line.
        self.said: dict[tuple[str, str], tuple[Any, int]] = {}

    def given(self, lines) -> Given:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                self._take(cells, lines.line_num)
        if not self.seen:
            raise Unreadable("it has no pairs: write one line for each letter and reviewer")
        tables = {name: self._table(name) for name in self.columns}
        there = np.zeros((len(self.letters), len(self.reviewers)), dtype=bool)
        there[self._places()] = True
        # A pair without a line is not possible.
        tables["withdrawn"] = ~there | tables.get("withdrawn", False)
        known = {name: self._said(name, self.letters) for name in self._there(OF_LETTER)}
        known |= {name: self._said(name, self.reviewers) for name in self._there(OF_REVIEWER)}
        return Given(tuple(self.letters), tuple(self.reviewers), tables, known)

    def _there(self, names):
        return [name for name in names if any(name == said for said, _whose in self.said)]

    def _places(self):
        return tuple(np.array(list(self.seen)).T)

    def _take(self, cells, number):
        if len(cells) != len(self.header):
            raise Unreadable(
                f"line {number}: {len(cells)} cells under {len(self.header)} column names"
            )
        row = dict(zip(self.header, (cell.strip() for cell in cells), strict=True))
        for name in ("letter", "reviewer"):
            if not row[name]:
                raise Unreadable(f"line {number}: say which {name}")
        pair = (
            self.letters.setdefault(row["letter"], len(self.letters)),
            self.reviewers.setdefault(row["reviewer"], len(self.reviewers)),
        )
        if pair in self.seen:
            raise Unreadable(
                f"line {number}: {row['letter']} and {row['reviewer']} stand in line "
                f"{self.seen[pair]} already: take one out"
            )
        self.seen[pair] = number
        for name, column in self.columns.items():
            read = _flag if name in FLAGS else _number
            column.append(read(row[name], name, number))
        for name in (*OF_LETTER, *OF_REVIEWER):
            if row.get(name):
                self._say(name, row["letter" if name in OF_LETTER else "reviewer"], row, number)

    def _say(self, name, whose, row, number):
        value = row[name]
        if name in COUNTS:
            value = _count(value, name, number)
        elif name == "expertise":
            value = value.upper()
            if value not in (ENGINEER, SCIENTIST):
                raise Unreadable(
                    f"line {number}: expertise is {row[name]!r}: write {ENGINEER}, {SCIENTIST} or "
                    "nothing"
                )
        first, where = self.said.setdefault((name, whose), (value, number))
        if first != value:
            raise Unreadable(
                f"line {number}: {name} of {whose} is {row[name]}, but {first} in line {where}: "
                "write the same on all its lines"
            )

    def _said(self, name, axis):
        absent = {"wanted": WANTED, "least": 0, "most": None}.get(name, "")
        found = [self.said.get((name, whose), (absent, 0))[0] for whose in axis]
        if name == "most" and None in found:
            whose = list(axis)[found.index(None)]
            raise Unreadable(f"{whose} has no most: write it on one of its lines, or for nobody")
        return found

    def _table(self, name):
        fill = False if name in FLAGS else 0.0 if name in ("affinity", "penalty") else np.nan
        table = np.full((len(self.letters), len(self.reviewers)), fill)
        table[self._places()] = self.columns[name]
        return table


def _flag(text, name, line) -> bool:
    try:
        return _YES_NO[text.lower()]
    except KeyError:
        raise Unreadable(f"line {line}: {name} is {text!r}: write 1, 0 or nothing") from None


def _number(text, name, line) -> float:
    if not text and name != "affinity":
        return 0.0 if name == "penalty" else np.nan
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if name == "bid":
        if number not in affinity.BID_VALUES:
            raise Unreadable(f"line {line}: bid is {text!r}: write -1, 0, 0.5, 1 or nothing")
    elif not 0 <= number <= 1:
        raise Unreadable(f"line {line}: {name} is {text!r}: write a number from 0 to 1, as 0.5")
    return number


def _count(text, name, line) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise Unreadable(f"line {line}: {name} is {text!r}: write a whole number")
    return int(text)
