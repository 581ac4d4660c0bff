"""Pools read from files. What these may hold is written in docs/arithmetic.md.

Whatever cannot be meant is refused, with its line or array, and what to do about it.
"""

from pathlib import Path

from reviews.assignment.files.arrays import read_npz
from reviews.assignment.files.given import Given, Unreadable
from reviews.assignment.files.pairs import read_csv

__all__ = ["Given", "Unreadable", "read", "read_csv", "read_npz"]


def read(path: Path) -> Given:
    """What is in the file. Raises Unreadable, and OSError if it cannot be opened."""
    match path.suffix.lower():
        case ".csv":
            # utf-8-sig: spreadsheets put a mark before the first name.
            with path.open(encoding="utf-8-sig", newline="") as file:
                return read_csv(file)
        case ".npz":
            return read_npz(path)
        case _:
            raise Unreadable("name it .csv or .npz, after what it is")
