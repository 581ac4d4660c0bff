from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """Which row of the program's matrix asks for what: first equations, then upper limits."""

    letters: int
    reviewers: int
    # Of each limited country its letter and its number.
    cells: NDArray[np.int64]
    # By expertise, a row for each letter that needs it.
    experts: dict[str, NDArray[np.int64]]
    height: int

    @property
    def equal(self) -> int:
        return self.letters + self.reviewers

    @property
    def letter(self) -> NDArray[np.int64]:
        return np.arange(self.letters)

    @property
    def load(self) -> NDArray[np.int64]:
        return self.letters + np.arange(self.reviewers)

    @property
    def cell(self) -> NDArray[np.int64]:
        return self.equal + np.arange(len(self.cells))
