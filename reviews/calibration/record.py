"""The answer of a calibration: fixed, complete, and the same bytes each time it is asked for.

Numbers are rounded to six decimals, so that two machines whose linear algebra differs in the last
digits write the same record. Points are those of the totals, 0 to 100.
"""

import dataclasses
import json
from dataclasses import dataclass

RATED, NOT_RATEABLE = "rated", "not rateable"


@dataclass(frozen=True)
class Notice:
    """What a reader must know before using the figures. `code` is for programs."""

    code: str
    text: str


@dataclass(frozen=True)
class Correction:
    """Whether reviewers' severity is removed, and `reason` why not (empty if it is).

    `evidence` is how much likelier severity makes the totals: the difference of minus twice the
    restricted log-likelihood; None where it cannot be told.
    """

    supported: bool
    reason: str
    evidence: float | None


@dataclass(frozen=True)
class Group:
    """Letters that can be compared with each other; groups are numbered from 1 by size."""

    number: int
    letters: tuple[str, ...]


@dataclass(frozen=True)
class LetterLine:
    """A letter. Ranks are places in its group, 1 the best; `p_top` is over all rateable letters.

    `merit` is the total that average reviewers would give, shrunk towards the mean, and
    `merit_error` its posterior standard deviation; `corrected_mean` the mean of totals with the
    reviewers' severity removed, not shrunk. A letter that is not rateable has none of these.
    `reliability` is that of the mean of as many reviews, 0 to 1.
    """

    letter: str
    status: str
    reviews: int
    raw_mean: float | None
    corrected_mean: float | None = None
    merit: float | None = None
    merit_error: float | None = None
    reliability: float | None = None
    group: int | None = None
    place: int | None = None
    expected_rank: float | None = None
    rank_5: int | None = None
    rank_25: int | None = None
    rank_75: int | None = None
    rank_95: int | None = None
    p_top: float | None = None
    disagreement: bool = False
    crosses_threshold: bool | None = None


@dataclass(frozen=True)
class ReviewerLine:
    """A reviewer: for the chair alone. Severity in points, positive for severe; error its SE.

    `clear` says that severity is at least two standard errors from zero. `leave` and `enter` are
    the letters that would leave and enter the best `top` had this person not judged.
    """

    reviewer: str
    reviews: int
    severity: float | None
    severity_error: float | None
    clear: bool
    leave: tuple[str, ...]
    enter: tuple[str, ...]


@dataclass(frozen=True)
class Residual:
    """One review: how far its total lies above what letter and reviewer lead one to expect."""

    letter: str
    reviewer: str
    total: float
    residual: float | None


@dataclass(frozen=True)
class ScoringRun:
    """Everything a decision may refer to: what went in, by which code, what came out.

    `mean` and the three variances (points squared) are None where nothing is rateable.
    `reliability` is that of the mean of 1, 2, ... reviews.
    """

    code_version: str
    libraries: dict[str, str]
    input_sha256: str
    parameters: dict
    warnings: tuple[Notice, ...]
    correction: Correction
    mean: float | None
    variance_letters: float | None
    variance_reviewers: float | None
    variance_noise: float | None
    reliability: tuple[float, ...]
    groups: tuple[Group, ...]
    bridges: tuple[tuple[str, str], ...]  # letter, reviewer
    letters: tuple[LetterLine, ...]
    reviewers: tuple[ReviewerLine, ...]
    reviews: tuple[Residual, ...]

    def as_dict(self) -> dict:
        """Plain lists, dictionaries, texts and numbers."""
        return json.loads(self.as_json())

    def as_json(self) -> str:
        """The record as JSON; no NaN, no infinity, the same text for the same run."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, allow_nan=False, indent=1)
