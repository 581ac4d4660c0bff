"""One calibration, from totals to the record that a decision may refer to."""

from collections.abc import Iterable

import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from reviews.calibration import fitting
from reviews.calibration.disagreement import crossing, disagreeing
from reviews.calibration.fitting import Fit, fit
from reviews.calibration.groups import Grouping, grouping
from reviews.calibration.influence import merits_without
from reviews.calibration.ranks import at_shares, expected_ranks, places
from reviews.calibration.ranks import draws as draw
from reviews.calibration.record import (
    NOT_RATEABLE,
    RATED,
    Correction,
    Group,
    LetterLine,
    Notice,
    Residual,
    ReviewerLine,
    ScoringRun,
)
from reviews.calibration.table import Table, table

# Raised with every change of the arithmetic, so that a record says by what it was made.
CODE_VERSION = "calibration 1"
DRAWS, SEED = 1000, 1
# Of all rateable letters, where nobody says how many are to be selected.
TOP_SHARE = 0.25
_MOST_REVIEWS = 7

_WHY_NOT = {
    fitting.ONE_REVIEW_EACH: "every reviewer wrote one review, so severity looks like chance",
    fitting.NO_EVIDENCE: "reviewers differ no more than chance explains",
    fitting.ALL_EQUAL: "all totals are equal",
    fitting.NOTHING_RATEABLE: "no letter has two reviews",
}


def calibrate(
    reviews: Iterable[tuple[str, str, float]],
    *,
    letters: Iterable[str] = (),
    draws: int = DRAWS,
    seed: int = SEED,
    top: int | None = None,
    threshold: float | None = None,
) -> ScoringRun:
    """Tell merit, severity and chance apart, and say how sure the order of letters is.

    `reviews` are (letter id, reviewer id, weighted total from 0 to 100), `letters` ids of letters
    that may have none. `top` is how many will be selected (default: a quarter of the rateable
    letters), `threshold` the total that a review must reach to be in favour. The answer does not
    depend on the order of the reviews.

    Raises BadTable for totals that cannot be calculated with, ValueError for a senseless option.
    """
    if draws < 1 or seed < 0 or (top is not None and top < 1):
        raise ValueError("draws and top are at least 1, and a seed at least 0")
    if threshold is not None and not 0 <= threshold <= 100:
        raise ValueError("a threshold is a total from 0 to 100")
    data = table(reviews, letters)
    # Matrices of a few hundred rows gain nothing from threads; on a busy machine threads that wait
    # for each other take ten times as long, and sums in another order end in other digits.
    with threadpool_limits(limits=1, user_api="blas"):
        return _run(data, fit(data), draws, seed, top, threshold)


def merit_draws(
    reviews: Iterable[tuple[str, str, float]],
    *,
    letters: Iterable[str] = (),
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[tuple[str, ...], np.ndarray]:
    """Ids of the rateable letters, and merits that fit the totals: a row for each draw, in points.

    A selection made once with each row shows how often each letter is in it. The ranks of
    `calibrate` with the same arguments come from the same draws. Raises BadTable as it does.
    """
    data = table(reviews, letters)
    with threadpool_limits(limits=1, user_api="blas"):
        fitted = fit(data)
        if fitted is None:
            return (), np.empty((draws, 0))
        rateable = np.flatnonzero(data.rateable)
        return tuple(data.letters[p] for p in rateable), draw(fitted, draws, seed)[:, rateable]


def _run(data: Table, fitted: Fit | None, draws, seed, top, threshold) -> ScoringRun:
    rateable = int(data.rateable.sum())
    top = top or max(1, round(TOP_SHARE * rateable))
    grouped = _grouping(data, fitted)
    why_not = fitted.why_not if fitted else fitting.NOTHING_RATEABLE
    variances = fitted.variances if fitted else (None, None, None)
    return ScoringRun(
        code_version=CODE_VERSION,
        libraries={"numpy": np.__version__, "scipy": scipy.__version__},
        input_sha256=data.sha256(),
        parameters={
            "draws": draws,
            "seed": seed,
            "top": top,
            "threshold": threshold,
            "least_evidence": fitting.LEAST_EVIDENCE,
            "penalty": {
                "letters": fitting.LETTERS,
                "reviewers": fitting.REVIEWERS,
                "width": fitting.WIDTH,
                "weight": fitting.WEIGHT,
            },
        },
        warnings=tuple(_notices(data, grouped, why_not)),
        correction=Correction(
            supported=not why_not,
            reason=why_not,
            evidence=_round(fitted.evidence) if fitted else None,
        ),
        mean=_round(fitted.mean) if fitted else None,
        variance_letters=_round(variances[0]),
        variance_reviewers=_round(variances[1]),
        variance_noise=_round(variances[2]),
        reliability=tuple(_reliability(variances, k) for k in range(1, _MOST_REVIEWS + 1))
        if fitted and fitted.noise
        else (),
        groups=tuple(
            Group(number + 1, _named(data.letters, grouped.group == number))
            for number in range(grouped.count)
        ),
        bridges=tuple(
            (data.letters[data.letter[i]], data.reviewers[data.reviewer[i]])
            for i in grouped.bridges
        ),
        letters=tuple(_letters(data, fitted, grouped, draws, seed, top, threshold)),
        reviewers=tuple(_reviewers(data, fitted, top)),
        reviews=tuple(_residuals(data, fitted)),
    )


def _grouping(data, fitted) -> Grouping:
    if fitted and fitted.why_not == fitting.ONE_REVIEW_EACH:
        # No two letters share a reviewer: that is said once, not as so many groups of one.
        return Grouping(np.where(data.rateable, 0, -1), 1, ())
    return grouping(data)


def _notices(data, grouped, why_not):
    if why_not:
        yield Notice("no_correction", f"no correction supported: {_WHY_NOT[why_not]}")
    if grouped.count > 1:
        sizes = ", ".join(str(int((grouped.group == g).sum())) for g in range(grouped.count)[:10])
        more = ", ..." if grouped.count > 10 else ""
        tie = "no reviewer, or one review alone," if grouped.bridges else "no reviewer"
        yield Notice(
            "groups",
            f"groups are not comparable: {tie} ties the {grouped.count} groups of letters together "
            f"({sizes}{more} letters); ranks are places inside a group, and P(top) takes the "
            "groups' reviewers to be equally severe on average",
        )
    alone = int((~data.rateable).sum())
    if alone:
        yield Notice("not_rateable", f"not rateable: {alone} letters have fewer than two reviews")


def _letters(data, fitted, grouped, draws, seed, top, threshold):
    count = data.reviews_of_letters
    raw = np.bincount(data.letter, data.total, len(data.letters)) / np.maximum(count, 1)
    apart = disagreeing(data)
    split = None if threshold is None else crossing(data, threshold)
    rated = _rated(data, fitted, grouped, draws, seed, top) if fitted else {}
    for p, letter in enumerate(data.letters):
        yield LetterLine(
            letter=letter,
            status=RATED if p in rated else NOT_RATEABLE,
            reviews=int(count[p]),
            raw_mean=_round(raw[p]) if count[p] else None,
            disagreement=bool(apart[p]),
            crosses_threshold=None if split is None else bool(split[p]),
            **rated.get(p, {}),
        )


def _rated(data, fitted, grouped, draws, seed, top):
    """What is known of each letter that is rateable, by its place in the table."""
    count, merit, error = data.reviews_of_letters, fitted.merit, fitted.merit_error
    severity = np.bincount(data.letter, fitted.bias[data.reviewer], len(data.letters))
    sums = np.bincount(data.letter, data.total, len(data.letters))
    corrected = (sums - severity) / np.maximum(count, 1)
    rateable = np.flatnonzero(data.rateable)
    merits = draw(fitted, draws, seed)
    everywhere = places(merits[:, rateable])
    p_top = dict(zip(rateable, (everywhere <= top).mean(axis=0), strict=True))
    lines = {}
    for number in range(grouped.count):
        members = np.flatnonzero(grouped.group == number)
        place = everywhere if grouped.count == 1 else places(merits[:, members])
        expected, shares = expected_ranks(fitted, members), at_shares(place)
        own = _shared_places(merit[members])
        for i, p in enumerate(members):
            low, quarter, three_quarters, high = map(int, shares[i])
            lines[p] = {
                "corrected_mean": _round(corrected[p]),
                "merit": _round(merit[p]),
                "merit_error": _round(error[p]),
                "reliability": _reliability(fitted.variances, int(count[p])),
                "group": number + 1,
                "place": own[i],
                "expected_rank": _round(expected[i]),
                "rank_5": low,
                "rank_25": quarter,
                "rank_75": three_quarters,
                "rank_95": high,
                "p_top": _round(p_top[p]),
            }
    return lines


def _shared_places(merits) -> list[int]:
    """Places by merit, best first; equal merits share a place, the next is skipped."""
    rounded = np.round(merits, 6)
    return [int((rounded > value).sum()) + 1 for value in rounded]


def _reviewers(data, fitted, top):
    count = data.reviews_of_reviewers
    errors = fitted.bias_error if fitted else None
    flips = _flips(data, fitted, top) if fitted else {}
    for r, reviewer in enumerate(data.reviewers):
        known = errors is not None
        leave, enter = flips.get(r, ((), ()))
        yield ReviewerLine(
            reviewer=reviewer,
            reviews=int(count[r]),
            severity=_round(-fitted.bias[r]) if known else None,
            severity_error=_round(errors[r]) if known else None,
            clear=bool(known and abs(fitted.bias[r]) >= 2 * errors[r]),
            leave=leave,
            enter=enter,
        )


def _flips(data, fitted, top):
    """For each reviewer, letters that leave and enter the best `top` without that person."""
    rateable = np.flatnonzero(data.rateable)

    def best(merit):
        order = np.argsort(-np.round(merit[rateable], 6), kind="stable")[:top]
        chosen = np.zeros(len(data.letters), dtype=bool)
        chosen[rateable[order]] = True
        return chosen

    with_all = best(fitted.merit)
    flips = {}
    for r, merit in enumerate(merits_without(fitted)):
        without = best(merit)
        flips[r] = (
            _named(data.letters, with_all & ~without),
            _named(data.letters, without & ~with_all),
        )
    return flips


def _residuals(data, fitted):
    if fitted:
        expected = fitted.merit[data.letter] + fitted.bias[data.reviewer]
    for i, (p, r, total) in enumerate(zip(data.letter, data.reviewer, data.total, strict=True)):
        yield Residual(
            letter=data.letters[p],
            reviewer=data.reviewers[r],
            total=float(total),
            residual=_round(total - expected[i]) if fitted else None,
        )


def _reliability(variances, reviews) -> float | None:
    """Share of the variance of a mean of so many reviews that is the letters' own."""
    letters, reviewers, noise = variances
    whole = letters + (reviewers + noise) / reviews
    return _round(letters / whole) if whole else None


def _named(names, chosen) -> tuple[str, ...]:
    return tuple(names[i] for i in np.flatnonzero(chosen))


def _round(value) -> float | None:
    return None if value is None else round(float(value), 6) + 0.0
