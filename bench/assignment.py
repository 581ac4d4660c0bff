"""How long it takes to give out letters under all rules, in how much memory, and at the optimum."""

import multiprocessing
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from bench.figure import Figure
from reviews import affinity, assignment
from reviews.assignment import columns

# letters, reviewers, most letters of a reviewer, most seconds; three reviewers a letter
SIZES = [(41, 24, 7, 1.0), (1000, 100, 36, 3.0), (5000, 500, 36, 20.0)]
SEEDS = range(3)
MEGABYTES = 1000
FIELDS, COUNTRIES = 60, 40
# A letter of 450 words, and four documents of 150 words by each reviewer.
WORDS, LETTER_WORDS, DOCUMENTS, DOCUMENT_WORDS = 20_000, 450, 4, 150
TEXT_SECONDS = 20.0
SHORTFALL_SECONDS = 10.0


class Run(NamedTuple):
    seconds: float
    megabytes: float
    objective: float
    worst_pair: float
    proven: bool


def measure() -> Iterator[Figure]:
    """Seconds, memory and proof at three sizes; the same optimum by another way; likeness of texts.

    Each run has a process of its own, so that its memory is its own; its start is not counted.
    """
    for letters, reviewers, most, seconds in SIZES:
        runs = [_apart(_run, letters, reviewers, most, seed) for seed in SEEDS]
        size = f"{letters:,} letters x {reviewers} reviewers x 3"
        took = [run.seconds for run in runs]
        yield Figure(
            size,
            f"{min(took):.2f} to {max(took):.2f} s",
            f"under {seconds:g} s",
            max(took) < seconds,
        )
        proven = sum(run.proven for run in runs)
        yield Figure(
            f"{size}, proven optimal", f"{proven} of {len(runs)}", "all", proven == len(runs)
        )
        memory = max(run.megabytes for run in runs)
        yield Figure(
            f"{size}, memory", f"{memory:.0f} MB", f"under {MEGABYTES} MB", memory < MEGABYTES
        )
    seconds, reasons = _apart(_shortfall, 1000, 100, 29)
    yield Figure(
        "1,000 letters that want 100 reviews too many, explained",
        f"{seconds:.1f} s, {reasons} changes",
        f"under {SHORTFALL_SECONDS:g} s, 100 changes",
        seconds < SHORTFALL_SECONDS and reasons == 100,
    )
    few, every = _apart(_run, 1000, 100, 36, 0), _apart(_dense, 1000, 100, 36, 0)
    difference = abs(few.objective - every.objective)
    yield Figure(
        "1,000 letters: objective by a few pairs at a time and by all at once",
        f"{few.objective:.6f} and {every.objective:.6f}",
        "equal, as their worst pairs",
        difference < 1e-6 * every.objective and few.worst_pair == every.worst_pair,
    )
    seconds, memory = _apart(_texts, 5000, 500)
    yield Figure(
        f"likeness of 5,000 letters and {500 * DOCUMENTS:,} documents",
        f"{seconds:.1f} s, {memory:.0f} MB",
        f"under {TEXT_SECONDS:g} s",
        seconds < TEXT_SECONDS,
    )


def _apart(work, *given):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(work, *given).result()


def _run(letters, reviewers, most, seed) -> Run:
    assignment.plan(_pool(5, 5, 5, 0))  # the first search imports the solver
    pool = _pool(letters, reviewers, most, seed)
    began = time.perf_counter()
    found = assignment.plan(pool)
    seconds = time.perf_counter() - began
    return Run(seconds, _megabytes(), found.objective, found.worst_pair, found.proven)


def _dense(letters, reviewers, most, seed) -> Run:
    columns._AT_ONCE = letters * reviewers
    return _run(letters, reviewers, most, seed)


def _shortfall(letters, reviewers, most):
    assignment.plan(_pool(5, 5, 5, 0))
    pool = _pool(letters, reviewers, most, 0)
    began = time.perf_counter()
    found = assignment.plan(pool)
    return time.perf_counter() - began, sum(change.by for change in found.changes)


def _texts(letters, reviewers):
    random = np.random.default_rng(1)
    words = np.array(["".join(chr(97 + int(digit)) for digit in str(at)) for at in range(WORDS)])
    # Few words are common, as in any language (Zipf).
    often = 1 / np.arange(1, WORDS + 1)
    often /= often.sum()

    def text(length):
        return " ".join(random.choice(words, length, p=often))

    ours = [text(LETTER_WORDS) for _ in range(letters)]
    theirs = [[text(DOCUMENT_WORDS) for _ in range(DOCUMENTS)] for _ in range(reviewers)]
    began = time.perf_counter()
    affinity.text_likeness(ours, theirs)
    return time.perf_counter() - began, _megabytes()


def _pool(letters, reviewers, most, seed) -> assignment.Pool:
    """A few crowded fields and many with few specialists; bids, countries and conflicts."""
    random = np.random.default_rng(seed)
    crowded = random.dirichlet(np.full(FIELDS, 0.5))
    ours, theirs = (_profiles(random, crowded, *size) for size in ((letters, 5), (reviewers, 8)))
    alike = ours @ theirs.T
    text = np.clip(0.8 * alike + 0.05 * random.random(alike.shape), 0, 1)
    keywords = np.clip(alike + 0.1 * random.standard_normal(alike.shape), 0, 1)
    bids = random.choice(affinity.BID_VALUES, alike.shape, p=[0.02, 0.9, 0.05, 0.03])
    fits = affinity.combined(text, keywords, bids)
    home = random.choice(COUNTRIES, reviewers, p=random.dirichlet(np.full(COUNTRIES, 3)))
    return assignment.Pool.of(
        [f"L{at}" for at in range(letters)],
        [f"R{at}" for at in range(reviewers)],
        fits.total,
        most=most,
        penalty=fits.penalty,
        conflicts=random.integers(0, COUNTRIES, letters)[:, None] == home,
        country=[f"C{number}" for number in home],
        expertise=np.where(np.arange(reviewers) % 5 < 2, "ENGINEER", "SCIENTIST").tolist(),
        parts=fits.parts,
    )


def _profiles(random, crowded, count, fields):
    table = np.zeros((count, FIELDS))
    for row in table:
        chosen = random.choice(FIELDS, fields, replace=False, p=(crowded + 1 / FIELDS) / 2)
        row[chosen] = random.dirichlet(np.ones(fields))
    return table / np.linalg.norm(table, axis=1, keepdims=True)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
