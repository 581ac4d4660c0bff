"""Where the reviews of a letter lie far enough apart to be talked about. No database."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reviews import scoring
from reviews.states import PASSING_TOTAL

Sheet = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Apart:
    """`spread` is the highest total minus the lowest, None with fewer than two.

    `totals` says that it is above 20 points, `codes` are the criteria whose marks lie 2 or more
    apart (both: section 4 of the call's rules), `crosses` that one total passes and another does
    not, `beyond_chance` that the totals differ more than those of all letters lead one to expect.
    """

    spread: Decimal | None
    totals: bool
    codes: tuple[str, ...]
    crosses: bool
    beyond_chance: bool = False

    def __bool__(self) -> bool:
        return self.totals or self.crosses or self.beyond_chance or bool(self.codes)


def of(
    sheets: Sequence[Sheet], weights: Mapping[str, int], passes: Decimal = PASSING_TOTAL
) -> Apart:
    """The reviews of one letter, each as criterion code to mark (None: cannot judge).

    `passes` is the lowest total that passes: the chair may have set another one for the round.
    """
    totals = [scoring.weighted_total(sheet, weights) for sheet in sheets]
    judged = [total for total in totals if total is not None]
    spread = scoring.spread(judged)
    spreads = {code: scoring.spread([sheet.get(code) for sheet in sheets]) for code in weights}
    return Apart(
        spread=spread,
        totals=spread is not None and spread > scoring.TOTALS_APART,
        codes=tuple(
            code
            for code, apart in spreads.items()
            if apart is not None and apart >= scoring.MARKS_APART
        ),
        crosses=len({total >= passes for total in judged}) == 2,
    )


def beyond_chance(
    sheets: Mapping[Hashable, Sequence[Sheet]], weights: Mapping[str, int]
) -> set[Hashable]:
    """The letters whose totals differ by more than chance explains, measured by all letters."""
    # Imported only when asked: it brings scipy, which takes most of a second.
    from reviews.calibration.disagreement import disagreeing  # noqa: PLC0415
    from reviews.calibration.table import table  # noqa: PLC0415

    names = {str(number): letter for number, letter in enumerate(sheets)}
    rows = [
        (name, str(number), float(total))
        for name, letter in names.items()
        for number, sheet in enumerate(sheets[letter])
        if (total := scoring.weighted_total(sheet, weights)) is not None
    ]
    if not rows:
        return set()
    data = table(rows, names)
    flags = disagreeing(data)
    return {names[name] for name, flag in zip(data.letters, flags, strict=True) if flag}
