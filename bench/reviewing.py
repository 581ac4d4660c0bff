"""Measure the panel's pages at 200 and at 2,000 letters, and print figures beside their targets.

    python -m bench.reviewing [--repeats N] [--letters N ...]

Each size gets a database of its own: 20 reviewers, three reviews a letter. Single requests are
measured inside one process (`bench.inside_reviewing`); then 32 clients ask a running portal.
"""

import argparse
import json
import sys
import time

from bench.figure import Figure
from bench.ground import Ground
from bench.machine import machine
from bench.readers import Readers, question

SIZES = (200, 2000)
REVIEWERS, EACH = 20, 3
CLIENTS, CLIENT_SECONDS, CLIENT_RATE = 32, 20, 140
SETTLING_SECONDS = 20
# page: (queries, ms of processor time); None where nothing is promised
TARGETS = {
    "queue": (None, 15),
    "review page": (13, 12),
    "saving a review": (None, 12),
    "all reviews": (None, None),
    "discussion": (None, None),
    "my marks": (5, 60),
    "ranking": (None, 40),
}
# A figure that grows with the number of letters shows at ten times as many. A reviewer's queue is
# as long as the share of the letters, and left out.
MOST_GROWTH = 1.25
GROWS_NOT = ("review page", "saving a review")
# The table of all reviews at the larger size: ms to the first byte, ms of processor time in all,
# and how many megabytes a process may grow by.
CSV_FIRST_MS, CSV_CPU_MS, CSV_GROWTH_MB = 200, 300, 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.reviewing")
    parser.add_argument("--repeats", type=int, default=40, help="of each request")
    parser.add_argument("--letters", type=int, nargs="+", default=list(SIZES))
    asked = parser.parse_args()
    print(machine(), flush=True)
    found, ground = {}, Ground()
    try:
        ground.prepare()
        for letters in asked.letters:
            name = f"reviewing{letters}"
            ground.database(name)
            words = [f"--letters={letters}", f"--reviewers={REVIEWERS}", "--seed=1"]
            words += [f"--reviews-per-letter={EACH}", "--in-production"]
            ground.run("manage.py", "seed_load", *words, database=name)
            words = ("-m", "bench.inside_reviewing", "measure", str(asked.repeats))
            found[letters] = json.loads(ground.run(*words, database=name))
        words = ("-m", "bench.inside_reviewing", "readers", str(CLIENTS))
        readers = json.loads(ground.run(*words, database=name))
        ground.serve(name)
        # The workers start and score what was seeded, which no panel does all day.
        time.sleep(SETTLING_SECONDS)
        rate = requests_a_second(ground.port, readers)
    finally:
        ground.close()
    figures = [*figures_of(found), *figures_of_csv(letters, found[letters]["csv"])]
    figures.append(
        Figure(
            f"{CLIENTS} clients on review pages",
            f"{rate:.0f} requests a second",
            f"at least {CLIENT_RATE}",
            rate >= CLIENT_RATE,
        )
    )
    for figure in figures:
        mark = "ok    " if figure.kept else "MISSED"
        print(f"{mark}  {figure.name}: {figure.value} ({figure.target})")
    return 0 if all(figure.kept for figure in figures) else 1


def figures_of(found):
    few, many = min(found), max(found)
    for name, (most_queries, most_ms) in TARGETS.items():
        for letters, pages in found.items():
            page = pages[name]
            promised = [f"{most_queries} queries"] if most_queries else []
            promised += [f"{most_ms} ms"] if most_ms else []
            yield Figure(
                f"{name}, {letters} letters",
                f"{page['queries']} queries, {page['cpu_ms']} ms of processor time"
                f" (best {page['best_cpu_ms']}), {page['calls'] / 1000:.0f} thousand calls",
                " and ".join(promised) or "nothing promised",
                not (most_queries and page["queries"] > most_queries)
                and not (most_ms and page["cpu_ms"] > most_ms),
            )
        one, other = found[few][name], found[many][name]
        if name in GROWS_NOT and few != many:
            ratio = other["best_cpu_ms"] / one["best_cpu_ms"]
            yield Figure(
                f"{name}, growth",
                f"{ratio:.2f} times the time, {other['queries']} and {one['queries']} queries",
                f"the same queries, at most {MOST_GROWTH} times",
                ratio <= MOST_GROWTH and other["queries"] == one["queries"],
            )


def figures_of_csv(letters, csv):
    name = f"table of all {csv['lines']} reviews, {letters} letters"
    first, cpu, grown = csv["first_ms"], csv["cpu_ms"], csv["grown_mb"]
    yield Figure(
        f"{name}: first byte", f"{first} ms", f"under {CSV_FIRST_MS} ms", first < CSV_FIRST_MS
    )
    yield Figure(f"{name}: processor time", f"{cpu} ms", f"under {CSV_CPU_MS} ms", cpu < CSV_CPU_MS)
    yield Figure(
        f"{name}: memory", f"{grown} MB more", f"under {CSV_GROWTH_MB} MB", grown < CSV_GROWTH_MB
    )


def requests_a_second(port, reviewers) -> float:
    """Each client asks for its own review page again and again; answers that came, a second."""
    readers = Readers(
        port, [question(f"/reviews/{one['assignment']}/", one["session"]) for one in reviewers]
    )

    def count() -> float:
        time.sleep(CLIENT_SECONDS / 4)  # templates are read, connections made
        before, began = len(readers.waits), time.monotonic()
        time.sleep(CLIENT_SECONDS)
        return (len(readers.waits) - before) / (time.monotonic() - began)

    return readers.while_doing(count)


if __name__ == "__main__":
    sys.exit(main())
