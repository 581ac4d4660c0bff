"""How long a calibration takes, and how many of the truly best letters it finds."""

import statistics
import time
from collections.abc import Iterator

import numpy as np

from bench.figure import Figure
from reviews.calibration import calibrate

# letters, reviewers, most seconds; three reviews each, 1,000 draws, each reviewer left out once
SIZES = [(41, 24, 0.3), (1000, 100, 3.0), (5000, 500, 10.0)]
EACH = 3
# Simulated calls: standard deviations of reviewers and of noise, where letters have 1.
SCENARIOS = {
    "no severity": (0.0, 0.8),
    "moderate severity": (0.6, 0.8),
    "strong severity": (1.0, 0.8),
}
LETTERS, REVIEWERS, BEST, CALLS = 41, 24, 10, 150
# A calibration may lose to the mean by no more than this where there is nothing to correct; the
# standard error of the difference is about as large.
LOSS = 0.01


def measure() -> Iterator[Figure]:
    """Seconds for a whole record, then the share of the true best that means and merits find."""
    for letters, reviewers, most in SIZES:
        _, reviews = _call(np.random.default_rng(1), letters, reviewers, 0.6, 0.8)
        took = []
        for _ in range(3 if letters < 5000 else 1):
            began = time.perf_counter()
            calibrate(reviews).as_json()
            took.append(time.perf_counter() - began)
        best = min(took)
        yield Figure(
            f"{letters:,} letters x {reviewers} reviewers, record of 1,000 draws",
            f"{best:.2f} s",
            f"under {most:g} s",
            best < most,
        )
    for name, (severity, noise) in SCENARIOS.items():
        by_mean, by_merit = _shares(severity, noise)
        gain = statistics.mean(by_merit) - statistics.mean(by_mean)
        least = 0.01 if severity >= 0.6 else -LOSS
        yield Figure(
            f"{name}: share of the true top {BEST} of {LETTERS} letters, {CALLS} calls",
            f"{statistics.mean(by_merit):.3f} calibrated, {statistics.mean(by_mean):.3f} by mean",
            f"gain {gain:+.3f}, at least {least:+.3f}",
            gain >= least,
        )


def _shares(severity, noise):
    random = np.random.default_rng(2)
    by_mean, by_merit = [], []
    for _ in range(CALLS):
        truth, reviews = _call(random, LETTERS, REVIEWERS, severity, noise)
        lines = calibrate(reviews, draws=1).letters
        best = set(np.argsort(-truth)[:BEST])
        for found, values in (
            (by_mean, [line.raw_mean for line in lines]),
            (by_merit, [line.merit for line in lines]),
        ):
            chosen = np.argsort(-np.array(values), kind="stable")[:BEST]
            found.append(len(best & set(chosen)) / BEST)
    return by_mean, by_merit


def _call(random, letters, reviewers, severity, noise):
    """True merits, and reviews on a scale of nine whole marks, loads kept even."""
    truth = random.standard_normal(letters)
    bias = severity * random.standard_normal(reviewers)
    load, reviews = np.zeros(reviewers), []
    for p in range(letters):
        for r in np.argsort(load + random.random(reviewers))[:EACH]:
            load[r] += 1
            felt = truth[p] + bias[r] + noise * random.standard_normal()
            mark = float(np.clip(np.round(5 + 1.5 * felt), 1, 9))
            reviews.append((f"{p:05}", f"{r:04}", (mark - 1) / 8 * 100))
    return truth, reviews
