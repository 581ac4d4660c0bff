"""What a file says of a pool, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np

from reviews import affinity
from reviews.assignment.pool import Pool

# Column or table in a file: part of the affinity.
PARTS = {"text": affinity.TEXT, "keywords": affinity.KEYWORDS, "bid": affinity.BIDS}
FLAGS = ("conflict", "withdrawn", "locked")
TABLES = ("affinity", "penalty", *PARTS, *FLAGS)
# One value for each letter, or for each reviewer.
OF_LETTER, OF_REVIEWER = ("wanted",), ("least", "most", "country", "expertise")
COUNTS = ("wanted", "least", "most")
WANTED = 3
# Unless something else is asked for, nobody reads more than so many times an even share.
_SHARE = 4 / 3


class Unreadable(ValueError):
    """The file cannot be what was meant; the message is for the person who wrote it."""


@dataclass(frozen=True)
class Given:
    """Names, tables with a row a letter and a column a reviewer, and what is known of each."""

    letters: tuple[str, ...]
    reviewers: tuple[str, ...]
    tables: Mapping[str, np.ndarray] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)

    def pool(self, **asked: int | None) -> Pool:
        """The pool; `wanted`, `least` and `most`, where asked for, stand above the file.

        Raises ValueError for what is no pool.
        """
        counts = {"wanted": WANTED, "least": 0}
        counts |= {name: self.known[name] for name in COUNTS if name in self.known}
        counts |= {name: value for name, value in asked.items() if value is not None}
        if "most" not in counts:
            wanted = np.broadcast_to(counts["wanted"], len(self.letters)).sum()
            share = ceil(_SHARE * wanted / max(1, len(self.reviewers)))
            counts["most"] = np.maximum(share, counts["least"])
        fits, penalty, parts = self._affinity()
        return Pool.of(
            self.letters,
            self.reviewers,
            fits,
            **counts,
            conflicts=self.tables.get("conflict"),
            withdrawn=self.tables.get("withdrawn"),
            locked=self.tables.get("locked"),
            penalty=penalty,
            country=self.known.get("country"),
            expertise=self.known.get("expertise"),
            parts=parts,
        )

    def _affinity(self):
        """Affinity, penalty and parts; a bid of "no" costs its penalty in either case."""
        tables = self.tables
        parts = {part: tables[name] for name, part in PARTS.items() if name in tables}
        unknown = np.full((len(self.letters), len(self.reviewers)), np.nan)
        bids = parts.get(affinity.BIDS, unknown)
        if "affinity" in tables:
            fits = tables["affinity"]
        else:
            text, keywords = (
                parts.get(part, unknown) for part in (affinity.TEXT, affinity.KEYWORDS)
            )
            fits = affinity.combined(text, keywords, bids).total
        penalty = affinity.penalty_of(bids) + tables.get("penalty", 0)
        return fits, np.minimum(penalty, 1), parts
