"""Totals in one order, whatever order they came in, and a fingerprint of them."""

import hashlib
import itertools
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from reviews.scoring import FEWEST_REVIEWS


class BadTable(ValueError):
    """The totals cannot be calculated with; the message says which and why."""


@dataclass(frozen=True, eq=False)
class Table:
    """Every review of a call, sorted by letter and reviewer; `letters` may have none.

    Sorting makes the arithmetic the same to the last bit in whatever order reviews arrive.
    """

    letters: tuple[str, ...]
    reviewers: tuple[str, ...]
    letter: np.ndarray  # of each review, its place in `letters`
    reviewer: np.ndarray  # of each review, its place in `reviewers`
    total: np.ndarray

    @property
    def reviews_of_letters(self) -> np.ndarray:
        return np.bincount(self.letter, minlength=len(self.letters))

    @property
    def reviews_of_reviewers(self) -> np.ndarray:
        return np.bincount(self.reviewer, minlength=len(self.reviewers))

    @property
    def rateable(self) -> np.ndarray:
        return self.reviews_of_letters >= FEWEST_REVIEWS

    def sha256(self) -> str:
        """Fingerprint of the input: the same for the same reviews in another order."""
        rows = [
            [self.letters[p], self.reviewers[r], float(total)]
            for p, r, total in zip(self.letter, self.reviewer, self.total, strict=True)
        ]
        content = {"letters": self.letters, "reviews": rows}
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def table(reviews: Iterable[tuple[str, str, float]], letters: Iterable[str] = ()) -> Table:
    """Put reviews in order: a letter, a reviewer, and a weighted total from 0 to 100, best 100.

    `letters` names those that nobody may have reviewed yet.

    Raises BadTable for a total that is no number from 0 to 100, an empty id, and a reviewer with
    two reviews of one letter.
    """
    rows = sorted(_row(*review) for review in reviews)
    for one, other in itertools.pairwise(rows):
        if one[:2] == other[:2]:
            raise BadTable(f"reviewer {one[1]!r} judged letter {one[0]!r} twice")
    every = sorted({row[0] for row in rows} | {_name(letter, "letter") for letter in letters})
    reviewers = sorted({row[1] for row in rows})
    place = {letter: number for number, letter in enumerate(every)}
    seat = {reviewer: number for number, reviewer in enumerate(reviewers)}
    return Table(
        letters=tuple(every),
        reviewers=tuple(reviewers),
        letter=np.array([place[row[0]] for row in rows], dtype=np.intp),
        reviewer=np.array([seat[row[1]] for row in rows], dtype=np.intp),
        total=np.array([row[2] for row in rows], dtype=float),
    )


def _row(letter, reviewer, total):
    letter, reviewer = _name(letter, "letter"), _name(reviewer, "reviewer")
    try:
        number = float(total)
    except (TypeError, ValueError) as fault:
        raise BadTable(
            f"the total of {reviewer!r} for {letter!r} is no number: {total!r}"
        ) from fault
    if not (math.isfinite(number) and 0 <= number <= 100):
        raise BadTable(f"the total of {reviewer!r} for {letter!r} is not from 0 to 100: {total!r}")
    # The last digits of a weighted mean hang on the order it was summed up in, and zero may be
    # negative; neither may give the same total another fingerprint.
    return letter, reviewer, round(number, 9) + 0.0


def _name(value, what):
    if not isinstance(value, str) or not value:
        raise BadTable(f"a {what} needs an id of at least one character, not {value!r}")
    return value
