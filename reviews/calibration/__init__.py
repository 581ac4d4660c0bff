"""What reviewers' totals say about letters once severity and chance are told apart.

Arithmetic: numbers in, numbers out, no database, no clock, and the same answer to the same
question every time. `table` puts totals in order, `model` states and solves the equations,
`fitting` finds the variances, `ranks` draws from what is known, `groups` says which letters can be
compared at all, `influence` leaves one reviewer out, `disagreement` finds letters to talk about,
`run` asks all of them and `record` is the answer. Method and words: docs/arithmetic.md.

Importing this package imports scipy, which takes most of a second: who is imported when the portal
starts imports it inside the function that needs it.
"""

from reviews.calibration.record import (
    Correction,
    Group,
    LetterLine,
    Notice,
    Residual,
    ReviewerLine,
    ScoringRun,
)
from reviews.calibration.run import calibrate, merit_draws
from reviews.calibration.table import BadTable

__all__ = [
    "BadTable",
    "Correction",
    "Group",
    "LetterLine",
    "Notice",
    "Residual",
    "ReviewerLine",
    "ScoringRun",
    "calibrate",
    "merit_draws",
]
